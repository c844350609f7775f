package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/crash"
	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/fee"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/risk"
)

// opRefund is the operation part of a claim's scope.
const opRefund = "refund"

// Refund returns part or all of a captured payment, and answers by AnswerEnd after the
// request began. The refund has succeeded, failed, or its outcome is unknown: it is then sent
// again under the same id until it is final. Its amount is reserved meanwhile (P7).
//
// Errors: ErrRequestID, ErrInconsistent, ErrNotFound, ErrState (not captured), ErrCurrency,
// ErrAmount, ErrRefundAmount, ErrRefundWindow, ErrRefundZero, ErrRefundPartial, ErrTillRefund,
// ErrOfOrder, ErrBusy, and those of risk.CheckRefund. Every refusal but ErrRequestID and ErrBusy
// is kept with the request id and repeated verbatim.
func (s *Service) Refund(ctx context.Context, g Giveback) (*Refund, error) {
	if err := checkRequestID(g.RequestID); err != nil {
		return nil, err
	}
	ctx, end := context.WithDeadline(ctx, g.Began.Add(AnswerEnd))
	defer end()
	o := &giveback{Giveback: g, rules: s.rules, claim: &claim{
		key:      claimKey{g.AcquirerNo, string(g.Channel) + "." + opRefund, g.RequestID},
		subject:  id.New("rfd", int(g.AcquirerNo)),
		compared: compareText(g.Compare)}}
	if err := s.prepareRefund(ctx, o); err != nil {
		return nil, err
	}
	r, err := s.submit(ctx, o, g.Began.Add(AnswerEnd))
	switch {
	case err != nil:
		return nil, err
	case r.again != "":
		return s.awaitRefund(ctx, g.Origin, r.again)
	}
	call := g.Began.Add(min(CallEnd, o.frame.caps.CallMax))
	done, err := s.give(ctx, r.payment, r.refund, o.frame, call, firstSend)
	crash.At(crash.BeforeAnswer)
	return done, err
}

// prepareRefund finds the payment, its parties and the till that asks. A refusal found here is
// carried in the order, to be stored.
func (s *Service) prepareRefund(ctx context.Context, o *giveback) error {
	p, err := s.Find(ctx, o.AcquirerNo, o.Of, o.Ref)
	switch {
	case errors.Is(err, ErrNotFound):
		errors.As(err, &o.refusal)
		return nil
	case err != nil:
		return err
	case p.ID == "":
		o.refusal = ErrState.Newf("the payment was cancelled before it arrived").
			Set("state", string(Cancelled))
		return nil
	}
	o.payment = p.key()
	if p.Channel == ChannelOrder && o.Channel != ChannelOrder {
		o.refusal = ErrOfOrder.Newf("cancel what is to be returned of the order %s", p.OrderRef)
		return nil
	}
	if p.Step == 0 {
		o.refusal = notCaptured(p)
		return nil
	}
	o.leg = p.legID()
	if o.frame, err = s.frameOf(ctx, p); err != nil {
		return err
	}
	o.caps = o.frame.point
	if o.TerminalNo == 0 {
		o.caps.Terminal = nil // the till that took the payment gives nothing back
		return nil
	}
	till, err := s.directory.Terminal(ctx, o.TerminalNo)
	switch {
	case err != nil:
		return fmt.Errorf("find terminal %d: %w", o.TerminalNo, err)
	case till.Acquirer.No != o.AcquirerNo || !till.Terminal.CanRefund ||
		till.Terminal.Status != party.Open:
		o.refusal = ErrTillRefund.Newf("terminal %s may not refund", till.Terminal.ID)
	}
	o.caps.Terminal = till.Terminal
	return nil
}

// giveback is the order that reserves a refund before its wallet is asked (P7).
type giveback struct {
	Giveback
	payment pk
	leg     string
	claim   *claim
	refusal *fault.Error // found while preparing: it is stored and nothing else happens
	frame   *frame
	caps    party.Point // the payment's store, with the till that asks: whose limits count
	rules   risk.Rules
}

func (g *giveback) batchKey() string { return g.payment.id }

