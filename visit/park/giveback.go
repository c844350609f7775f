package park

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/visit/order"
)

// BasketOf is what an order was priced from.
func BasketOf(o *order.Order) (Basket, error) {
	var b Basket
	if err := json.Unmarshal(o.Basket, &b); err != nil {
		return b, fmt.Errorf("read the basket of order %s: %w", o.ID, err)
	}
	return b, nil
}

// PolicyOf is what holds when some of an order is given back.
func PolicyOf(o *order.Order) (Policy, error) {
	var p Policy
	if err := json.Unmarshal(o.Policy, &p); err != nil {
		return p, fmt.Errorf("read the policy of order %s: %w", o.ID, err)
	}
	return p, nil
}

// VisitBegins is from when the steps of a policy count: midnight in Japan, of the date of the day.
func VisitBegins(day string) time.Time {
	t, _ := midnight(day)
	return t
}

// returning is stock that goes back, of some orders.
type returning struct {
	need   map[quotaKey]*back
	limits map[limitKey]int64
	used   map[voucherKey]int64
	days   []dayKey
}

// back is how many go back to a quota, by channel.
type back struct{ by map[string]int64 }

func newReturning() *returning {
	return &returning{need: map[quotaKey]*back{}, limits: map[limitKey]int64{},
		used: map[voucherKey]int64{}}
}

// add counts lines of an order.
func (r *returning) add(o *order.Order, b *Basket, ls []order.Line) {
	channel := o.Channel
	if channel == "" {
		channel = ByVisitor
	}
	for _, l := range ls {
		p := Piece{Product: l.Product, Day: l.Day, Slot: l.Slot}
		for _, k := range b.keys(o.Place, p) {
			if r.need[k] == nil {
				r.need[k] = &back{by: map[string]int64{}}
			}
			r.need[k].by[channel]++
		}
		r.days = append(r.days, dayKey{o.Place, l.Day})
		if o.VisitorID != "" {
			r.limits[limitKey{o.Place, o.VisitorID, l.Day, ""}]--
			r.limits[limitKey{o.Place, o.VisitorID, l.Day, l.Product}]--
		}
	}
}

// whole gives the voucher back, too: nothing of the order stays.
func (r *returning) whole(o *order.Order, b *Basket) {
	if b.Code != "" {
		r.used[voucherKey{o.Place, b.Code}]--
	}
}

// giveBack writes what goes back, and offers it to who waits for it.
func (s *Service) giveBack(ctx context.Context, tx *db.Tx, now time.Time, r *returning) error {
	days := sortedDays(r.days)
	waited, err := waitedFor(ctx, tx, days)
	if err != nil {
		return err
	}
	quotas := map[quotaKey]*quota{}
	if len(waited) == 0 {
		if quotas, err = quotasOf(ctx, tx, keysOf(r.need), true); err != nil {
			return err
		}
	} else {
		// Who waits may wait for other things of the day, too: everything is locked in its order.
		for _, k := range days {
			some, err := quotasOfDay(ctx, tx, k)
			if err != nil {
				return err
			}
			for k, q := range some {
				quotas[k] = q
			}
		}
	}
	for k, b := range r.need {
		if quotas[k] == nil {
			return fmt.Errorf("there is no quota of %s on %s", k.pool, k.day)
		}
		for channel, n := range b.by {
			quotas[k].take(channel, -n)
		}
	}
	if _, err := vouchersOf(ctx, tx, keysOf(r.used), true); err != nil {
		return err
	}
	if err := useVouchers(ctx, tx, r.used); err != nil {
		return err
	}
	if _, err := limitsOf(ctx, tx, keysOf(r.limits), true); err != nil {
		return err
	}
	if err := addLimits(ctx, tx, r.limits); err != nil {
		return err
	}
	for _, k := range days {
		if waited[k] {
			if err := s.offerTo(ctx, tx, now, k, quotas); err != nil {
				return fmt.Errorf("offer %s to who waits: %w", k.day, err)
			}
		}
	}
	return writeTaken(ctx, tx, quotas)
}

// Release is part of order.Seller.
func (s *Service) Release(ctx context.Context, tx *db.Tx, os []*order.Order) error {
	r := newReturning()
	for _, o := range os {
		b, err := BasketOf(o)
		if err != nil {
			return err
		}
		r.add(o, &b, o.Lines)
		r.whole(o, &b)
	}
	return s.giveBack(ctx, tx, s.now(), r)
}

// Rehold is part of order.Seller.
func (s *Service) Rehold(ctx context.Context, tx *db.Tx, o *order.Order) (bool, error) {
	b, err := BasketOf(o)
	if err != nil {
		return false, err
	}
	now := s.now()
	c, err := s.catalogue(ctx, tx, o.Place)
	if err != nil {
		return false, err
	}
	ok, err := c.stillOpen(ctx, tx, now, o.Lines)
	if err != nil || !ok {
		return false, err
	}
	r := newReturning()
	r.add(o, &b, o.Lines)
	quotas, err := quotasOf(ctx, tx, keysOf(r.need), true)
	if err != nil {
		return false, err
	}
	for k, back := range r.need {
		for channel, n := range back.by {
			if quotas[k].room(channel, now) < n {
				return false, nil
			}
			quotas[k].take(channel, n)
		}
	}
	if b.Code != "" {
		k := voucherKey{o.Place, b.Code}
		vs, err := vouchersOf(ctx, tx, []voucherKey{k}, true)
		if err != nil {
			return false, err
		}
		if v := vs[k]; v == nil || v.Places == 0 && v.Used >= v.Uses {
			return false, nil // somebody else has used it
		} else if v.Places == 0 {
			if err := useVouchers(ctx, tx, map[voucherKey]int64{k: 1}); err != nil {
				return false, err
			}
		}
	}
	had, err := lockLimits(ctx, tx, keysOf(r.limits))
	if err != nil {
		return false, err
	}
	for k, n := range r.limits {
		r.limits[k] = -n
		if most := c.most(k.product); most != 0 && had[k]-n > most {
			return false, nil // they have bought others meanwhile
		}
	}
	if err := addLimits(ctx, tx, r.limits); err != nil {
		return false, err
	}
	return true, writeTaken(ctx, tx, quotas)
}

