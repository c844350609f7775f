package order

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/payment"
	"watari/pay/promo"
)

// QuoteCancel says what a cut would return now. It changes nothing.
//
// Errors: ErrNotFound, ErrState, ErrLine, ErrNoRefund, the seller's refusals.
func (s *Service) QuoteCancel(ctx context.Context, orderID string, c Cut) (Requoted, error) {
	var q Requoted
	var o *Order
	err := s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if o, err = FindIn(ctx, tx, orderID); err != nil {
			return err
		}
		q, _, err = s.quote(ctx, tx, s.Now(), o, c)
		return err
	})
	if err == nil {
		err = s.refundable(ctx, o, c.Reason, q.Refund)
	}
	return q, err
}

// refundable refuses what a buyer would give up for money that the wallet cannot return. What the
// seller gives back is owed all the same.
func (s *Service) refundable(ctx context.Context, o *Order, why Reason, minor int64) error {
	if minor <= 0 || o.PaymentID == "" || why != ByVisitor && why != ByChange {
		return nil
	}
	amount, err := money.New(minor, promo.Yen)
	if err != nil {
		return err
	}
	err = s.Payments.Refundable(ctx, o.Point.AcquirerNo, o.PaymentID, amount)
	f, no := refused(err)
	for _, p := range []*fault.Problem{payment.ErrRefundWindow, payment.ErrRefundPartial,
		payment.ErrRefundZero} {
		if errors.Is(err, p) {
			return ErrNoRefund.Newf("%s", f.Detail).Set("because", p.Slug).Because(err)
		}
	}
	if no {
		return nil // it is refused, or not, when it is asked for
	}
	return err
}

// quote prices an order without what is cut, and returns the cut with its lines named.
func (s *Service) quote(
	ctx context.Context, tx *db.Tx, now time.Time, o *Order, c Cut,
) (Requoted, Cut, error) {
	if o.State != StatePaid {
		return Requoted{}, c, stateError(o)
	}
	c, err := o.cutting(c)
	if err != nil {
		return Requoted{}, c, err
	}
	if c.Full {
		return o.whole(c), c, nil
	}
	if c.Closed, err = ClosedLines(ctx, tx, o.ID); err != nil {
		return Requoted{}, c, err
	}
	q, err := s.seller(o.Seller).Requote(ctx, tx, now, o, c)
	if err != nil {
		return q, c, err
	}
	if q, err = o.settled(c, q); err != nil {
		err = fmt.Errorf("%s requotes order %s: %w", o.Seller, o.ID, err)
	}
	return q, c, err
}

// Cancel cuts an order when that returns expectRefund yen, and not otherwise: what was shown is
// what is done (O6). requestID is the buyer's own; a repeat changes nothing and returns the order.
// The money is on its way when Cancel returns.
//
// Errors: ErrNotFound, ErrState, ErrLine, ErrNoRefund, ErrQuote with the member "refund",
// ErrRepeated, ErrRequest, the seller's refusals.
func (s *Service) Cancel(
	ctx context.Context, orderID string, c Cut, expectRefund int64, requestID, actor string,
) (*Order, error) {
	return s.change(ctx, orderID, &cutting{cut: c, expect: expectRefund, request: requestID,
		actor: actor})
}

// Change is what Amend does to an order in its transaction: it moves the stock and what was handed
// over, and returns every line that counts as it is then (Requoted.Keep), with the fee and the new
// basket. It may run more than once. A refusal is a *fault.Error.
type Change func(ctx context.Context, tx *db.Tx, o *Order) (Requoted, error)

// Amend changes the lines of an order that is paid, for example to another day. What it costs less
// goes back; expectRefund and requestID are those of Cancel.
//
// Errors: those of Cancel, ErrDearer.
func (s *Service) Amend(
	ctx context.Context, orderID string, expectRefund int64, requestID, actor string,
	change Change,
) (*Order, error) {
	return s.change(ctx, orderID, &cutting{cut: Cut{Reason: ByChange}, change: change,
		expect: expectRefund, request: requestID, actor: actor})
}

