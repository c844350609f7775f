package payment

import (
	"context"
	"fmt"

	"watari/kit/db"
	"watari/pay/risk"
)

// Counted returns what payments and refunds hold of the counters that have no end: what issuers
// owe and how far acquirers are behind. With a counter's base it is what the counter must stand
// at. It is written from the lives of payments, legs and refunds, not from the code that counts,
// and must run in one View.
func Counted(ctx context.Context, tx *db.Tx) (map[risk.Key]int64, error) {
	sums := holdings{}
	last := pk{-1, ""}
	for {
		page, err := paymentsAfter(ctx, tx, last, verifyPage)
		if err != nil {
			return nil, fmt.Errorf("read payments after %s: %w", last.id, err)
		}
		if len(page) == 0 {
			return sums, nil
		}
		last = page[len(page)-1].key()
		if err := sums.page(ctx, tx, page); err != nil {
			return nil, err
		}
	}
}

// holdings is how much is held, by counter.
type holdings map[risk.Key]int64

// page adds what the payments of a page hold.
func (h holdings) page(ctx context.Context, tx *db.Tx, ps []*Payment) error {
	byKey := make(map[pk]*Payment, len(ps))
	keys := make([]pk, len(ps))
	for i, p := range ps {
		keys[i], byKey[p.key()] = p.key(), p
		if p.Step != 0 {
			h.payment(p)
		}
	}
	err := legsOfPayments(ctx, tx, keys, func(l *Leg) {
		h.leg(byKey[pk{l.AcquirerNo, l.PaymentID}], l)
	})
	if err != nil {
		return fmt.Errorf("read legs: %w", err)
	}
	for from := 0; from < len(ps); {
		to := from
		for to < len(ps) && ps[to].AcquirerNo == ps[from].AcquirerNo {
			to++
		}
		acquirer := ps[from].AcquirerNo
		fs, err := refundsBetween(ctx, tx, acquirer, ps[from].ID, ps[to-1].ID)
		if err != nil {
			return fmt.Errorf("read refunds: %w", err)
		}
		for _, f := range fs {
			h.refund(byKey[pk{acquirer, f.PaymentID}], f)
		}
		from = to
	}
	return nil
}

// payment adds what a payment holds whose leg is known: all that the wallet was asked for, from
// the first commit until it is declined or cancelled; of a promise that was captured in part, what
// was captured once the rest is given up.
func (h holdings) payment(p *Payment) {
	owed := p.PayTo.Minor()
	switch p.State {
	case Authorising, Pending, Authorised:
	case Captured, Refunded:
		if p.Hold && p.Due.IsZero() {
			owed = p.taken(p.CapturedMinor).payTo
		}
		if p.Held&risk.HeldAcquirerNet != 0 {
			h[risk.NetKey(p.AcquirerNo, p.Settle.Currency())] -= p.CapturedMinor
		}
	case Declined, Cancelled:
		owed = 0
	}
	if p.Held&risk.HeldIssuerOwed != 0 {
		h[risk.OwedKey(p.IssuerNo, p.PayTo.Currency())] += owed
	}
}

// leg adds what a leg of an order holds that does not pay it: it holds until it has ended.
func (h holdings) leg(p *Payment, l *Leg) {
	if p == nil || l.Terms == nil || p.legID() == l.ID ||
		l.Terms.Held&risk.HeldIssuerOwed == 0 {
		return
	}
	switch l.State {
	case LegAsked, LegUnknown, LegCancelling, LegStuck, LegApproved:
		h[risk.OwedKey(l.IssuerNo, l.Amount.Currency())] += l.Amount.Minor()
	case LegDeclined, LegCancelled:
	}
}

// refund adds what a refund holds: its acquirer is behind by it from the first commit until it
// fails, its issuer owes less when it has succeeded.
func (h holdings) refund(p *Payment, f *Refund) {
	if p == nil {
		return
	}
	if f.Held&risk.HeldAcquirerNet != 0 && f.State != RefundFailed {
		h[risk.NetKey(f.AcquirerNo, f.Order.Currency())] += f.Order.Minor()
	}
	if f.Held&risk.HeldIssuerOwed != 0 && f.State == RefundSucceeded {
		h[risk.OwedKey(p.IssuerNo, f.PayTo.Currency())] -= f.PayTo.Minor()
	}
}
