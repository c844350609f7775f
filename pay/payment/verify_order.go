package payment

import (
	"slices"
	"time"

	"watari/kit/money"
	"watari/pay/ledger"
)

// order checks a payment that waits for its payer, and all its legs.
func (v *verifier) order(p *Payment, legs []*Leg, booked map[string]ledger.Booked) {
	if p.open() {
		v.open(p.ID, "payment", string(p.State), "")
	}
	var paid *Leg
	for i, l := range legs {
		if l.ID != legOf(p.ID, byte(firstLeg+i)) || l.Terms == nil {
			v.find("P2", l.ID, "it is not leg %d of its order, or has no terms", i)
			continue
		}
		if l.ID == p.legID() {
			paid = l
		}
		v.takenLeg(p, l)
		v.lateOf(p, l, booked)
	}
	if p.Step != 0 && paid == nil {
		v.find("P2", p.ID, "leg %s pays it and is missing", p.legID())
		return
	}
	if (p.Step == 0) != (p.IssuerNo == 0) {
		v.find("P2", p.ID, "issuer %d pays it by leg %q", p.IssuerNo, stepColumn(p.Step))
	}
	if p.open() != p.Concluded.IsZero() {
		v.find("P2", p.ID, "it is %s, concluded at %s", p.State,
			p.Concluded.Format(time.RFC3339))
	}
	if p.Step == 0 && !p.open() && p.State != Cancelled || p.Step != 0 && p.open() {
		v.find("P2", p.ID, "it is %s, paid by leg %q", p.State, stepColumn(p.Step))
	}
	waits := p.open() || p.State == Authorised
	if waits && p.Due.IsZero() {
		v.find("P2", p.ID, "it is %s and nothing will close it", p.State)
	}
	if !waits && !p.Due.IsZero() && (!p.Hold || p.State != Captured) {
		v.find("P2", p.ID, "it is %s and still waits for its end", p.State)
	}
	if paid != nil {
		v.same(p, paid)
		if (p.State == Authorised || p.State == Captured || p.State == Refunded) &&
			paid.State != LegApproved {
			v.find("P2", p.ID, "it is %s while its leg is %s", p.State, paid.State)
		}
	}
}

// takenLeg checks that a leg of an order fits to its payment.
func (v *verifier) takenLeg(p *Payment, l *Leg) {
	if l.State == LegAsked || l.State == LegUnknown || l.State == LegCancelling ||
		l.State == LegStuck {
		v.open(l.ID, "leg", string(l.State), l.Note)
	}
	pays := l.ID == p.legID()
	ok := []LegState{LegDeclined, LegCancelling, LegCancelled, LegStuck}
	switch {
	case p.open():
		ok = []LegState{LegAsked, LegUnknown, LegDeclined, LegCancelling, LegCancelled, LegStuck}
	case pays && p.State != Cancelled:
		ok = []LegState{LegApproved}
	}
	if !slices.Contains(ok, l.State) {
		v.find("P2", p.ID, "it is %s while its leg %s is %s", p.State, l.ID, l.State)
	}
	asking := l.State == LegAsked || l.State == LegUnknown || l.State == LegCancelling ||
		l.State == LegStuck && p.open()
	if asking == l.Next.IsZero() {
		v.find("P2", l.ID, "it is %s and on the schedule: %t", l.State, !l.Next.IsZero())
	}
	q := p.as(l)
	if at, err := q.Order.Convert(q.Rate, money.HalfUp); err != nil || at != l.Amount {
		v.find("P4", l.ID, "%s at %s is not %s", q.Order, q.Rate, l.Amount)
	}
}

// same checks that an order has the price of the leg that pays it.
func (v *verifier) same(p *Payment, l *Leg) {
	q := *p
	q.bind(l)
	if q.IssuerNo != p.IssuerNo || q.PayTo != p.PayTo || q.Rate != p.Rate || q.Mid != p.Mid ||
		q.Fees != p.Fees || q.Held != p.Held {
		v.find("P4", p.ID, "it has another price than its leg %s", l.ID)
	}
}

// lateOf checks what is booked of a leg that said yes after its payment was closed.
func (v *verifier) lateOf(p *Payment, l *Leg, booked map[string]ledger.Booked) {
	late := map[int64]int64{}
	for kind, minor := range map[ledger.Kind]int64{ledger.IssuerReceivable: l.Amount.Minor(),
		ledger.SuspenseReversal: -l.Amount.Minor()} {
		v.put(late, ledger.Key{Kind: kind, Owner: l.IssuerNo, Currency: l.Amount.Currency()},
			minor)
	}
	n := legNo(l)
	id := ledger.LegTransferID(p.ID, ledger.CauseLate, n)
	undo := ledger.LegTransferID(p.ID, ledger.CauseLateUndone, n)
	_, undone := booked[undo]
	v.bookedAs(p, l.IssuerNo, id, ledger.CauseLate, "", l.LatePosted, late, booked)
	v.bookedAs(p, l.IssuerNo, undo, ledger.CauseLateUndone, id, l.LatePosted &&
		(l.State == LegCancelled || l.State == LegStuck && undone), mirror(late), booked)
}

// bookedAs checks that a transfer exists exactly when it should, with the right sums and heading.
func (v *verifier) bookedAs(
	p *Payment, issuerNo int64, id string, cause ledger.Cause, corrects string, want bool,
	net map[int64]int64, booked map[string]ledger.Booked,
) {
	t, ok := booked[id]
	if want {
		v.rep.Expected++
	}
	switch {
	case want && !ok:
		v.find("P4", p.ID, "its %s %s is not booked", cause, id)
	case !want && ok:
		v.find("P4", p.ID, "transfer %s books a %s that did not happen", id, cause)
	case want && !same(t.Net, net):
		v.find("P4", p.ID, "transfer %s books other amounts than its %s", id, cause)
	case want:
		v.headed(p, issuerNo, cause, corrects, t, booked)
	}
}

// captures checks the captures of a promise against their transfers and its sums.
func (v *verifier) captures(p *Payment, ks []*Capture, booked map[string]ledger.Booked) {
	var sum, reserved, alive int64
	var all parts
	for _, k := range ks {
		if RefundSteps.Final(k.State) != k.Next.IsZero() {
			v.find("P7", k.ID, "it is %s and on the schedule: %t", k.State, !k.Next.IsZero())
		}
		m := parts{k.Order.Minor(), k.PayTo.Minor(), k.Mid, k.Fees}
		done := k.State == RefundSucceeded
		v.bookedAs(p, p.IssuerNo, ledger.TransferID(k.ID, ledger.CauseCapture),
			ledger.CauseCapture, "", done, v.net(p, m), booked)
		switch k.State {
		case RefundSucceeded:
			sum += m.order
			all = parts{all.order + m.order, all.payTo + m.payTo, all.mid + m.mid,
				all.fees.Plus(m.fees)}
			alive++
		case RefundRequested, RefundUnknown:
			reserved += m.order
			alive++
			v.open(k.ID, "capture", string(k.State), "")
		case RefundFailed:
		}
	}
	if sum != p.CapturedMinor || reserved != p.CapturingMinor || alive != p.Captures {
		v.find("P7", p.ID, "captured %d and capturing %d in %d, its captures say %d, %d, %d",
			p.CapturedMinor, p.CapturingMinor, p.Captures, sum, reserved, alive)
	}
	if sum > 0 && all != p.taken(sum) {
		v.find("P8", p.ID, "its captures come to %+v, not to %+v", all, p.taken(sum))
	}
}
