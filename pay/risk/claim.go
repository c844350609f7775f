package risk

import (
	"context"
	"time"

	"watari/kit/db"
	"watari/kit/money"
)

// Held says which counters a payment or refund holds: a small set of bits, kept with it, so
// that it gives back what it took whatever is configured then (K3).
type Held int64

// What may be held.
const (
	HeldStoreDay Held = 1 << iota
	HeldIssuerDay
	HeldIssuerOwed
	// HeldAcquirerNet: an approval lowers the acquirer's net position, a refund raises it.
	HeldAcquirerNet
	HeldStoreRefundDay
	HeldTerminalRefundDay
)

// Claim is a payment as its counters see it.
type Claim struct {
	Held                          Held
	AcquirerNo, StoreNo, IssuerNo int64
	Order, PayTo, Settle          money.Amount
	At                            time.Time // when it was reserved
}

// Keys lists the counters that the methods of c change.
func (c Claim) Keys() []Key {
	var keys []Key
	c.each(func(k Key, _, _ int64) { keys = append(keys, k) })
	if c.Held&HeldAcquirerNet != 0 {
		keys = append(keys, c.net())
	}
	return keys
}

func (c Claim) net() Key { return NetKey(c.AcquirerNo, c.Settle.Currency()) }

// each calls fn with what was counted when the payment was reserved.
func (c Claim) each(fn func(k Key, minor, count int64)) {
	if c.Held&HeldStoreDay != 0 {
		fn(storeDay(c.StoreNo, c.At), c.Order.Minor(), 1)
	}
	if c.Held&HeldIssuerDay != 0 {
		fn(issuerDay(c.IssuerNo, c.At), c.Order.Minor(), 1)
	}
	if c.Held&HeldIssuerOwed != 0 {
		fn(OwedKey(c.IssuerNo, c.PayTo.Currency()), c.PayTo.Minor(), 0)
	}
}

// Release gives back what a payment holds when its wallet will never owe it: the leg was
// declined, or cancelled before it was approved.
func (c Claim) Release(s *Sheet) {
	c.each(func(k Key, minor, count int64) { s.Add(k, -minor, -count) })
}

// ReleaseRest gives back what is not owed after all of a payment that is owed in part: amounts, not
// the payment itself.
func (c Claim) ReleaseRest(s *Sheet, orderMinor, payToMinor int64) {
	part := c
	part.Order = money.MustNew(orderMinor, c.Order.Currency())
	part.PayTo = money.MustNew(payToMinor, c.PayTo.Currency())
	part.each(func(k Key, minor, _ int64) { s.Add(k, -minor, 0) })
}

// Hold counts once more what Release gave back: who seemed to owe nothing does after all.
func (c Claim) Hold(s *Sheet) {
	c.each(func(k Key, minor, count int64) { s.Add(k, minor, count) })
}

// Approve counts a payment for its acquirer's net position. What was reserved stays so.
func (c Claim) Approve(s *Sheet) {
	if c.Held&HeldAcquirerNet != 0 {
		s.Add(c.net(), -c.Settle.Minor(), 0)
	}
}

// Cancel takes back an approved payment as a whole.
func (c Claim) Cancel(s *Sheet) {
	c.Release(s)
	if c.Held&HeldAcquirerNet != 0 {
		s.Add(c.net(), c.Settle.Minor(), 0)
	}
}

// RefundClaim is a refund as its counters see it.
type RefundClaim struct {
	Held                                      Held
	AcquirerNo, StoreNo, TerminalNo, IssuerNo int64
	Order, PayTo, Settle                      money.Amount // of this refund
	At                                        time.Time    // when it was reserved
}

// Keys lists the counters that the methods of c change.
func (c RefundClaim) Keys() []Key {
	var keys []Key
	c.each(func(k Key, _, _ int64) { keys = append(keys, k) })
	if c.Held&HeldIssuerOwed != 0 {
		keys = append(keys, c.owed())
	}
	return keys
}

func (c RefundClaim) owed() Key { return OwedKey(c.IssuerNo, c.PayTo.Currency()) }

// each calls fn with what was counted when the refund was reserved.
func (c RefundClaim) each(fn func(k Key, minor, count int64)) {
	if c.Held&HeldStoreRefundDay != 0 {
		fn(storeRefundDay(c.StoreNo, c.At), c.Order.Minor(), 1)
	}
	if c.Held&HeldTerminalRefundDay != 0 {
		fn(terminalRefundDay(c.TerminalNo, c.At), c.Order.Minor(), 1)
	}
	if c.Held&HeldAcquirerNet != 0 {
		fn(NetKey(c.AcquirerNo, c.Settle.Currency()), c.Settle.Minor(), 0)
	}
}

// Release gives back what a refund holds when it failed.
func (c RefundClaim) Release(s *Sheet) {
	c.each(func(k Key, minor, count int64) { s.Add(k, -minor, -count) })
}

// Succeed lowers what the issuer owes. The rest stays counted.
func (c RefundClaim) Succeed(s *Sheet) {
	if c.Held&HeldIssuerOwed != 0 {
		s.Add(c.owed(), -c.PayTo.Minor(), 0)
	}
}

// IssuerPaid counts a payment by an issuer, or its prefunding, against what it owes. OwedKey
// must be loaded.
func IssuerPaid(s *Sheet, issuerNo int64, paid money.Amount) {
	s.Add(OwedKey(issuerNo, paid.Currency()), -paid.Minor(), -paid.Minor())
}

// PaidOut counts a payout to an acquirer: what it had sold is no longer a cushion for its
// refunds. NetKey must be loaded.
func PaidOut(s *Sheet, acquirerNo int64, paid money.Amount) {
	s.Add(NetKey(acquirerNo, paid.Currency()), paid.Minor(), paid.Minor())
}

// Fail counts a payment that failed at a terminal at now. The counter need not be loaded (K6).
// Nothing is counted without a terminal.
func Fail(s *Sheet, terminalNo int64, now time.Time) {
	if terminalNo != 0 {
		s.Add(FailKey(terminalNo, now), 0, 1)
	}
}

// TryPIN counts a manager's PIN that a terminal is about to try, or refuses it. The caller
// commits before it compares the PIN (K8), and calls PINRight when it was right.
//
// Errors: ErrLimitVelocity.
func (r Rules) TryPIN(ctx context.Context, tx *db.Tx, terminalNo int64, now time.Time) error {
	if r.PINTriesMax == 0 {
		return nil
	}
	k := PINKey(terminalNo, now)
	s, err := Load(ctx, tx, []Key{k})
	if err != nil {
		return err
	}
	if _, tried := s.Used(k); tried >= r.PINTriesMax {
		return ErrLimitVelocity.Newf("too many wrong PINs today").Set("limit", "terminal_pin").
			Set("max", r.PINTriesMax).Set("used", tried)
	}
	s.Add(k, 0, 1)
	return s.Flush(ctx, tx)
}

// PINRight takes back one TryPIN.
func (r Rules) PINRight(ctx context.Context, tx *db.Tx, terminalNo int64, now time.Time) error {
	if r.PINTriesMax == 0 {
		return nil
	}
	k := PINKey(terminalNo, now)
	s, err := Load(ctx, tx, []Key{k})
	if err != nil {
		return err
	}
	s.Add(k, 0, -1)
	return s.Flush(ctx, tx)
}
