package park

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"watari/kit/db"
	"watari/visit/order"
)

// Change moves lines of an order to another day, or another slot of a day.
type Change struct {
	OrderID string
	Lines   []int64 // none is all that are sold and not used
	Day     string
	Slot    string // "" is the slot that each line has
}

// ChangeQuote says what a change would do.
type ChangeQuote struct {
	Lines  []order.Line // every line that counts, as it would be
	Refund int64        // yen, what it costs less
	Left   int64        // how often the day can be changed after this
}

// QuoteChange prices a change of date. It changes nothing and takes no stock.
//
// Errors: those of Change.
func (s *Service) QuoteChange(ctx context.Context, c Change) (ChangeQuote, error) {
	var out ChangeQuote
	err := s.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		o, err := order.FindIn(ctx, tx, c.OrderID)
		if err != nil {
			return err
		}
		m, err := s.move(ctx, tx, s.now(), o, c, false)
		if err != nil {
			return err
		}
		out = ChangeQuote{Lines: m.keep, Refund: o.Price() - priceOf(m.keep),
			Left: m.policy.Changes - m.after.Changed}
		if out.Refund < 0 {
			return order.ErrDearer.Newf("it would cost %d yen more", -out.Refund).
				Set("difference", -out.Refund)
		}
		return nil
	})
	return out, err
}

func priceOf(ls []order.Line) (sum int64) {
	for _, l := range ls {
		sum += l.Price
	}
	return sum
}

// Change moves lines to another day when that returns expectRefund yen, and not otherwise. The list
// price is that of the new day, the discounts are those of the purchase; a day that costs more is a
// new purchase. The tickets are made anew.
//
// Errors: those of order.Service.Amend, order.ErrDearer, ErrChanges, ErrTooLate, ErrSoldOut,
// ErrNotSold, ErrClosed, ErrLimit.
func (s *Service) Change(
	ctx context.Context, c Change, expectRefund int64, requestID, actor string,
) (*order.Order, error) {
	if s.cfg.Orders == nil || s.cfg.Issuer == nil {
		return nil, ErrNotSold.Newf("nothing is sold here")
	}
	return s.cfg.Orders.Amend(ctx, c.OrderID, expectRefund, requestID, actor, func(
		ctx context.Context, tx *db.Tx, o *order.Order,
	) (order.Requoted, error) {
		now := s.now()
		m, err := s.move(ctx, tx, now, o, c, true)
		if err != nil {
			return order.Requoted{}, err
		}
		if err := s.moveStock(ctx, tx, now, o, m); err != nil {
			return order.Requoted{}, err
		}
		var ts []NewTicket
		for _, l := range m.keep {
			if slices.Contains(m.lines, l.No) {
				t, err := m.c.ticket(o, l)
				if err != nil {
					return order.Requoted{}, err
				}
				ts = append(ts, t)
			}
		}
		if err := s.cfg.Issuer.Reissue(ctx, tx, now, ts); err != nil {
			return order.Requoted{}, fmt.Errorf("make the tickets anew: %w", err)
		}
		return order.Requoted{Keep: m.keep, Basket: json.RawMessage(encode(&m.after))}, nil
	})
}

// move is a change of date, worked out.
type move struct {
	c             *catalogue
	policy        Policy
	before, after Basket
	lines         []int64
	closed        []int64 // lines that closures took
	keep          []order.Line
	days          map[dayKey]*Day
}

// move works out a change, and refuses what the rules of the purchase, the day or the limits of an
// order do not allow. Whether there is room is for the caller who has locked it; without lock it
// is looked at here.
func (s *Service) move(
	ctx context.Context, tx *db.Tx, now time.Time, o *order.Order, c Change, lock bool,
) (*move, error) {
	m := &move{lines: slices.Clone(c.Lines)}
	var err error
	if m.before, err = BasketOf(o); err != nil {
		return nil, err
	}
	if m.policy, err = PolicyOf(o); err != nil {
		return nil, err
	}
	if o.Seller != SellerKind || o.State != order.StatePaid {
		return nil, order.ErrState.Newf("the order is %s", o.State).Set("state", string(o.State))
	}
	if m.before.Changed >= m.policy.Changes {
		return nil, ErrChanges.Newf("the day was changed %d times", m.before.Changed).
			Set("changes", m.policy.Changes)
	}
	if m.c, err = s.catalogue(ctx, tx, o.Place); err != nil {
		return nil, err
	}
	if err := m.choose(o, now); err != nil {
		return nil, err
	}
	if m.closed, err = order.ClosedLines(ctx, tx, o.ID); err != nil {
		return nil, err
	}
	keys := []dayKey{{o.Place, c.Day}}
	if _, ok := midnight(c.Day); !ok {
		return nil, ErrDay.Newf("a day is written 2026-11-23")
	}
	if m.days, err = daysOf(ctx, tx, keys, lock); err != nil {
		return nil, err
	}
	if err := m.reckon(o, c, now); err != nil {
		return nil, err
	}
	if !lock {
		return m, s.seeRoom(ctx, tx, now, o, m)
	}
	return m, nil
}

