package octo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/visit/order"
)

// record is a booking: the order that it is now, and what is kept beside.
type record struct {
	*order.Order
	uuid string
	kept *kept // nil while it was never changed
	// What the request said of who travels: it is in the answer to it, and nowhere else (R4).
	contact *person
	notes   *string
}

// reference is what the reseller calls the booking.
func (r *record) reference() string {
	if r.kept != nil {
		return r.kept.reference
	}
	return r.Order.Reference
}

// id is by what the booking was known first.
func (r *record) id() string {
	if r.kept != nil {
		return r.kept.first
	}
	return r.ID
}

// began is when it was held first.
func (r *record) began() time.Time {
	if r.kept != nil {
		return r.kept.began
	}
	return r.Created
}

// updated is when something of it changed last.
func (r *record) updated() time.Time {
	last := r.Created
	for _, t := range []time.Time{r.Paid, r.Closed} {
		if t.After(last) {
			last = t
		}
	}
	if r.kept != nil && r.kept.changed.After(last) {
		last = r.kept.changed
	}
	return last
}

// revisionMark parts the uuid of a booking from the number of its change in request ids of orders.
const revisionMark = "~"

// bookingOf is the uuid of the booking that an order is, or was.
func bookingOf(o *order.Order) string {
	uuid, _, _ := strings.Cut(o.RequestID, revisionMark)
	return uuid
}

// booked finds a booking of the reseller (R2); nil when it has none of the uuid.
func (s *Service) booked(ctx context.Context, who seller, uuid string) (*record, error) {
	if !uuidForm.MatchString(uuid) {
		return nil, nil
	}
	k, err := s.keptOf(ctx, who.account, uuid)
	if err != nil {
		return nil, err
	}
	r := &record{uuid: uuid, kept: k}
	if k == nil {
		r.Order, err = s.cfg.Orders.ByRequest(ctx, who.account, uuid)
	} else {
		r.Order, err = s.cfg.Orders.Find(ctx, k.order)
	}
	if errors.Is(err, order.ErrNotFound) || err == nil && !who.owns(r.Order) {
		return nil, nil
	}
	if err != nil || k == nil || k.was == "" {
		return r, err
	}
	return s.finish(ctx, who, r)
}

func (s *Service) keptOf(ctx context.Context, account, uuid string) (k *kept, err error) {
	err = s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		k, err = keptOf(ctx, tx, account, uuid)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look what is kept of a booking: %w", err)
	}
	return k, nil
}

// update writes what is kept of a booking; the first time it begins to be.
func (s *Service) update(
	ctx context.Context, who seller, r *record, fn func(ctx context.Context, tx *db.Tx) error,
) error {
	err := s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := beginKept(ctx, tx, who.account, r.uuid, r.Order); err != nil {
			return err
		}
		if err := fn(ctx, tx); err != nil {
			return err
		}
		k, err := keptOf(ctx, tx, who.account, r.uuid)
		r.kept = k
		return err
	})
	if err != nil {
		return fmt.Errorf("keep a change of a booking: %w", err)
	}
	return nil
}

// revisionsMax is how often a booking can be changed.
const revisionsMax = 100

// revise counts a change that is tried.
func (s *Service) revise(ctx context.Context, who seller, r *record) (n int64, err error) {
	err = s.update(ctx, who, r, func(ctx context.Context, tx *db.Tx) error {
		n, err = nextRevision(ctx, tx, who.account, r.uuid, r.ID)
		return err
	})
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, meanwhile()
	case n > revisionsMax:
		return 0, unprocessable("a booking can be changed 100 times")
	}
	return n, nil
}

func meanwhile() *problem {
	return unprocessable("the booking was changed meanwhile: look at it, and try again")
}

// swap puts a new hold in the place of a held one (R5). The new one is taken first: when it is
// refused the booking stays as it was.
func (s *Service) swap(ctx context.Context, who seller, r *record, q order.Request) (
	*record, error,
) {
	n, err := s.revise(ctx, who, r)
	if err != nil {
		return nil, err
	}
	q.RequestID = fmt.Sprintf("%s%s%d", r.uuid, revisionMark, n)
	fresh, err := s.cfg.Orders.Hold(ctx, q)
	if err != nil {
		return nil, err
	}
	was, done := *r.kept, false
	err = s.update(ctx, who, r, func(ctx context.Context, tx *db.Tx) (err error) {
		done = false
		if was.order == r.ID && was.was == "" {
			done, err = pointKept(ctx, tx, was, fresh.ID, r.ID, clock.Micros(s.cfg.Now()))
		}
		return err
	})
	if err != nil {
		return nil, err // whoever looks at the booking next finds either order
	}
	if !done {
		return nil, errors.Join(meanwhile(), s.cfg.Orders.Abandon(ctx, fresh.ID, who.account))
	}
	next, err := s.finish(ctx, who, &record{Order: fresh, uuid: r.uuid, kept: r.kept})
	if err == nil && next.ID != fresh.ID {
		err = meanwhile()
	}
	return next, err
}

// finish gives up the hold in whose place another one came. Whoever finds the booking does so
// before anything else: so the new order is only sold when the old one cannot be any more. When
// that was sold first it stays the booking, and the new hold is given up.
func (s *Service) finish(ctx context.Context, who seller, r *record) (*record, error) {
	was := *r.kept
	stays, goes := was.order, was.was
	err := s.cfg.Orders.Abandon(ctx, was.was, who.account)
	if errors.Is(err, order.ErrState) {
		stays, goes = was.was, was.order
		err = s.cfg.Orders.Abandon(ctx, goes, who.account)
	}
	if err != nil {
		return nil, err
	}
	done := false
	if err := s.update(ctx, who, r, func(ctx context.Context, tx *db.Tx) (err error) {
		done, err = pointKept(ctx, tx, was, stays, "", clock.Micros(s.cfg.Now()))
		return err
	}); err != nil {
		return nil, err
	}
	if !done && (r.kept.order != stays || r.kept.was != "") {
		return nil, meanwhile() // somebody else finished, and changed it again
	}
	o, err := s.cfg.Orders.Find(ctx, stays)
	if err != nil {
		return nil, err
	}
	return &record{Order: o, uuid: r.uuid, kept: r.kept}, nil
}
