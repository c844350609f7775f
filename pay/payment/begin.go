package payment

import (
	"watari/kit/event"
	"watari/kit/fault"
	"watari/pay/code"
	"watari/pay/link"
	"watari/pay/risk"
)

// begin is the order that makes a payment before its wallet is asked (P2).
type begin struct {
	claim   *claim
	compare []Field
	refusal *fault.Error // found while preparing: it is stored and nothing else happens
	frame   *frame
	payment Payment // as it is to be made
	leg     Leg
	use     code.Use // the code that is consumed
	origin  Origin
	rules   risk.Rules
	// What the wallet is shown and nothing is kept of.
	code, description string
	quote             link.Quote
	token             string // the payer's consent, instead of a code
	consent           pk     // of that token
	customer          string // sealed; of that consent
}

func (b *begin) batchKey() string { return b.claim.key.String() }

// late says that the request has waited so long that its wallet would hardly have time to answer.
func (b *begin) late(n *needs) bool { return n.now.Sub(b.origin.Began) >= BeginEnd }

// outdated says that what was prepared may be wrong by now.
func (b *begin) outdated(version int64) bool {
	return b.refusal == nil &&
		(b.frame.point.Seen < version || b.frame.wallet.Seen < version)
}

func (b *begin) need(n *needs) {
	if b.late(n) || b.outdated(n.version) {
		return
	}
	n.claims = append(n.claims, b.claim)
	if b.refusal != nil {
		return
	}
	if b.token != "" {
		// A consent is no code: it is charged any number of times, as long as it stands.
		n.consents = append(n.consents, b.consent)
	} else if b.frame.wallet.Issuer.OwnCodes {
		n.codes = append(n.codes, b.use.Key)
	} else {
		n.foreign = append(n.foreign, b.use)
	}
	n.counters = append(n.counters, b.rules.Keys(b.frame.point, b.frame.wallet, b.payment.Created)...)
}

func (b *begin) decide(s *sheet) reply {
	if s.now.Sub(b.origin.Began) >= BeginEnd {
		return reply{err: ErrBusy.Newf("the request waited too long; try again")}
	}
	if b.outdated(s.version) {
		return reply{stale: true}
	}
	c := s.claims[b.claim.key]
	if c.subject != b.claim.subject {
		return repeated(c, b.compare)
	}
	if !s.won[c.key] {
		// An earlier try of this very attempt was committed, and the news of it lost.
		if c.refusal != "" {
			return refusedBefore(c)
		}
		return reply{begun: true, kept: b.payment.key()}
	}
	if err := b.check(s); err != nil {
		return s.refuse(c, err)
	}
	p, l := b.payment, b.leg
	if b.token == "" {
		p.Customer = s.codes[b.use.Key].Customer
	}
	s.newPayments = append(s.newPayments, &p)
	s.newLegs = append(s.newLegs, &l)
	p.Held = b.rules.Reserve(s.risk, b.frame.point, b.frame.wallet, p.Order, p.PayTo,
		p.Created)
	s.tell(&p, event.Event{Kind: "payment." + string(Authorising), Data: object(
		text("to", string(p.State)), number("terminal", p.TerminalNo))}, p.Actor)
	return reply{payment: &p, leg: &l, begun: true}
}

// check decides what can only be decided under the locks: the code and the limits. A code
// is consumed even when a limit refuses the payment afterwards (P9).
func (b *begin) check(s *sheet) *fault.Error {
	if b.refusal != nil {
		return b.refusal
	}
	f := b.frame
	if b.token != "" {
		// It may have been revoked while this order waited.
		if c := s.consents[b.consent]; c == nil {
			return ErrConsentUnknown.Newf("no consent %s", b.consent.id)
		} else if err := c.stands(s.now); err != nil {
			return err
		}
		return b.rules.Check(f.point, f.wallet, b.payment.Order, b.payment.PayTo, s.risk.Used,
			b.payment.Created)
	}
	if err := s.takeCode(b); err != nil {
		risk.Fail(s.risk, b.payment.TerminalNo, b.payment.Created)
		return err
	}
	err := b.rules.Check(f.point, f.wallet, b.payment.Order, b.payment.PayTo, s.risk.Used,
		b.payment.Created)
	if err != nil {
		risk.Fail(s.risk, b.payment.TerminalNo, b.payment.Created)
	}
	return err
}

// takeCode consumes the wallet code, once and for ever (P9).
func (s *sheet) takeCode(b *begin) *fault.Error {
	if !b.frame.wallet.Issuer.OwnCodes {
		if !s.foreign[b.use.Key] {
			return ErrCodeUsed.Newf("the code was used before; ask for a fresh one")
		}
		// The next order with this code in this batch finds it taken.
		s.foreign[b.use.Key] = false
		return nil
	}
	row, ok := s.codes[b.use.Key]
	switch {
	case !ok:
		return code.ErrUnknown.Newf("the code was not issued here; ask for a fresh one")
	case row.PaymentID != "":
		return ErrCodeUsed.Newf("the code was used before; ask for a fresh one")
	case !s.now.Before(row.Expires):
		return ErrCodeExpired.Newf("the code has expired; ask for a fresh one")
	}
	row.PaymentID = b.payment.ID
	s.codes[b.use.Key] = row
	s.consumed = append(s.consumed, b.use)
	return nil
}

// refuse stores a refusal with its request id, to be repeated verbatim for ever (P5).
func (s *sheet) refuse(c *claim, err *fault.Error) reply {
	c.refusal, c.changed = fault.Encode(err), true
	return reply{err: err}
}

// repeated answers a request whose id came before.
func repeated(c *claim, compare []Field) reply {
	if c.compared == tombstone {
		return refusedBefore(c)
	}
	if field, differ := differs(compare, c.compared); differ {
		return reply{err: ErrInconsistent.Newf("%s was another value before", field).
			Set("field", field)}
	}
	if c.refusal != "" {
		return refusedBefore(c)
	}
	return reply{again: c.subject}
}

// refusedBefore repeats a stored refusal.
func refusedBefore(c *claim) reply {
	err, derr := fault.Decode(c.refusal)
	if derr != nil {
		return reply{err: derr}
	}
	return reply{err: err}
}
