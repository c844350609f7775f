package report_test

import (
	"io/fs"
	"strings"
	"testing"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/money"
	"watari/pay/fx"
	"watari/pay/report"
	"watari/sandbox/rates"
)

// Goal: the rate of a day is what quotes are made of. Method: the sandbox's file; the newest day
// against the cross of its two rates, both ways round, and the euro itself.
func TestRatesAreThoseOfQuotes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, []fs.FS{event.Migrations(), fx.Migrations}, func(t *testing.T, d *db.DB) {
		board := fx.New(d, fx.Config{RepeatLastDay: true})
		_, err := board.Import(t.Context(), strings.NewReader(string(rates.Recent)), "test")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ base, quote money.Currency }{
			{"CNY", "JPY"}, {"JPY", "CNY"}, {"EUR", "JPY"}} {
			days, err := report.New(d).Rates(t.Context(), string(c.base), string(c.quote), 5)
			if err != nil || len(days) != 5 || days[0].Day >= days[4].Day {
				t.Fatalf("%v: %v, %v", c, days, err)
			}
			q, err := board.Live(t.Context(), 1, c.base, c.quote, 0, clock.Now())
			if err != nil || q.Day != days[4].Day || q.Rate.String() != days[4].Rate.String() {
				t.Errorf("%v: quote %s of %s, page %s of %s, %v", c, q.Rate, q.Day,
					days[4].Rate, days[4].Day, err)
			}
			coef, exp := days[4].Rate.Columns()
			if exp >= -12 && coef > 0 && days[4].Micros == 0 {
				t.Errorf("%v: %s has no height", c, days[4].Rate)
			}
		}
		none, err := report.New(d).Rates(t.Context(), "JPY", "XXX", 5)
		if err != nil || len(none) != 0 {
			t.Errorf("no rate: %v, %v", none, err)
		}
	})
}
