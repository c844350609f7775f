package wallet

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

var (
	// ErrNoQuestion says that the payment does not wait for this user's answer (any more).
	ErrNoQuestion = errors.New("the payment does not wait for this user")
	// ErrWrongPIN says that the PIN was wrong and may be tried again.
	ErrWrongPIN = errors.New("wrong PIN")
)

// Confirm is the user's yes to the question of a payment, named by the wallet's own id. The PIN
// is looked at when the payment needs one: the right one debits the user, or agrees when the
// payment has two steps; the last wrong one fails the payment. The network is told.
//
// Errors: ErrNoQuestion, ErrWrongPIN.
func (w *Wallet) Confirm(ctx context.Context, userID, paymentID, pin string) (*Payment, error) {
	right := subtle.ConstantTimeCompare([]byte(pin), []byte(PIN)) == 1
	return w.answer(ctx, userID, paymentID, func(ctx context.Context, tx *db.Tx, p *Payment,
		now time.Time,
	) (bool, error) {
		switch {
		case p.NeedsPIN && !right:
			p.Tries++
			if p.Tries >= TriesMax {
				p.refuse(WhyPIN)
			}
			return p.State != Asking, savePayment(ctx, tx, p)
		case p.TwoStep:
			p.advance(evAgree)
			p.DueUS = w.agreedEnds(p, now)
			return true, savePayment(ctx, tx, p)
		case p.mode == ModeLate:
			do := plan{event: evDelay, due: w.timing.Late}
			return true, w.carry(ctx, tx, p, do, now)
		}
		return true, w.debit(ctx, tx, p, now)
	})
}

// Refuse is the user's no.
//
// Errors: ErrNoQuestion.
func (w *Wallet) Refuse(ctx context.Context, userID, paymentID string) (*Payment, error) {
	return w.answer(ctx, userID, paymentID, func(ctx context.Context, tx *db.Tx, p *Payment,
		_ time.Time,
	) (bool, error) {
		p.refuse(WhyUser)
		return true, savePayment(ctx, tx, p)
	})
}

// answer runs do on a payment that waits for the user; do tells whether the question is over,
// which the network then hears (W6).
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
		if err != nil || !over || p.State == Late {
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
