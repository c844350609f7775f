package wallet

import (
	"context"
	"crypto/rand"
	"math/big"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
)

// Code is a payment code that can still be used.
type Code struct {
	Value       string
	From, Until time.Time
}

// MintCode keeps a code under which a user can be charged once, until its end (W3).
func (w *Wallet) MintCode(ctx context.Context, userID string, c Code) error {
	return w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return insertCode(ctx, tx, code{value: c.Value, userID: userID,
			fromUS: clock.Micros(c.From), untilUS: clock.Micros(c.Until)})
	})
}

// MintDigits makes and keeps a code of a prefix and random digits, length in all, that lives for
// life. For protocols whose wallets make their codes themselves.
func (w *Wallet) MintDigits(ctx context.Context, userID, prefix string, length int,
	life time.Duration,
) (Code, error) {
	now := clock.Now()
	c := Code{Value: prefix + Digits(length-len(prefix)), From: now, Until: now.Add(life)}
	return c, w.MintCode(ctx, userID, c)
}

// Digits returns n random decimal digits, 1 to 64.
func Digits(n int) string {
	check.That(n >= 1 && n <= 64, "wallet: %d digits", n)
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	made, err := rand.Int(rand.Reader, limit)
	check.That(err == nil, "wallet: no random numbers: %v", err)
	text := made.String()
	return strings.Repeat("0", n-len(text)) + text
}

// NewCode has the front make a code for a user who is there.
//
// Errors: ErrNoUser; those of Front.Code.
func (w *Wallet) NewCode(ctx context.Context, f Front, userID string) (Code, error) {
	if _, err := w.Account(ctx, userID); err != nil {
		return Code{}, err
	}
	return f.Code(ctx, userID)
}

// ShownCode is the code that the user's phone shows: the newest unused one, or a fresh one when
// that has less than left to live. While the network cannot be reached it is shown to its end.
//
// Errors: those of NewCode.
func (w *Wallet) ShownCode(ctx context.Context, f Front, userID string, left time.Duration,
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
		return w.NewCode(ctx, f, userID)
	}
	old := Code{Value: c.value, From: clock.FromMicros(c.fromUS),
		Until: clock.FromMicros(c.untilUS)}
	if old.Until.Sub(now) >= left {
		return old, nil
	}
	fresh, err := w.NewCode(ctx, f, userID)
	if err != nil {
		w.log.Warn("wallet: renew a code", "user", userID, "error", err)
		return old, nil
	}
	return fresh, nil
}
