package report

import (
	"context"
	"slices"

	"watari/kit/db"
)

// Rates returns what one unit of base was in quote on the last days that have both, the oldest
// first, at the mid rate.
//
// Errors: those of the database.
func (r *Reports) Rates(ctx context.Context, base, quote string, days int) ([]RateDay, error) {
	var list []RateDay
	err := r.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = ratePairs(ctx, tx, base, quote, days)
		return err
	})
	slices.Reverse(list)
	return list, err
}

// What are the rates of two currencies on the newest days that have both? The euro, in which they
// are published, is one on every day.
func ratePairs(
	ctx context.Context, tx *db.Tx, base, quote string, days int,
) ([]RateDay, error) {
	return db.All(ctx, tx, func(r db.Row) (d RateDay, err error) {
		var bc, be, qc, qe int64
		if err := r.Scan(&d.Day, &bc, &be, &qc, &qe); err != nil {
			return d, err
		}
		return d.priced(base, quote, bc, be, qc, qe)
	}, `select q.day, coalesce(b.coef, 1), coalesce(b.exp, 0), q.coef, q.exp
		from fx_rate q left join fx_rate b on b.day = q.day and b.currency = $1
		where q.currency = $2 and (b.coef is not null or cast($1 as text) = 'EUR')
		order by q.day desc limit $3`, base, quote, days)
}