func (g *giveback) need(n *needs) {
	if n.now.Sub(g.Began) >= CallEnd {
		return
	}
	n.claims = append(n.claims, g.claim)
	if g.refusal != nil {
		return
	}
	n.payments = append(n.payments, g.payment)
	n.legs = append(n.legs, pk{g.payment.acquirer, g.leg})
	n.refunds = append(n.refunds, pk{g.payment.acquirer, g.claim.subject})
	n.counters = append(n.counters, g.rules.RefundKeys(g.caps, g.till(), n.now)...)
}

// till says that a till asks, or the people of the store: their caps a day count the refund.
func (g *giveback) till() bool { return g.TerminalNo != 0 || g.AtStore }

func (g *giveback) decide(s *sheet) reply {
	if s.now.Sub(g.Began) >= CallEnd {
		return reply{err: ErrBusy.Newf("the request waited too long; try again")}
	}
	c, p := s.claims[g.claim.key], s.payments[g.payment]
	switch {
	case c.subject != g.claim.subject:
		return repeated(c, g.Compare)
	case c.refusal != "":
		return refusedBefore(c)
	case g.refusal != nil:
		return s.refuse(c, g.refusal)
	case p == nil:
		return s.refuse(c, ErrNotFound.Newf("no payment %s", g.payment.id))
	case !s.won[c.key]:
		return reply{payment: p, begun: true,
			refund: s.refunds[pk{g.payment.acquirer, g.claim.subject}]}
	}
	f, err := g.reserve(s, p)
	if err != nil {
		return s.refuse(c, err)
	}
	return reply{payment: p, refund: f, begun: true}
}

// reserve checks a refund against its payment and sets its money aside (P7, P8).
func (g *giveback) reserve(s *sheet, p *Payment) (*Refund, *fault.Error) {
	amount := g.Amount.Minor()
	part, next, no := returnable(p, g.frame.caps, g.Amount, s.now)
	if no != nil {
		return nil, no
	}
	err := g.rules.CheckRefund(g.caps, g.till(), g.Amount, g.Amount, s.risk.Used, s.now)
	if err != nil {
		return nil, err
	}
	payTo, merr := money.New(part.payTo, p.PayTo.Currency())
	if merr != nil {
		return nil, ErrAmount.Newf("the amount cannot be returned").Because(merr)
	}
	f := &Refund{AcquirerNo: p.AcquirerNo, ID: g.claim.subject, PaymentID: p.ID,
		RequestID: g.RequestID, State: RefundRequested, Order: g.Amount, PayTo: payTo,
		Mid: part.mid, Fees: part.fees, Reason: g.Reason, StoreNo: p.StoreNo,
		TerminalNo: g.TerminalNo, Next: g.Began.Add(firstInquiry), Created: s.now,
		Actor: g.Actor}
	f.Held = g.rules.ReserveRefund(s.risk, g.caps, g.till(), g.Amount, g.Amount, p.Held, s.now)
	p.RefundingMinor += amount
	p.Given = next
	s.dirty[p] = true
	s.newRefunds = append(s.newRefunds, f)
	s.tell(p, refundEvent(f), g.Actor)
	return f, nil
}

// share returns what a refund of some of a payment gives back, and what is then given in
// all (P8). The rule is fee.Step's, for the wallet's amount as for the fees.
func share(p *Payment, amount int64) (parts, Given) {
	paid, was, all := p.CapturedMinor, p.Given, p.taken(p.CapturedMinor)
	cumulative := p.RefundedMinor + p.RefundingMinor + amount
	m := parts{order: amount,
		payTo: fee.Step(all.payTo, paid, cumulative, was.PayTo),
		mid:   fee.Step(all.mid, paid, cumulative, was.Mid),
		fees: fee.Returned(all.fees, paid, cumulative,
			fee.Parts{MDR: was.MDR, Interchange: was.Interchange, Scheme: was.Scheme})}
	return m, Given{PayTo: was.PayTo + m.payTo, Mid: was.Mid + m.mid,
		MDR: was.MDR + m.fees.MDR, Interchange: was.Interchange + m.fees.Interchange,
		Scheme: was.Scheme + m.fees.Scheme}
}

