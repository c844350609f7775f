package wallet

import (
	"context"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// Cancel gives back what is left of a payment, whatever its state, or blocks an id that was never
// seen (W4). It is refused only after the window of a paid payment.
func (w *Wallet) Cancel(ctx context.Context, requestID, acquirerID string) (Standing, error) {
	var s Standing
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		s, err = cancel(ctx, tx, requestID, acquirerID, clock.Now())
		return err
	})
	if err != nil {
		return Standing{}, err
	}
	w.changed(s.Payment.UserID)
	return s, nil
}

func cancel(ctx context.Context, tx *db.Tx, requestID, acquirerID string, now time.Time,
) (Standing, error) {
	block := &Payment{RequestID: requestID, PaymentID: id.New("wpm", 0), State: stateNew,
		AcquirerID: acquirerID, CreatedUS: clock.Micros(now)}
	block.advance(evCancel)
	fresh, err := claim(ctx, tx, block)
	if err != nil {
		return Standing{}, err
	}
	if fresh {
		return Standing{Payment: block, Result: wire.ResultOf(wire.CodeSuccess)}, nil
	}

	p, err := loadPayment(ctx, tx, requestID)
	if err != nil {
		return Standing{}, err
	}
	if why := cancellable(p, now); why != "" {
		return Standing{Payment: p, Result: wire.ResultOf(why)}, nil
	}
	if _, possible := steps.Next(p.State, evCancel); possible {
		err = undo(ctx, tx, p, now)
	}
	return Standing{Payment: p, Result: wire.ResultOf(wire.CodeSuccess)}, err
}

// undo cancels a payment and gives back what refunds have left. A late debit stays due.
func undo(ctx context.Context, tx *db.Tx, p *Payment, now time.Time) error {
	if p.State == Asking {
		p.DueUS = 0
	}
	p.advance(evCancel)
	left := p.DebitedMinor - p.ReturnedMinor
	p.ReturnedMinor = p.DebitedMinor
	if err := savePayment(ctx, tx, p); err != nil || left == 0 {
		return err
	}
	if err := giveMoney(ctx, tx, p.UserID, left); err != nil {
		return err
	}
	return insertEntry(ctx, tx, entry{id: id.New("wen", 0), userID: p.UserID, kind: kindCancel,
		requestID: p.RequestID, minor: left, atUS: clock.Micros(now)})
}
