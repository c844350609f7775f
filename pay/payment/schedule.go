package payment

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"watari/kit/crash"
	"watari/kit/db"
	"watari/pay/link"
)

// Sizes of the schedule.
const (
	dueMax    = 200                    // of each kind, taken at once
	lease     = 15 * time.Second       // longer than one call; two workers on a leg do no harm
	lookEvery = 250 * time.Millisecond // how soon something due is seen
)

// Run follows the schedule until ctx ends: it inquires what is unknown, closes at the
// deadline, cancels and refunds what must be given back, and sends refunds again. Several
// nodes may run it; each takes what the others have not.
func (s *Service) Run(ctx context.Context) {
	var busy sync.WaitGroup
	defer busy.Wait()
	in := &places{taken: taken{}}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		d, err := s.takeDue(ctx, in)
		if err != nil {
			if ctx.Err() == nil {
				s.logger.Error("schedule not read", "error", err)
			}
			continue
		}
		s.startAll(ctx, &busy, in, d)
	}
}

// due is what the schedule has taken.
type due struct {
	legs     []*Leg
	refunds  []dueRefund
	captures []*Capture
	payments []duePayment
}

// startAll gives each due thing to a worker.
func (s *Service) startAll(ctx context.Context, busy *sync.WaitGroup, in *places, d due) {
	if len(d.legs)+len(d.refunds)+len(d.captures)+len(d.payments) > 0 {
		crash.At(crash.AfterLease)
	}
	for _, l := range d.legs {
		s.start(busy, in, l.place(), l.ID, func() error { return s.follow(ctx, l) })
	}
	for _, f := range d.refunds {
		s.start(busy, in, f.place(), f.ID, func() error { return s.resend(ctx, f.Refund) })
	}
	for _, k := range d.captures {
		s.start(busy, in, k.place(), k.ID, func() error { return s.resendCapture(ctx, k) })
	}
	for _, p := range d.payments {
		s.start(busy, in, p.place(), p.ID, func() error { return s.lapse(ctx, p.Payment) })
	}
}

// start runs one due thing in a worker.
func (s *Service) start(
	busy *sync.WaitGroup, in *places, at place, id string, work func() error,
) {
	in.take(at)
	busy.Go(func() {
		defer in.leave(at)
		if err := guarded(work); err != nil {
			s.logger.Error("schedule not followed; it is tried again", at.what, id,
				"error", err)
		}
	})
}

// dueRefund is a refund that is due, with the wallet that it is sent to.
type dueRefund struct {
	*Refund
	issuer int64
}

// duePayment is an order or promise that lapses.
type duePayment struct{ *Payment }

func (l *Leg) place() place       { return place{"leg", l.IssuerNo} }
func (f dueRefund) place() place  { return place{"refund", f.issuer} }
func (c *Capture) place() place   { return place{"capture", c.IssuerNo} }
func (p duePayment) place() place { return place{"order", p.IssuerNo} }

// takeDue takes what is due and has a place, and holds it, so that no other node works on it.
func (s *Service) takeDue(ctx context.Context, in *places) (d due, err error) {
	now := s.now()
	var next time.Time
	err = s.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		next, err = nextDue(ctx, tx)
		return err
	})
	if err != nil || next.IsZero() || next.After(now) {
		return d, err
	}
	err = s.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		d, err = holdDue(ctx, tx, in.now(), now)
		return err
	})
	return d, err
}

// holdDue holds what is due of every kind.
func holdDue(ctx context.Context, tx *db.Tx, sat taken, now time.Time) (d due, err error) {
	until := now.Add(lease)
	d.payments, err = hold(sat, "order", func(but []int64) ([]duePayment, error) {
		return duePayments(ctx, tx, now, but, dueMax)
	}, func(ps []duePayment) error { return leasePayments(ctx, tx, ps, until) })
	if err != nil {
		return d, fmt.Errorf("hold due orders: %w", err)
	}
	d.legs, err = hold(sat, "leg", func(but []int64) ([]*Leg, error) {
		return dueLegs(ctx, tx, now, but, dueMax)
	}, func(ls []*Leg) error { return leaseLegs(ctx, tx, ls, until) })
	if err != nil {
		return d, fmt.Errorf("hold due legs: %w", err)
	}
	d.refunds, err = hold(sat, "refund", func(but []int64) ([]dueRefund, error) {
		return dueRefunds(ctx, tx, now, but, dueMax)
	}, func(fs []dueRefund) error { return leaseRefunds(ctx, tx, fs, until) })
	if err != nil {
		return d, fmt.Errorf("hold due refunds: %w", err)
	}
	d.captures, err = hold(sat, "capture", func(but []int64) ([]*Capture, error) {
		return dueCaptures(ctx, tx, now, but, dueMax)
	}, func(ks []*Capture) error { return leaseCaptures(ctx, tx, ks, until) })
	if err != nil {
		return d, fmt.Errorf("hold due captures: %w", err)
	}
	return d, nil
}

// hold reads what is due and holds what has a place. As long as something has none, its wallet
// is full by then and what is due for the others is read again.
func hold[T interface{ place() place }](
	sat taken, what string, due func(but []int64) ([]T, error), lease func([]T) error,
) ([]T, error) {
	var held []T
	for {
		found, err := due(sat.full(what))
		if err != nil {
			return nil, err
		}
		seated := make([]T, 0, len(found))
		for _, t := range found {
			if sat.take(t.place()) {
				seated = append(seated, t)
			}
		}
		if err := lease(seated); err != nil {
			return nil, err
		}
		held = append(held, seated...)
		if len(seated) == len(found) {
			return held, nil
		}
	}
}