// release gives back what a failed refund had set aside.
func (p *Payment) release(f *Refund) {
	p.RefundingMinor -= f.Order.Minor()
	p.Given.PayTo -= f.PayTo.Minor()
	p.Given.Mid -= f.Mid
	p.Given.MDR -= f.Fees.MDR
	p.Given.Interchange -= f.Fees.Interchange
	p.Given.Scheme -= f.Fees.Scheme
}

// sending says whether a refund is sent for the first time. Only the caller that has made it
// knows: after a crash the row looks as if nothing had been sent.
type sending bool

const (
	firstSend sending = false
	sentAgain sending = true
)

// give sends a refund to its wallet and keeps the answer.
func (s *Service) give(
	ctx context.Context, p *Payment, f *Refund, fr *frame, until time.Time, again sending,
) (*Refund, error) {
	callCtx, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	crash.At(crash.BeforeGive)
	answer := fr.connector.Refund(callCtx, fr.endpoint(), link.Refund{
		About:    fr.about(p, &Leg{ID: p.legID(), TheirID: p.TheirID, Amount: p.PayTo}),
		RefundID: f.ID, Order: f.Order, PayTo: f.PayTo, Reason: f.Reason,
		Known: s.otherRefunds(callCtx, p, f)})
	crash.At(crash.AfterGive)
	s.unheard("refund", f.ID, fr, answer)
	r, err := s.submit(ctx, &given{payment: p.key(), leg: p.legID(), refund: f.key(),
		answer: sound(answer), frame: fr, claim: f.claim(p), again: again,
		actor:  "wallet:" + fr.wallet.Issuer.ID,
		doubts: f.Doubts}, until.Add(AnswerEnd-CallEnd))
	if err != nil {
		s.logger.Error("refund not concluded yet", "refund", f.ID, "error", err)
		f.State = RefundUnknown
		return f, nil
	}
	return r.refund, nil
}

// otherRefunds are the wallet's ids of the other refunds of a payment that succeeded, for wallets
// that keep no refund ids of ours; nil when the books cannot be read.
func (s *Service) otherRefunds(ctx context.Context, p *Payment, f *Refund) []string {
	all, err := s.Refunds(ctx, p.AcquirerNo, p.ID)
	if err != nil {
		return nil
	}
	known := []string{}
	for _, other := range all {
		if other.ID != f.ID && other.State == RefundSucceeded && other.TheirID != "" {
			known = append(known, other.TheirID)
		}
	}
	return known
}

// given is the order that takes a wallet's answer to a refund.
type given struct {
	payment, refund pk
	leg             string
	answer          link.Answer
	frame           *frame
	claim           risk.RefundClaim
	actor           string
	again           sending
	// doubts is Refund.Doubts as it was when the refund was sent: what two workers, or two
	// tries of one batch, have heard at the same time is one failure.
	doubts int64
}

func (g *given) batchKey() string { return g.payment.id }

func (g *given) need(n *needs) {
	n.payments = append(n.payments, g.payment)
	n.legs = append(n.legs, pk{g.payment.acquirer, g.leg})
	n.refunds = append(n.refunds, g.refund)
	if g.answer.Outcome == link.Approved && g.answer.TheirID != "" {
		n.siblings = append(n.siblings, g.payment)
	}
	n.counters = append(n.counters, g.claim.Keys()...)
}

// doubtsMin is how many failures must be answered to resends, a while apart, before a refund
// has failed: one alone may be the wallet's word on the resend, not on the refund.
const doubtsMin = 2

// doubtPause stands between them.
const doubtPause = time.Minute

