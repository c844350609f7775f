package payment

import (
	"context"
	"errors"
	"time"

	"watari/kit/money"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/risk"
)

// conclude is the order that takes a wallet's answer, however it arrived: as the reply to
// our call, to an inquiry, or as a notice (P3).
type conclude struct {
	key    pk
	leg    string
	answer link.Answer
	frame  *frame
	actor  string
	claim  risk.Claim // the limits that count the payment
	known  *made      // as they were when the wallet was called; nil: read them
	order  bool       // other legs may be open: they are closed when this one pays
	taken  *Leg       // the leg of an order as it was taken; nil for a sale
	// customer says that the answer names the payer whose code was scanned, or nobody.
	customer bool
	sealed   string // the payer, sealed; "" when the answer names nobody
	// confirmed says that the answer is what an inquiry said after the first one was doubted.
	confirmed bool
}

func (c *conclude) batchKey() string { return c.key.id }

func (c *conclude) need(n *needs) {
	n.payments = append(n.payments, c.key)
	n.legs = append(n.legs, pk{c.key.acquirer, c.leg})
	if c.order {
		n.families = append(n.families, c.key)
	}
	if c.known != nil {
		n.made[c.key] = *c.known
	}
	if c.order || c.answer.Outcome == link.Declined || c.claim.Held&risk.HeldAcquirerNet != 0 {
		n.counters = append(n.counters, c.claim.Keys()...)
	}
}

// conclude puts an answer into a batch and returns the payment as it then is.
func (s *Service) conclude(
	ctx context.Context, c *conclude, until time.Time,
) (*Payment, error) {
	c.answer = sound(c.answer)
	if err := s.recognise(ctx, c); err != nil {
		return nil, err
	}
	r, err := s.submit(ctx, c, until)
	if err != nil || !r.doubted {
		return r.payment, err
	}
	again := *c
	again.known = nil
	again.answer = s.callInquire(ctx, r.payment, r.leg, c.frame)
	again.confirmed, again.sealed = true, ""
	if again.answer.Outcome == link.Unknown {
		return nil, ErrBusy.Newf("the wallet does not say whether it was debited again")
	}
	return s.conclude(ctx, &again, s.now().Add(AnswerEnd))
}

// toldAgain says that a late yes was undone before, and the wallet says yes once more. Most
// often it only repeats itself: a notice that it got no answer to, or one that was overtaken.
func (c *conclude) toldAgain(l *Leg) bool {
	return l.LatePosted && l.State == LegCancelled && !c.confirmed
}

// recognise compares the payer an answer names with the one whose code was scanned.
func (s *Service) recognise(ctx context.Context, c *conclude) error {
	c.customer = true
	if c.answer.Customer == "" {
		return nil
	}
	var p *Payment
	if c.known != nil {
		p = &c.known.payment
	} else {
		var err error
		if p, err = s.load(ctx, c.key); err != nil {
			return err
		}
	}
	if c.taken != nil {
		p = p.as(c.taken)
	}
	if p.Customer == "" {
		c.sealed = s.seal.Seal(c.answer.Customer)
		return nil
	}
	was, err := s.seal.Unseal(p.Customer)
	if err != nil {
		return err
	}
	c.customer = was == c.answer.Customer
	return nil
}

func (c *conclude) decide(s *sheet) reply {
	p, l := s.payments[c.key], s.legs[pk{c.key.acquirer, c.leg}]
	if p == nil || l == nil {
		return reply{err: ErrNotFound.Newf("no payment %s", c.key.id)}
	}
	switch c.answer.Outcome {
	case link.Approved:
		if wrong := c.mismatch(p, l); wrong != "" {
			c.holdAgain(s, p, l)
			s.doubt(p, l, "the wallet's yes names another "+wrong, c.actor)
		} else if c.toldAgain(l) {
			return reply{payment: p, leg: l, doubted: true}
		} else {
			c.yes(s, p, l)
		}
	case link.Declined:
		c.no(s, p, l)
	default:
		c.silence(s, p, l)
	}
	return reply{payment: p, leg: l}
}

// mismatch names what a wallet's yes says otherwise than we asked (P11).
func (c *conclude) mismatch(p *Payment, l *Leg) string {
	a := c.answer
	switch {
	case a.RequestID != "" && a.RequestID != l.ID:
		return "request id"
	case otherAmount(a.Order, p.Order):
		return "order amount"
	case otherAmount(a.PayTo, l.Amount):
		return "settlement amount"
	case !c.customer:
		return "customer"
	case a.TheirID != "" && l.TheirID != "" && a.TheirID != l.TheirID:
		return "payment id"
	}
	return ""
}

// otherAmount says whether a wallet named an amount and it is not the one that we know.
func otherAmount(named *money.Amount, known money.Amount) bool {
	return named != nil && *named != known
}

