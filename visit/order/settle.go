package order

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/check"
	"watari/kit/id"
	"watari/pay/payment"
	"watari/pay/promo"
)

// Settle looks at the payments of an order now and concludes what they say: the visitor has come
// back from the wallet, or something was told of one of them.
//
// Errors: ErrNotFound.
func (s *Service) Settle(ctx context.Context, orderID string) (*Order, error) {
	o, as, err := s.withAttempts(ctx, orderID)
	if err != nil {
		return nil, err
	}
	for _, a := range as {
		if a.state != AttemptOpen && a.state != AttemptOpening {
			continue
		}
		if o, err = s.settle(ctx, o, a); err != nil {
			return nil, fmt.Errorf("settle %s: %w", orderID, err)
		}
	}
	return o, nil
}

// settle looks at one payment of an order.
func (s *Service) settle(ctx context.Context, o *Order, a *attempt) (*Order, error) {
	ref := payment.Ref{PaymentID: a.paymentID}
	if a.paymentID == "" {
		ref = payment.Ref{RequestID: a.requestID}
	}
	p, err := s.Payments.Find(ctx, a.acquirerNo, payment.ChannelOrder, ref)
	if errors.Is(err, payment.ErrNotFound) && a.state == AttemptOpening {
		if s.Now().Before(a.created.Add(openedBy)) {
			return o, nil // it may still be opened
		}
		// Whoever still wants to open it must not: nobody would look for that payment.
		p, err = s.Payments.Cancel(ctx, payment.Cancellation{Unpaid: true,
			Origin: payment.Origin{AcquirerNo: a.acquirerNo, Channel: payment.ChannelOrder,
				Actor: "system:order", Began: s.Now()}, Ref: ref})
	}
	if err != nil {
		return o, err
	}
	if a.state == AttemptOpening {
		if o, err = s.do(ctx, &opened{order: o.ID, no: a.no, payment: p.ID}); err != nil {
			return o, err
		}
	}
	return s.take(ctx, o, a.no, p)
}

// take concludes what a payment says of an attempt.
func (s *Service) take(
	ctx context.Context, o *Order, no int64, p *payment.Payment,
) (*Order, error) {
	switch p.State {
	case payment.Captured, payment.Refunded:
		st := &captured{order: o.ID, no: no, payment: p}
		parties := partiesOf(p)
		var err error
		if st.books, err = s.booker().Books(ctx, parties); err != nil {
			return o, err
		}
		issuer, err := s.Directory.Participant(ctx, p.IssuerNo)
		if err != nil {
			return o, err
		}
		st.wallet = issuer.ID
		return s.do(ctx, st)
	case payment.Cancelled, payment.Declined:
		return s.do(ctx, &closed{order: o.ID, no: no})
	}
	return o, nil
}

func (s *Service) booker() *promo.Booker { return promo.New(s.Chart, s.Directory) }

func partiesOf(p *payment.Payment) promo.Parties {
	return promo.Parties{AcquirerNo: p.AcquirerNo, MerchantNo: p.MerchantNo,
		IssuerNo: p.IssuerNo, AcquirerTerms: p.AcquirerAgreement,
		IssuerTerms: p.IssuerAgreement, PayTo: p.PayTo.Currency()}
}

// closed is the step that takes a payment that nobody paid.
type closed struct {
	order string
	no    int64
}

func (st *closed) key() string { return st.order }

func (st *closed) decide(_ context.Context, sh *sheet, o *Order) error {
	a := sh.attempt(o.ID, st.no)
	if a == nil || a.state != AttemptOpen {
		return nil
	}
	a.due = time.Time{}
	sh.turn(a, onClosed)
	sh.unpaid(o, "nobody paid")
	return nil
}

// captured is the step that takes a payment that was paid. Whatever became of the order, what the
// payer has paid buys it or goes back.
type captured struct {
	order   string
	no      int64
	payment *payment.Payment
	books   promo.Books
	wallet  string
}

func (st *captured) key() string { return st.order }

