package park

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"watari/kit/db"
)

// voucherKey names a voucher.
type voucherKey struct{ park, code string }

const voucherCols = `v.park_id, v.code, v.discount, v.visitor_id, v.label, v.uses, v.used,
	v.from_us, v.until_us, v.revoked, v.product, v.day, v.slot, v.places, v.created_us`

func scanVoucher(r db.Row) (v Voucher, err error) {
	var from, until, created int64
	err = r.Scan(&v.ParkID, &v.Code, &v.Discount, &v.VisitorID, &v.Label, &v.Uses, &v.Used, &from,
		&until, &v.Revoked, &v.Product, &v.Day, &v.Slot, &v.Places, &created)
	v.From, v.Until, v.Created = fromMicros(from), fromMicros(until), fromMicros(created)
	return v, err
}

// Which vouchers are these? They are locked in the order of their codes, unless a quote only
// reads.
func vouchersOf(
	ctx context.Context, tx *db.Tx, keys []voucherKey, lock bool,
) (map[voucherKey]*Voucher, error) {
	out := map[voucherKey]*Voucher{}
	slices.SortFunc(keys, voucherKey.compare)
	keys = slices.Compact(keys)
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.park, k.code}
	}
	q := `with k(p, c) as ({rows}) select ` + voucherCols + ` from k join park_voucher v
			on v.park_id = k.p and v.code = k.c order by v.park_id, v.code`
	if lock {
		q += ` /*pg for update of v */`
	}
	_, err := tx.Bulk(ctx, q, []db.Kind{db.Text, db.Text}, rows, func(r db.Row) error {
		v, err := scanVoucher(r)
		out[voucherKey{v.ParkID, v.Code}] = &v
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read vouchers: %w", err)
	}
	return out, nil
}

func (k voucherKey) compare(o voucherKey) int {
	if c := strings.Compare(k.park, o.park); c != 0 {
		return c
	}
	return strings.Compare(k.code, o.code)
}

// Count uses of vouchers; fewer when the number is negative. One that held places is not given
// back.
func useVouchers(ctx context.Context, tx *db.Tx, by map[voucherKey]int64) error {
	keys := make([]voucherKey, 0, len(by))
	for k, n := range by {
		if n != 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, voucherKey.compare)
	var rows [][]any
	for _, k := range keys {
		rows = append(rows, []any{k.park, k.code, by[k]})
	}
	_, err := tx.Bulk(ctx, `with v(p, c, n) as ({rows}) update park_voucher set used = used + v.n
		from v where park_id = v.p and code = v.c and (v.n > 0 or places = 0)`,
		[]db.Kind{db.Text, db.Text, db.Int}, rows, nil)
	if err != nil {
		return fmt.Errorf("count vouchers: %w", err)
	}
	return nil
}

// Keep vouchers. Errors: ErrTaken.
func insertVouchers(ctx context.Context, tx *db.Tx, vs []Voucher) error {
	rows := make([][]any, len(vs))
	for i, v := range vs {
		rows[i] = []any{v.ParkID, v.Code, v.Discount, v.VisitorID, v.Label, v.Uses, v.Used,
			micros(v.From), micros(v.Until), v.Revoked, v.Product, v.Day, v.Slot, v.Places,
			micros(v.Created)}
	}
	t, n := db.Text, db.Int
	done, err := tx.Bulk(ctx, `insert into park_voucher (park_id, code, discount, visitor_id,
			label, uses, used, from_us, until_us, revoked, product, day, slot, places,
			created_us) {rows} on conflict (park_id, code) do nothing`,
		[]db.Kind{t, t, t, t, t, n, n, n, n, db.Bool, t, t, t, n, n}, rows, nil)
	if err == nil && done != int64(len(vs)) {
		return ErrTaken.Newf("the park has such a voucher").At("/code", "is taken")
	}
	return err
}

// How were vouchers asked for under a request id? Nil when they were not. The park is locked.
func batchOf(ctx context.Context, tx *db.Tx, parkID, requestID string) (*voucherBatch, error) {
	b, err := db.One(ctx, tx, func(r db.Row) (b voucherBatch, err error) {
		var codes string
		var made int64
		if err = r.Scan(&b.asked, &codes, &made); err != nil {
			return b, err
		}
		b.made = fromMicros(made)
		return b, decode(codes, &b.codes)
	}, `select asked, codes, made_us from park_voucher_batch
		where park_id = $1 and request_id = $2`, parkID, requestID)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return &b, err
}

// Keep how vouchers were asked for; the park is locked.
func insertBatch(
	ctx context.Context, tx *db.Tx, parkID, requestID string, b *voucherBatch,
) error {
	_, err := tx.Exec(ctx, `insert into park_voucher_batch (park_id, request_id, asked, codes,
			made_us) values ($1, $2, $3, $4, $5)`, parkID, requestID, b.asked, encode(b.codes),
		micros(b.made))
	return err
}

