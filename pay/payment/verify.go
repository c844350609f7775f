package payment

import (
	"context"
	"fmt"

	"watari/kit/db"
	"watari/pay/ledger"
)

// Report is what Verify found.
type Report struct {
	Payments, Refunds int64
	// Expected is how many transfers the payments and refunds should have.
	Expected int64
	// InFlight lists what is not final yet; it is no error.
	InFlight []Open
	Findings []ledger.Finding
}

// Open is a payment, leg or refund that is on its way. Text is why a leg is for an operator, or
// what its wallet said last.
type Open struct{ ID, What, State, Text string }

// openMax is how many of them are named.
const openMax = 1000

// verifyPage is how many payments are held in memory at once.
const verifyPage = 2000

// Verify compares every payment, leg and refund with the transfers that book them: a captured
// payment is booked once with its own amounts, a cancelled one is booked and mirrored or not
// at all, a refund is booked when it succeeded and only then. What is open is on the schedule,
// and every id that was used is claimed. It must run in one View.
func Verify(ctx context.Context, tx *db.Tx, accounts []ledger.Account) (Report, error) {
	v := &verifier{tx: tx, byKey: make(map[ledger.Key]int64, len(accounts))}
	for _, a := range accounts {
		v.byKey[a.Key] = a.No
	}
	last := pk{-1, ""}
	for {
		page, err := paymentsAfter(ctx, tx, last, verifyPage)
		if err != nil {
			return v.rep, fmt.Errorf("read payments after %s: %w", last.id, err)
		}
		if len(page) == 0 {
			return v.rep, v.strays(ctx)
		}
		last = page[len(page)-1].key()
		for from := 0; from < len(page); {
			to := from
			for to < len(page) && page[to].AcquirerNo == page[from].AcquirerNo {
				to++
			}
			if err := v.group(ctx, page[from:to]); err != nil {
				return v.rep, err
			}
			from = to
		}
	}
}

// verifier goes through the payments in the order of their keys.
type verifier struct {
	tx    *db.Tx
	byKey map[ledger.Key]int64
	rep   Report
}

func (v *verifier) find(rule, what, format string, args ...any) {
	v.rep.Findings = append(v.rep.Findings,
		ledger.Finding{Rule: rule, What: what, Text: fmt.Sprintf(format, args...)})
}

func (v *verifier) open(id, what, state, text string) {
	if len(v.rep.InFlight) < openMax {
		v.rep.InFlight = append(v.rep.InFlight, Open{id, what, state, text})
	}
}

// group checks payments of one acquirer, in the order of their ids.
func (v *verifier) group(ctx context.Context, ps []*Payment) error {
	acquirer := ps[0].AcquirerNo
	first, last := ps[0].ID, ps[len(ps)-1].ID
	booked := map[string]ledger.Booked{}
	keep := func(ts []ledger.Booked, err error) error {
		for _, t := range ts {
			booked[t.ID] = t
		}
		return err
	}
	if err := keep(ledger.Between(ctx, v.tx, acquirer, "trf"+first[3:],
		"trf"+last[3:]+"~")); err != nil {
		return fmt.Errorf("read transfers of %s to %s: %w", first, last, err)
	}
	legs := make(map[string][]*Leg, len(ps))
	keys := make([]pk, len(ps))
	for i, p := range ps {
		keys[i] = p.key()
	}
	err := legsOfPayments(ctx, v.tx, keys, func(l *Leg) {
		legs[l.PaymentID] = append(legs[l.PaymentID], l)
	})
	if err != nil {
		return fmt.Errorf("read legs of %s to %s: %w", first, last, err)
	}
	refunds, err := refundsBetween(ctx, v.tx, acquirer, first, last)
	if err != nil {
		return fmt.Errorf("read refunds of %s to %s: %w", first, last, err)
	}
	var ids []string
	byPayment := map[string][]*Refund{}
	for _, f := range refunds {
		ids = append(ids, ledger.TransferID(f.ID, ledger.CauseRefund))
		byPayment[f.PaymentID] = append(byPayment[f.PaymentID], f)
	}
	captures, err := capturesBetween(ctx, v.tx, acquirer, first, last)
	if err != nil {
		return fmt.Errorf("read captures of %s to %s: %w", first, last, err)
	}
	taken := map[string][]*Capture{}
	for _, k := range captures {
		ids = append(ids, ledger.TransferID(k.ID, ledger.CauseCapture))
		taken[k.PaymentID] = append(taken[k.PaymentID], k)
	}
	if err := keep(ledger.ByID(ctx, v.tx, acquirer, ids)); err != nil {
		return fmt.Errorf("read transfers of refunds and captures: %w", err)
	}
	for _, p := range ps {
		v.rep.Payments++
		if p.order() {
			v.order(p, legs[p.ID], booked)
		} else {
			v.payment(p, legs[p.ID], booked)
		}
		if p.Step != 0 {
			v.sums(p, booked)
			v.refunds(p, byPayment[p.ID], booked)
		}
		if p.Hold {
			v.captures(p, taken[p.ID], booked)
		}
	}
	return nil
}

// payment checks a payment and its leg against their transfers.
func (v *verifier) payment(p *Payment, legs []*Leg, booked map[string]ledger.Booked) {
	if len(legs) != 1 || legs[0].ID != legID(p.ID) {
		v.find("P2", p.ID, "it has %d legs", len(legs))
		return
	}
	l := legs[0]
	if p.State == Authorising || p.State == Pending {
		v.open(p.ID, "payment", string(p.State), "")
	}
	if l.State == LegAsked || l.State == LegUnknown || l.State == LegCancelling ||
		l.State == LegStuck {
		v.open(l.ID, "leg", string(l.State), l.Note)
	}
	v.life(p, l)
	v.lateOf(p, l, booked)
}

