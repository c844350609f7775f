package order

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"watari/kit/crash"
	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
	"watari/pay/promo"
)

// Times of paying.
const (
	// PayMin is how long a payment stays open at least: a hold that ends sooner is made longer.
	PayMin = 3 * time.Minute
	// AttemptsMax is how many payments may be opened for one order.
	AttemptsMax = 6
	// openedBy is when nobody opens the payment of an attempt any more: its request has ended.
	openedBy = 30 * time.Second
)

// Pay opens the payment of an order that is held and returns the address of its page. The payment
// lives as long as the hold, and at least PayMin. Paying again, before that one ended, returns the
// same address; an order that is paid already, or costs nothing, returns returnURL. returnURL is
// where the payer goes when all is done, an address that begins with https:// or http://.
//
// Errors: ErrNotFound, ErrRequest, ErrState, ErrExpired, ErrBusy, those of payment.Service.Open.
func (s *Service) Pay(ctx context.Context, orderID, returnURL string) (string, *Order, error) {
	if u, err := url.Parse(returnURL); err != nil || u.Host == "" || len(returnURL) > 1024 ||
		u.Scheme != "https" && u.Scheme != "http" {
		return "", nil, ErrRequest.Newf("the return address is not valid").
			At("/return_url", "begins with https://")
	}
	if o, err := s.Find(ctx, orderID); err != nil || o.Total == 0 {
		if err == nil {
			o, err = s.sellOn(ctx, o, &selling{actor: o.buyer()})
		}
		return returnURL, o, err
	}
	if !s.begun.Load() {
		if _, err := s.begin(ctx); err != nil {
			return "", nil, err
		}
	}
	for range 3 {
		st := &opening{order: orderID, returnURL: returnURL}
		o, err := s.do(ctx, st)
		switch {
		case err != nil:
			return "", nil, err
		case o.State == StatePaid:
			return returnURL, o, nil
		}
		crash.At(crash.BeforeOpen)
		p, err := s.payment(ctx, o, &st.attempt)
		if err != nil {
			return "", nil, err
		}
		crash.At(crash.AfterOpen)
		if st.attempt.state == AttemptOpening {
			if o, err = s.do(ctx, &opened{order: orderID, no: st.attempt.no,
				payment: p.ID}); err != nil {
				return "", nil, err
			}
		}
		if p.State == payment.Pending && o.State != StatePaying {
			return "", nil, stateError(o)
		}
		if p.State == payment.Pending {
			return s.Payments.CheckoutURL(p), o, nil
		}
		// It was paid, or closed, since the attempt was read.
		if o, err = s.take(ctx, o, st.attempt.no, p); err != nil {
			return "", nil, err
		}
		if o.State == StatePaid {
			return returnURL, o, nil
		}
	}
	return "", nil, ErrBusy.Newf("the order is changing; try again")
}

// payment opens the payment of an attempt, or finds it.
func (s *Service) payment(
	ctx context.Context, o *Order, a *attempt,
) (*payment.Payment, error) {
	if a.paymentID != "" {
		return s.Payments.Find(ctx, a.acquirerNo, payment.ChannelOrder,
			payment.Ref{PaymentID: a.paymentID})
	}
	amount, err := money.New(a.minor, promo.Yen)
	if err != nil {
		return nil, fmt.Errorf("price of %s: %w", o.ID, err)
	}
	only, err := s.issuers(ctx, o)
	if err != nil {
		return nil, err
	}
	p, err := s.Payments.Open(ctx, payment.Order{Origin: payment.Origin{
		AcquirerNo: a.acquirerNo, Channel: payment.ChannelOrder, RequestID: a.requestID,
		Compare: []payment.Field{{Name: "amount", Value: amount.String()}}, Actor: o.buyer(),
		Began: s.Now()},
		MerchantID: o.Point.MerchantID, StoreID: o.Point.StoreID,
		TerminalID: o.Point.TerminalID, OrderRef: o.ID, Description: o.Description,
		Amount: amount, Way: link.WayPage, ReturnURL: o.ReturnURL, Expires: a.expires,
		OnlyIssuers: only})
	f, ok := refused(err)
	if !ok || f.Problem.Kind == fault.Unavailable || f.Problem.Kind == fault.TooMany {
		return p, err
	}
	if errors.Is(err, payment.ErrClosed) {
		// It took so long that the schedule has given the attempt up: the next is another.
		f = ErrBusy.Newf("it took too long; try again").Because(err)
	}
	// A refusal is final for this request id: another attempt may do better.
	if _, e := s.do(ctx, &opened{order: o.ID, no: a.no, refusal: f}); e != nil {
		return nil, errors.Join(f, e)
	}
	return nil, f
}