// stillOpen says whether the days of some lines are not over and not closed. It locks them.
func (c *catalogue) stillOpen(
	ctx context.Context, tx *db.Tx, now time.Time, ls []order.Line,
) (bool, error) {
	var keys []dayKey
	for _, l := range ls {
		keys = append(keys, dayKey{c.ID, l.Day})
	}
	days, err := daysOf(ctx, tx, sortedDays(keys), true)
	if err != nil {
		return false, err
	}
	for _, l := range ls {
		d, p := days[dayKey{c.ID, l.Day}], c.products[l.Product]
		if p == nil || l.Day < DayOf(now) || d != nil && !d.sells(l.Product) {
			return false, nil
		}
	}
	return true, nil
}

// Faults is part of order.Refuser.
func (s *Service) Faults() []*fault.Problem { return []*fault.Problem{ErrTooLate, ErrLimit} }

// Requote is part of order.Seller: what stays is priced by the rules of the purchase, and the fee
// follows the policy of the purchase, line by line. What stays never costs more than what was paid
// for all of it, and no more because the park closed for some of it. A park that gives back by
// itself takes no fee, and does not mind how few stay.
func (s *Service) Requote(
	_ context.Context, _ *db.Tx, now time.Time, o *order.Order, c order.Cut,
) (order.Requoted, error) {
	b, err := BasketOf(o)
	if err != nil {
		return order.Requoted{}, err
	}
	policy, err := PolicyOf(o)
	if err != nil {
		return order.Requoted{}, err
	}
	var q order.Requoted
	gone := slices.Clone(c.Lines)
	for _, l := range o.Lines {
		if l.State == order.LineCancelled || l.State == order.LineReleased {
			gone = append(gone, l.No)
		}
	}
	if c.Reason != order.BySeller {
		if product, least := b.tooFew(b.Without(gone), c.Lines, c.Closed); product != "" {
			return q, ErrLimit.Newf("%s is for %d or more: give all of it back, or leave so many",
				product, least).Set("product", product).Set("least", least)
		}
		if q.Fee, err = b.fee(o, policy, c.Lines, now); err != nil {
			return q, err
		}
	}
	q.Keep = capped(o, reprice(o, b.Left(gone, c.Closed)))
	return q, nil
}

// fee is what is kept of the price of lines that a visitor gives back.
//
// Errors: ErrTooLate.
func (b *Basket) fee(o *order.Order, policy Policy, lines []int64, now time.Time) (
	sum int64, err error,
) {
	for _, p := range b.Pieces {
		if !slices.Contains(lines, p.No) {
			continue
		}
		l := o.Line(p.No)
		ppm, ok := policy.Keeps(now, VisitBegins(l.Day))
		if ppm = max(ppm, p.FeePPM); !ok || p.FeePPM == million {
			return 0, ErrTooLate.Newf("the ticket of %s cannot be given back any more", l.Day).
				Set("line", p.No).Set("day", l.Day)
		}
		sum += money.Share(l.Price, ppm, million, money.Down)
	}
	return sum, nil
}

// reprice are the lines of an order that stay, with their prices then.
func reprice(o *order.Order, stay []Priced) []order.Line {
	var out []order.Line
	for _, x := range stay {
		l := *o.Line(x.No)
		l.Day, l.Slot, l.List, l.Price, l.Funding = x.Day, x.Slot, x.List, x.Price, x.Funding
		out = append(out, l)
	}
	return out
}

// Cancelled is part of order.Seller: the tickets are revoked, the stock goes back.
func (s *Service) Cancelled(
	ctx context.Context, tx *db.Tx, now time.Time, o *order.Order, c order.Cut,
) error {
	b, err := BasketOf(o)
	if err != nil {
		return err
	}
	r := newReturning()
	var ls []order.Line
	left := 0
	for _, l := range o.Live() {
		if slices.Contains(c.Lines, l.No) {
			ls = append(ls, l)
		} else {
			left++
		}
	}
	r.add(o, &b, ls)
	if left == 0 {
		r.whole(o, &b)
	}
	if err := s.giveBack(ctx, tx, now, r); err != nil {
		return err
	}
	if s.cfg.Issuer == nil {
		return fmt.Errorf("order %s: no tickets are made here", o.ID)
	}
	return s.cfg.Issuer.Revoke(ctx, tx, now, o.ID, c.Lines)
}

// purgeLimitsAfter is how long what visitors had for a day is counted after it.
const purgeLimitsAfter = 40 * 24 * time.Hour

// oldDay is the first day that is kept.
func oldDay(now time.Time) string {
	return now.Add(-purgeLimitsAfter).In(clock.JST).Format(time.DateOnly)
}