func (g *given) decide(s *sheet) reply {
	p, f := s.payments[g.payment], s.refunds[g.refund]
	if p == nil || f == nil {
		return reply{err: ErrNotFound.Newf("no refund %s", g.refund.id)}
	}
	outcome := g.answer.Outcome
	if outcome == link.Approved && (g.mismatch(f) || g.another(s)) {
		outcome = link.Unknown
		s.tell(p, refundAlarm("refund.mismatch", f), g.actor)
	}
	first := g.again == firstSend && f.State == RefundRequested
	fresh := f.Doubts == g.doubts
	switch {
	case RefundSteps.Final(f.State):
		if f.State == RefundFailed && outcome == link.Approved {
			// Its amount may be in another refund by now, so nothing moves.
			s.tell(p, refundAlarm("refund.disagrees", f), g.actor)
		}
	case outcome == link.Approved:
		g.succeed(s, p, f)
	case outcome == link.Declined && (first || fresh && f.Doubts+1 >= doubtsMin):
		f.Failure, f.Concluded, f.Next = g.answer.Reason, s.now, time.Time{}
		p.release(f)
		s.dirty[p] = true
		g.claim.Release(s.risk)
		s.turn(p, f, RefundOnNo, g.actor)
	case outcome == link.Declined && fresh:
		f.Doubts++
		f.Next = s.now.Add(doubtPause)
		s.turn(p, f, RefundOnSilence, g.actor)
	default:
		g.silence(s, p, f)
	}
	return reply{payment: p, refund: f}
}

// alarmTries is how many sendings of a refund may stay without an answer, about an hour,
// before an operator is called. It is sent on all the same.
const alarmTries = 12

// silence takes no answer, or one that proves nothing.
func (g *given) silence(s *sheet, p *Payment, f *Refund) {
	f.Next = s.now.Add(backoff(f.Tries))
	f.Tries++
	s.turn(p, f, RefundOnSilence, g.actor)
	if f.Tries == alarmTries {
		s.tell(p, refundAlarm("refund.stuck", f), g.actor)
	}
}

// mismatch says whether a yes is about another refund or amount (P11).
func (g *given) mismatch(f *Refund) bool {
	a := g.answer
	return a.RequestID != "" && a.RequestID != f.ID || otherAmount(a.Order, f.Order) ||
		otherAmount(a.PayTo, f.PayTo)
}

// another says whether the wallet names one of its refunds that another refund of this payment is
// already: of two equal ones, a wallet without an id of ours cannot tell which it made (P11).
func (g *given) another(s *sheet) bool {
	for ours, theirs := range s.siblings[g.payment] {
		if ours != g.refund.id && theirs != "" && theirs == g.answer.TheirID {
			return true
		}
	}
	return false
}

// succeed books a refund that the wallet made.
func (g *given) succeed(s *sheet, p *Payment, f *Refund) {
	f.TheirID, f.Concluded, f.Next = g.answer.TheirID, s.now, time.Time{}
	p.RefundingMinor -= f.Order.Minor()
	p.RefundedMinor += f.Order.Minor()
	s.dirty[p] = true
	s.turn(p, f, RefundOnYes, g.actor)
	s.returned(p, g.actor)
	g.claim.Succeed(s.risk)
	s.post(g.frame, p, ledger.CauseRefund, ledger.TransferID(f.ID, ledger.CauseRefund),
		ledger.Mirror(g.frame.books.approval(
			parts{f.Order.Minor(), f.PayTo.Minor(), f.Mid, f.Fees})),
		corrected(p))
}

// returned ends a payment of which everything was given back. A promise of which more may be
// captured is not at its end, whatever was given back of it so far: a capture that is on its way
// could not be booked.
func (s *sheet) returned(p *Payment, actor string) {
	if p.State == Captured && p.RefundedMinor == p.CapturedMinor && p.Due.IsZero() {
		s.advance(p, OnReturn, actor)
	}
}

// corrected is the transfer that a refund takes back: the approval, or nothing in particular when
// a promise was captured in parts.
func corrected(p *Payment) string {
	if p.Hold {
		return ""
	}
	return ledger.TransferID(p.ID, ledger.CauseApproval)
}

// awaitRefund waits within the budget of a repeated request for the first one.
func (s *Service) awaitRefund(ctx context.Context, o Origin, subject string) (*Refund, error) {
	pause := pauseMin
	for {
		f, err := s.loadRefund(ctx, pk{o.AcquirerNo, subject})
		if err != nil {
			return nil, err
		}
		if RefundSteps.Final(f.State) || !s.now().Add(pause).Before(o.Began.Add(CallEnd)) {
			return f, nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return f, nil
		}
		pause = min(2*pause, pauseMax)
	}
}
