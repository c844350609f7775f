package order

import (
	"context"
	"fmt"
	"sync"
	"time"

	"watari/kit/crash"
	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/payment"
	"watari/pay/promo"
)

// Times of giving back.
const (
	// sendHold is how long a node holds returns that it sends: longer than a request takes.
	sendHold = 2 * payment.AnswerEnd
	// pageOfReturns are taken at once.
	pageOfReturns = 64
)

// poke tells the sender that there is something to give back.
func (s *Service) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// send gives back what is due, page by page, and says whether there was anything.
func (s *Service) send(ctx context.Context) error {
	for {
		due, err := s.takeReturns(ctx)
		if err != nil || len(due) == 0 {
			return err
		}
		crash.At(crash.AfterLease)
		var busy sync.WaitGroup
		places := make(chan struct{}, s.Senders)
		for _, r := range due {
			places <- struct{}{}
			busy.Go(func() {
				defer func() { <-places }()
				if err := s.sendOne(context.WithoutCancel(ctx), r); err != nil {
					s.Logger.Error("money of an order not given back yet; it is tried again",
						"return", r.ID, "error", err)
				}
			})
		}
		busy.Wait()
		if len(due) < pageOfReturns || ctx.Err() != nil {
			return nil
		}
	}
}

// takeReturns holds what is due for this node (O7).
func (s *Service) takeReturns(ctx context.Context) ([]*Return, error) {
	now := s.Now()
	some, err := s.anything(ctx, anyReturnDue, now)
	if err != nil || !some {
		return nil, err
	}
	var due []*Return
	err = s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if due, err = dueReturns(ctx, tx, now, pageOfReturns); err != nil {
			return err
		}
		for _, r := range due {
			if to, ok := returns.Next(r.State, onSent); ok {
				r.State = to
			}
			r.tries++
			r.due = now.Add(sendHold)
		}
		return leaseReturns(ctx, tx, due)
	})
	if err != nil {
		return nil, fmt.Errorf("hold returns that are due: %w", err)
	}
	return due, nil
}

// sendOne asks for one refund, or how it stands, and keeps the answer.
func (s *Service) sendOne(ctx context.Context, r *Return) error {
	crash.At(crash.BeforeReturn)
	f, err := s.refund(ctx, r)
	crash.At(crash.AfterReturn)
	return s.answered(ctx, r, f, err)
}

func (s *Service) refund(ctx context.Context, r *Return) (*payment.Refund, error) {
	if r.refundID != "" {
		return s.Payments.FindRefund(ctx, r.acquirerNo, r.refundID)
	}
	amount, err := money.New(r.Minor, promo.Yen)
	if err != nil {
		return nil, err
	}
	return s.Payments.Refund(ctx, payment.Giveback{Origin: payment.Origin{
		AcquirerNo: r.acquirerNo, Channel: payment.ChannelOrder, RequestID: r.ask(),
		Compare: []payment.Field{{Name: "amount", Value: amount.String()},
			{Name: "payment", Value: r.PaymentID}}, Actor: r.Actor, Began: s.Now()},
		Ref: payment.Ref{PaymentID: r.PaymentID}, Amount: amount, Reason: string(r.Reason)})
}

// answered keeps what became of a refund. No answer is none: the same is asked again.
func (s *Service) answered(
	ctx context.Context, r *Return, f *payment.Refund, err error,
) error {
	st := &returned{order: r.OrderID, id: r.ID, sendings: r.sendings}
	refusal, no := refused(err)
	switch {
	case no && !passing(err):
		st.state, st.note = ReturnFailed, refusal.Problem.Slug+": "+refusal.Detail
	case err != nil:
		return err // the hold ends, and the same is asked again
	case f.State == payment.RefundSucceeded:
		st.state, st.refund = ReturnSucceeded, f.ID
	case f.State == payment.RefundFailed:
		st.state, st.refund, st.note = ReturnFailed, f.ID, "the wallet: "+string(f.Failure)
	default:
		st.state, st.refund = ReturnSent, f.ID
	}
	_, err = s.do(ctx, st)
	return err
}

// returned is the step that takes what became of a refund.
type returned struct {
	order, id string
	state     ReturnState
	refund    string
	note      string
	sendings  int64 // as it was when it was asked: an answer to what failed before is none
}

func (st *returned) key() string { return st.order }

func (st *returned) decide(_ context.Context, sh *sheet, o *Order) error {
	r := sh.find(o.ID, st.id)
	if r == nil || r.State != ReturnSent || r.sendings != st.sendings {
		return nil
	}
	r.refundID = st.refund
	sh.dirtyReturns[r] = true
	f := facts{"return": r.ID, "refund": st.refund, "minor": r.Minor, "reason": string(r.Reason)}
	switch st.state {
	case ReturnSucceeded:
		r.Ended, r.due = sh.now, time.Time{}
		sh.move(r, onSucceeded)
		sh.back(o, r)
		sh.tell(o, "returned", "system:order", f)
	case ReturnFailed:
		r.Note, r.Ended, r.due = clip(st.note, noteMax), sh.now, time.Time{}
		sh.move(r, onFailed)
		f["why"] = r.Note
		sh.tell(o, "return_failed", "system:order", f)
	default:
		r.due = sh.now.Add(pause(r.tries))
	}
	return nil
}

// clip shortens a text to a number of characters.
func clip(s string, max int) string {
	if r := []rune(s); len(r) > max {
		return string(r[:max])
	}
	return s
}

// pause is how long something rests before it is looked at for the n-th time: seconds at first,
// five minutes in the end. What is told of it meanwhile is taken at once.
func pause(n int64) time.Duration {
	pauses := [...]time.Duration{2 * time.Second, 5 * time.Second, 10 * time.Second,
		30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}
	return pauses[min(max(n, 0), int64(len(pauses)-1))]
}
