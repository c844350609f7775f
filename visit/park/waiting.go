package park

import (
	"context"
	"errors"
	"time"

	"watari/kit/db"
	"watari/kit/id"
)

// JoinWait puts a visitor on the waiting list of something that is sold out.
//
// Errors: ErrUnknown, ErrWait when there is room, when it is not sold, or with too many waits,
// ErrLimit.
func (s *Service) JoinWait(ctx context.Context, w Wait) (Wait, error) {
	if w.VisitorID == "" || !within(w.Places, 1, waitPlacesMax) {
		return Wait{}, ErrLimit.Newf("one waits for 1 to %d places", waitPlacesMax).
			Set("limit", waitPlacesMax)
	}
	w.ID, w.State, w.Created = id.New("wai", 0), Waiting, s.now()
	err := s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.catalogue(ctx, tx, w.ParkID)
		if err != nil {
			return err
		}
		w.ParkID = c.ID
		open, err := waitsOf(ctx, tx, w.VisitorID)
		if err != nil {
			return err
		}
		n := 0
		for _, o := range open {
			if o.State != Waiting && o.State != Offered {
				continue
			}
			n++
			if o.ParkID == w.ParkID && o.Product == w.Product && o.Day == w.Day &&
				o.Slot == w.Slot {
				return ErrWait.Newf("you wait for this already").Set("wait", o.ID)
			}
		}
		if n >= waitsMax {
			return ErrWait.Newf("you wait for %d things already", n)
		}
		if err := s.canWait(ctx, tx, c, &w); err != nil {
			return err
		}
		if err := insertWait(ctx, tx, &w); err != nil {
			return err
		}
		w.Ahead, err = aheadOf(ctx, tx, &w)
		return err
	})
	return w, err
}

// canWait refuses to wait for what can be bought, and for what is not sold at all. The quotas are
// locked, so that nobody gives back in between unseen.
func (s *Service) canWait(ctx context.Context, tx *db.Tx, c *catalogue, w *Wait) error {
	now := s.now()
	k := dayKey{c.ID, w.Day}
	days, err := daysOf(ctx, tx, []dayKey{k}, true)
	if err != nil {
		return err
	}
	p := c.products[w.Product]
	if p == nil || p.Ended || !p.through(ByVisitor) || len(p.Pools) == 0 || !c.OnSale {
		return ErrWait.Newf("it is not sold here")
	}
	if no := c.openFor(p, days[k], w.Day, w.Slot, now); no != nil {
		return ErrWait.Newf("it is not sold for this day").Because(no)
	}
	keys := c.keys(Piece{Product: w.Product, Day: w.Day, Slot: w.Slot})
	quotas, err := quotasOf(ctx, tx, keys, true)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if q := quotas[key]; q == nil || q.all == nil {
			return ErrWait.Newf("it is not sold for this day")
		}
		if quotas[key].room(ByVisitor, now) < w.Places {
			return nil
		}
	}
	return ErrWait.Newf("there is room: it can be bought").Set("room", true)
}

// LeaveWait gives up waiting, or places that were offered: they go to the next.
//
// Errors: ErrUnknown, ErrWait when it is over already.
func (s *Service) LeaveWait(ctx context.Context, visitorID, waitID string) error {
	var w Wait
	err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := waitsOf(ctx, tx, visitorID)
		for _, one := range all {
			if one.ID == waitID {
				w = one
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if w.ID == "" {
		return ErrUnknown.Newf("there is no such place in a waiting list")
	}
	return s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.endWait(ctx, tx, w, Left)
	})
}

// endWait ends a wait; what was offered goes back, and to the next.
func (s *Service) endWait(ctx context.Context, tx *db.Tx, w Wait, to WaitState) error {
	k := dayKey{w.ParkID, w.Day}
	quotas, err := quotasOfDay(ctx, tx, k)
	if err != nil {
		return err
	}
	v := voucherKey{w.ParkID, w.Voucher}
	vs, err := vouchersOf(ctx, tx, []voucherKey{v}, true)
	if err != nil {
		return err
	}
	is, err := lockWait(ctx, tx, w.VisitorID, w.ID)
	if err != nil {
		return err
	}
	was := is.State
	is.State = to
	switch {
	case was == Waiting && to == Left:
		_, err := moveWait(ctx, tx, &is, was)
		return err
	case was != Offered || is.Voucher != w.Voucher || vs[v] == nil || vs[v].Used > 0:
		return ErrWait.Newf("it is over already").Set("state", string(was))
	}
	if err := revokeVoucher(ctx, tx, w.ParkID, is.Voucher); err != nil {
		return err
	}
	if _, err := moveWait(ctx, tx, &is, was); err != nil {
		return err
	}
	c, err := s.catalogue(ctx, tx, w.ParkID)
	if err != nil {
		return err
	}
	for _, key := range c.keys(Piece{Product: is.Product, Day: is.Day, Slot: is.Slot}) {
		if quotas[key] == nil {
			return errors.New("park: a quota is gone")
		}
		quotas[key].take(ByVisitor, -is.Places)
	}
	if err := s.offerTo(ctx, tx, s.now(), k, quotas); err != nil {
		return err
	}
	return writeTaken(ctx, tx, quotas)
}

// Waits lists what a visitor waits for, and did, the newest first, at most 50.
func (s *Service) Waits(ctx context.Context, visitorID string) ([]Wait, error) {
	var out []Wait
	err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if out, err = waitsOf(ctx, tx, visitorID); err != nil {
			return err
		}
		for i := range out {
			if out[i].State == Waiting {
				if out[i].Ahead, err = aheadOf(ctx, tx, &out[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return out, err
}

// Run does what is due until ctx ends: places that were offered and not taken go to the next,
// allotments that end become room for who waits, waits of days that have come end, and old counts
// are forgotten. It may run on every node.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(s.cfg.Every)
	defer tick.Stop()
	for {
		if err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Logger.Error("what is due of parks", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Tick does once what Run does. It is not for concurrent use with Run of the same Service.
func (s *Service) Tick(ctx context.Context) error {
	now := s.now()
	var due []Wait
	var days []dayKey
	err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if due, err = lapsing(ctx, tx, now); err != nil {
			return err
		}
		days, err = waitDays(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, w := range due {
		err := s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			return s.endWait(ctx, tx, w, Lapsed)
		})
		if err != nil && !errors.Is(err, ErrWait) { // another node, or the visitor, was faster
			return err
		}
	}
	for _, k := range days {
		err := s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			if k.day < DayOf(now) {
				return endWaits(ctx, tx, k, "")
			}
			return s.offerDays(ctx, tx, []dayKey{k})
		})
		if err != nil {
			return err
		}
	}
	if len(due)+len(days) > 0 {
		s.cfg.Log.Wake()
	}
	if now.Sub(s.purged) < purgeEvery {
		return nil
	}
	s.purged = now
	return s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := purgeLimits(ctx, tx, oldDay(now), purgeMost)
		return err
	})
}

// Old rows are forgotten so many at once, so often.
const (
	purgeMost  = 5000
	purgeEvery = 10 * time.Minute
)
