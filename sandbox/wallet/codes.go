package wallet

import (
	"context"
	"fmt"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
)

// Code is a payment code that can still be used.
type Code struct {
	Value       string
	From, Until time.Time
}

// NewCode obtains a code for a user from the network and keeps it (W3).
//
// Errors: ErrNoUser; those of Network.Codes.
func (w *Wallet) NewCode(ctx context.Context, n *Network, userID string) (Code, error) {
	if _, err := w.Account(ctx, userID); err != nil {
		return Code{}, err
	}
	asked := clock.Now()
	got, err := n.Codes(ctx, userID, 1)
	if err != nil {
		return Code{}, err
	}
	c, err := codeOf(got[0], asked)
	if err != nil {
		return Code{}, err
	}
	err = w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return insertCode(ctx, tx, code{value: c.Value, userID: userID,
			fromUS: clock.Micros(c.From), untilUS: clock.Micros(c.Until)})
	})
	return c, err
}

func codeOf(got wire.PaymentCode, asked time.Time) (Code, error) {
	until, ok := wire.ParseTime(got.ExpiryAt)
	if !ok {
		return Code{}, fmt.Errorf("the network's code ends at %q, which is no time", got.ExpiryAt)
	}
	from, ok := wire.ParseTime(got.StartTime)
	if !ok {
		from = asked
	}
	return Code{Value: got.Code, From: from, Until: until}, nil
}

// ShownCode is the code that the user's phone shows: the newest unused one, or a fresh one when
// that has less than left to live. While the network cannot be reached it is shown to its end.
//
// Errors: those of NewCode.
func (w *Wallet) ShownCode(ctx context.Context, n *Network, userID string, left time.Duration,
) (Code, error) {
	now := clock.Now()
	var c *code
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = newestCode(ctx, tx, userID, clock.Micros(now))
		return err
	})
	if err != nil {
		return Code{}, err
	}
	if c == nil {
		return w.NewCode(ctx, n, userID)
	}
	old := Code{Value: c.value, From: clock.FromMicros(c.fromUS),
		Until: clock.FromMicros(c.untilUS)}
	if old.Until.Sub(now) >= left {
		return old, nil
	}
	fresh, err := w.NewCode(ctx, n, userID)
	if err != nil {
		w.log.Warn("wallet: renew a code", "user", userID, "error", err)
		return old, nil
	}
	return fresh, nil
}
