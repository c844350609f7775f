package order

import (
	"context"
	"fmt"

	"watari/kit/db"
	"watari/pay/ledger"
	"watari/pay/payment"
	"watari/pay/promo"
)

// Report is what Verify found.
type Report struct {
	Orders, Returns int64
	// Expected is how many transfers the discounts of orders should have.
	Expected int64
	// InFlight lists what is not final yet; it is no error.
	InFlight []Open
	Findings []ledger.Finding
}

// Open is something that is on its way. Text is why a return is for a person.
type Open struct{ ID, What, State, Text string }

// Sizes of verifying.
const (
	verifyPage = 1000 // orders in memory at once
	openMax    = 1000 // things in flight that are named
)

// Verify compares every order with its lines, its payments, what was returned of them, and the
// transfers of its discounts (O2 to O8, B1 to B4), and asks the sellers to compare what they keep.
// It must run in one View.
func Verify(
	ctx context.Context, tx *db.Tx, accounts []ledger.Account, checks ...Check,
) (Report, error) {
	v := &verifier{tx: tx, gives: promo.Given{}, byKey: make(map[ledger.Key]int64, len(accounts))}
	for _, a := range accounts {
		v.byKey[a.Key] = a.No
	}
	last := ""
	for {
		ids, err := ordersAfter(ctx, tx, last, verifyPage)
		if err != nil {
			return v.rep, fmt.Errorf("read orders after %s: %w", last, err)
		}
		if len(ids) == 0 {
			break
		}
		last = ids[len(ids)-1]
		if err := v.page(ctx, ids); err != nil {
			return v.rep, err
		}
	}
	if err := v.others(ctx); err != nil {
		return v.rep, err
	}
	found, err := promo.VerifyPledges(ctx, tx, v.gives)
	if err != nil {
		return v.rep, err
	}
	v.rep.Findings = append(v.rep.Findings, found...)
	for _, check := range checks {
		found, err := check(ctx, tx)
		if err != nil {
			return v.rep, err
		}
		v.rep.Findings = append(v.rep.Findings, found...)
	}
	return v.rep, nil
}

// verifier goes through the orders by id.
type verifier struct {
	tx    *db.Tx
	byKey map[ledger.Key]int64
	gives promo.Given // what wallets give of the discounts of all orders
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

// evidence is what other tables say about some orders.
type evidence struct {
	attempts map[string][]*attempt
	returns  map[string][]*Return
	payments map[string]*payment.Payment
	refunds  map[string]*payment.Refund
	booked   map[string]ledger.Booked
}

func (v *verifier) page(ctx context.Context, ids []string) error {
	os, err := readOrders(ctx, v.tx, ids)
	if err != nil {
		return err
	}
	e := evidence{payments: map[string]*payment.Payment{},
		refunds: map[string]*payment.Refund{}, booked: map[string]ledger.Booked{}}
	if e.attempts, err = attemptsOf(ctx, v.tx, ids); err != nil {
		return err
	}
	if e.returns, err = returnsOf(ctx, v.tx, ids); err != nil {
		return err
	}
	byAcquirer := map[int64][]*Order{}
	for _, o := range os {
		byAcquirer[o.Point.AcquirerNo] = append(byAcquirer[o.Point.AcquirerNo], o)
	}
	for acquirer, some := range byAcquirer {
		if err := v.collect(ctx, acquirer, some, &e); err != nil {
			return err
		}
	}
	for _, id := range ids {
		o := os[id]
		v.rep.Orders++
		for k, n := range o.gives() {
			v.gives.Add(k, n)
		}
		v.lines(o)
		v.cuts(o, e.returns[id])
		v.payments(o, e)
		v.returned(o, e)
		v.discounts(o, e)
	}
	return nil
}

// collect reads what the payments and the ledger say of orders of one acquirer.
func (v *verifier) collect(
	ctx context.Context, acquirer int64, os []*Order, e *evidence,
) error {
	var payments, refunds, transfers []string
	for _, o := range os {
		transfers = append(transfers, ledger.PromotionID(o.ID, ledger.CausePromotion))
		for _, a := range e.attempts[o.ID] {
			if a.paymentID != "" {
				payments = append(payments, a.paymentID)
			}
		}
		for _, r := range e.returns[o.ID] {
			transfers = append(transfers, ledger.PromotionID(r.ID, ledger.CausePromotionBack))
			if r.refundID != "" {
				refunds = append(refunds, r.refundID)
			}
		}
	}
	ps, err := payment.ReadIn(ctx, v.tx, acquirer, payments)
	if err != nil {
		return fmt.Errorf("read the payments of orders: %w", err)
	}
	for id, p := range ps {
		e.payments[id] = p
	}
	fs, err := payment.RefundsIn(ctx, v.tx, acquirer, refunds)
	if err != nil {
		return fmt.Errorf("read the refunds of orders: %w", err)
	}
	for id, f := range fs {
		e.refunds[id] = f
	}
	ts, err := ledger.ByID(ctx, v.tx, acquirer, transfers)
	if err != nil {
		return fmt.Errorf("read the transfers of discounts: %w", err)
	}
	for _, t := range ts {
		e.booked[t.ID] = t
	}
	return nil
}

// lines checks an order against its lines.
func (v *verifier) lines(o *Order) {
	if _, err := checkLines(o.Live()); err != nil {
		v.find("O1", o.ID, "%v", err)
	}
	want := map[State][]LineState{StateHeld: {LineHeld}, StatePaying: {LineHeld},
		StateExpired: {LineReleased}, StateReturning: {LineReleased},
		StatePaid:      {LineSold, LineUsed, LineCancelled},
		StateCancelled: {LineCancelled, LineReleased}}[o.State]
	for _, l := range o.Lines {
		ok := false
		for _, st := range want {
			ok = ok || l.State == st
		}
		if !ok {
			v.find("O4", o.ID, "it is %s, and its line %d is %s", o.State, l.No, l.State)
		}
	}
	if len(o.Lines) == 0 {
		v.find("O1", o.ID, "it has no lines")
	}
	if (o.State == StateHeld || o.State == StatePaying) != !o.due.IsZero() {
		v.find("O4", o.ID, "it is %s, and due at %v", o.State, o.due)
	}
	if o.State == StatePaying || o.State == StateReturning {
		v.open(o.ID, "order", string(o.State), "")
	}
}

// payments checks an order against the payments that were opened for it.
func (v *verifier) payments(o *Order, e evidence) {
	bought := 0
	for _, a := range e.attempts[o.ID] {
		p := e.payments[a.paymentID]
		took := p != nil && p.CapturedMinor > 0 && p.State != payment.Cancelled
		if took && a.state == AttemptOpen {
			v.open(p.ID, "payment", string(p.State), "its order is "+string(o.State))
		}
		switch {
		case a.paymentID != "" && p == nil:
			v.find("O2", o.ID, "there is no payment %s", a.paymentID)
		case p != nil && (p.OrderRef != o.ID || p.Channel != payment.ChannelOrder):
			v.find("O2", o.ID, "payment %s is of another order", p.ID)
		case a.state == AttemptCaptured && !took:
			v.find("O3", o.ID, "payment %s is kept as paid, and is not", a.paymentID)
		case a.state == AttemptClosed && took:
			v.find("O2", o.ID, "payment %s is paid, and nobody was told", a.paymentID)
		case a.state == AttemptCaptured && p.CapturedMinor != a.minor:
			v.find("O3", o.ID, "payment %s took %d of %d", p.ID, p.CapturedMinor, a.minor)
		}
		if (a.state == AttemptOpen || a.state == AttemptOpening) != !a.due.IsZero() {
			v.find("O2", o.ID, "attempt %d is %s, and due at %v", a.no, a.state, a.due)
		}
		if a.state == AttemptCaptured && a.paymentID == o.PaymentID {
			bought++
		}
	}
	needs := (o.State == StatePaid || o.State == StateReturning || o.State == StateCancelled) &&
		o.Total > 0 && o.Account == ""
	if needs != (bought == 1) {
		v.find("O3", o.ID, "it is %s, and %d payments have bought it", o.State, bought)
	}
}

// returned checks an order against what was returned of it, and that against the refunds.
func (v *verifier) returned(o *Order, e evidence) {
	var done, owed, fees int64
	gave, asked := map[string]int64{}, map[string]int64{} // by payment; asked are on their way
	for _, r := range e.returns[o.ID] {
		v.rep.Returns++
		v.refund(o, r, e)
		fees += r.Fee
		if r.State == ReturnDue || r.State == ReturnSent {
			asked[r.PaymentID] += r.Minor
		}
		switch {
		case r.State == ReturnSucceeded:
			if r.Outside == "" {
				gave[r.PaymentID] += r.Minor
			}
			if !r.extra {
				done += r.Minor
			}
		case !r.extra:
			owed += r.Minor
		}
	}
	if done != o.Refunded || owed != o.Refunding || fees != o.Fees {
		v.find("O8", o.ID, "refunded %d, refunding %d, fees %d; its returns say %d, %d, %d",
			o.Refunded, o.Refunding, o.Fees, done, owed, fees)
	}
	stands := int64(0)
	if o.State == StatePaid || o.State == StateCancelled || o.State == StateReturning {
		stands = o.Total
	}
	if sum := o.paidPrice() + o.Refunded + o.Refunding + o.Fees; sum != stands {
		v.find("O8", o.ID, "price, refunds and fees come to %d, paid were %d", sum, stands)
	}
	for _, a := range e.attempts[o.ID] {
		p := e.payments[a.paymentID]
		if p == nil {
			continue
		}
		if p.RefundedMinor < gave[p.ID] ||
			p.RefundedMinor+p.RefundingMinor > gave[p.ID]+asked[p.ID] {
			v.find("O5", o.ID, "payment %s has returned %d and returns %d, returns are %d and %d",
				p.ID, p.RefundedMinor, p.RefundingMinor, gave[p.ID], asked[p.ID])
		}
	}
}

// paidPrice is the price of the lines that count of an order that is paid.
func (o *Order) paidPrice() int64 {
	if o.Paid.IsZero() {
		return 0
	}
	return o.Price()
}

// refund checks a return against its refund.
func (v *verifier) refund(o *Order, r *Return, e evidence) {
	f := e.refunds[r.refundID]
	outside := r.PaymentID == "" || r.Minor == 0 || r.Outside != ""
	switch {
	case r.State == ReturnSucceeded && !outside && (f == nil ||
		f.State != payment.RefundSucceeded):
		v.find("O7", r.ID, "it is kept as given back, and no refund has succeeded")
	case r.refundID != "" && f == nil:
		v.find("O7", r.ID, "there is no refund %s", r.refundID)
	case f != nil && (f.PaymentID != r.PaymentID || f.Order.Minor() != r.Minor):
		v.find("O7", r.ID, "refund %s is %s of %s, this is %d of %s", f.ID, f.Order, f.PaymentID,
			r.Minor, r.PaymentID)
	case r.State == ReturnFailed && f != nil && f.State == payment.RefundSucceeded:
		v.find("O7", r.ID, "it is kept as failed, and refund %s has succeeded", f.ID)
	}
	waits := r.State == ReturnDue || r.State == ReturnSent
	if waits != !r.due.IsZero() {
		v.find("O7", r.ID, "it is %s, and due at %v", r.State, r.due)
	}
	if r.State != ReturnSucceeded {
		v.open(r.ID, "return", string(r.State), r.Note)
	}
}

// discounts checks what is booked of an order's discounts (B1 to B3).
func (v *verifier) discounts(o *Order, e evidence) {
	paid := !o.Paid.IsZero()
	left := o.granted
	grant := ledger.PromotionID(o.ID, ledger.CausePromotion)
	v.booked(o, grant, ledger.CausePromotion, "", o.granted, e)
	for _, r := range e.returns[o.ID] {
		corrects := ""
		if !o.granted.IsZero() {
			corrects = grant
		}
		v.booked(o, ledger.PromotionID(r.ID, ledger.CausePromotionBack),
			ledger.CausePromotionBack, corrects, promo.Shares{}.Minus(r.taken), e)
		left = left.Minus(r.taken)
	}
	stands := promo.Shares{}
	if paid {
		stands = shares(o.Live())
	}
	if left != stands {
		v.find("B3", o.ID, "%+v is booked of its discounts, its lines say %+v", left, stands)
	}
	if !paid && !o.granted.IsZero() {
		v.find("B1", o.ID, "%+v is booked, and it is not paid", o.granted)
	}
}

func (v *verifier) booked(
	o *Order, id string, cause ledger.Cause, corrects string, s promo.Shares, e evidence,
) {
	t, ok := e.booked[id]
	if ok == s.IsZero() {
		v.find("B1", o.ID, "transfer %s: booked %t, discount %+v", id, ok, s)
		return
	}
	if !ok {
		return
	}
	v.rep.Expected++
	if t.Cause != cause || t.Corrects != corrects || t.PaymentID != o.PaymentID ||
		!promo.Same(t.Net, promo.Expected(v.byKey, o.parties(), s)) {
		v.find("B2", o.ID, "transfer %s is not %s of %+v: %+v", id, cause, s, t)
	}
}
