package wallet

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// Cancel gives back what is left of a payment, whatever its state, or blocks an id that was never
// seen (W4).
//
// Why: WhyCancelWindow after the time that the terms set for a paid payment.
func (w *Wallet) Cancel(ctx context.Context, requestID string) (Standing, error) {
	return w.do(ctx, func(ctx context.Context, tx *db.Tx) (Standing, error) {
		now := clock.Now()
		block := &Payment{RequestID: requestID, PaymentID: id.New("wpm", 0), State: stateNew,
			CreatedUS: clock.Micros(now)}
		block.advance(evCancel)
		fresh, err := claim(ctx, tx, block)
		if err != nil || fresh {
			return Standing{Payment: block}, err
		}
		return w.cancel(ctx, tx, requestID, now, false)
	})
}

// Close is Cancel of a payment that is not paid, and of no other.
//
// Why: WhyUnknown, WhyState when it is paid or promised.
func (w *Wallet) Close(ctx context.Context, requestID string) (Standing, error) {
	return w.do(ctx, func(ctx context.Context, tx *db.Tx) (Standing, error) {
		return w.cancel(ctx, tx, requestID, clock.Now(), true)
	})
}

func (w *Wallet) cancel(ctx context.Context, tx *db.Tx, requestID string, now time.Time,
	unpaidOnly bool,
) (Standing, error) {
	p, err := loadPayment(ctx, tx, requestID)
	if err != nil {
		return Standing{}, err
	}
	switch {
	case p == nil:
		return Standing{Why: WhyUnknown}, nil
	case unpaidOnly && (p.State == Paid || p.State == Held):
		return Standing{Payment: p, Why: WhyState}, nil
	case w.tooLate(p, now):
		return Standing{Payment: p, Why: WhyCancelWindow}, nil
	}
	if _, possible := steps.Next(p.State, evCancel); possible {
		err = w.undo(ctx, tx, p, now)
	}
	return Standing{Payment: p}, err
}

// undo cancels a payment and gives back what is promised and what refunds have left. A late debit
// stays due.
func (w *Wallet) undo(ctx context.Context, tx *db.Tx, p *Payment, now time.Time) error {
	if p.State != Late {
		p.DueUS = 0
	}
	p.advance(evCancel)
	left := p.HeldMinor + p.DebitedMinor - p.ReturnedMinor
	p.HeldMinor, p.ReturnedMinor = 0, p.DebitedMinor
	if err := savePayment(ctx, tx, p); err != nil || left == 0 {
		return err
	}
	if err := giveMoney(ctx, tx, p.UserID, left); err != nil {
		return err
	}
	return w.book(ctx, tx, p, kindCancel, left, now)
}