// change cuts or amends an order.
func (s *Service) change(ctx context.Context, orderID string, st *cutting) (*Order, error) {
	if !plain(st.request, 1, idMax) {
		return nil, ErrRequest.Newf("see the fields").At("/request_id",
			fmt.Sprintf("has 1 to %d characters", idMax))
	}
	o, err := s.Find(ctx, orderID)
	if err != nil {
		return nil, err
	}
	if o.State != StatePaid && o.State != StateCancelled {
		return nil, stateError(o)
	}
	if err := s.refundable(ctx, o, st.cut.Reason, st.expect); err != nil {
		if done, e := s.requested(ctx, o.ID, st.request); e != nil || !done {
			return nil, errors.Join(err, e)
		}
	}
	st.order, st.parties = o.ID, o.parties()
	if st.books, err = s.booker().Books(ctx, st.parties); err != nil {
		return nil, err
	}
	out, err := s.do(ctx, st)
	if err == nil {
		s.poke()
	}
	return out, err
}

// requested says whether something of an order was given back under a request id.
func (s *Service) requested(ctx context.Context, orderID, request string) (bool, error) {
	all, err := s.Returns(ctx, orderID)
	return slices.ContainsFunc(all, func(r Return) bool { return r.RequestID == request }), err
}

// cutting is the step that gives some of an order back.
type cutting struct {
	order, request, actor string
	cut                   Cut
	expect                int64
	change                Change // instead of cut: Amend
	parties               promo.Parties
	books                 promo.Books
}

func (st *cutting) key() string { return st.order }

func (st *cutting) decide(ctx context.Context, sh *sheet, o *Order) error {
	for _, r := range sh.returns[o.ID] {
		if r.RequestID == st.request {
			return st.again(r)
		}
	}
	if o.parties() != st.parties {
		return fmt.Errorf("order %s: %w", o.ID, errMoved)
	}
	if st.change != nil {
		return st.amend(ctx, sh, o)
	}
	q, c, err := sh.s.quote(ctx, sh.tx, sh.now, o, st.cut)
	if err != nil {
		return err
	}
	if q.Refund != st.expect {
		return quoteChanged(q.Refund)
	}
	if err := sh.s.seller(o.Seller).Cancelled(ctx, sh.tx, sh.now, o, c); err != nil {
		return &undone{fmt.Errorf("take back lines of %s: %w", o.ID, err)}
	}
	sh.cut(o, c, q, cutBy{request: st.request, actor: st.actor, books: st.books})
	return nil
}

// again recognises a request that was done before.
func (st *cutting) again(r *Return) error {
	lines := slices.Clone(st.cut.Lines)
	slices.Sort(lines)
	if r.Minor != st.expect || r.Reason != st.cut.Reason ||
		len(lines) > 0 && !slices.Equal(lines, r.Lines) {
		return ErrRepeated.Newf("the request id %s was used for another cancellation", st.request)
	}
	return nil
}

func quoteChanged(refund int64) error {
	return ErrQuote.Newf("it returns %d yen now", refund).Set("refund", refund)
}

func (st *cutting) amend(ctx context.Context, sh *sheet, o *Order) error {
	if o.State != StatePaid {
		return stateError(o)
	}
	q, err := st.change(ctx, sh.tx, o)
	if err != nil {
		return &undone{fmt.Errorf("change order %s: %w", o.ID, err)}
	}
	if q, err = o.settled(st.cut, q); err != nil {
		return &undone{fmt.Errorf("%s changes order %s: %w", o.Seller, o.ID, err)}
	}
	if q.Refund != st.expect {
		return &undone{quoteChanged(q.Refund)}
	}
	sh.cut(o, st.cut, q, cutBy{request: st.request, actor: st.actor, books: st.books})
	return nil
}

// cutBy says who cuts, and with which books.
type cutBy struct {
	request, actor, mass string
	books                promo.Books
}

