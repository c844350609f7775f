package fx

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
	"watari/kit/money"
)

// pair is what one quote is for.
type pair struct {
	issuerNo    int64
	base, quote money.Currency
	spreadPPM   int64
}

// slot holds the live quote of a pair. Its door lets one caller at a time lock a new one.
type slot struct {
	quote atomic.Pointer[Quote]
	door  chan struct{}
}

// Live returns a quote from base to quote that is good at now. It gives the one in memory, or
// locks a new one in its own transaction, so it must not be called inside another. The same quote
// is given to any number of payments, and one caller locks it while the others wait. It ends with
// Config.Life, and no later than its rates.
//
// spreadPPM is parts per million added to the mid rate, above -1,000,000. A pair of one currency
// has rate one and needs no reference rate.
//
// Errors: ErrMissing, ErrStale; those of the database, and of ctx.
func (b *Board) Live(ctx context.Context, issuerNo int64, base, quote money.Currency,
	spreadPPM int64, now time.Time) (Quote, error) {
	p := pair{issuerNo: issuerNo, base: base, quote: quote, spreadPPM: spreadPPM}
	s := b.slot(p)
	if q := s.quote.Load(); q != nil && q.Live(now) {
		return *q, nil
	}

	select {
	case s.door <- struct{}{}:
		defer func() { <-s.door }()
	case <-ctx.Done():
		return Quote{}, ctx.Err()
	}
	if q := s.quote.Load(); q != nil && q.Live(now) {
		return *q, nil
	}
	q, err := b.lock(ctx, p, now)
	if err != nil {
		return Quote{}, err
	}
	s.quote.Store(&q)
	return q, nil
}

// slot returns the slot of a pair.
func (b *Board) slot(p pair) *slot {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.slots[p]
	if s == nil {
		s = &slot{door: make(chan struct{}, 1)}
		b.slots[p] = s
	}
	return s
}

// lock makes and stores a new quote. The rates are read apart from the write, so that a pair
// without rates never waits for the writer.
func (b *Board) lock(ctx context.Context, p pair, now time.Time) (Quote, error) {
	c, err := b.common(ctx, p, now)
	if err != nil {
		return Quote{}, err
	}
	until := now.Add(b.cfg.Life)
	if !c.until.IsZero() && c.until.Before(until) {
		until = c.until
	}
	q := Quote{ID: id.New("quo", 0), IssuerNo: p.issuerNo, SpreadPPM: p.spreadPPM, Day: c.day,
		// Columns hold microseconds: what is in memory must be what is stored.
		From:  clock.FromMicros(clock.Micros(now)),
		Until: clock.FromMicros(clock.Micros(until))}
	if q.Rate, err = money.Cross(p.base, p.quote, c.base, c.quote, p.spreadPPM); err != nil {
		return Quote{}, unpriced(p, err)
	}
	if q.Mid, err = money.Cross(p.base, p.quote, c.base, c.quote, 0); err != nil {
		return Quote{}, unpriced(p, err)
	}
	err = b.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return insertQuote(ctx, tx, q)
	})
	return q, err
}

// common is the newest rates of two currencies on one day (X6).
type common struct {
	day         string
	base, quote money.Decimal
	until       time.Time // when they are too old; zero is never
}

// common finds the rates for a pair and refuses those that are too old.
func (b *Board) common(ctx context.Context, p pair, now time.Time) (common, error) {
	for _, c := range [...]money.Currency{p.base, p.quote} {
		if _, ok := c.Digits(); !ok {
			return common{}, ErrMissing.Newf("%q is not a known currency", string(c))
		}
	}
	if p.base == p.quote {
		return common{day: now.UTC().Format(time.DateOnly), base: money.One(),
			quote: money.One()}, nil
	}
	var c common
	err := b.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = newestCommon(ctx, tx, p.base, p.quote)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return c, ErrMissing.Newf("there is no rate from %s to %s", p.base, p.quote)
	}
	if err != nil || b.cfg.RepeatLastDay {
		return c, err
	}
	c.until = goodUntil(c.day, b.cfg.Publications, b.cfg.Grace)
	if !clock.FromMicros(clock.Micros(now)).Before(c.until) {
		return c, ErrStale.Newf("the newest rates of %s and %s are of %s and were good until %s",
			p.base, p.quote, c.day, c.until.Format(time.RFC3339)).Set("rate_day", c.day)
	}
	return c, nil
}

// unpriced says that the rates of a pair make no rate, which no two currencies' rates do.
func unpriced(p pair, err error) error {
	return ErrMissing.Newf("there is no rate from %s to %s", p.base, p.quote).Because(err)
}

// Find returns a quote by its id.
//
// Errors: ErrQuoteUnknown.
func Find(ctx context.Context, tx *db.Tx, id string) (Quote, error) {
	q, err := findQuote(ctx, tx, id)
	if errors.Is(err, db.ErrNoRows) {
		return q, ErrQuoteUnknown.Newf("there is no quote %q", id)
	}
	return q, err
}
