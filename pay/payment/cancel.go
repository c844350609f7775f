package payment

import (
	"context"
	"sync"
	"time"

	"watari/kit/crash"
	"watari/kit/event"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/risk"
)

// tombstone is what a claim compares when a cancel came before its payment: with nothing.
const tombstone = "*"

// Cancel gives up a whole payment and returns it. The payment is closed when Cancel returns;
// its leg goes on asking the wallet until that is final. Cancelling twice is the same as
// once. A payment that was declined took nothing and is returned as it is.
//
// A request id that was never seen is kept as given up: a payment that arrives later under it
// is refused with ErrClosed, and Cancel returns a payment with an empty ID.
//
// Errors: ErrRequestID, ErrNotFound (only for a PaymentID), ErrCancelWindow, ErrState
// (refunded, or being refunded), ErrOfOrder, ErrBusy.
func (s *Service) Cancel(ctx context.Context, c Cancellation) (*Payment, error) {
	until := c.Began.Add(AnswerEnd)
	ctx, end := context.WithDeadline(ctx, until)
	defer end()
	if c.Ref.PaymentID == "" {
		if err := checkRequestID(c.Ref.RequestID); err != nil {
			return nil, err
		}
	}
	for range 3 {
		p, err := s.Find(ctx, c.AcquirerNo, c.Channel, c.Ref)
		if isNotFound(err) && c.Ref.PaymentID == "" {
			r, err := s.submit(ctx, s.giveUp(c), until)
			if err == nil && r.again != "" {
				continue
			}
			return r.payment, err
		}
		if err != nil || p.ID == "" || c.Unpaid && !p.open() {
			return p, err
		}
		if p.Channel == ChannelOrder && c.Channel != ChannelOrder {
			return nil, ErrOfOrder.Newf("cancel the order %s", p.OrderRef)
		}
		var f *frame
		if p.Step != 0 {
			if f, err = s.frameOf(ctx, p); err != nil {
				return nil, err
			}
		}
		r, err := s.submit(ctx, &closing{key: p.key(), frame: f, claim: claimOf(p),
			actor: c.Actor, step: p.Step, order: p.order()}, until)
		if err != nil {
			return nil, err
		}
		if r.stale {
			continue // what the payer has just paid is another thing to cancel
		}
		s.undoAll(ctx, r, c.Began)
		crash.At(crash.BeforeAnswer)
		return r.payment, nil
	}
	return nil, ErrBusy.Newf("the payment is changing; try again")
}

// giveUp is the order that keeps an id as cancelled before its payment was seen.
type giveUp struct {
	claim *claim
	actor string
}

func (s *Service) giveUp(c Cancellation) *giveUp {
	return &giveUp{actor: c.Actor, claim: &claim{
		key:      claimKey{c.AcquirerNo, string(c.Channel) + "." + opPay, c.Ref.RequestID},
		compared: tombstone}}
}

func (g *giveUp) batchKey() string { return g.claim.key.String() }
func (g *giveUp) need(n *needs)    { n.claims = append(n.claims, g.claim) }

func (g *giveUp) decide(s *sheet) reply {
	c := s.claims[g.claim.key]
	gone := reply{payment: &Payment{AcquirerNo: c.key.acquirer, RequestID: c.key.requestID,
		State: Cancelled}}
	if s.won[c.key] {
		s.refuse(c, ErrClosed.Newf("the payment was cancelled before it arrived"))
		s.events = append(s.events, event.Event{At: s.now, Kind: "payment.given_up",
			Subject: c.key.requestID, AcquirerNo: c.key.acquirer, Actor: g.actor,
			Data: object(text("scope", c.key.scope))})
		return gone
	}
	if c.compared == tombstone || c.refusal != "" {
		return gone
	}
	return reply{again: c.subject}
}

// closing is the order that closes a payment: by its acquirer, or by the scheme when the
// wallet has not answered by the deadline.
type closing struct {
	key    pk
	frame  *frame
	claim  risk.Claim
	actor  string
	step   byte // of the leg that pays, 0 when there was none
	order  bool // it may have many legs, or none
	system bool // at the deadline: only a payment whose outcome is unknown is closed
	lapsed bool // with system: a promise that was not captured in time is closed too
}

