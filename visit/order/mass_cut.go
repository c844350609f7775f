package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/pay/ledger"
	"watari/pay/promo"
)

// errLeft says that some orders of a closure could not be cut now, and are tried again.
var errLeft = errors.New("some orders are busy and left for later")

// closeSome works on a closure until nothing is left to cut now: it goes through the orders by
// their ids, and from the beginning again until it finds none.
func (s *Service) closeSome(ctx context.Context, m *massRow) error {
	after, found, left := "", false, 0
	for ctx.Err() == nil {
		var ids []string
		var last string
		var more bool
		err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			ids, last, more, err = s.pageToCut(ctx, tx, m, after)
			return err
		})
		if err != nil {
			return err
		}
		if len(ids) > massPage {
			ids, more = ids[:massPage], true
			last = ids[massPage-1]
		}
		if len(ids) > 0 {
			busy, err := s.cutPage(ctx, m, ids)
			if err != nil {
				return err
			}
			found, left = true, left+busy
			s.poke()
			select {
			case <-ctx.Done():
			case <-time.After(s.MassPause):
			}
		}
		switch after = last; {
		case more:
		case left > 0:
			return errLeft
		case !found:
			return s.rest(ctx, m)
		default:
			after, found = "", false
		}
	}
	return nil
}

// rest decides what becomes of a closure that has nothing to cut now: holds that began before it
// may still be committed, and its returns take their time.
func (s *Service) rest(ctx context.Context, m *massRow) error {
	return s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := lockMass(ctx, tx, m.ID)
		if err != nil || was.State == MassDone {
			return err
		}
		now := s.Now()
		was.quiet++
		due := now.Add(massWait)
		if was.quiet == 1 {
			due = now.Add(s.MassSettle)
		}
		if err := massSums(ctx, tx, &was.Mass); err != nil {
			return err
		}
		if was.quiet > 1 && was.Waiting == 0 {
			was.State, was.Ended, due = MassDone, now, time.Time{}
			if err := updateMass(ctx, tx, was, due); err != nil {
				return err
			}
			return s.tellMass(ctx, tx, was, "closure.done")
		}
		return updateMass(ctx, tx, was, due)
	})
}

// everybody says whether an error stops the whole closure for now, not only one order.
func everybody(err error) bool { return db.IsOutage(err) || errors.Is(err, ledger.ErrClosed) }

// passing says whether an error says nothing about what was tried: later it may go through.
func passing(err error) bool {
	f, no := refused(err)
	return everybody(err) || db.IsRetry(err) || errors.Is(err, errMoved) ||
		no && (f.Problem.Kind == fault.Unavailable || f.Problem.Kind == fault.TooMany)
}

// cutPage cuts some orders in one transaction, with the progress (O9), and returns how many are
// left for later. When the transaction fails, each is tried alone. One that others are changing is
// left; one that fails by itself is left to people.
func (s *Service) cutPage(ctx context.Context, m *massRow, ids []string) (left int, err error) {
	err = s.cutThese(ctx, m, ids)
	if err == nil || everybody(err) || ctx.Err() != nil {
		return 0, err
	}
	s.Logger.Warn("a page of a closure is cut one by one", "closure", m.ID, "error", err)
	for _, id := range ids {
		err := s.cutThese(ctx, m, []string{id})
		switch {
		case err == nil:
		case everybody(err) || ctx.Err() != nil:
			return left, err
		case passing(err):
			s.Logger.Warn("an order is cut later by a closure", "closure", m.ID, "order", id,
				"error", err)
			left++
		default:
			s.Logger.Error("an order could not be cut by a closure", "closure", m.ID,
				"order", id, "error", err)
			if err := s.keepFailed(ctx, m, id, clip(err.Error(), noteMax)); err != nil {
				return left, err
			}
		}
	}
	return left, nil
}

// keepFailed keeps that an order could not be cut, and why.
func (s *Service) keepFailed(ctx context.Context, m *massRow, id, why string) error {
	return s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := lockMass(ctx, tx, m.ID)
		if err != nil {
			return err
		}
		fresh, err := insertMassFailed(ctx, tx, m.ID, id, why)
		if err == nil && fresh {
			was.Failed++
			err = updateMass(ctx, tx, was, s.Now().Add(s.Lease))
		}
		return err
	})
}

// cutThese cuts orders in one transaction. A defect is an error of theirs.
func (s *Service) cutThese(ctx context.Context, m *massRow, ids []string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = check.Recovered(v)
		}
	}()
	books, err := s.booksOf(ctx, ids)
	if err != nil {
		return err
	}
	return s.work(ctx, ids, func(ctx context.Context, sh *sheet) error {
		was, err := lockMass(ctx, sh.tx, m.ID)
		if err != nil {
			return err
		}
		was.quiet = 0
		for _, id := range ids {
			done, err := sh.close(ctx, m, sh.orders[id], books)
			if err != nil {
				return fmt.Errorf("cut order %s: %w", id, err)
			}
			if done {
				was.Done++
			}
		}
		return updateMass(ctx, sh.tx, was, sh.now.Add(s.Lease))
	})
}

// booksOf finds the books of orders, before their transaction.
func (s *Service) booksOf(
	ctx context.Context, ids []string,
) (map[promo.Parties]promo.Books, error) {
	var found map[string]*Order
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		found, err = readOrders(ctx, tx, ids)
		return err
	})
	out := map[promo.Parties]promo.Books{}
	for _, o := range found {
		p := o.parties()
		if _, ok := out[p]; ok || err != nil || o.State != StatePaid {
			continue
		}
		out[p], err = s.booker().Books(ctx, p)
	}
	return out, err
}

// close does what a closure means for one order, and says whether it meant anything.
func (sh *sheet) close(
	ctx context.Context, m *massRow, o *Order, books map[promo.Parties]promo.Books,
) (bool, error) {
	c := Cut{Reason: m.Reason, Full: true}
	held := false
	for _, l := range o.Lines {
		if l.Day == m.Day && m.about(l.Product) {
			held = held || l.State == LineHeld
			if l.State == LineSold {
				c.Lines = append(c.Lines, l.No)
			}
		}
	}
	switch {
	case held:
		o.NotHonoured = true
		sh.expire(o, OnAbandon, m.Actor, "closed")
		return true, nil
	case len(c.Lines) == 0:
		return false, nil // somebody was faster
	}
	b, ok := books[o.parties()]
	if !ok {
		return false, errMoved // it was paid since its books were found
	}
	if err := sh.s.seller(o.Seller).Cancelled(ctx, sh.tx, sh.now, o, c); err != nil {
		return false, err
	}
	sh.cut(o, c, o.whole(c), cutBy{request: "closure:" + m.ID, actor: m.Actor, mass: m.ID,
		books: b})
	return true, nil
}
