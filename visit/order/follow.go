package order

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watari/kit/db"
	"watari/kit/event"
	"watari/pay/payment"
)

// follower is where this node is in the event log. It is the follow loop's alone.
type follower struct {
	at      event.Cursor // what was looked at, at or behind what is kept
	placed  bool         // at and written are known
	written string       // what was kept last
	kept    time.Time    // when
}

// Sizes of following.
const (
	pageOfEvents = 512
	keepEvery    = 5 * time.Second // how often the place is kept when nothing is ours
)

// followed are the events that say how a payment or a refund ended.
func followed() []string {
	return []string{"payment." + string(payment.Captured), "payment." + string(payment.Cancelled),
		"payment." + string(payment.Declined), "refund." + string(payment.RefundSucceeded),
		"refund." + string(payment.RefundFailed)}
}

// follow reads what happened to payments and refunds, and concludes what it means for orders. The
// place in the log is kept after that: what a process that dies had not concluded is read again.
// Several nodes may read the same; a conclusion is drawn once. What cannot be concluded now is
// left to the schedule.
func (s *Service) follow(ctx context.Context) error {
	f := &s.follower
	if err := s.placeOf(ctx, f); err != nil {
		return err
	}
	for {
		evs, next, err := s.Log.Read(ctx, f.at, event.Filter{Kinds: followed()}, pageOfEvents)
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		ours, err := s.conclude(ctx, evs)
		if err != nil {
			return err
		}
		f.at = next
		if err := s.keepPlace(ctx, f, ours); err != nil {
			return err
		}
		if len(evs) < pageOfEvents {
			return nil
		}
	}
}

// begin makes the place of the network where there is none, and returns it. It is made before the
// first payment is opened: nothing that lies before it is about an order.
func (s *Service) begin(ctx context.Context) (text string, err error) {
	head, err := s.Log.Head(ctx)
	if err != nil {
		return "", fmt.Errorf("read the end of the log: %w", err)
	}
	err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		text, err = readOrInsertPlace(ctx, tx, head.String())
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read the place: %w", err)
	}
	s.begun.Store(true)
	return text, nil
}

// placeOf reads the place of the network, the first time and when another node has moved it.
func (s *Service) placeOf(ctx context.Context, f *follower) error {
	if f.placed {
		return nil
	}
	text, err := s.begin(ctx)
	if err != nil {
		return err
	}
	if f.at, err = event.ParseCursor(text); err != nil {
		return fmt.Errorf("read the place: %w", err)
	}
	f.written, f.placed = text, true
	return nil
}

// keepPlace keeps how far was read. When another node has kept a place meanwhile, that one stands
// and is gone on from: both have concluded what lies before.
func (s *Service) keepPlace(ctx context.Context, f *follower, ours bool) error {
	now, to := s.Now(), f.at.String()
	if to == f.written || !ours && now.Sub(f.kept) < keepEvery {
		return nil
	}
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		moved, err := movePlace(ctx, tx, f.written, to)
		if err == nil && !moved {
			err = errMoved
		}
		return err
	})
	if errors.Is(err, errMoved) {
		f.placed = false // it may lie before ours: what is read twice is concluded once
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep the place: %w", err)
	}
	f.written, f.kept = to, now
	return nil
}

// conclude settles the orders and returns that events are about, and says whether there were any.
func (s *Service) conclude(ctx context.Context, evs []event.Event) (bool, error) {
	var ids []string
	for _, e := range evs {
		ids = append(ids, e.Subject)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return false, nil
	}
	var orders []string
	var open []*Return
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if orders, err = ordersOfPayments(ctx, tx, ids); err != nil {
			return err
		}
		open, err = openReturns(ctx, tx, ids)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("find the orders of payments: %w", err)
	}
	later := func(what, id string, err error) {
		if err != nil && ctx.Err() == nil {
			s.Logger.Warn("left to the schedule: "+what, "id", id, "error", err)
		}
	}
	_ = s.each(orders, func(id string) error {
		_, err := s.Settle(ctx, id)
		later("the payment of an order", id, err)
		if err != nil && ctx.Err() == nil {
			err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				return lookSoon(ctx, tx, id, s.Now().Add(lookAfter))
			})
			later("to look at it soon", id, err)
		}
		return nil
	})
	returns := map[string]*Return{}
	var sent []string
	for _, r := range open {
		if r.State == ReturnSent && r.refundID != "" {
			returns[r.ID], sent = r, append(sent, r.ID)
		}
	}
	_ = s.each(sent, func(id string) error {
		f, err := s.Payments.FindRefund(ctx, returns[id].acquirerNo, returns[id].refundID)
		later("a return of an order", id, s.answered(ctx, returns[id], f, err))
		return nil
	})
	return len(orders) > 0 || len(open) > 0, nil
}
