package payment

import (
	"context"
	"errors"
	"time"

	"watari/kit/check"
	"watari/kit/event"
)

// suspect is an order about a payment that exists. When it breaks one of our own rules, that
// payment is quarantined and the others of its batch go on.
type suspect interface {
	order
	about() quarantine
}

// quarantine is the order that gives a payment to an operator. Its leg is stuck, so that
// nothing more is done to it but closing the payment at its deadline; a refund keeps its
// amount reserved and is sent again rarely.
type quarantine struct {
	payment, leg pk
	refund       pk // zero: the order was not about a refund's answer
	defect       string
}

func (c *conclude) about() quarantine {
	return quarantine{payment: c.key, leg: pk{c.key.acquirer, c.leg}}
}

func (c *closing) about() quarantine {
	return quarantine{payment: c.key, leg: pk{c.key.acquirer, legID(c.key.id)}}
}

func (u *undoing) about() quarantine {
	return quarantine{payment: u.key, leg: pk{u.key.acquirer, u.leg}}
}

func (g *given) about() quarantine {
	return quarantine{payment: g.payment, leg: pk{g.payment.acquirer, g.leg},
		refund: g.refund}
}

// isolateMax is how long an order that was refused as a defect waits for its quarantine.
const isolateMax = time.Second

// isolate quarantines the payment of an order that broke a rule. It is done at most
// isolateMax later than the order's own answer; if it fails, the schedule comes to the same
// defect again.
func (s *Service) isolate(o order, err error) {
	var defect check.Defect
	about, ok := o.(suspect)
	if !ok || !errors.As(err, &defect) {
		return
	}
	q := about.about()
	q.defect = defect.ID
	s.logger.Error("payment quarantined", "payment", q.payment.id, "defect", defect.ID,
		"text", defect.Msg)
	ctx, cancel := context.WithTimeout(context.Background(), isolateMax)
	defer cancel()
	if _, err := s.batch.Do(ctx, &q); err != nil {
		s.logger.Error("payment not quarantined yet", "payment", q.payment.id, "error", err)
	}
}

func (q *quarantine) batchKey() string { return q.payment.id }

func (q *quarantine) need(n *needs) {
	n.payments = append(n.payments, q.payment)
	n.legs = append(n.legs, q.leg)
	if q.refund.id != "" {
		n.refunds = append(n.refunds, q.refund)
	}
}

func (q *quarantine) decide(s *sheet) reply {
	const actor = "system:defect"
	p, l, f := s.payments[q.payment], s.legs[q.leg], s.refunds[q.refund]
	if p == nil || l == nil {
		return reply{err: ErrNotFound.Newf("no payment %s", q.payment.id)}
	}
	done := reply{payment: p, leg: l}
	if l.State == LegStuck {
		return done // the operator was called
	}
	s.tell(p, event.Event{Kind: "payment.quarantined",
		Data: object(text("defect", q.defect), text("leg", l.ID))}, actor)
	switch {
	case f != nil && !RefundSteps.Final(f.State):
		f.Tries = max(f.Tries+1, alarmTries)
		f.Next = s.now.Add(backoff(f.Tries))
		s.turn(p, f, RefundOnSilence, actor)
		s.tell(p, refundAlarm("refund.stuck", f), actor)
	case l.State != LegApproved:
		s.doubt(p, l, "the program broke a rule of its own: "+q.defect, actor)
	}
	return done
}

// guarded runs work and turns a panic into an error: what breaks over one payment must not
// end the process that serves the others.
func guarded(work func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = check.Recovered(v)
		}
	}()
	return work()
}
