package wallet

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

var (
	// ErrNoQuestion says that the payment does not wait for this user's PIN (any more).
	ErrNoQuestion = errors.New("the payment does not wait for a PIN")
	// ErrWrongPIN says that the PIN was wrong and may be tried again.
	ErrWrongPIN = errors.New("wrong PIN")
)

// Confirm answers the PIN question of a payment, named by the wallet's own id. The right PIN
// debits the user and tells the network; the last wrong one fails the payment.
//
// Errors: ErrNoQuestion, ErrWrongPIN.
func (w *Wallet) Confirm(ctx context.Context, userID, paymentID, pin string) (*Payment, error) {
	right := subtle.ConstantTimeCompare([]byte(pin), []byte(PIN)) == 1
	return w.answer(ctx, userID, paymentID, func(ctx context.Context, tx *db.Tx, p *Payment,
		now time.Time,
	) (bool, error) {
		if right {
			return true, debit(ctx, tx, p, now)
		}
		p.Tries++
		if p.Tries >= TriesMax {
			p.refuse(wire.CodeVerification)
		}
		return p.State != Asking, savePayment(ctx, tx, p)
	})
}

// Reject is the user's no to a PIN question.
//
// Errors: ErrNoQuestion.
func (w *Wallet) Reject(ctx context.Context, userID, paymentID string) (*Payment, error) {
	return w.answer(ctx, userID, paymentID, func(ctx context.Context, tx *db.Tx, p *Payment,
		_ time.Time,
	) (bool, error) {
		p.refuse(wire.CodeVerification)
		return true, savePayment(ctx, tx, p)
	})
}

// answer runs do on a payment that waits for the user's PIN; do tells whether the question is
// over, which the network then hears (W6).
func (w *Wallet) answer(ctx context.Context, userID, paymentID string,
	do func(context.Context, *db.Tx, *Payment, time.Time) (bool, error),
) (*Payment, error) {
	var p *Payment
	var over bool
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		now := clock.Now()
		p, err = loadOwn(ctx, tx, paymentID)
		if err != nil {
			return err
		}
		if p == nil || p.UserID != userID || p.State != Asking || !now.Before(p.Ends()) {
			return ErrNoQuestion
		}
		over, err = do(ctx, tx, p, now)
		if err != nil || !over {
			return err
		}
		return w.tell(ctx, tx, p, now)
	})
	if err != nil {
		return nil, err
	}
	w.changed(userID)
	if !over {
		return p, ErrWrongPIN
	}
	return p, nil
}

// tell promises the network a notice of how the payment ended, at a time.
func (w *Wallet) tell(ctx context.Context, tx *db.Tx, p *Payment, at time.Time) error {
	r := p.Result()
	return insertNotice(ctx, tx, notice{id: id.New("wnt", 0), requestID: p.RequestID,
		status: r.Status, code: r.Code, nextAtUS: clock.Micros(at)})
}

// tellTwice is the mode duplicate: the same notice, two times, after the answer.
func (w *Wallet) tellTwice(ctx context.Context, tx *db.Tx, p *Payment, now time.Time) error {
	if err := w.tell(ctx, tx, p, now.Add(w.timing.Twice)); err != nil {
		return err
	}
	return w.tell(ctx, tx, p, now.Add(2*w.timing.Twice))
}