// follow does what a leg is due for. Whatever goes wrong over it, its payment is closed at
// the deadline: the shop is not left waiting for what this program cannot do.
func (s *Service) follow(ctx context.Context, l *Leg) error {
	err := guarded(func() error { return s.visit(ctx, l) })
	open := l.State == LegAsked || l.State == LegUnknown
	if err == nil || !open || s.now().Before(l.Deadline) {
		return err
	}
	p, e := s.load(ctx, pk{l.AcquirerNo, l.PaymentID})
	if e == nil {
		_, e = s.close(ctx, p)
	}
	return errors.Join(err, e)
}

// visit does what a leg is due for.
func (s *Service) visit(ctx context.Context, l *Leg) error {
	key := pk{l.AcquirerNo, l.PaymentID}
	p, err := s.load(ctx, key)
	if err != nil {
		return err
	}
	whole := p
	p = p.as(l)
	f, err := s.frameOf(ctx, p)
	if err != nil {
		return err
	}
	switch l.State {
	case LegAsked, LegUnknown:
		return s.inquire(ctx, p, l, f)
	case LegCancelling:
		// What is refunded must have been taken: as long as no yes is known, it is asked.
		// What an order has captured, another leg may have paid.
		known := l.LatePosted || whole.CapturedMinor > 0 && whole.legID() == l.ID
		// A promise is released as long as it stands: nothing of it was taken, so there is
		// nothing to refund, and the window for what was paid does not end it.
		if l.Undo == UndoCancel && s.now().After(l.WalletUntil) && !p.Hold ||
			l.Undo == UndoRefund && !known {
			return s.replaceCancel(ctx, p, l, f)
		}
		s.undo(ctx, p, l, f, s.now().Add(f.caps.CallMax))
		return nil
	case LegStuck:
		r, err := s.close(ctx, whole)
		s.undoAll(ctx, r, s.now())
		return err
	case LegApproved, LegDeclined, LegCancelled:
	}
	return nil
}

// inquire asks for the outcome of a payment, and closes it at the deadline when even this
// last inquiry, just before cancelling, brings nothing.
func (s *Service) inquire(ctx context.Context, p *Payment, l *Leg, f *frame) error {
	answer := s.callInquire(ctx, p, l, f)
	crash.At(crash.AfterInquiry)
	if answer.Agreed {
		var err error
		if answer, err = s.complete(ctx, p, l, f, answer); err != nil {
			return err
		}
	}
	done, err := s.conclude(ctx, &conclude{key: p.key(), leg: l.ID,
		answer: answer, frame: f, claim: claimOf(p), order: p.order(), taken: l,
		actor: "wallet:" + f.wallet.Issuer.ID}, s.now().Add(AnswerEnd))
	if err != nil {
		return err
	}
	if !done.open() || s.now().Before(l.Deadline) {
		return nil
	}
	r, err := s.close(ctx, done)
	if err != nil {
		return err
	}
	s.undoAll(ctx, r, s.now())
	return nil
}

// callInquire asks the wallet once.
func (s *Service) callInquire(
	ctx context.Context, p *Payment, l *Leg, f *frame,
) link.Answer {
	callCtx, cancel := context.WithTimeout(ctx, f.caps.InquiryMax)
	defer cancel()
	answer := f.connector.Inquire(callCtx, f.endpoint(), link.Inquire{About: f.about(p, l)})
	s.unheard("inquire", l.ID, f, answer)
	return answer
}

// close closes a payment whose outcome is unknown at the deadline. Nothing of it is booked, so
// its parties are not needed.
func (s *Service) close(ctx context.Context, p *Payment) (reply, error) {
	return s.submit(ctx, &closing{key: p.key(), claim: claimOf(p), actor: "system:deadline",
		system: true, step: p.Step, order: p.order()}, s.now().Add(AnswerEnd))
}

// giveUpAfter is how long a wallet is asked about a closed payment before an operator is
// called.
const giveUpAfter = 48 * time.Hour

// replaceCancel asks, after the cancel window, whether the wallet took the money after all:
// a yes is refunded under an id of ours, a no is the end.
func (s *Service) replaceCancel(ctx context.Context, p *Payment, l *Leg, f *frame) error {
	answer := s.callInquire(ctx, p, l, f)
	actor := "wallet:" + f.wallet.Issuer.ID
	if _, err := s.conclude(ctx, &conclude{key: p.key(), leg: l.ID, answer: answer, frame: f,
		claim: claimOf(p), actor: actor, order: p.order(), taken: l},
		s.now().Add(AnswerEnd)); err != nil {
		return err
	}
	switch answer.Outcome {
	case link.Approved:
		if l.Undo == UndoRefund {
			return nil // the yes is known now, and the refund follows
		}
		answer = link.Answer{Outcome: link.Declined, Reason: link.ReasonWindow}
	case link.Declined:
		return nil
	default:
		if s.now().Before(p.Created.Add(giveUpAfter)) {
			return nil
		}
		answer = link.Answer{Outcome: link.Declined, Code: "no answer for two days"}
	}
	_, err := s.submit(ctx, &undoing{key: p.key(), leg: l.ID, answer: answer, frame: f,
		actor: actor, undo: l.Undo, claim: claimOf(p), final: answer.Reason != link.ReasonWindow},
		s.now().Add(AnswerEnd))
	return err
}

// resend sends a refund again under its own id.
func (s *Service) resend(ctx context.Context, f *Refund) error {
	p, err := s.load(ctx, pk{f.AcquirerNo, f.PaymentID})
	if err != nil {
		return err
	}
	fr, err := s.frameOf(ctx, p)
	if err != nil {
		return err
	}
	_, err = s.give(ctx, p, f, fr, s.now().Add(fr.caps.CallMax), sentAgain)
	return err
}
