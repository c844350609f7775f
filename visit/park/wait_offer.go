package park

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watari/kit/db"
	"watari/kit/id"
)

// waitersPage is how many who wait for a day are read at once.
const waitersPage = 200

// voucherLetters are those of made-up codes: none looks like another.
const voucherLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

// newCode makes up the code of a voucher: 10 letters, 49 bits.
func newCode() string {
	secret := id.Secret(20)
	out := make([]byte, 10)
	for i := range out {
		// Two letters of the secret, 10 or more bits, spread over 31: skewed by less than 3 %.
		n := int(secret[2*i])*67 + int(secret[2*i+1])
		out[i] = voucherLetters[n%len(voucherLetters)]
	}
	return string(out)
}

// offerTo offers what is free on a day to who waits for it, the first first; who needs more than
// there is lets the next go before. The quotas of the day are locked; what is offered is taken from
// them at once, so nobody else can buy it before.
func (s *Service) offerTo(
	ctx context.Context, tx *db.Tx, now time.Time, k dayKey, quotas map[quotaKey]*quota,
) error {
	wanted, err := waitedThings(ctx, tx, k)
	if err != nil {
		return err
	}
	// What they take from cannot be changed before this is committed, so it goes back to where it
	// is taken from; only what is read after this is what they take from.
	if err := keepProducts(ctx, tx, k.park, wanted); err != nil {
		return err
	}
	c, err := s.catalogue(ctx, tx, k.park)
	if err != nil {
		return err
	}
	days, err := daysOf(ctx, tx, []dayKey{k}, false)
	if err != nil {
		return err
	}
	for {
		ws, err := fitting(ctx, tx, c, days[k], k, quotas, now, wanted, true)
		if err != nil || len(ws) == 0 {
			return err
		}
		// The first of them fits. When others do not any more, because of those before them, they
		// are looked at again.
		if err := s.offerSome(ctx, tx, c, now, ws, quotas); err != nil {
			return err
		}
	}
}

// fitting returns who waits for a day and could have what they wait for now, each by itself, the
// first first; at most a page of them, which are locked unless it is only looked. wanted is what is
// waited for.
func fitting(
	ctx context.Context, tx *db.Tx, c *catalogue, d *Day, k dayKey, quotas map[quotaKey]*quota,
	now time.Time, wanted []thing, lock bool,
) ([]Wait, error) {
	if !c.OnSale {
		return nil, nil
	}
	free := map[thing]int64{}
	for _, t := range wanted {
		p := c.products[t.product]
		if p == nil || p.Ended || c.openFor(p, d, k.day, t.slot, now) != nil {
			continue
		}
		least := int64(waitPlacesMax)
		for _, key := range c.keys(Piece{Product: t.product, Day: k.day, Slot: t.slot}) {
			least = min(least, quotas[key].roomFor(ByVisitor, now))
		}
		if least > 0 {
			free[t] = least
		}
	}
	return waitingIn(ctx, tx, k, free, waitersPage, lock)
}

// offerSome offers places to those of some who wait for whom there is room.
func (s *Service) offerSome(
	ctx context.Context, tx *db.Tx, c *catalogue, now time.Time, ws []Wait,
	quotas map[quotaKey]*quota,
) error {
	var vouchers []Voucher
	for i := range ws {
		w := &ws[i]
		keys := c.keys(Piece{Product: w.Product, Day: w.Day, Slot: w.Slot})
		if slices.ContainsFunc(keys, func(key quotaKey) bool {
			return quotas[key].roomFor(ByVisitor, now) < w.Places
		}) {
			continue
		}
		for _, key := range keys {
			quotas[key].take(ByVisitor, w.Places)
		}
		w.State, w.Voucher, w.Until = Offered, newCode(), now.Add(s.cfg.OfferFor)
		ok, err := moveWait(ctx, tx, w, Waiting)
		if err == nil && !ok {
			err = errors.New("it does not wait")
		}
		if err != nil {
			return fmt.Errorf("offer places to %s: %w", w.ID, err)
		}
		vouchers = append(vouchers, Voucher{ParkID: w.ParkID, Code: w.Voucher,
			VisitorID: w.VisitorID, Uses: 1, From: now, Until: w.Until, Product: w.Product,
			Day: w.Day, Slot: w.Slot, Places: w.Places, Created: now})
		if err := s.tell(ctx, tx, &c.Park, "wait_offered", w.ID, "system:waiting", facts{
			"visitor": w.VisitorID, "product": w.Product, "day": w.Day, "slot": w.Slot,
			"places": w.Places, "until": w.Until}); err != nil {
			return err
		}
	}
	return insertVouchers(ctx, tx, vouchers)
}