// Revoke a voucher. Errors: ErrUnknown.
func revokeVoucher(ctx context.Context, tx *db.Tx, parkID, code string) error {
	n, err := tx.Exec(ctx, `update park_voucher set revoked = true
		where park_id = $1 and code = $2 and revoked = false`, parkID, code)
	if err == nil && n == 0 {
		return ErrUnknown.Newf("there is no such voucher")
	}
	return err
}

// Which vouchers does a park have, of a label, after a code? In pages, by code. Those of the
// waiting list are left out.
func vouchersIn(
	ctx context.Context, tx *db.Tx, parkID, label, after string, limit int64,
) ([]Voucher, error) {
	return db.All(ctx, tx, scanVoucher, `select `+voucherCols+` from park_voucher v
		where v.park_id = $1 and v.places = 0 and ($2 = '' or v.label = $2) and v.code > $3
		order by v.code limit $4`, parkID, label, after, limit)
}

const waitCols = `id, park_id, visitor_id, product, day, slot, places, state, created_us, voucher,
	until_us`

func scanWait(r db.Row) (w Wait, err error) {
	var created, until int64
	err = r.Scan(&w.ID, &w.ParkID, &w.VisitorID, &w.Product, &w.Day, &w.Slot, &w.Places,
		(*string)(&w.State), &created, &w.Voucher, &until)
	w.Created, w.Until = fromMicros(created), fromMicros(until)
	return w, err
}