func (st *captured) decide(ctx context.Context, sh *sheet, o *Order) error {
	a, p := sh.attempt(o.ID, st.no), st.payment
	if a == nil || a.state != AttemptOpen {
		return nil
	}
	check.That(a.paymentID == p.ID && p.CapturedMinor == a.minor && p.Order.Currency() == promo.Yen,
		"order %s: payment %s has taken %d %s, asked were %d", o.ID, p.ID, p.CapturedMinor,
		p.Order.Currency(), a.minor)
	honour, err := sh.honours(ctx, o)
	if err != nil {
		return err
	}
	a.due = time.Time{}
	sh.turn(a, onCaptured)
	actor := "wallet:" + st.wallet
	switch {
	case o.State == StatePaid || o.State == StateReturning || o.State == StateCancelled:
		sh.giveBack(o, p, TwicePaid, true)
		sh.tell(o, "paid_twice", actor, facts{"payment": p.ID, "minor": a.minor})
		return nil
	case o.State == StateExpired && !honour:
		o.PaymentID = p.ID
		o.pays(p, st.wallet)
		sh.advance(o, OnLate)
		o.Refunding = o.Total
		sh.giveBack(o, p, LatePayment, false)
		sh.tell(o, "paid_late", actor, facts{"payment": p.ID, "minor": a.minor})
		return nil
	}
	o.PaymentID = p.ID
	o.pays(p, st.wallet)
	sh.sold(o, actor, st.books)
	return nil
}

// pays keeps which wallet has paid, and under which agreements.
func (o *Order) pays(p *payment.Payment, wallet string) {
	o.issuerNo, o.acquirerTerms, o.issuerTerms = p.IssuerNo, p.AcquirerAgreement,
		p.IssuerAgreement
	o.payTo, o.IssuerID = p.PayTo.Currency(), wallet
}

// honours says whether a payment of an order whose hold has ended buys it all the same (O4).
func (sh *sheet) honours(ctx context.Context, o *Order) (bool, error) {
	if o.State != StateExpired || o.NotHonoured {
		return false, nil
	}
	for _, other := range sh.release[o.Seller] {
		if other == o {
			return false, nil // its stock is being given back in this very transaction
		}
	}
	if given, err := sh.covered(ctx, o); err != nil || !given {
		return false, err
	}
	room, err := sh.s.seller(o.Seller).Rehold(ctx, sh.tx, o)
	if err != nil {
		return false, fmt.Errorf("hold %s again: %w", o.ID, err)
	}
	return room, nil
}

// giveBack writes that everything of a payment goes back.
func (sh *sheet) giveBack(o *Order, p *payment.Payment, why Reason, extra bool) {
	r := &Return{ID: id.New("ret", int(p.AcquirerNo)), OrderID: o.ID,
		RequestID: string(why) + ":" + p.ID, PaymentID: p.ID, State: ReturnDue, Reason: why,
		Minor: p.CapturedMinor, Actor: "system:order", Created: sh.now, acquirerNo: p.AcquirerNo,
		extra: extra, due: sh.now}
	sh.newReturns = append(sh.newReturns, r)
	sh.returns[o.ID] = append(sh.returns[o.ID], r)
}

// sold makes an order paid: its lines are sold, handed over, and their discounts booked (O3).
func (sh *sheet) sold(o *Order, actor string, books promo.Books) {
	late := o.State == StateExpired
	if late {
		sh.advance(o, OnHonour)
		o.Honoured, o.Closed = true, time.Time{}
	} else {
		sh.advance(o, OnPaid)
	}
	o.Paid, o.due = sh.now, time.Time{}
	for i := range o.Lines {
		sh.touch(o, o.Lines[i].No).State = LineSold
	}
	o.granted = shares(o.Lines)
	if t, some := books.Grant(o.ID, o.PaymentID, sh.now, o.granted); some {
		sh.transfers = append(sh.transfers, t)
	}
	sh.fulfil[o.Seller] = append(sh.fulfil[o.Seller], o)
	for _, a := range sh.attempts[o.ID] {
		if a.state == AttemptOpen || a.state == AttemptOpening {
			a.due = sh.now // another payment of it is not wanted any more
			sh.dirtyAttempts[a] = true
		}
	}
	sh.tell(o, "paid", actor, facts{"payment": o.PaymentID, "total": o.Total, "late": late,
		"account": o.Account})
}
