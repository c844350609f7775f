package payment

import (
	"context"
	"errors"
	"time"

	"watari/kit/crash"
	"watari/kit/id"
	"watari/pay/link"
)

var errPrepared = errors.New("the wallet says that an order is paid before its user saw it")

// pokeEvery is how soon after the last look a poke is worth another one.
const pokeEvery = 500 * time.Millisecond

// Poke says that something may have happened to what a wallet was asked: it is inquired at once,
// and what it says is concluded. Pokes that come too fast do nothing.
//
// Errors: ErrNotFound for an id that is not one of this wallet's; ErrBusy.
func (s *Service) Poke(ctx context.Context, issuerNo int64, ourRequestID string) error {
	paymentID, ok := paymentOf(ourRequestID)
	shard, _ := id.Shard(paymentID)
	if !ok {
		return ErrNotFound.Newf("no payment request %s", ourRequestID)
	}
	l, err := s.loadLeg(ctx, pk{int64(shard), ourRequestID})
	if err != nil {
		return err
	}
	if l.IssuerNo != issuerNo {
		return ErrNotFound.Newf("no payment request %s", ourRequestID)
	}
	if l.State != LegAsked && l.State != LegUnknown || !s.pokes.allow(l.ID, s.now()) {
		return nil
	}
	p, err := s.load(ctx, pk{l.AcquirerNo, l.PaymentID})
	if err != nil {
		return err
	}
	p = p.as(l)
	f, err := s.frameOf(ctx, p)
	if err != nil {
		return err
	}
	return s.inquire(ctx, p, l, f)
}

// complete takes the money of a payment whose user has agreed. It is not asked for when the
// payment was closed meanwhile; a race with a cancel ends as a late yes (P10).
func (s *Service) complete(
	ctx context.Context, p *Payment, l *Leg, f *frame, agreed link.Answer,
) (link.Answer, error) {
	c, ok := f.connector.(link.Completer)
	if !ok {
		return agreed, nil
	}
	r, err := s.submit(ctx, &completing{key: p.key(), leg: l.ID, theirID: agreed.TheirID},
		s.now().Add(AnswerEnd))
	if err != nil || r.stale {
		return link.Answer{Outcome: link.Unknown, Cause: errClosed}, err
	}
	about := f.about(p, r.leg)
	callCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.caps.CallMax)
	defer cancel()
	crash.At(crash.BeforeComplete)
	answer := c.Complete(callCtx, f.endpoint(), about)
	crash.At(crash.AfterComplete)
	s.unheard("complete", l.ID, f, answer)
	return answer, nil
}

var errClosed = errors.New("the payment was closed before it was completed")

// completing is the order that notes that a wallet is asked to debit. The leg stays on the
// schedule, which asks how it ended if nobody hears the answer (P2).
type completing struct {
	key     pk
	leg     string
	theirID string
}

func (c *completing) batchKey() string { return c.key.id }

func (c *completing) need(n *needs) {
	n.payments = append(n.payments, c.key)
	n.legs = append(n.legs, pk{c.key.acquirer, c.leg})
}

func (c *completing) decide(s *sheet) reply {
	p, l := s.payments[c.key], s.legs[pk{c.key.acquirer, c.leg}]
	switch {
	case p == nil || l == nil:
		return reply{err: ErrNotFound.Newf("no payment %s", c.key.id)}
	case !p.open() || l.State != LegAsked && l.State != LegUnknown:
		return reply{stale: true}
	}
	if l.TheirID == "" {
		l.TheirID = c.theirID
	}
	if l.State == LegAsked {
		s.step(l, LegOnSilence)
	}
	l.Next = s.now.Add(firstInquiry)
	s.dirtyLegs[l] = true
	return reply{payment: p, leg: l}
}