// yes takes an approval.
func (c *conclude) yes(s *sheet, p *Payment, l *Leg) {
	switch l.State {
	case LegAsked, LegUnknown:
		if !p.open() {
			s.doubt(p, l, "approved while the payment is "+string(p.State), c.actor)
			return
		}
		c.note(l)
		p.bind(l)
		s.step(l, LegOnYes)
		l.Next = time.Time{}
		p.Payer, p.TheirID, p.LegState = c.answer.Payer, l.TheirID, l.State
		if p.Customer == "" {
			p.Customer = c.sealed
		}
		p.Concluded = s.since(p.Created)
		s.closeOthers(p, l, c.actor)
		if p.Hold {
			p.Expires = p.Concluded.Add(c.frame.caps.HoldLife)
			p.Due, p.CancelUntil = p.Expires, p.Expires // it can be given up as long as it stands
			s.advance(p, OnPromise, c.actor, amount("order", p.Order),
				number("issuer", p.IssuerNo))
			return
		}
		p.CapturedMinor, p.Due = p.Order.Minor(), time.Time{}
		s.advance(p, OnSale, c.actor, amount("order", p.Order), amount("pay_to", p.PayTo),
			number("issuer", p.IssuerNo))
		c.claim.Approve(s.risk)
		s.post(c.frame, p, ledger.CauseApproval, ledger.TransferID(p.ID, ledger.CauseApproval),
			c.frame.books.approval(whole(p)), "")
	case LegDeclined, LegCancelled, LegCancelling:
		c.lateYes(s, p, l)
	case LegApproved, LegStuck:
		// Said before, or waiting for an operator.
	}
}

// lateYes takes an approval of a payment that is closed: the wallet owes us nothing, and its
// user gets the money back (P10). When the payment had been captured before it was
// cancelled, the mirror of its approval stands in the books and nothing more is posted.
func (c *conclude) lateYes(s *sheet, p *Payment, l *Leg) {
	if l.State != LegCancelling && l.LatePosted &&
		(c.answer.GivenBack || l.Undo == UndoRefund) {
		return // a refund undid it, after which some wallets go on calling it paid
	}
	c.holdAgain(s, p, l)
	if l.State != LegCancelling && l.LatePosted {
		s.doubt(p, l, "a second yes after it was undone", c.actor)
		return
	}
	c.note(l)
	was := l.State
	s.step(l, LegOnLateYes)
	if was != LegCancelling {
		l.Undo, l.Next = UndoCancel, s.now
	}
	// Of a promise nothing was taken, and nothing is owed: it is released and not booked, unless its
	// wallet says that it can only be refunded.
	if p.CapturedMinor > 0 && p.legID() == l.ID || l.LatePosted ||
		p.Hold && l.Undo != UndoRefund {
		return
	}
	l.LatePosted = true
	s.tell(p, legEvent("leg.late_yes", l), c.actor)
	s.post(c.frame, p, ledger.CauseLate,
		ledger.LegTransferID(p.ID, ledger.CauseLate, legNo(l)),
		c.frame.books.late(l.Amount.Minor()), "")
}

// holdAgain takes the limits of an order's leg once more that it gave back when it ended: its
// wallet says that it owes us after all, and gives them back again when that has ended.
func (c *conclude) holdAgain(s *sheet, p *Payment, l *Leg) {
	if l.Terms != nil && p.legID() != l.ID &&
		(l.State == LegDeclined || l.State == LegCancelled) {
		c.claim.Hold(s.risk)
	}
}

// closeOthers closes the legs of an order that another one has paid: their wallets are told that
// nothing is wanted any more, and a yes that comes all the same is given back (P10).
func (s *sheet) closeOthers(p *Payment, paid *Leg, actor string) {
	for _, l := range s.families[p.key()] {
		switch {
		case l == paid:
		case l.State == LegStuck:
			s.closeLeg(l) // the deadline at which it would close the order is of no use now
		case l.State == LegAsked || l.State == LegUnknown:
			s.step(l, LegOnClose)
			l.Undo, l.Next = UndoCancel, s.now
			s.tell(p, legEvent("leg.closed", l), actor)
		}
	}
}

