package report

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

// Dimension is what takings are taken apart by.
type Dimension string

// The dimensions, and what their keys are.
const (
	ByDay        Dimension = "day"    // YYYY-MM-DD in Japan
	ByHour       Dimension = "hour"   // "0" to "23" in Japan, of whatever day
	ByMinute     Dimension = "minute" // minutes since 1970
	ByAcquirer   Dimension = "acquirer"
	ByMerchant   Dimension = "merchant"
	ByStore      Dimension = "store"
	ByTerminal   Dimension = "terminal"   // "0" when no terminal was named
	ByWallet     Dimension = "wallet"     // "0" for orders that nobody has paid
	ByPrefecture Dimension = "prefecture" // two digits, JIS X 0401; "" when not known
	ByCategory   Dimension = "category"   // of the store, ISO 18245
)

// Row is one value of a dimension, or one of several, with its takings.
type Row struct {
	// Keys are the values, in the order in which the dimensions were named. Parties are named by
	// their numbers; Named adds what they are called.
	Keys []string
	Takings
}

// No is the number of the party that the n-th key names; 0 when it names none.
func (r Row) No(n int) int64 {
	no, err := strconv.ParseInt(r.Keys[n], 10, 64)
	if err != nil {
		return 0
	}
	return no
}

// By takes a period's takings apart by one dimension or several, in the order of the keys: days
// and numbers grow. Values without a payment and without a refund are not there. currency may be
// empty, for the yen.
//
// Errors: those of the database.
func (r *Reports) By(
	ctx context.Context, s Scope, p Period, currency money.Currency, dims ...Dimension,
) ([]Row, error) {
	if currency == "" {
		currency = yen
	}
	found := map[string]*Row{}
	add := func(keys []string, t Takings) {
		name := strings.Join(keys, "\x00")
		if found[name] == nil {
			found[name] = &Row{Keys: keys}
		}
		found[name].Takings = found[name].Plus(t)
	}
	err := r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		reach, err := reachOf(ctx, tx, s)
		if err != nil || reach.nothing() {
			return err
		}
		if err := sales(ctx, tx, reach, p, currency, dims, add); err != nil {
			return fmt.Errorf("add up sales: %w", err)
		}
		if err := refunds(ctx, tx, reach, p, currency, dims, add); err != nil {
			return fmt.Errorf("add up refunds: %w", err)
		}
		return nil
	})
	rows := make([]Row, 0, len(found))
	for _, row := range slices.Collect(maps.Values(found)) {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Row) int { return compareKeys(a.Keys, b.Keys) })
	return rows, err
}

// compareKeys puts numbers in the order of their size, and everything else in that of its text.
func compareKeys(a, b []string) int {
	for i := range a {
		if c := len(a[i]) - len(b[i]); c != 0 {
			return c
		}
		if c := strings.Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

// Total adds up a period in yen.
func (r *Reports) Total(ctx context.Context, s Scope, p Period) (Takings, error) {
	rows, err := r.By(ctx, s, p, yen)
	if err != nil || len(rows) == 0 {
		return Takings{}, err
	}
	return rows[0].Takings, nil
}

// DayTakings are the takings of one day.
type DayTakings struct {
	Day time.Time // its midnight in Japan
	Takings
}

// daysMax bounds the days of one report: ten years.
const daysMax = 3660

// Days returns every day of a period in yen, also those without takings, oldest first.
func (r *Reports) Days(ctx context.Context, s Scope, p Period) ([]DayTakings, error) {
	rows, err := r.By(ctx, s, p, yen, ByDay)
	if err != nil {
		return nil, err
	}
	byDay := make(map[string]Takings, len(rows))
	for _, row := range rows {
		byDay[row.Keys[0]] = row.Takings
	}
	var days []DayTakings
	for d := midnight(p.From); d.Before(p.Until) && len(days) < daysMax; d = d.AddDate(0, 0, 1) {
		days = append(days, DayTakings{d, byDay[d.Format(time.DateOnly)]})
	}
	return days, nil
}

// Hours returns the 24 hours of the day that t is in, in yen.
func (r *Reports) Hours(ctx context.Context, s Scope, t time.Time) (hours [24]Takings, err error) {
	rows, err := r.By(ctx, s, Day(t), yen, ByHour)
	for _, row := range rows {
		hours[row.No(0)%24] = row.Takings
	}
	return hours, err
}

// keyOf is a key as By returns it, of what SQL has made.
func (d Dimension) keyOf(raw string) string {
	if d != ByDay {
		return raw
	}
	days, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		return raw
	}
	return clock.FromMicros(days * dayMicros).Format(time.DateOnly)
}

// dayMicros is a day.
const dayMicros = int64(24 * time.Hour / time.Microsecond)
