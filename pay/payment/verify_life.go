package payment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"watari/kit/money"
	"watari/pay/ledger"
)

// legsOf says in which states the leg of a payment can be.
var legsOf = map[State][]LegState{
	Authorising: {LegAsked},
	Pending:     {LegUnknown, LegStuck},
	Authorised:  {LegApproved},
	Captured:    {LegApproved},
	Refunded:    {LegApproved},
	Declined:    {LegDeclined, LegCancelling, LegCancelled, LegStuck},
	Cancelled:   {LegCancelling, LegCancelled, LegStuck},
}

// life checks that a payment and its leg fit together, and that what is open is on the
// schedule: without a time nobody would ever look at it again.
func (v *verifier) life(p *Payment, l *Leg) {
	if !slices.Contains(legsOf[p.State], l.State) {
		v.find("P2", p.ID, "it is %s while its leg is %s", p.State, l.State)
	}
	open := p.open()
	asking := l.State == LegAsked || l.State == LegUnknown || l.State == LegCancelling ||
		l.State == LegStuck && open
	if asking == l.Next.IsZero() {
		v.find("P2", l.ID, "it is %s and on the schedule: %t", l.State, !l.Next.IsZero())
	}
	if open != p.Concluded.IsZero() {
		v.find("P2", p.ID, "it is %s, concluded at %s", p.State,
			p.Concluded.Format(time.RFC3339))
	}
	if l.Amount != p.PayTo || l.IssuerNo != p.IssuerNo {
		v.find("P2", p.ID, "issuer %d pays %s, its leg says %d and %s", p.IssuerNo, p.PayTo,
			l.IssuerNo, l.Amount)
	}
	if p.CapturedMinor != 0 && p.CapturedMinor != p.Order.Minor() && !p.Hold ||
		p.Settle != p.Order {
		v.find("P4", p.ID, "of %s, %d is captured and %s settled", p.Order, p.CapturedMinor,
			p.Settle)
	}
	if at, err := p.Order.Convert(p.Rate, money.HalfUp); err != nil || at != p.PayTo {
		v.find("P4", p.ID, "%s at %s is not %s", p.Order, p.Rate, p.PayTo)
	}
}

// schedule checks that a refund that is open will be sent again, and no other.
func (v *verifier) schedule(f *Refund) {
	if RefundSteps.Final(f.State) != f.Next.IsZero() {
		v.find("P7", f.ID, "it is %s and on the schedule: %t", f.State, !f.Next.IsZero())
	}
}

// headed checks what a transfer says of itself.
func (v *verifier) headed(
	p *Payment, issuerNo int64, cause ledger.Cause, corrects string, t ledger.Booked,
	booked map[string]ledger.Booked,
) {
	if t.Cause != cause || t.PaymentID != p.ID || t.IssuerNo != issuerNo ||
		t.Corrects != corrects {
		v.find("P4", p.ID, "transfer %s says %s of %s, issuer %d, corrects %q", t.ID, t.Cause,
			t.PaymentID, t.IssuerNo, t.Corrects)
	}
	for _, day := range []string{t.AcquirerDay, t.IssuerDay} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			v.find("P4", p.ID, "transfer %s has the clearing day %q", t.ID, day)
		}
	}
	sale, ok := booked[corrects]
	if cause == ledger.CauseCancel && ok &&
		(sale.AcquirerDay != t.AcquirerDay || sale.IssuerDay != t.IssuerDay) {
		v.find("P4", p.ID, "its sale stands in %s and %s, its cancel in %s and %s",
			sale.AcquirerDay, sale.IssuerDay, t.AcquirerDay, t.IssuerDay)
	}
}

// strays looks for rows that belong to nothing, and for payments and refunds without the claim
// that keeps their id from being used again (P5).
func (v *verifier) strays(ctx context.Context) error {
	for _, q := range []struct {
		rule, text string
		find       finder
	}{
		{"P2", "a leg without its payment", strayLegs},
		{"P7", "a refund without its payment", strayRefunds},
		{"P5", "a payment whose request id is not claimed", unclaimedPayments},
		{"P5", "a refund whose request id is not claimed", unclaimedRefunds},
		{"P7", "a capture without its payment", strayCaptures},
		{"P5", "a capture whose request id is not claimed", unclaimedCaptures},
		{"P5", "a claimed request id whose payment or refund is missing", strayClaims},
	} {
		ids, err := q.find(ctx, v.tx)
		if err != nil {
			return fmt.Errorf("look for %s: %w", q.text, err)
		}
		for _, id := range ids {
			v.find(q.rule, id, "%s", q.text)
		}
	}
	return nil
}
