package park

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"watari/kit/db"
)

// limitKey names what a visitor has for a day; product "" is all products.
type limitKey struct{ park, visitor, day, product string }

func (k limitKey) compare(o limitKey) int {
	for _, c := range []int{strings.Compare(k.park, o.park), strings.Compare(k.visitor, o.visitor),
		strings.Compare(k.day, o.day)} {
		if c != 0 {
			return c
		}
	}
	return strings.Compare(k.product, o.product)
}

// How many do these visitors have? Their rows are made, and locked, in the order of their keys.
func lockLimits(ctx context.Context, tx *db.Tx, keys []limitKey) (map[limitKey]int64, error) {
	out := map[limitKey]int64{}
	slices.SortFunc(keys, limitKey.compare)
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.park, k.visitor, k.day, k.product, int64(0)}
	}
	t := db.Text
	_, err := tx.Bulk(ctx, `insert into park_limit (park_id, visitor_id, day, product, taken)
			{rows} on conflict (park_id, visitor_id, day, product) do update
			set taken = park_limit.taken
		returning park_id, visitor_id, day, product, taken`, []db.Kind{t, t, t, t, db.Int}, rows,
		func(r db.Row) error {
			var k limitKey
			var n int64
			err := r.Scan(&k.park, &k.visitor, &k.day, &k.product, &n)
			out[k] = n
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("look what visitors have: %w", err)
	}
	return out, nil
}

// Count what visitors get, or give back. Rows of days long past may be forgotten.
func addLimits(ctx context.Context, tx *db.Tx, by map[limitKey]int64) error {
	var rows [][]any
	keys := make([]limitKey, 0, len(by))
	for k, n := range by {
		if n != 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, limitKey.compare)
	for _, k := range keys {
		rows = append(rows, []any{k.park, k.visitor, k.day, k.product, by[k]})
	}
	t := db.Text
	_, err := tx.Bulk(ctx, `with v(a, b, c, d, n) as ({rows}) update park_limit
		set taken = taken + v.n from v where park_id = v.a and visitor_id = v.b and day = v.c
			and product = v.d`, []db.Kind{t, t, t, t, db.Int}, rows, nil)
	if err != nil {
		return fmt.Errorf("count what visitors have: %w", err)
	}
	return nil
}

// How many does a visitor have, in all parks? The rows are locked. By the primary key, park by
// park.
func limitsOfVisitor(
	ctx context.Context, tx *db.Tx, visitorID string,
) (map[limitKey]int64, error) {
	out := map[limitKey]int64{}
	err := tx.Each(ctx, func(r db.Row) error {
		var k limitKey
		var n int64
		err := r.Scan(&k.park, &k.visitor, &k.day, &k.product, &n)
		out[k] = n
		return err
	}, `select park_id, visitor_id, day, product, taken from park_limit
		where park_id in (select id from park) and visitor_id = $1
		order by park_id, visitor_id, day, product /*pg for update */`, visitorID)
	return out, err
}

// Forget what visitors have. The rows are locked.
func dropLimits(ctx context.Context, tx *db.Tx, keys []limitKey) error {
	slices.SortFunc(keys, limitKey.compare)
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.park, k.visitor, k.day, k.product}
	}
	t := db.Text
	_, err := tx.Bulk(ctx, `delete from park_limit where (park_id, visitor_id, day, product) in (
		{rows})`, []db.Kind{t, t, t, t}, rows, nil)
	return err
}

// Forget what visitors had who are forgotten, for days that are over. Returns how many rows went.
func purgeGone(ctx context.Context, tx *db.Tx, today string, most int64) (int64, error) {
	return tx.Exec(ctx, `delete from park_limit where (park_id, visitor_id, day, product) in (
		select park_id, visitor_id, day, product from park_limit
		where visitor_id >= $1 and visitor_id < $2 and day < $3
		order by park_id, visitor_id, day, product limit $4)`, goneFrom, goneTo, today, most)
}

// Forget what visitors had for days long past. Returns how many rows went.
func purgeLimits(ctx context.Context, tx *db.Tx, before string, most int64) (int64, error) {
	return tx.Exec(ctx, `delete from park_limit where (park_id, visitor_id, day, product) in (
		select park_id, visitor_id, day, product from park_limit where day < $1
		order by park_id, visitor_id, day, product limit $2)`, before, most)
}

// How many do these visitors have? Their rows are locked in the order of their keys, unless a quote
// only reads.
func limitsOf(
	ctx context.Context, tx *db.Tx, keys []limitKey, lock bool,
) (map[limitKey]int64, error) {
	out := map[limitKey]int64{}
	slices.SortFunc(keys, limitKey.compare)
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.park, k.visitor, k.day, k.product}
	}
	q := `with k(a, b, c, d) as ({rows}) select l.park_id, l.visitor_id, l.day, l.product, l.taken
		from k join park_limit l on l.park_id = k.a and l.visitor_id = k.b and l.day = k.c
			and l.product = k.d
		order by l.park_id, l.visitor_id, l.day, l.product`
	if lock {
		q += ` /*pg for update of l */`
	}
	t := db.Text
	_, err := tx.Bulk(ctx, q, []db.Kind{t, t, t, t}, rows, func(r db.Row) error {
		var k limitKey
		var n int64
		err := r.Scan(&k.park, &k.visitor, &k.day, &k.product, &n)
		out[k] = n
		return err
	})
	return out, err
}
