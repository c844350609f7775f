package park

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/db"
	"watari/kit/id"
)

// waitersMax is how many who wait for a day are looked at when stock comes back.
const waitersMax = 200

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
	c, err := s.catalogue(ctx, tx, k.park)
	if err != nil {
		return err
	}
	days, err := daysOf(ctx, tx, []dayKey{k}, false)
	if err != nil {
		return err
	}
	ws, err := waitingIn(ctx, tx, k, waitersMax)
	if err != nil {
		return err
	}
	var vouchers []Voucher
	for i := range ws {
		w := &ws[i]
		p := c.products[w.Product]
		if p == nil || p.Ended || !c.OnSale ||
			c.openFor(p, days[k], w.Day, w.Slot, now) != nil {
			continue
		}
		piece := Piece{Product: w.Product, Day: w.Day, Slot: w.Slot}
		fits := true
		for _, key := range c.keys(piece) {
			fits = fits && quotas[key].room(ByVisitor, now) >= w.Places
		}
		if !fits {
			continue
		}
		for _, key := range c.keys(piece) {
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
	if len(vouchers) == 0 {
		return nil
	}
	return insertVouchers(ctx, tx, vouchers)
}