func (c *closing) batchKey() string { return c.key.id }

func (c *closing) need(n *needs) {
	n.payments = append(n.payments, c.key)
	if c.order {
		n.families = append(n.families, c.key)
	} else {
		n.legs = append(n.legs, pk{c.key.acquirer, legID(c.key.id)})
	}
	n.counters = append(n.counters, c.claim.Keys()...)
}

func (c *closing) decide(s *sheet) reply {
	p, l := s.payments[c.key], s.legs[pk{c.key.acquirer, legID(c.key.id)}]
	if p == nil || l == nil && !c.order {
		return reply{err: ErrNotFound.Newf("no payment %s", c.key.id)}
	}
	if p.Step != c.step {
		return reply{stale: true} // a leg has paid it meanwhile
	}
	open := p.open()
	promised := p.State == Authorised
	switch {
	case p.State == Cancelled || p.State == Declined ||
		c.system && !open && (!c.lapsed || !promised || s.now.Before(p.Expires)):
		// A promise that the last inquiry of a lapsing order has found stands until its own end.
		return reply{payment: p, leg: l}
	case p.Hold && p.CapturedMinor > 0:
		return reply{err: ErrState.Newf("some of it is captured; refund that instead").
			Set("state", string(p.State))}
	case promised && p.CapturingMinor > 0:
		return reply{err: ErrState.Newf("it is being captured").
			Set("state", string(p.State))}
	case p.State == Refunded || p.RefundedMinor > 0 || p.RefundingMinor > 0:
		return reply{err: ErrState.Newf("the payment is refunded or being refunded").
			Set("state", string(p.State))}
	case !c.system && !s.now.Before(p.CancelUntil):
		return reply{err: ErrCancelWindow.Newf("it ended at %s",
			p.CancelUntil.Format(time.RFC3339))}
	}
	switch {
	case open:
		p.Concluded = s.now
		if !c.order { // the legs of an order hold their limits until they have ended
			c.claim.Release(s.risk)
		}
	case promised:
		c.claim.Release(s.risk)
	default:
		c.claim.Cancel(s.risk)
		s.post(c.frame, p, ledger.CauseCancel, ledger.TransferID(p.ID, ledger.CauseCancel),
			ledger.Mirror(c.frame.books.approval(whole(p))),
			ledger.TransferID(p.ID, ledger.CauseApproval))
	}
	p.Due = time.Time{}
	s.advance(p, OnCancel, c.actor)
	if !c.order {
		s.closeLeg(l)
		return reply{payment: p, leg: l, legs: []*Leg{l}}
	}
	r := reply{payment: p}
	for _, l := range s.families[c.key] {
		if l.State == LegAsked || l.State == LegUnknown || l.State == LegStuck ||
			l.State == LegApproved {
			s.closeLeg(l)
			r.legs = append(r.legs, l)
		}
	}
	return r
}

// closeLeg closes a leg with its payment: the wallet is asked until it has given everything back.
func (s *sheet) closeLeg(l *Leg) {
	if l.State == LegStuck {
		l.Next = time.Time{}
		s.dirtyLegs[l] = true
		return
	}
	s.step(l, LegOnClose)
	l.Undo, l.Next = UndoCancel, s.now.Add(firstInquiry)
}

// undoAll asks the wallets of a payment that was closed once each to give it back.
func (s *Service) undoAll(ctx context.Context, r reply, began time.Time) {
	var asking sync.WaitGroup
	for _, l := range r.legs {
		if l.State != LegCancelling {
			continue
		}
		p := r.payment.as(l)
		f, err := s.frameOf(ctx, p)
		if err != nil {
			s.logger.Error("cancel not sent yet", "leg", l.ID, "error", err)
			continue
		}
		asking.Go(func() {
			s.undo(ctx, p, l, f, began.Add(min(CallEnd, f.caps.CallMax)))
		})
	}
	asking.Wait()
}