// For which of these days does anybody wait?
func waitedFor(ctx context.Context, tx *db.Tx, days []dayKey) (map[dayKey]bool, error) {
	out := map[dayKey]bool{}
	rows := make([][]any, len(days))
	for i, k := range days {
		rows[i] = []any{k.park, k.day}
	}
	_, err := tx.Bulk(ctx, `with k(p, d) as ({rows}) select k.p, k.d from k where exists (
			select 1 from park_wait w where w.park_id = k.p and w.day = k.d
				and w.state = 'waiting')`, []db.Kind{db.Text, db.Text}, rows,
		func(r db.Row) error {
			var k dayKey
			err := r.Scan(&k.park, &k.day)
			out[k] = true
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("look who waits: %w", err)
	}
	return out, nil
}

// thing is what somebody waits for on a day.
type thing struct{ product, slot string }

// What is waited for on a day? By product and slot, at most 1,000 things.
func waitedThings(ctx context.Context, tx *db.Tx, k dayKey) ([]thing, error) {
	return db.All(ctx, tx, func(r db.Row) (t thing, err error) {
		return t, r.Scan(&t.product, &t.slot)
	}, `select product, slot from park_wait where park_id = $1 and day = $2 and state = 'waiting'
		group by product, slot order by product, slot limit 1000`, k.park, k.day)
}

// Keep the products of some things as they are until the end of the transaction. They are locked in
// the order of their codes, after quotas and before who waits.
func keepProducts(ctx context.Context, tx *db.Tx, parkID string, ts []thing) error {
	var codes []string
	for _, t := range ts {
		codes = append(codes, t.product)
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	rows := make([][]any, len(codes))
	for i, code := range codes {
		rows[i] = []any{parkID, code}
	}
	_, err := tx.Bulk(ctx, `with k(p, c) as ({rows}) select p.code from k join park_product p
			on p.park_id = k.p and p.code = k.c order by p.code /*pg for share of p */`,
		[]db.Kind{db.Text, db.Text}, rows, func(db.Row) error { return nil })
	if err != nil {
		return fmt.Errorf("keep products as they are: %w", err)
	}
	return nil
}

// Who waits for a day, for things of which so many are free, and needs no more of them? The first
// first. The quotas of the day are locked, or a quote only reads.
func waitingIn(
	ctx context.Context, tx *db.Tx, k dayKey, free map[thing]int64, limit int64, lock bool,
) ([]Wait, error) {
	if len(free) == 0 {
		return nil, nil
	}
	var fits []string
	args := []any{k.park, k.day, limit}
	for _, t := range sortedThings(free) {
		n := len(args)
		args = append(args, t.product, t.slot, free[t])
		fits = append(fits, fmt.Sprintf("product = $%d and slot = $%d and places <= $%d", n+1,
			n+2, n+3))
	}
	q := `select ` + waitCols + ` from park_wait where park_id = $1 and day = $2
		and state = 'waiting' and (` + strings.Join(fits, " or ") + `) order by id limit $3`
	if lock {
		q += ` /*pg for update */`
	}
	return db.All(ctx, tx, scanWait, q, args...)
}

func sortedThings(free map[thing]int64) []thing {
	out := keysOf(free)
	slices.SortFunc(out, func(a, b thing) int {
		return cmp.Or(strings.Compare(a.product, b.product), strings.Compare(a.slot, b.slot))
	})
	return out
}

// waitDaysPage is how many days are read at once for which somebody waits.
const waitDaysPage = 500

// On which days does somebody wait, after one? By park and day.
func waitDays(ctx context.Context, tx *db.Tx, after dayKey) ([]dayKey, error) {
	return db.All(ctx, tx, func(r db.Row) (k dayKey, err error) {
		return k, r.Scan(&k.park, &k.day)
	}, `select distinct park_id, day from park_wait where state = 'waiting'
			and (park_id > $1 or park_id = $1 and day > $2)
		order by park_id, day limit $3`, after.park, after.day, int64(waitDaysPage))
}

// Whose places have lapsed?
func lapsing(ctx context.Context, tx *db.Tx, now time.Time) ([]Wait, error) {
	return db.All(ctx, tx, scanWait, `select `+waitCols+` from park_wait
		where state = 'offered' and until_us <= $1 order by until_us, id limit 100`, micros(now))
}

// Are places of a product kept for who waited?
func anyOffered(ctx context.Context, tx *db.Tx, parkID, product string) (bool, error) {
	_, err := db.One(ctx, tx, func(r db.Row) (id string, err error) {
		return id, r.Scan(&id)
	}, `select id from park_wait where park_id = $1 and product = $2 and state = 'offered'
		order by id limit 1`, parkID, product)
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// Keep somebody who waits.
func insertWait(ctx context.Context, tx *db.Tx, w *Wait) error {
	_, err := tx.Exec(ctx, `insert into park_wait (id, park_id, visitor_id, product, day, slot,
			places, state, created_us, voucher, until_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0)`, w.ID, w.ParkID, w.VisitorID,
		w.Product, w.Day, w.Slot, w.Places, string(w.State), micros(w.Created))
	return err
}

// Move somebody who waits from a state; false when it was not in it.
func moveWait(ctx context.Context, tx *db.Tx, w *Wait, from WaitState) (bool, error) {
	n, err := tx.Exec(ctx, `update park_wait set state = $3, voucher = $4, until_us = $5
		where id = $1 and state = $2`, w.ID, string(from), string(w.State), w.Voucher,
		micros(w.Until))
	return n == 1, err
}

// The waits whose vouchers were used are over.
func tookWaits(ctx context.Context, tx *db.Tx, parkID string, codes []string) error {
	rows := make([][]any, len(codes))
	for i, c := range codes {
		rows[i] = []any{parkID, c}
	}
	_, err := tx.Bulk(ctx, `with v(p, c) as ({rows}) update park_wait set state = 'taken'
		from v where park_id = v.p and voucher = v.c and state = 'offered'`,
		[]db.Kind{db.Text, db.Text}, rows, nil)
	return err
}

// Nobody waits any more for a day, or for one product on it ("" is all).
func endWaits(ctx context.Context, tx *db.Tx, k dayKey, product string) error {
	_, err := tx.Exec(ctx, `update park_wait set state = 'over'
		where park_id = $1 and day = $2 and state = 'waiting' and ($3 = '' or product = $3)`,
		k.park, k.day, product)
	return err
}

// What does a visitor wait for, and did? The newest first, at most 50.
func waitsOf(ctx context.Context, tx *db.Tx, visitorID string) ([]Wait, error) {
	return db.All(ctx, tx, scanWait, `select `+waitCols+` from park_wait where visitor_id = $1
		order by id desc limit 50`, visitorID)
}

// What does a visitor wait for now? At most waitsMax and a few.
func openWaits(ctx context.Context, tx *db.Tx, visitorID string) ([]Wait, error) {
	return db.All(ctx, tx, scanWait, `select `+waitCols+` from park_wait where visitor_id = $1
		and state in ('waiting', 'offered') order by id`, visitorID)
}

// Which wait of a visitor is this? Locked, unless it is only looked for. Errors: ErrUnknown.
func waitOf(
	ctx context.Context, tx *db.Tx, visitorID, id string, lock bool,
) (Wait, error) {
	q := `select ` + waitCols + ` from park_wait where id = $1 and visitor_id = $2`
	if lock {
		q += ` /*pg for update */`
	}
	w, err := db.One(ctx, tx, scanWait, q, id, visitorID)
	if errors.Is(err, db.ErrNoRows) {
		return w, ErrUnknown.Newf("there is no such place in a waiting list")
	}
	return w, err
}

// How many wait before somebody, for the same?
func aheadOf(ctx context.Context, tx *db.Tx, w *Wait) (int64, error) {
	return db.One(ctx, tx, func(r db.Row) (n int64, err error) {
		return n, r.Scan(&n)
	}, `select count(id) from park_wait where park_id = $1 and day = $2 and product = $3
		and slot = $4 and state = 'waiting' and id < $5`, w.ParkID, w.Day, w.Product, w.Slot, w.ID)
}

// Where are places kept for who waited? By park, product, day and slot.
func offeredPlaces(ctx context.Context, tx *db.Tx) ([]Wait, error) {
	return db.All(ctx, tx, scanWait, `select `+waitCols+` from park_wait
		where state = 'offered' order by id`)
}