// choose names the lines that move: they are sold, and their days have not begun.
func (m *move) choose(o *order.Order, now time.Time) error {
	if len(m.lines) == 0 {
		for _, l := range o.Lines {
			if l.State == order.LineSold {
				m.lines = append(m.lines, l.No)
			}
		}
	}
	slices.Sort(m.lines)
	if len(m.lines) == 0 || len(slices.Compact(slices.Clone(m.lines))) != len(m.lines) {
		return order.ErrLine.Newf("nothing of the order can be moved, or a line is named twice")
	}
	for _, no := range m.lines {
		l := o.Line(no)
		if l == nil || l.State != order.LineSold {
			return order.ErrLine.Newf("line %d cannot be moved", no).Set("line", no)
		}
		if !now.Before(At(l.Day, int64(dayCut.Minutes()))) {
			return ErrTooLate.Newf("the day %s has begun", l.Day).Set("day", l.Day)
		}
	}
	return nil
}

// reckon works out the basket after the move, and the lines with their prices.
func (m *move) reckon(o *order.Order, c Change, now time.Time) error {
	day := m.days[dayKey{o.Place, c.Day}]
	dayType := ""
	if day != nil {
		dayType = day.Type
	}
	m.after = m.before
	m.after.Changed++
	m.after.Pieces = slices.Clone(m.before.Pieces)
	for i := range m.after.Pieces {
		p := &m.after.Pieces[i]
		if !slices.Contains(m.lines, p.No) {
			continue
		}
		product := m.c.products[p.Product]
		if product == nil || product.Ended {
			return ErrNotSold.Newf("the park does not sell %q any more", p.Product)
		}
		slot := cmp.Or(c.Slot, p.Slot)
		if p.Day == c.Day && p.Slot == slot {
			return ErrDay.Newf("line %d is for %s already", p.No, c.Day).Set("line", p.No)
		}
		if no := m.c.openFor(product, day, c.Day, slot, now); no != nil {
			return no
		}
		list, ok := m.c.price(p.Product, p.Unit, dayType)
		if !ok {
			return ErrNotSold.Newf("%s is not sold on %s", p.Product, c.Day)
		}
		keeps, _ := m.policy.Keeps(now, VisitBegins(p.Day))
		p.FeePPM = max(p.FeePPM, keeps)
		p.Day, p.Slot, p.List = c.Day, slot, list
	}
	m.along(o, c.Day)
	gone := []int64{}
	for _, l := range o.Lines {
		if l.State == order.LineCancelled || l.State == order.LineReleased {
			gone = append(gone, l.No)
		}
	}
	if err := m.counts(m.after.Without(gone)); err != nil {
		return err
	}
	m.keep = reprice(o, m.after.Left(gone, m.closed))
	if now, stay := priceOf(m.keep), sumOf(m.before.Left(gone, m.closed)); now <= stay {
		m.keep = capped(o, m.keep) // it costs no more than where it is
	}
	for i := range m.keep {
		if l := &m.keep[i]; slices.Contains(m.lines, l.No) {
			l.Label = label(m.c.products[l.Product], Unit(l.Unit), l.Slot)
		}
	}
	return nil
}

// along lets what closures took of a day go with the rest of it, when all of that moves: a group
// that goes to another day stays one.
func (m *move) along(o *order.Order, day string) {
	goes, stays := map[string]bool{}, map[string]bool{}
	for _, l := range o.Live() {
		if slices.Contains(m.lines, l.No) {
			goes[l.Day] = true
		} else {
			stays[l.Day] = true
		}
	}
	for i := range m.after.Pieces {
		p := &m.after.Pieces[i]
		if slices.Contains(m.closed, p.No) && goes[p.Day] && !stays[p.Day] {
			p.Day = day
		}
	}
}