// sums checks what is booked of a payment itself, but for its refunds and captures.
func (v *verifier) sums(p *Payment, booked map[string]ledger.Booked) {
	captured := p.CapturedMinor > 0
	wantState := captured == (p.State == Captured || p.State == Refunded ||
		p.State == Cancelled && captured)
	if !wantState {
		v.find("P4", p.ID, "it is %s with %d captured", p.State, p.CapturedMinor)
	}
	all := v.net(p, whole(p))
	at := captured && !p.Hold
	v.booked(p, p.ID, ledger.CauseApproval, at, all, booked)
	v.booked(p, p.ID, ledger.CauseCancel, at && p.State == Cancelled, mirror(all), booked)
}

// refunds checks the refunds of a payment against their transfers and its sums.
func (v *verifier) refunds(p *Payment, fs []*Refund, booked map[string]ledger.Booked) {
	var done, reserved int64
	var given Given
	for _, f := range fs {
		v.rep.Refunds++
		v.schedule(f)
		switch f.State {
		case RefundSucceeded:
			done += f.Order.Minor()
		case RefundRequested, RefundUnknown:
			reserved += f.Order.Minor()
			v.open(f.ID, "refund", string(f.State), "")
		case RefundFailed:
			v.booked(p, f.ID, ledger.CauseRefund, false, nil, booked)
			continue
		}
		given.PayTo += f.PayTo.Minor()
		given.Mid += f.Mid
		given.MDR += f.Fees.MDR
		given.Interchange += f.Fees.Interchange
		given.Scheme += f.Fees.Scheme
		v.booked(p, f.ID, ledger.CauseRefund, f.State == RefundSucceeded, mirror(v.net(p,
			parts{f.Order.Minor(), f.PayTo.Minor(), f.Mid, f.Fees})), booked)
	}
	if done != p.RefundedMinor || reserved != p.RefundingMinor {
		v.find("P7", p.ID, "refunded %d and refunding %d, its refunds say %d and %d",
			p.RefundedMinor, p.RefundingMinor, done, reserved)
	}
	if given != p.Given {
		v.find("P8", p.ID, "given %+v, its refunds say %+v", p.Given, given)
	}
	all := p.taken(p.CapturedMinor)
	if p.State == Refunded && p.Given != (Given{all.payTo, all.mid, all.fees.MDR,
		all.fees.Interchange, all.fees.Scheme}) {
		v.find("P8", p.ID, "refunded in full, but %+v is given", p.Given)
	}
}

// booked checks that a transfer exists exactly when it should, with the right sums.
func (v *verifier) booked(
	p *Payment, subject string, cause ledger.Cause, want bool, net map[int64]int64,
	booked map[string]ledger.Booked,
) {
	corrects := ""
	if cause == ledger.CauseCancel || cause == ledger.CauseRefund {
		corrects = corrected(p)
	}
	v.bookedAs(p, p.IssuerNo, ledger.TransferID(subject, cause), cause, corrects, want, net,
		booked)
}

// net is what the postings of a payment's approval come to, by account. It is written from
// the posting table, not from the code that posts.
func (v *verifier) net(p *Payment, m parts) map[int64]int64 {
	out := map[int64]int64{}
	yen, cur := p.Order.Currency(), p.PayTo.Currency()
	due := m.fees.Interchange + m.fees.Scheme
	v.put(out, ledger.Key{Kind: ledger.AcquirerPayable, Owner: p.AcquirerNo, Currency: yen},
		due-m.order)
	v.put(out, ledger.Key{Kind: ledger.IssuerReceivable, Owner: p.IssuerNo, Currency: cur},
		m.payTo)
	if yen == cur {
		v.put(out, ledger.Key{Kind: ledger.FXSpread, Currency: cur}, m.order-m.payTo)
	} else {
		v.put(out, ledger.Key{Kind: ledger.FXPosition, Currency: yen}, m.order)
		v.put(out, ledger.Key{Kind: ledger.FXPosition, Currency: cur}, -m.mid)
		v.put(out, ledger.Key{Kind: ledger.FXSpread, Currency: cur}, m.mid-m.payTo)
	}
	v.put(out, ledger.Key{Kind: ledger.InterchangePayable, Owner: p.IssuerNo,
		Currency: yen}, -m.fees.Interchange)
	v.put(out, ledger.Key{Kind: ledger.SchemeFee, Currency: yen}, -m.fees.Scheme)

	bank := p.AcquirerNo
	v.put(out, ledger.Key{Book: bank, Kind: ledger.NetworkReceivable, Currency: yen},
		m.order-due)
	v.put(out, ledger.Key{Book: bank, Kind: ledger.NetworkFees, Currency: yen}, due)
	v.put(out, ledger.Key{Book: bank, Kind: ledger.MerchantPayable, Owner: p.MerchantNo,
		Currency: yen}, m.fees.MDR-m.order)
	v.put(out, ledger.Key{Book: bank, Kind: ledger.MDRIncome, Currency: yen}, -m.fees.MDR)
	return out
}

func (v *verifier) put(net map[int64]int64, k ledger.Key, minor int64) {
	if minor != 0 {
		net[v.byKey[k]] += minor
	}
}

func mirror(net map[int64]int64) map[int64]int64 {
	out := make(map[int64]int64, len(net))
	for k, m := range net {
		out[k] = -m
	}
	return out
}

// same compares sums by account; an account that comes to zero counts as absent.
func same(a, b map[int64]int64) bool {
	for k, m := range a {
		if m != b[k] {
			return false
		}
	}
	for k, m := range b {
		if m != a[k] {
			return false
		}
	}
	return true
}
