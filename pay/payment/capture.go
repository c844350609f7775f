package payment

import (
	"context"
	"errors"
	"time"

	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/fee"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/risk"
)

// opCapture is the operation part of a claim's scope.
const opCapture = "capture"

// Capture is one taking of promised money. Its states are those of a refund.
type Capture struct {
	ID         string // sent to the wallet unchanged, resends included
	AcquirerNo int64
	PaymentID  string
	RequestID  string
	State      RefundState
	Order      money.Amount
	PayTo      money.Amount
	Mid        int64
	Fees       fee.Parts
	Last       bool // nothing more is taken: the rest of the promise is given up
	Failure    link.Reason
	IssuerNo   int64
	Next       time.Time // when it is sent again; zero is never
	Tries      int64
	Created    time.Time
	Concluded  time.Time
	Actor      string
}

func (c *Capture) key() pk { return pk{c.AcquirerNo, c.ID} }

// Taking asks to capture part or all of a promise. Origin.RequestID is the id of the capture.
type Taking struct {
	Origin
	Ref    Ref
	Amount money.Amount
	Last   bool // give up what is left
}

// taken is what of a payment stands for the first minor units of its order: the totals are shared
// out by the rule of refunds, so that any sequence of captures sums to them.
func (p *Payment) taken(minor int64) parts {
	if minor == p.Order.Minor() {
		return whole(p)
	}
	of := func(total int64) int64 {
		return money.Share(total, minor, p.Order.Minor(), money.HalfUp)
	}
	return parts{minor, of(p.PayTo.Minor()), of(p.Mid), fee.Parts{MDR: of(p.Fees.MDR),
		Interchange: of(p.Fees.Interchange), Scheme: of(p.Fees.Scheme)}}
}

// Capture takes promised money and answers by AnswerEnd after the request began: it has succeeded,
// failed, or is unknown and sent again under the same id until it is final.
//
// Errors: ErrRequestID, ErrInconsistent, ErrNotFound, ErrState (not promised), ErrCurrency,
// ErrAmount, ErrCapture, ErrBusy. Every refusal but ErrRequestID and ErrBusy is kept.
func (s *Service) Capture(ctx context.Context, t Taking) (*Capture, error) {
	if err := checkRequestID(t.RequestID); err != nil {
		return nil, err
	}
	ctx, end := context.WithDeadline(ctx, t.Began.Add(AnswerEnd))
	defer end()
	o := &taking{Taking: t, claim: &claim{
		key:      claimKey{t.AcquirerNo, string(t.Channel) + "." + opCapture, t.RequestID},
		subject:  id.New("cap", int(t.AcquirerNo)),
		compared: compareText(t.Compare)}}
	p, err := s.Find(ctx, t.AcquirerNo, t.Channel, t.Ref)
	switch {
	case errors.Is(err, ErrNotFound):
		errors.As(err, &o.refusal)
	case err != nil:
		return nil, inTime(err)
	case p.Step == 0 || !p.Hold:
		o.refusal = notPromised(p)
	default:
		o.payment, o.leg = p.key(), p.legID()
		if o.frame, err = s.frameOf(ctx, p); err != nil {
			return nil, err
		}
	}
	r, err := s.submit(ctx, o, t.Began.Add(AnswerEnd))
	switch {
	case err != nil:
		return nil, err
	case r.again != "":
		return s.awaitCapture(ctx, t.Origin, r.again)
	}
	done, err := s.fetch(ctx, r.payment, r.capture, o.frame,
		t.Began.Add(min(CallEnd, o.frame.caps.CallMax)))
	crash.At(crash.BeforeAnswer)
	return done, err
}

func notPromised(p *Payment) *fault.Error {
	return ErrState.Newf("the payment is %s; only a promised one is captured", p.State).
		Set("state", string(p.State))
}

// taking is the order that reserves a capture before its wallet is asked.
type taking struct {
	Taking
	payment pk
	leg     string
	claim   *claim
	refusal *fault.Error
	frame   *frame
}

func (t *taking) batchKey() string { return t.claim.key.String() }

