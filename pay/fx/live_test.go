package fx_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/fx"
	"watari/sandbox/rates"
)

// now is a moment after the publication of 2026-04-13.
var now = time.Date(2026, 4, 13, 15, 30, 0, 123456789, time.UTC)

// Goal: the rate and amounts of the worked case (X2). Method: by hand.
//
//	one euro is 186.75 JPY and 7.9827 CNY:   7.9827 ÷ 186.75   = 0.042745381526104… CNY for JPY 1
//	to 12 significant digits                                   → 0.0427453815261
//	JPY 1,980 × 0.0427453815261                                = 84.635855421678 → CNY 84.64
//	with 0.8 % spread: 7.9827 × 1.008 ÷ 186.75                 = 0.043087344578313… → 0.0430873445783
//	JPY 1,980 × 0.0430873445783                                = 85.312942265034 → CNY 85.31
func TestQuoteOfTheReferenceRates(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, d *db.DB) {
		load(t, b, string(rates.Recent), "job:rates")
		order := money.MustNew(1980, "JPY")

		plain := quote(t, b, "CNY", now)
		spread, err := b.Live(t.Context(), 1, "JPY", "CNY", 8_000, now)
		if err != nil {
			t.Fatal(err)
		}

		if plain.Rate.String() != "0.0427453815261" || plain.Mid != plain.Rate ||
			plain.Day != "2026-04-13" {
			t.Errorf("got %+v", plain)
		}
		payTo, mid, err := plain.Convert(order)
		if err != nil || payTo != money.MustNew(8464, "CNY") || mid != payTo {
			t.Errorf("got %v, %v, %v, want CNY 84.64", payTo, mid, err)
		}
		if spread.Rate.String() != "0.0430873445783" || spread.Mid != plain.Rate {
			t.Errorf("got %+v", spread)
		}
		payTo, mid, err = spread.Convert(order)
		if err != nil || payTo != money.MustNew(8531, "CNY") || mid != money.MustNew(8464, "CNY") {
			t.Errorf("got %v, %v, %v, want CNY 85.31 and 84.64", payTo, mid, err)
		}
		err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			found, err := fx.Find(ctx, tx, spread.ID)
			if found != spread {
				t.Errorf("stored: got %+v, want %+v", found, spread)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// Goal: one quote serves many payments and ends on time (X1). Method: 64 callers at once, then
// the edges of its life, another issuer, another spread.
func TestOneQuoteServesManyPayments(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{Life: 5 * time.Minute}, func(t *testing.T, b *fx.Board, _ *db.DB) {
		load(t, b, string(rates.Recent), "job:rates")
		var mu sync.Mutex
		ids := map[string]bool{}
		var wg sync.WaitGroup
		for range 64 {
			wg.Go(func() {
				q, err := b.Live(t.Context(), 1, "JPY", "CNY", 0, now)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				ids[q.ID] = true
			})
		}
		wg.Wait()
		if len(ids) != 1 {
			t.Fatalf("got %d quotes, want one", len(ids))
		}

		first := quote(t, b, "CNY", now)
		if got := first.Until.Sub(first.From); got != 5*time.Minute {
			t.Errorf("a life of %s", got)
		}
		if q := quote(t, b, "CNY", first.Until.Add(-time.Microsecond)); q.ID != first.ID {
			t.Error("the quote ends too early")
		}
		if q := quote(t, b, "CNY", first.Until); q.ID == first.ID || q.From != first.Until {
			t.Errorf("the quote lives on: %+v", q)
		}
		for what, other := range map[string]func() (fx.Quote, error){
			"issuer": func() (fx.Quote, error) {
				return b.Live(t.Context(), 2, "JPY", "CNY", 0, now)
			},
			"spread": func() (fx.Quote, error) {
				return b.Live(t.Context(), 1, "JPY", "CNY", 1, now)
			},
		} {
			if q, err := other(); err != nil || ids[q.ID] {
				t.Errorf("another %s: got %+v, %v", what, q, err)
			}
		}
	})
}

// Goal: old rates price nothing, and the sandbox's never age. Method: Friday's rates over the
// weekend and beyond.
func TestOldRatesAreRefused(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, d *db.DB) {
		load(t, b, string(rates.Recent), "job:rates") // Monday 2026-04-13
		for _, c := range []struct {
			text string
			want error
		}{
			{"2026-04-13T15:00:00Z", nil},
			{"2026-04-15T16:59:59Z", nil},
			{"2026-04-15T17:00:00Z", fx.ErrStale},
			{"2027-04-15T17:00:00Z", fx.ErrStale},
		} {
			at, err := time.Parse(time.RFC3339, c.text)
			if err != nil {
				t.Fatal(err)
			}
			q, err := b.Live(t.Context(), 1, "JPY", "CNY", 0, at)
			if !errors.Is(err, c.want) {
				t.Errorf("%s: got %+v, %v, want %v", c.text, q, err, c.want)
			}
		}
		late := time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)
		sandbox := fx.New(d, fx.Config{RepeatLastDay: true})
		if q := quote(t, sandbox, "CNY", late); q.Day != "2026-04-13" ||
			q.Rate.String() != "0.0427453815261" {
			t.Errorf("the sandbox: got %+v", q)
		}
	})
}

// Goal: pairs with the euro, with one currency, and without a rate. Method: one each.
func TestPairs(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, _ *db.DB) {
		if _, err := b.Live(t.Context(), 1, "JPY", "CNY", 0, now); !errors.Is(err, fx.ErrMissing) {
			t.Errorf("no rates at all: got %v", err)
		}
		load(t, b, string(rates.Recent), "job:rates")
		for _, c := range []struct {
			base, quote money.Currency
			rate        string
			err         error
		}{
			{"EUR", "JPY", "186.75", nil},
			{"JPY", "EUR", "0.0053547523427", nil}, // 1 ÷ 186.75 = 0.00535475234270 41…
			{"JPY", "JPY", "1", nil},
			{"USD", "JPY", "159.833960972", nil}, // 186.75 ÷ 1.1684 = 159.833960972 27…
			{"JPY", "TWD", "", fx.ErrMissing},    // the bank publishes none
			{"TWD", "EUR", "", fx.ErrMissing},
			{"JPY", "BGN", "", fx.ErrMissing},
			{"JPY", "XXX", "", fx.ErrMissing},
			{"", "JPY", "", fx.ErrMissing},
		} {
			q, err := b.Live(t.Context(), 1, c.base, c.quote, 0, now)
			if !errors.Is(err, c.err) || err == nil && c.rate != q.Rate.String() {
				t.Errorf("%s to %s: got %s, %v, want %s, %v", c.base, c.quote, q.Rate, err,
					c.rate, c.err)
			}
		}
	})
}

// Goal: waiting for a quote ends with the caller's time. Method: a context that is over.
func TestLiveEndsWithItsContext(t *testing.T) {
	t.Parallel()
	each(t, fx.Config{}, func(t *testing.T, b *fx.Board, _ *db.DB) {
		load(t, b, string(rates.Recent), "job:rates")
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := b.Live(ctx, 1, "JPY", "CNY", 0, now); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if _, err := b.Live(t.Context(), 1, "JPY", "CNY", 0, now); err != nil {
			t.Errorf("the next caller: got %v", err)
		}
	})
}