// cut writes what is given back: the lines, the return, what is not granted any more (O7, O8).
func (sh *sheet) cut(o *Order, c Cut, q Requoted, by cutBy) {
	before := shares(o.Live())
	weights := make([]int64, len(c.Lines))
	for i, no := range c.Lines {
		weights[i] = o.Line(no).Price
	}
	parts := split(q.Refund, weights)
	for i, no := range c.Lines {
		l := sh.touch(o, no)
		check.That(l.State == LineSold, "order %s: line %d is %s", o.ID, no, l.State)
		l.State, l.Refunded = LineCancelled, parts[i]
	}
	for _, k := range q.Keep {
		if reflect.DeepEqual(k, *o.Line(k.No)) {
			continue // a gate may be using it: what does not change is not held up
		}
		l := sh.touch(o, k.No)
		l.Product, l.Day, l.Slot, l.Unit, l.Label = k.Product, k.Day, k.Slot, k.Unit, k.Label
		l.List, l.Price, l.Funding = k.List, k.Price, k.Funding
	}
	r := &Return{ID: id.New("ret", int(o.Point.AcquirerNo)), OrderID: o.ID, RequestID: by.request,
		PaymentID: o.PaymentID, State: ReturnDue, Reason: c.Reason, Lines: c.Lines,
		Minor: q.Refund, Fee: q.Fee, MassID: by.mass, Actor: by.actor, Created: sh.now,
		acquirerNo: o.Point.AcquirerNo, taken: before.Minus(shares(q.Keep)), due: sh.now}
	o.Fees += q.Fee
	if o.PaymentID == "" || q.Refund == 0 { // the account settles by itself
		r.State, r.Ended, r.due = ReturnSucceeded, sh.now, time.Time{}
		o.Refunded += q.Refund
	} else {
		o.Refunding += q.Refund
	}
	if q.Basket != nil {
		o.Basket = q.Basket
	}
	sh.newReturns = append(sh.newReturns, r)
	sh.returns[o.ID] = append(sh.returns[o.ID], r)
	if t, some := by.books.Back(r.ID, o.ID, o.PaymentID, sh.now, r.taken,
		!o.granted.IsZero()); some {
		sh.transfers = append(sh.transfers, t)
	}
	kind := "changed"
	if len(o.Live()) == 0 {
		sh.advance(o, OnCancelAll)
		o.Closed, kind = sh.now, "cancelled"
	}
	sh.tell(o, kind, by.actor, facts{"return": r.ID, "lines": c.Lines, "refund": q.Refund,
		"fee": q.Fee, "reason": string(c.Reason)})
}

// split cuts an amount by weights, evenly where they are all nothing.
func split(total int64, weights []int64) []int64 {
	var sum int64
	for _, w := range weights {
		sum += w
	}
	if sum == 0 {
		weights = slices.Clone(weights)
		for i := range weights {
			weights[i] = 1
		}
	}
	if len(weights) == 0 {
		return nil
	}
	return money.Split(total, weights)
}

// Retry asks for a return again that failed, for an actor who has looked at why.
//
// Errors: ErrReturnUnknown, ErrState.
func (s *Service) Retry(ctx context.Context, returnID, actor string) (Return, error) {
	r, err := s.findReturn(ctx, returnID)
	if err != nil {
		return Return{}, err
	}
	st := &retrying{order: r.OrderID, id: returnID, actor: actor}
	if _, err := s.do(ctx, st); err != nil {
		return Return{}, err
	}
	s.poke()
	return st.done, nil
}

// findReturn returns a return by its id. Errors: ErrReturnUnknown.
func (s *Service) findReturn(ctx context.Context, id string) (r *Return, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = returnByID(ctx, tx, id)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		err = ErrReturnUnknown.Newf("there is no return %q", id)
	}
	return r, err
}

type retrying struct {
	order, id, actor string
	done             Return // the answer
}

func (st *retrying) key() string { return st.order }

func (st *retrying) decide(_ context.Context, sh *sheet, o *Order) error {
	r := sh.find(o.ID, st.id)
	if r == nil {
		return ErrReturnUnknown.Newf("there is no return %q", st.id)
	}
	if r.State != ReturnFailed {
		return ErrState.Newf("the return is %s", r.State).Set("state", string(r.State))
	}
	sh.move(r, onRetry)
	r.sendings, r.tries, r.refundID, r.Note = r.sendings+1, 0, "", ""
	r.Ended, r.due = time.Time{}, sh.now
	sh.tell(o, "return_retried", st.actor, facts{"return": r.ID})
	st.done = *r
	return nil
}
