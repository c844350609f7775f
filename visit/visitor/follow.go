package visitor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/seal"
)

// followPage is how many events are read at once.
const followPage = 500

// paidKinds are the events after which a payment is a receipt. A promise is one when it is
// captured.
func paidKinds() []string { return []string{"payment.captured"} }

// follow reads on in the events of payments and keeps those that visitors made in shops (V5).
// Several nodes may do it at once: they take turns, and what is kept twice is kept once.
func (s *Service) follow(ctx context.Context) error {
	for {
		more, err := s.followOn(ctx)
		if err != nil || !more {
			return err
		}
	}
}

// followOn reads one page, and tells whether there may be more.
func (s *Service) followOn(ctx context.Context) (more bool, err error) {
	place, begun, err := s.place(ctx)
	if err != nil {
		return false, err
	}
	if !begun {
		return false, s.startPlace(ctx)
	}
	if idle, err := s.idle(ctx, place); err != nil || idle {
		return false, err
	}
	at, err := event.ParseCursor(place)
	if err != nil {
		return false, fmt.Errorf("read how far events were read: %w", err)
	}
	evs, next, err := s.Log.Read(ctx, at, event.Filter{Kinds: paidKinds()}, followPage)
	if err != nil {
		return false, fmt.Errorf("read events: %w", err)
	}
	if next.String() == place {
		return false, nil
	}
	payers, err := s.payers(ctx, evs)
	if err != nil {
		return false, err
	}
	return len(evs) == followPage, s.keep(ctx, place, next.String(), payers)
}

// startPlace writes the first place, at the end of the events: nobody has signed in before it is
// written, so nothing before it is anybody's receipt. It changes nothing when there is one.
func (s *Service) startPlace(ctx context.Context) error {
	if s.begun.Load() {
		return nil
	}
	head, err := s.Log.Head(ctx)
	if err != nil {
		return fmt.Errorf("read the end of the events: %w", err)
	}
	err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return addPlace(ctx, tx, head.String())
	})
	if err != nil {
		return fmt.Errorf("begin to read events: %w", err)
	}
	s.begun.Store(true)
	return nil
}

// idleEvery is how often the place moves on while there is nobody to read events for.
const idleEvery = time.Minute

// idle tells whether there is no visitor whom payments could name. The place moves on now and
// then, so that the first one does not have to wait until all that was before is read.
func (s *Service) idle(ctx context.Context, place string) (bool, error) {
	var known []int64
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		known, err = issuersKnown(ctx, tx)
		return err
	})
	if err != nil || len(known) > 0 {
		return false, err
	}
	if now := s.Now(); now.Sub(s.moved) >= idleEvery {
		s.moved = now
		head, err := s.Log.Head(ctx)
		if err != nil {
			return true, fmt.Errorf("read the end of the events: %w", err)
		}
		if head.String() != place {
			return true, s.keep(ctx, place, head.String(), nil)
		}
	}
	return true, nil
}

// place is how far events were read; not begun before the first time.
func (s *Service) place(ctx context.Context) (place string, begun bool, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		place, begun, err = seePlace(ctx, tx)
		return err
	})
	if err != nil {
		return "", false, fmt.Errorf("find how far events were read: %w", err)
	}
	return place, begun, nil
}

// errMoved says that another node read on meanwhile.
var errMoved = errors.New("the place was moved")

// keep writes what was found and how far that is, unless another node was faster.
func (s *Service) keep(ctx context.Context, was, now string, list []payer) error {
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		is, _, err := readPlace(ctx, tx)
		if err != nil {
			return err
		}
		if is != was {
			return errMoved
		}
		if err := addPayments(ctx, tx, list); err != nil {
			return err
		}
		return writePlace(ctx, tx, now)
	})
	if errors.Is(err, errMoved) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep receipts: %w", err)
	}
	return nil
}

// payers finds who made the payments that events are about. Payments of wallets that nobody signed
// in with are not looked at, nor is who made a payment kept anywhere but in memory.
func (s *Service) payers(ctx context.Context, evs []event.Event) ([]payer, error) {
	if len(evs) == 0 {
		return nil, nil
	}
	var issuers []int64
	var found []paid
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if issuers, err = issuersKnown(ctx, tx); err != nil || len(issuers) == 0 {
			return err
		}
		found, err = paymentsOf(ctx, tx, evs)
		return err
	})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	key, err := s.hashKey(ctx)
	if err != nil {
		return nil, err
	}
	var list []payer
	for _, p := range found {
		if !slices.Contains(issuers, p.issuerNo) || p.customer == "" {
			continue
		}
		customer, err := s.Ring.Unseal(p.customer)
		if errors.Is(err, seal.ErrSealed) {
			continue // its key is gone: nobody can be found by it
		}
		if err != nil {
			return nil, fmt.Errorf("open who paid: %w", err)
		}
		list = append(list, payer{issuerNo: p.issuerNo, acquirerNo: p.acquirerNo,
			hash: customerHash(key, p.issuerNo, customer), paymentID: p.id, atUS: p.atUS})
	}
	return list, nil
}
