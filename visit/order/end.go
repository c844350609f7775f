package order

import (
	"context"
	"time"

	"watari/pay/payment"
	"watari/pay/promo"
)

// expire ends a hold and gives its stock back (O4).
func (sh *sheet) expire(o *Order, e Event, actor, why string) {
	sh.advance(o, e)
	o.Closed, o.due = sh.now, time.Time{}
	for i := range o.Lines {
		sh.touch(o, o.Lines[i].No).State = LineReleased
	}
	for _, a := range sh.attempts[o.ID] {
		if a.state == AttemptOpen || a.state == AttemptOpening {
			a.due = sh.now // its payment is not wanted any more
			sh.dirtyAttempts[a] = true
		}
	}
	sh.release[o.Seller] = append(sh.release[o.Seller], o)
	sh.tell(o, "expired", actor, facts{"why": why})
}

// settleGrace is how long after the end of a hold its payment may still turn out to have been
// made in time: the wallets are asked once more then.
const settleGrace = time.Minute

// expiring is the step that ends a hold whose time is over.
type expiring struct{ order string }

func (st *expiring) key() string { return st.order }

func (st *expiring) decide(_ context.Context, sh *sheet, o *Order) error {
	switch {
	case o.State != StateHeld && o.State != StatePaying || sh.now.Before(o.Expires):
		// Somebody was faster, or made it longer.
	case o.State == StatePaying && sh.now.Before(o.Expires.Add(settleGrace)):
		o.due = sh.now.Add(lookAfter)
		sh.dirty[o] = true
	default:
		sh.expire(o, OnExpiry, "system:expiry", "not paid in time")
	}
	return nil
}

// Abandon ends a hold at the wish of actor, and closes its payment. A payment that is made all the
// same goes back. Doing it twice is the same as once.
//
// Errors: ErrNotFound, ErrState (it is paid).
func (s *Service) Abandon(ctx context.Context, orderID, actor string) error {
	o, err := s.do(ctx, &abandoning{order: orderID, actor: actor, why: "given up"})
	if err != nil {
		return err
	}
	_, as, err := s.withAttempts(ctx, o.ID)
	if err != nil {
		return err
	}
	for _, a := range as {
		if err := s.unwanted(ctx, o, a); err != nil {
			// The schedule closes it.
			s.Logger.Warn("the payment of an order that was given up is not closed yet",
				"order", o.ID, "error", err)
		}
	}
	return nil
}

// unwanted closes the payment of an attempt, unless it was paid: that is concluded.
func (s *Service) unwanted(ctx context.Context, o *Order, a *attempt) error {
	if a.state != AttemptOpen {
		return nil
	}
	p, err := s.Payments.Cancel(ctx, payment.Cancellation{Unpaid: true, Origin: payment.Origin{
		AcquirerNo: a.acquirerNo, Channel: payment.ChannelOrder, Actor: "system:order",
		Began: s.Now()}, Ref: payment.Ref{PaymentID: a.paymentID}})
	if err != nil {
		return err
	}
	_, err = s.take(ctx, o, a.no, p)
	return err
}

// abandoning is the step that ends a hold before its time.
type abandoning struct{ order, actor, why string }

func (st *abandoning) key() string { return st.order }

func (st *abandoning) decide(_ context.Context, sh *sheet, o *Order) error {
	switch o.State {
	case StateHeld, StatePaying:
		o.NotHonoured = true
		sh.expire(o, OnAbandon, st.actor, st.why)
	case StateExpired:
		o.NotHonoured = true
		sh.dirty[o] = true
	default:
		return stateError(o)
	}
	return nil
}

// Extend makes a hold end at until, at most HoldMax after it was made. It never makes it shorter.
//
// Errors: ErrNotFound, ErrState, ErrExpired, ErrRequest.
func (s *Service) Extend(
	ctx context.Context, orderID string, until time.Time, actor string,
) (*Order, error) {
	return s.do(ctx, &extending{orderID, until.UTC().Truncate(time.Microsecond), actor})
}

type extending struct {
	order string
	until time.Time
	actor string
}

func (st *extending) key() string { return st.order }

func (st *extending) decide(_ context.Context, sh *sheet, o *Order) error {
	switch {
	case o.State == StateExpired || o.State == StateHeld && !sh.now.Before(o.Expires):
		return ErrExpired.Newf("the hold ended at %s", o.Expires.Format(time.RFC3339))
	case o.State != StateHeld:
		return stateError(o)
	case st.until.After(o.Created.Add(HoldMax)):
		return ErrRequest.Newf("a hold lasts at most %.0f hours", HoldMax.Hours())
	case st.until.After(o.Expires):
		o.Expires, o.due = st.until, st.until
		sh.dirty[o] = true
		sh.tell(o, "extended", st.actor, facts{"until": st.until})
	}
	return nil
}

// Confirm sells a held order on an account: no wallet pays, the account settles by itself.
// reference is its own number of the sale, account names it ("reseller:tabi", "counter:3") and is
// the actor; an order that was held on an account is confirmed on the same. The same reference
// again returns the order.
//
// Errors: ErrNotFound, ErrState, ErrExpired, ErrRequest.
func (s *Service) Confirm(
	ctx context.Context, orderID, reference, account string,
) (*Order, error) {
	if !plain(reference, 0, 2*idMax) || !plain(account, 1, 2*idMax) {
		return nil, ErrRequest.Newf("the reference or the account is not valid")
	}
	o, err := s.Find(ctx, orderID)
	if err != nil {
		return nil, err
	}
	return s.sellOn(ctx, o, &selling{actor: account, account: account, reference: reference})
}

// sellOn sells without a payment.
func (s *Service) sellOn(ctx context.Context, o *Order, st *selling) (*Order, error) {
	var err error
	st.order = o.ID
	st.books, err = s.booker().Books(ctx, promo.Parties{AcquirerNo: o.Point.AcquirerNo,
		MerchantNo: o.MerchantNo})
	if err != nil {
		return nil, err
	}
	return s.do(ctx, st)
}

// selling is the step that sells without a payment: on account, or what costs nothing.
type selling struct {
	order, actor, account, reference string
	books                            promo.Books
}

func (st *selling) key() string { return st.order }

func (st *selling) decide(_ context.Context, sh *sheet, o *Order) error {
	switch {
	case o.State == StatePaid && o.Account == st.account && o.Reference == st.reference &&
		o.PaymentID == "":
		return nil
	case o.State == StateExpired || o.State == StateHeld && !sh.now.Before(o.Expires):
		return ErrExpired.Newf("the hold ended at %s", o.Expires.Format(time.RFC3339))
	case o.State != StateHeld:
		return stateError(o)
	case o.Account != "" && st.account != "" && o.Account != st.account:
		return ErrRequest.Newf("it was held on another account")
	case shares(o.Lines).Wallet != 0:
		return ErrRequest.Newf("its price is for who pays with a wallet")
	}
	if st.account != "" {
		o.Account, o.Reference = st.account, st.reference
	}
	o.PaymentID = "" // of one that nobody paid
	sh.sold(o, st.actor, st.books)
	return nil
}