// undo asks the wallet once to give a closed payment back, and keeps what it says. What it
// does not achieve, the schedule repeats.
func (s *Service) undo(
	ctx context.Context, p *Payment, l *Leg, f *frame, until time.Time,
) {
	callCtx, cancel := context.WithDeadline(context.WithoutCancel(ctx), until)
	defer cancel()
	var answer link.Answer
	crash.At(crash.BeforeUndo)
	if l.Undo == UndoRefund {
		answer = f.connector.Refund(callCtx, f.endpoint(), link.Refund{About: f.about(p, l),
			RefundID: undoID(l.ID), Order: p.Order, PayTo: p.PayTo, Reason: "closed"})
	} else {
		answer = f.connector.Cancel(callCtx, f.endpoint(), link.Cancel{About: f.about(p, l)})
	}
	crash.At(crash.AfterUndo)
	s.unheard("cancel", l.ID, f, answer)
	_, err := s.submit(ctx, &undoing{key: p.key(), leg: l.ID, answer: sound(answer), frame: f,
		actor: "wallet:" + f.wallet.Issuer.ID, undo: l.Undo, claim: claimOf(p)},
		until.Add(AnswerEnd-CallEnd))
	if err != nil {
		s.logger.Error("cancel not concluded yet", "payment", p.ID, "error", err)
	}
}

// triesMax is how often a wallet may refuse to give a closed payment back, for a reason that
// is not its window, before an operator is called.
const triesMax = 12

// undoing is the order that takes a wallet's answer to a cancel, or to the refund that
// replaces it after the window.
type undoing struct {
	key    pk
	leg    string
	answer link.Answer
	frame  *frame
	actor  string
	undo   Undo
	claim  risk.Claim // what the leg of an order holds
	final  bool       // there is no use in asking again
}

func (u *undoing) batchKey() string { return u.key.id }

func (u *undoing) need(n *needs) {
	n.payments = append(n.payments, u.key)
	n.legs = append(n.legs, pk{u.key.acquirer, u.leg})
	n.counters = append(n.counters, u.claim.Keys()...)
}

func (u *undoing) decide(s *sheet) reply {
	p, l := s.payments[u.key], s.legs[pk{u.key.acquirer, u.leg}]
	if p == nil || l == nil {
		return reply{err: ErrNotFound.Newf("no payment %s", u.key.id)}
	}
	if l.State != LegCancelling || l.Undo != u.undo {
		return reply{payment: p, leg: l}
	}
	if u.answer.Code != "" {
		l.Note = u.answer.Code
	}
	switch {
	case u.answer.Outcome == link.Approved && !u.mismatch(p, l):
		s.undone(u.frame, p, l, u.claim, u.actor)
	case u.answer.Outcome == link.Declined && u.answer.Reason == link.ReasonWindow &&
		u.undo == UndoCancel:
		s.step(l, LegOnSilence)
		l.Undo, l.Next, l.Tries = UndoRefund, s.now, 0
	case u.answer.Outcome == link.Declined && (u.final || l.Tries >= triesMax):
		s.doubt(p, l, "the wallet refuses to give it back: "+u.answer.Code, u.actor)
	case u.undo == UndoRefund && l.Tries >= triesMax &&
		!s.now.Before(p.Created.Add(giveUpAfter)):
		s.doubt(p, l, "the wallet does not say whether it gave it back", u.actor)
	default:
		s.step(l, LegOnSilence)
		l.Next = s.now.Add(backoff(l.Tries))
		l.Tries++
	}
	return reply{payment: p, leg: l}
}

// mismatch says whether a yes is about another request or amount (P11).
func (u *undoing) mismatch(p *Payment, l *Leg) bool {
	a, id := u.answer, l.ID
	if u.undo == UndoRefund {
		id = undoID(l.ID)
	}
	return a.RequestID != "" && a.RequestID != id || otherAmount(a.Order, p.Order) ||
		otherAmount(a.PayTo, l.Amount)
}

// legEvent is an event about a leg.
func legEvent(kind string, l *Leg, more ...member) event.Event {
	return event.Event{Kind: kind, Data: object(append([]member{text("leg", l.ID),
		text("state", string(l.State)), text("note", l.Note)}, more...)...)}
}