func (t *taking) need(n *needs) {
	if n.now.Sub(t.Began) >= CallEnd {
		return
	}
	n.claims = append(n.claims, t.claim)
	if t.refusal != nil {
		return
	}
	n.payments = append(n.payments, t.payment)
	n.legs = append(n.legs, pk{t.payment.acquirer, t.leg})
	n.captures = append(n.captures, pk{t.payment.acquirer, t.claim.subject})
}

func (t *taking) decide(s *sheet) reply {
	if s.now.Sub(t.Began) >= CallEnd {
		return reply{err: ErrBusy.Newf("the request waited too long; try again")}
	}
	c, p := s.claims[t.claim.key], s.payments[t.payment]
	switch {
	case c.subject != t.claim.subject:
		return repeated(c, t.Compare)
	case c.refusal != "":
		return refusedBefore(c)
	case t.refusal != nil:
		return s.refuse(c, t.refusal)
	case p == nil:
		return s.refuse(c, ErrNotFound.Newf("no payment %s", t.payment.id))
	case !s.won[c.key]:
		return reply{payment: p, begun: true,
			capture: s.captures[pk{t.payment.acquirer, t.claim.subject}]}
	}
	k, err := t.reserve(s, p)
	if err != nil {
		return s.refuse(c, err)
	}
	return reply{payment: p, capture: k, begun: true}
}

// reserve checks a capture against its promise and sets its money aside.
func (t *taking) reserve(s *sheet, p *Payment) (*Capture, *fault.Error) {
	amount := t.Amount.Minor()
	rest := p.Order.Minor() - p.CapturedMinor - p.CapturingMinor
	switch {
	case p.State != Authorised && (p.State != Captured || p.Due.IsZero()):
		return nil, notPromised(p)
	case !s.now.Before(p.Expires):
		return nil, ErrCapture.Newf("the promise ended at %s", p.Expires.Format(time.RFC3339))
	case t.Amount.Currency() != p.Order.Currency():
		return nil, ErrCurrency.Newf("the payment is in %s", p.Order.Currency())
	case amount == 0:
		return nil, ErrAmount.Newf("the amount is zero")
	case amount > rest:
		return nil, ErrCapture.Newf("%d %s are left", rest, p.Order.Currency()).
			Set("rest_minor", rest)
	case p.CapturingMinor > 0:
		return nil, ErrCapture.Newf("another capture is on its way")
	case p.Captures >= int64(t.frame.caps.Captures):
		return nil, ErrCapture.Newf("the wallet is captured at most %d times",
			t.frame.caps.Captures)
	}
	was, now := p.taken(p.CapturedMinor), p.taken(p.CapturedMinor+amount)
	payTo, err := money.New(now.payTo-was.payTo, p.PayTo.Currency())
	if err != nil || payTo.IsZero() {
		return nil, ErrAmount.Newf("the amount is nothing in %s", p.PayTo.Currency()).
			Because(err)
	}
	last := t.Last || amount == rest || p.Captures+1 == int64(t.frame.caps.Captures)
	k := &Capture{AcquirerNo: p.AcquirerNo, ID: t.claim.subject, PaymentID: p.ID,
		RequestID: t.RequestID, State: RefundRequested, Order: t.Amount, PayTo: payTo,
		Mid: now.mid - was.mid, Fees: now.fees.Less(was.fees), Last: last,
		IssuerNo: p.IssuerNo, Next: t.Began.Add(firstInquiry), Created: s.now, Actor: t.Actor}
	p.CapturingMinor, p.Captures = amount, p.Captures+1
	s.dirty[p] = true
	s.newCaptures = append(s.newCaptures, k)
	s.tell(p, captureEvent(k), t.Actor)
	return k, nil
}

func captureEvent(k *Capture) event.Event {
	return event.Event{Kind: "capture." + string(k.State), Data: object(text("capture", k.ID),
		text("to", string(k.State)), amount("amount", k.Order))}
}

// fetch sends a capture to its wallet and keeps the answer. The same capture may be sent again.
func (s *Service) fetch(
	ctx context.Context, p *Payment, k *Capture, f *frame, until time.Time,
) (*Capture, error) {
	holder, ok := f.connector.(link.Holder)
	if !ok {
		return nil, ErrCapture.Newf("%s keeps no promises", f.wallet.Issuer.Name)
	}
	callCtx, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	crash.At(crash.BeforeGive)
	answer := holder.Capture(callCtx, f.endpoint(), link.Capture{CaptureID: k.ID,
		About: f.about(p, &Leg{ID: p.legID(), TheirID: p.TheirID, Amount: p.PayTo}),
		Order: k.Order, PayTo: k.PayTo, Last: k.Last})
	crash.At(crash.AfterGive)
	s.unheard("capture", k.ID, f, answer)
	r, err := s.submit(ctx, &fetched{payment: p.key(), leg: p.legID(), capture: k.key(),
		answer: sound(answer), frame: f, claim: claimOf(p), resent: k.Tries > 0 ||
			k.State == RefundUnknown,
		actor: "wallet:" + f.wallet.Issuer.ID}, until.Add(AnswerEnd-CallEnd))
	if err != nil {
		s.logger.Error("capture not concluded yet", "capture", k.ID, "error", err)
		k.State = RefundUnknown
		return k, nil
	}
	return r.capture, nil
}

// fetched is the order that takes a wallet's answer to a capture.
type fetched struct {
	payment, capture pk
	leg              string
	answer           link.Answer
	frame            *frame
	claim            risk.Claim
	resent           bool // a no to a resend may be about the resend only
	actor            string
}

func (f *fetched) batchKey() string { return f.payment.id }

func (f *fetched) need(n *needs) {
	n.payments = append(n.payments, f.payment)
	n.legs = append(n.legs, pk{f.payment.acquirer, f.leg})
	n.captures = append(n.captures, f.capture)
	n.counters = append(n.counters, f.claim.Keys()...)
}

func (f *fetched) decide(s *sheet) reply {
	p, k := s.payments[f.payment], s.captures[f.capture]
	if p == nil || k == nil {
		return reply{err: ErrNotFound.Newf("no capture %s", f.capture.id)}
	}
	outcome := f.answer.Outcome
	named := f.answer.RequestID // some wallets repeat the id of the promise
	if outcome == link.Approved && (named != "" && named != k.ID && named != f.leg ||
		otherAmount(f.answer.Order, k.Order) || otherAmount(f.answer.PayTo, k.PayTo)) {
		outcome = link.Unknown
		e := captureEvent(k)
		e.Kind = "capture.mismatch"
		s.tell(p, e, f.actor)
	}
	switch {
	case RefundSteps.Final(k.State):
		if k.State == RefundFailed && outcome == link.Approved {
			// What it took may be in another capture by now, so nothing moves.
			e := captureEvent(k)
			e.Kind = "capture.disagrees"
			s.tell(p, e, f.actor)
		}
	case outcome == link.Approved:
		f.succeed(s, p, k)
	case outcome == link.Declined && (!f.resent || k.Tries >= triesMax):
		k.Failure = f.answer.Reason
		p.CapturingMinor -= k.Order.Minor()
		p.Captures--
		s.dirty[p] = true
		s.turnCapture(p, k, RefundOnNo, f.actor)
	default:
		k.Next = s.now.Add(backoff(k.Tries))
		k.Tries++
		s.turnCapture(p, k, RefundOnSilence, f.actor)
		if k.Tries == alarmTries {
			e := captureEvent(k)
			e.Kind = "capture.stuck"
			s.tell(p, e, f.actor)
		}
	}
	return reply{payment: p, capture: k}
}

// succeed books a capture that the wallet made.
func (f *fetched) succeed(s *sheet, p *Payment, k *Capture) {
	m := parts{k.Order.Minor(), k.PayTo.Minor(), k.Mid, k.Fees}
	p.CapturingMinor -= m.order
	p.CapturedMinor += m.order
	s.turnCapture(p, k, RefundOnYes, f.actor)
	s.advance(p, OnCapture, f.actor, amount("captured", k.Order))
	part := f.claim
	part.Order, part.PayTo, part.Settle = k.Order, k.PayTo, k.Order
	part.Approve(s.risk)
	s.post(f.frame, p, ledger.CauseCapture, ledger.TransferID(k.ID, ledger.CauseCapture),
		f.frame.books.approval(m), "")
	if k.Last {
		s.giveUpRest(p, f.claim, f.actor)
	}
}

// giveUpRest ends a promise of which some was captured: what is left is not owed any more.
func (s *sheet) giveUpRest(p *Payment, held risk.Claim, actor string) {
	p.Due = time.Time{}
	s.dirty[p] = true
	rest := whole(p).less(p.taken(p.CapturedMinor))
	held.ReleaseRest(s.risk, rest.order, rest.payTo)
	s.returned(p, actor)
}

func (m parts) less(o parts) parts {
	return parts{m.order - o.order, m.payTo - o.payTo, m.mid - o.mid, m.fees.Less(o.fees)}
}

// turnCapture moves a capture one step and writes the event.
func (s *sheet) turnCapture(p *Payment, k *Capture, e RefundEvent, actor string) {
	from := k.State
	to, ok := RefundSteps.Next(from, e)
	if !ok {
		return
	}
	k.State = to
	if RefundSteps.Final(to) {
		k.Next, k.Concluded = time.Time{}, s.now
	}
	s.dirtyCaptures[k] = true
	if from != to {
		s.tell(p, captureEvent(k), actor)
	}
}

// release is the order that ends a promise of which some was captured, when its time is over.
type release struct {
	key   pk
	claim risk.Claim
}

func (r *release) batchKey() string { return r.key.id }

func (r *release) need(n *needs) {
	n.payments = append(n.payments, r.key)
	n.counters = append(n.counters, r.claim.Keys()...)
}

func (r *release) decide(s *sheet) reply {
	p := s.payments[r.key]
	if p == nil {
		return reply{err: ErrNotFound.Newf("no payment %s", r.key.id)}
	}
	// A promise that was made while its order lapsed has only begun.
	if p.Due.IsZero() || p.CapturingMinor > 0 || s.now.Before(p.Expires) {
		return reply{payment: p}
	}
	s.tell(p, event.Event{Kind: "payment.released", Data: object()}, "system:expiry")
	s.giveUpRest(p, r.claim, "system:expiry")
	return reply{payment: p}
}

// Captures returns the captures of a payment, oldest first.
func (s *Service) Captures(
	ctx context.Context, acquirerNo int64, paymentID string,
) ([]Capture, error) {
	var out []Capture
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err := capturesOf(ctx, tx, acquirerNo, paymentID)
		for _, k := range found {
			out = append(out, *k)
		}
		return err
	})
	return out, err
}

func (s *Service) loadCapture(ctx context.Context, key pk) (*Capture, error) {
	var found *Capture
	err := s.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return readCaptures(ctx, tx, []pk{key}, func(k *Capture) { found = k })
	})
	if err == nil && found == nil {
		err = ErrNotFound.Newf("no capture %s", key.id)
	}
	return found, err
}

// awaitCapture waits within the budget of a repeated request for the first one.
func (s *Service) awaitCapture(ctx context.Context, o Origin, subject string) (*Capture, error) {
	pause := pauseMin
	for {
		k, err := s.loadCapture(ctx, pk{o.AcquirerNo, subject})
		if err != nil {
			return nil, err
		}
		if RefundSteps.Final(k.State) || !s.now().Add(pause).Before(o.Began.Add(CallEnd)) {
			return k, nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return k, nil
		}
		pause = min(2*pause, pauseMax)
	}
}

// resendCapture sends a capture again under its own id.
func (s *Service) resendCapture(ctx context.Context, k *Capture) error {
	p, err := s.load(ctx, pk{k.AcquirerNo, k.PaymentID})
	if err != nil {
		return err
	}
	f, err := s.frameOf(ctx, p)
	if err != nil {
		return err
	}
	k.State = RefundUnknown // whatever was sent before, this is a resend
	_, err = s.fetch(ctx, p, k, f, s.now().Add(f.caps.CallMax))
	return err
}
