package fx

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/foureyes"
	"watari/kit/money"
)

//go:embed sql/*.sql
var files embed.FS

// Migrations are this package's tables, and the one in which rates wait for a second person.
var Migrations = db.Sets(foureyes.Migrations(), files)

// applied is a rate that is or becomes valid.
type applied struct {
	day string
	Reference
}

// lockBoard makes this transaction the only one that writes rates until it ends.
func lockBoard(ctx context.Context, tx *db.Tx, now time.Time) error {
	_, err := tx.Exec(ctx,
		`insert into fx_board (no, written_at_us) values (1, $1)
		on conflict (no) do update set written_at_us = excluded.written_at_us`,
		clock.Micros(now))
	return err
}

// rateCols is the order that scanApplied reads.
const rateCols = `day, currency, coef, exp`

func scanApplied(r db.Row) (applied, error) {
	var a applied
	var coef, exp int64
	if err := r.Scan(&a.day, (*string)(&a.Currency), &coef, &exp); err != nil {
		return a, err
	}
	rate, err := money.DecimalOf(coef, exp)
	a.Rate = rate
	return a, err
}

// Which rates are there from a day on? By the primary key.
func ratesSince(ctx context.Context, tx *db.Tx, day string) (
	map[string]map[money.Currency]money.Decimal, error) {
	list, err := db.All(ctx, tx, scanApplied,
		`select `+rateCols+` from fx_rate where day >= $1 order by day, currency`, day)
	found := map[string]map[money.Currency]money.Decimal{}
	for _, a := range list {
		if found[a.day] == nil {
			found[a.day] = map[money.Currency]money.Decimal{}
		}
		found[a.day][a.Currency] = a.Rate
	}
	return found, err
}

// What is the newest rate of each currency before a day? By the index on currency and day.
func newestBefore(ctx context.Context, tx *db.Tx, day string) (map[money.Currency]known, error) {
	list, err := db.All(ctx, tx, scanApplied,
		`with newest as (select currency, max(day) as day from fx_rate where day < $1
			group by currency)
		select r.day, r.currency, r.coef, r.exp from newest n
		join fx_rate r on r.currency = n.currency and r.day = n.day
		order by r.currency`, day)
	found := map[money.Currency]known{}
	for _, a := range list {
		found[a.Currency] = known{a.day, a.Rate}
	}
	return found, err
}

// What are the rates of two currencies on the newest day that has both (X6)? By the index on
// currency and day. The euro's rate against itself is one on every day.
func newestCommon(ctx context.Context, tx *db.Tx, base, quote money.Currency) (common, error) {
	const euro = "EUR"
	if base != euro && quote != euro {
		return db.One(ctx, tx, scanCommon,
			`select b.day, b.coef, b.exp, q.coef, q.exp from fx_rate b
			join fx_rate q on q.day = b.day
			where b.currency = $1 and q.currency = $2
			order by b.day desc limit 1`, base, quote)
	}
	other := base
	if base == euro {
		other = quote
	}
	a, err := db.One(ctx, tx, scanApplied,
		`select `+rateCols+` from fx_rate where currency = $1 order by day desc limit 1`, other)
	if base == euro {
		return common{day: a.day, base: money.One(), quote: a.Rate}, err
	}
	return common{day: a.day, base: a.Rate, quote: money.One()}, err
}

func scanCommon(r db.Row) (common, error) {
	var c common
	var baseCoef, baseExp, quoteCoef, quoteExp int64
	err := r.Scan(&c.day, &baseCoef, &baseExp, &quoteCoef, &quoteExp)
	if err != nil {
		return c, err
	}
	if c.base, err = money.DecimalOf(baseCoef, baseExp); err != nil {
		return c, err
	}
	c.quote, err = money.DecimalOf(quoteCoef, quoteExp)
	return c, err
}

// insertRates applies rates. One that is there already is replaced: only an approved correction
// brings such a rate.
func insertRates(ctx context.Context, tx *db.Tx, rates []applied, source, by string,
	now time.Time) error {
	slices.SortFunc(rates, func(a, b applied) int {
		if a.day != b.day {
			return strings.Compare(a.day, b.day)
		}
		return strings.Compare(string(a.Currency), string(b.Currency))
	})
	rows := make([][]any, len(rates))
	for i, a := range rates {
		coef, exp := a.Rate.Columns()
		rows[i] = []any{a.day, string(a.Currency), coef, exp, source, by, clock.Micros(now)}
	}
	_, err := tx.Bulk(ctx,
		`insert into fx_rate (day, currency, coef, exp, source, imported_by, imported_at_us)
		{rows} on conflict (day, currency) do update set coef = excluded.coef,
			exp = excluded.exp, source = excluded.source, imported_by = excluded.imported_by,
			imported_at_us = excluded.imported_at_us`,
		[]db.Kind{db.Text, db.Text, db.Int, db.Int, db.Text, db.Text, db.Int}, rows, nil)
	return err
}

// quoteCols is the order of insertQuote and findQuote.
const quoteCols = `id, issuer_no, base, quote, coef, exp, mid_coef, mid_exp, spread_ppm,
	rate_day, from_us, until_us`

func insertQuote(ctx context.Context, tx *db.Tx, q Quote) error {
	coef, exp := q.Rate.Columns()
	midCoef, midExp := q.Mid.Columns()
	_, err := tx.Exec(ctx, `insert into fx_quote (`+quoteCols+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		q.ID, q.IssuerNo, q.Rate.Base(), q.Rate.Quote(), coef, exp, midCoef, midExp,
		q.SpreadPPM, q.Day, clock.Micros(q.From), clock.Micros(q.Until))
	if err != nil {
		return fmt.Errorf("lock quote: %w", err)
	}
	return nil
}

// Which quote has this id? By the primary key.
func findQuote(ctx context.Context, tx *db.Tx, id string) (Quote, error) {
	return db.One(ctx, tx, scanQuote, `select `+quoteCols+` from fx_quote where id = $1`, id)
}

func scanQuote(r db.Row) (Quote, error) {
	var q Quote
	var base, quote string
	var coef, exp, midCoef, midExp, from, until int64
	err := r.Scan(&q.ID, &q.IssuerNo, &base, &quote, &coef, &exp, &midCoef, &midExp,
		&q.SpreadPPM, &q.Day, &from, &until)
	if err != nil {
		return q, err
	}
	q.From, q.Until = clock.FromMicros(from), clock.FromMicros(until)
	q.Rate, err = money.RateOf(coef, exp, money.Currency(base), money.Currency(quote))
	if err != nil {
		return q, err
	}
	q.Mid, err = money.RateOf(midCoef, midExp, money.Currency(base), money.Currency(quote))
	return q, err
}