// no takes a refusal. Of a leg that is cancelling it is the end of asking: the wallet took
// nothing, or gave it back.
func (c *conclude) no(s *sheet, p *Payment, l *Leg) {
	c.note(l)
	switch l.State {
	case LegAsked, LegUnknown:
		s.step(l, LegOnNo)
		l.Next = time.Time{}
		if !p.open() {
			return
		}
		if l.Terms != nil {
			// The order stands until it expires: its payer may choose another wallet.
			c.claim.Release(s.risk)
			s.tell(p, legEvent("leg.declined", l, text("reason", string(c.answer.Reason))),
				c.actor)
			s.dirty[p] = true
			return
		}
		p.Reason, p.Concluded = c.answer.Reason, s.now
		s.advance(p, OnDecline, c.actor, text("reason", string(p.Reason)))
		c.claim.Release(s.risk)
		if p.Reason != link.ReasonUnavailable { // that says nothing about who stands at the till
			risk.Fail(s.risk, p.TerminalNo, s.now)
		}
	case LegCancelling:
		s.undone(c.frame, p, l, c.claim, c.actor)
	case LegApproved:
		s.tell(p, legEvent("leg.disagrees", l), c.actor)
	case LegDeclined, LegCancelled, LegStuck:
	}
}

// silence takes no answer, or one that proves nothing.
func (c *conclude) silence(s *sheet, p *Payment, l *Leg) {
	switch l.State {
	case LegAsked:
		c.note(l)
		s.step(l, LegOnSilence)
		l.Next = s.now.Add(c.frame.caps.Inquiries[0])
		if p.State == Authorising {
			s.advance(p, OnSilence, c.actor)
		}
	case LegUnknown:
		c.note(l)
		s.step(l, LegOnSilence)
		pauses := c.frame.caps.Inquiries
		l.Next = s.now.Add(pauses[min(l.Tries, int64(len(pauses)-1))])
		l.Tries++
	case LegCancelling:
		c.note(l)
		s.step(l, LegOnSilence)
		l.Next = s.now.Add(backoff(l.Tries))
		l.Tries++
	case LegApproved, LegDeclined, LegCancelled, LegStuck:
	}
}

// note keeps what the wallet said of itself.
func (c *conclude) note(l *Leg) {
	if c.answer.TheirID != "" && l.TheirID == "" {
		l.TheirID = c.answer.TheirID
	}
	if c.answer.Code != "" {
		l.Note = c.answer.Code
	}
}

// doubt gives a leg to an operator. Its payment is closed at the deadline, so that the shop
// is not left waiting.
func (s *sheet) doubt(p *Payment, l *Leg, why, actor string) {
	if l.State == LegStuck || l.State == LegApproved {
		// An approved leg stands: a second, different yes is reported, nothing moves.
		if l.State == LegApproved {
			s.tell(p, legEvent("leg.disagrees", l), actor)
		}
		return
	}
	s.step(l, LegOnDoubt)
	l.Note, l.Next = why, time.Time{}
	if p.State == Authorising || p.State == Pending {
		l.Next = l.Deadline
		if p.State == Authorising {
			s.advance(p, OnSilence, actor)
		}
	}
	s.tell(p, legEvent("leg.stuck", l), actor)
}

// undone ends a leg that was given back at the wallet, or never taken.
func (s *sheet) undone(f *frame, p *Payment, l *Leg, held risk.Claim, actor string) {
	s.step(l, LegOnUndone)
	l.Next = time.Time{}
	if l.Terms != nil && p.legID() != l.ID {
		held.Release(s.risk) // a leg of an order holds its limits until it has ended
	}
	if l.LatePosted {
		s.post(f, p, ledger.CauseLateUndone,
			ledger.LegTransferID(p.ID, ledger.CauseLateUndone, legNo(l)),
			ledger.Mirror(f.books.late(l.Amount.Minor())),
			ledger.LegTransferID(p.ID, ledger.CauseLate, legNo(l)))
	}
	s.tell(p, legEvent("leg.cancelled", l), actor)
}

// whole is all of a payment's money.
func whole(p *Payment) parts {
	return parts{p.Order.Minor(), p.PayTo.Minor(), p.Mid, p.Fees}
}

// post adds a balanced transfer to the batch.
func (s *sheet) post(
	f *frame, p *Payment, cause ledger.Cause, id string, ps []ledger.Posting, corrects string,
) {
	day := s.since(p.Concluded)
	if cause == ledger.CauseCancel {
		// A cancel stands in the clearing day of what it mirrors: neither is ever cleared.
		day = p.Concluded
	}
	s.transfers = append(s.transfers, ledger.Transfer{AcquirerNo: p.AcquirerNo,
		ID: id, PaymentID: p.ID, IssuerNo: f.wallet.Issuer.No,
		Cause: cause, At: s.now, AcquirerDay: f.acquirerTerms.ClearingDay(day),
		IssuerDay: f.issuerTerms.ClearingDay(day), Corrects: corrects, Postings: ps})
}

// since is the time of the batch, but not before something that happened already: when the
// clock was put back over midnight, a day that may be closed is not opened again.
func (s *sheet) since(before time.Time) time.Time {
	if s.now.Before(before) {
		return before
	}
	return s.now
}

// isNotFound says whether nothing is known of an id.
func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }
