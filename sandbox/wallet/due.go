package wallet

import (
	"context"
	"errors"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

const (
	// dueBatch is how many payments one round acts on.
	dueBatch = 100
	// dueEvery is the longest pause between two rounds: another process may have written.
	dueEvery = 250 * time.Millisecond
	// codeKeep is how long a code that paid nothing is kept after its end.
	codeKeep = time.Hour
)

// actLoop closes what nobody answered or paid in time and does the late debits, until ctx ends.
func (w *Wallet) actLoop(ctx context.Context) {
	swept := time.Time{}
	for ctx.Err() == nil {
		now := clock.Now()
		if err := w.actDue(ctx, now); err != nil && ctx.Err() == nil {
			w.log.Error("wallet: act on due payments", "wallet", w.profile.ID, "error", err)
		}
		if now.Sub(swept) > codeKeep/4 {
			swept = now
			w.sweep(ctx, now)
		}
		pause(ctx, dueEvery)
	}
}

// actDue acts on every payment that is due.
func (w *Wallet) actDue(ctx context.Context, now time.Time) error {
	var ids []string
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		ids, err = dueRequests(ctx, tx, clock.Micros(now), dueBatch)
		return err
	})
	for _, id := range ids {
		err = errors.Join(err, w.act(ctx, id, now))
	}
	return err
}

// act does what is due on one payment, if anything still is: an order or a question that ended
// closes it, a promise is dropped, a late debit happens, even after a cancel. The network is told.
func (w *Wallet) act(ctx context.Context, requestID string, now time.Time) error {
	user := ""
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := loadPayment(ctx, tx, requestID)
		if err != nil || p == nil || p.DueUS == 0 || p.DueUS > clock.Micros(now) {
			return err
		}
		user = p.UserID
		switch p.State {
		case Opened, Asking, Agreed:
			p.refuse(WhyExpired)
			err = savePayment(ctx, tx, p)
		case Held:
			err = w.undo(ctx, tx, p, now)
		default:
			if err = w.debit(ctx, tx, p, now); err == nil && p.State == Cancelled {
				return nil // it was cancelled, and stays so: there is no news
			}
		}
		if err != nil {
			return err
		}
		return w.tell(ctx, tx, p, now)
	})
	if err == nil {
		w.changed(user)
	}
	return err
}

// sweep forgets old codes.
func (w *Wallet) sweep(ctx context.Context, now time.Time) {
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return dropCodes(ctx, tx, clock.Micros(now.Add(-codeKeep)))
	})
	if err != nil && ctx.Err() == nil {
		w.log.Error("wallet: sweep old codes", "wallet", w.profile.ID, "error", err)
	}
}

// pause waits, or ends early with ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