// counts refuses fewer, or more, of a product for a day than are sold at once: of the days that
// lines leave and of the one to which they go.
func (m *move) counts(rest *Basket) error {
	if product, least := m.before.tooFew(rest, m.lines, m.closed); product != "" {
		return ErrLimit.Newf("%s is for %d or more: move all of it, or leave so many", product,
			least).Set("product", product).Set("least", least)
	}
	if product, least := m.after.tooFew(rest, m.lines, m.closed); product != "" {
		return ErrLimit.Newf("%s is for %d or more: move so many", product, least).
			Set("product", product).Set("least", least)
	}
	for _, p := range rest.Pieces {
		if !slices.Contains(m.lines, p.No) {
			continue
		}
		n, most := int64(0), m.c.products[p.Product].MaxCount
		for _, other := range rest.Pieces {
			if other.Product == p.Product && other.Day == p.Day {
				n++
			}
		}
		if most != 0 && n > most {
			return ErrLimit.Newf("an order has at most %d of %s for a day", most, p.Product).
				Set("product", p.Product).Set("limit", most)
		}
	}
	return nil
}

// moved are what the lines of a move give back and take.
func (m *move) moved(o *order.Order) (from, to *returning) {
	from, to = newReturning(), newReturning()
	var was, is []order.Line
	for _, l := range m.keep {
		if slices.Contains(m.lines, l.No) {
			was, is = append(was, *o.Line(l.No)), append(is, l)
		}
	}
	from.add(o, &m.before, was)
	to.add(o, &m.after, is)
	return from, to
}

// seeRoom refuses a move for which there is no room, as far as can be seen without locks.
func (s *Service) seeRoom(
	ctx context.Context, tx *db.Tx, now time.Time, o *order.Order, m *move,
) error {
	from, to := m.moved(o)
	quotas, err := quotasOf(ctx, tx, keysOf(to.need), false)
	if err != nil {
		return err
	}
	had, err := limitsOf(ctx, tx, keysOf(to.limits), false)
	if err != nil {
		return err
	}
	return m.fits(from, to, quotas, had, now)
}

// fits refuses what there is no room for. What it gives back of the same quota it may take.
func (m *move) fits(
	from, to *returning, quotas map[quotaKey]*quota, had map[limitKey]int64, now time.Time,
) error {
	for k, b := range to.need {
		for channel, n := range b.by {
			if own := from.need[k]; own != nil {
				n -= own.by[channel]
			}
			if left := quotas[k].room(channel, now); left < n {
				return ErrSoldOut.Newf("%s: %d left", k.day, left).Set("day", k.day).
					Set("slot", k.slot).Set("left", left)
			}
		}
	}
	for k, minus := range to.limits {
		most := m.c.most(k.product)
		n := -minus + from.limits[k]
		if most != 0 && n > 0 && had[k]+n > most {
			return ErrLimit.Newf("a visitor can have %d for a day", most).Set("limit", most)
		}
	}
	return nil
}

// moveStock gives back the stock of the old days and takes that of the new one.
func (s *Service) moveStock(
	ctx context.Context, tx *db.Tx, now time.Time, o *order.Order, m *move,
) error {
	from, to := m.moved(o)
	quotas, waited, err := lockDays(ctx, tx, sortedDays(append(slices.Clone(from.days),
		to.days...)))
	if err != nil {
		return err
	}
	both := maps.Clone(to.limits)
	maps.Copy(both, from.limits)
	had, err := lockLimits(ctx, tx, keysOf(both))
	if err != nil {
		return err
	}
	if err := m.fits(from, to, quotas, had, now); err != nil {
		return err
	}
	for _, r := range []struct {
		of   *returning
		sign int64
	}{{to, 1}, {from, -1}} {
		for k, b := range r.of.need {
			if quotas[k] == nil {
				return errors.New("park: a quota is gone")
			}
			for channel, n := range b.by {
				quotas[k].take(channel, r.sign*n)
			}
		}
	}
	for k, n := range to.limits {
		from.limits[k] -= n
	}
	if err := addLimits(ctx, tx, from.limits); err != nil {
		return err
	}
	for _, k := range sortedDays(from.days) {
		if waited[k] {
			if err := s.offerTo(ctx, tx, now, k, quotas); err != nil {
				return err
			}
		}
	}
	return writeTaken(ctx, tx, quotas)
}

// lockDays locks everything of some days, and says for which of them somebody waits.
func lockDays(ctx context.Context, tx *db.Tx, days []dayKey) (
	map[quotaKey]*quota, map[dayKey]bool, error,
) {
	waited, err := waitedFor(ctx, tx, days)
	if err != nil {
		return nil, nil, err
	}
	quotas := map[quotaKey]*quota{}
	for _, k := range days {
		some, err := quotasOfDay(ctx, tx, k)
		if err != nil {
			return nil, nil, err
		}
		for k, q := range some {
			quotas[k] = q
		}
	}
	return quotas, waited, nil
}
