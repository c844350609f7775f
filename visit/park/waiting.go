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
		// The quotas are locked before who waits is read: of two wishes for the same the second sees
		// the first.
		if err := s.canWait(ctx, tx, c, &w); err != nil {
			return err
		}
		open, err := openWaits(ctx, tx, w.VisitorID)
		if err != nil {
			return err
		}
		for _, o := range open {
			if o.ParkID == w.ParkID && o.Product == w.Product && o.Day == w.Day &&
				o.Slot == w.Slot {
				return ErrWait.Newf("you wait for this already").Set("wait", o.ID)
			}
		}
		if len(open) >= waitsMax {
			return ErrWait.Newf("you wait for %d things already", len(open))
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
	if p == nil || p.Ended || !p.through(ByVisitor) || len(p.Pools) == 0 || !c.OnSale ||
		p.VoucherOnly {
		return ErrWait.Newf("it is not sold here")
	}
	if err := s.mayHave(ctx, tx, c, w); err != nil {
		return err
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

// mayHave refuses to wait for more, or fewer, than the visitor could buy: the places would be kept
// for nobody.
//
// Errors: ErrLimit.
func (s *Service) mayHave(ctx context.Context, tx *db.Tx, c *catalogue, w *Wait) error {
	p := c.products[w.Product]
	least, most := max(p.MinCount, 1), int64(waitPlacesMax)
	for _, limit := range []int64{p.MaxCount, c.PerOrder} {
		if limit != 0 {
			most = min(most, limit)
		}
	}
	all := limitKey{c.ID, w.VisitorID, w.Day, ""}
	of := limitKey{c.ID, w.VisitorID, w.Day, p.Code}
	had, err := limitsOf(ctx, tx, []limitKey{all, of}, false)
	if err != nil {
		return err
	}
	for _, k := range []limitKey{all, of} {
		if limit := c.most(k.product); limit != 0 {
			most = min(most, limit-had[k])
		}
	}
	if w.Places < least || w.Places > most {
		return ErrLimit.Newf("you can buy %d to %d of it", least, max(most, 0)).
			Set("least", least).Set("limit", max(most, 0)).At("/places", "is not so many")
	}
	return nil
}

// LeaveWait gives up waiting, or places that were offered: they go to the next.
//
// Errors: ErrUnknown, ErrWait when it is over already.
func (s *Service) LeaveWait(ctx context.Context, visitorID, waitID string) error {
	var w Wait
	err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		w, err = waitOf(ctx, tx, visitorID, waitID, false)
		return err
	})
	if err != nil {
		return err
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
	is, err := waitOf(ctx, tx, w.VisitorID, w.ID, true)
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
	some, err := s.lapse(ctx, now)
	if err != nil {
		return err
	}
	after := dayKey{}
	for {
		var days []dayKey
		err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			days, err = waitDays(ctx, tx, after)
			return err
		})
		if err != nil {
			return err
		}
		for _, k := range days {
			if err := s.lookAt(ctx, k, now); err != nil {
				return err
			}
		}
		some = some || len(days) > 0
		if len(days) < waitDaysPage {
			break
		}
		after = days[len(days)-1]
	}
	if some {
		s.cfg.Log.Wake()
	}
	if now.Sub(s.purged) < purgeEvery {
		return nil
	}
	s.purged = now
	return s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := purgeGone(ctx, tx, DayOf(now), purgeMost); err != nil {
			return err
		}
		_, err := purgeLimits(ctx, tx, oldDay(now), purgeMost)
		return err
	})
}

// lapse ends the offers that were not taken, and says whether there were any.
func (s *Service) lapse(ctx context.Context, now time.Time) (bool, error) {
	var due []Wait
	err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		due, err = lapsing(ctx, tx, now)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, w := range due {
		err := s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			return s.endWait(ctx, tx, w, Lapsed)
		})
		if err != nil && !errors.Is(err, ErrWait) { // another node, or the visitor, was faster
			return false, err
		}
	}
	return len(due) > 0, nil
}

// lookAt offers what has become free on a day for which somebody waits, or ends the waiting when
// the day is over. Nothing is locked while nothing is free: sales go on.
func (s *Service) lookAt(ctx context.Context, k dayKey, now time.Time) error {
	if k.day < DayOf(now) {
		return s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			return endWaits(ctx, tx, k, "")
		})
	}
	free := false
	err := s.view(ctx, k.park, func(ctx context.Context, tx *db.Tx, c *catalogue) error {
		quotas := map[quotaKey]*quota{}
		err := quotasBetween(ctx, tx, k.park, k.day, k.day, func(key quotaKey, q Quota) {
			addQuota(quotas, key, q)
		})
		if err != nil {
			return err
		}
		days, err := daysOf(ctx, tx, []dayKey{k}, false)
		if err != nil {
			return err
		}
		wanted, err := waitedThings(ctx, tx, k)
		if err != nil {
			return err
		}
		fit, err := fitting(ctx, tx, c, days[k], k, quotas, now, wanted, false)
		free = len(fit) > 0
		return err
	})
	if err != nil || !free {
		return err
	}
	return s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.offerDays(ctx, tx, []dayKey{k})
	})
}

// Old rows are forgotten so many at once, so often.
const (
	purgeMost  = 5000
	purgeEvery = 10 * time.Minute
)