// issuers finds the wallets that may pay an order, and that give its discounts.
func (s *Service) issuers(ctx context.Context, o *Order) ([]int64, error) {
	var nos []int64
	for _, id := range o.OnlyIssuers {
		p, err := s.Directory.ByID(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("find the wallet of order %s: %w", o.ID, err)
		}
		nos = append(nos, p.No)
	}
	funder, err := checkLines(o.Live())
	if err == nil && funder != 0 && !slices.Equal(nos, []int64{funder}) {
		err = fmt.Errorf("wallet %d gives a discount, wallets %v may pay", funder, nos)
	}
	if err != nil {
		return nil, fmt.Errorf("order %s: %w", o.ID, err)
	}
	return nos, nil
}

// opening is the step that writes an attempt before its payment is opened (O2), or finds the one
// that is open.
type opening struct {
	order     string
	returnURL string

	attempt attempt // the answer
}

func (st *opening) key() string { return st.order }

func (st *opening) decide(_ context.Context, sh *sheet, o *Order) error {
	switch {
	case o.State == StatePaid:
		return nil
	case o.State == StateExpired,
		(o.State == StateHeld || o.State == StatePaying) && !sh.now.Before(o.Expires):
		return ErrExpired.Newf("the hold ended at %s", o.Expires.Format(time.RFC3339))
	case o.State != StateHeld && o.State != StatePaying:
		return stateError(o)
	}
	if o.State == StatePaying {
		for _, a := range sh.attempts[o.ID] {
			if a.no == o.attempts && a.state != AttemptClosed {
				st.attempt = *a
				return nil
			}
		}
	}
	if o.attempts >= AttemptsMax {
		return ErrState.Newf("it was tried %d times; make a new order", o.attempts).
			Set("state", string(o.State))
	}
	o.attempts++
	o.ReturnURL = st.returnURL
	if least := sh.now.Add(PayMin); o.Expires.Before(least) {
		o.Expires = least
	}
	a := &attempt{orderID: o.ID, no: o.attempts, acquirerNo: o.Point.AcquirerNo,
		requestID: o.ID + "-" + strconv.FormatInt(o.attempts, 10), state: AttemptOpening,
		minor: o.Total, expires: o.Expires, created: sh.now, due: sh.now.Add(openedBy)}
	if o.State == StateHeld {
		sh.advance(o, OnPay)
	}
	o.due = o.Expires
	sh.dirty[o] = true
	sh.newAttempts = append(sh.newAttempts, a)
	sh.attempts[o.ID] = append(sh.attempts[o.ID], a)
	sh.tell(o, "paying", o.buyer(), facts{"attempt": a.no, "total": o.Total})
	st.attempt = *a
	return nil
}

// stateError says that an order is in a state in which something cannot be done.
func stateError(o *Order) error {
	return ErrState.Newf("the order is %s", o.State).Set("state", string(o.State))
}

// opened is the step that keeps the payment of an attempt, or that there will be none.
type opened struct {
	order   string
	no      int64
	payment string
	refusal error
}

func (st *opened) key() string { return st.order }

func (st *opened) decide(_ context.Context, sh *sheet, o *Order) error {
	a := sh.attempt(o.ID, st.no)
	if a == nil || a.state != AttemptOpening {
		return nil
	}
	if st.payment == "" {
		a.due = time.Time{}
		sh.turn(a, onRefused)
		sh.unpaid(o, "payment refused")
		return nil
	}
	a.paymentID, a.tries = st.payment, 0
	sh.turn(a, onOpened)
	// A payment that is not wanted any more is closed at once.
	if a.due = sh.now; o.State == StatePaying && a.no == o.attempts {
		a.due = a.expires.Add(lookAfter)
		o.PaymentID = st.payment
		sh.dirty[o] = true
	}
	return nil
}

// unpaid ends the paying of an order when no payment of it is open any more: it is held again, or
// its hold is over.
func (sh *sheet) unpaid(o *Order, why string) {
	if o.State != StatePaying {
		return
	}
	for _, a := range sh.attempts[o.ID] {
		if a.state == AttemptOpen || a.state == AttemptOpening {
			return
		}
	}
	if !sh.now.Before(o.Expires) {
		sh.expire(o, OnExpiry, "system:expiry", why)
		return
	}
	sh.advance(o, OnUnpaid)
	o.due = o.Expires
	sh.tell(o, "unpaid", "system:payment", facts{"why": why})
}
