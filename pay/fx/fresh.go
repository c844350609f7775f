package fx

import (
	"context"
	"time"

	"watari/kit/money"
)

// Freshness is how old the rates of a pair are.
type Freshness struct {
	Day   string    // YYYY-MM-DD, of the newest rates that both currencies have (X6)
	Until time.Time // when they are too old; zero is never
}

// Fresh returns how old the rates of a pair are, and locks nothing.
//
// Errors: ErrMissing, ErrStale.
func (b *Board) Fresh(
	ctx context.Context, base, quote money.Currency, now time.Time,
) (Freshness, error) {
	c, err := b.common(ctx, pair{base: base, quote: quote}, now)
	return Freshness{Day: c.day, Until: c.until}, err
}
