package park

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"watari/kit/db"
	"watari/kit/i18n"
)

// dayKey names a day of a park.
type dayKey struct{ park, day string }

func scanDay(r db.Row) (k dayKey, d Day, err error) {
	var products, note string
	if err = r.Scan(&k.park, &d.Day, &d.Type, &d.Open, &d.Close, &d.Closed, &products,
		&note); err != nil {
		return k, d, err
	}
	k.day = d.Day
	text, err := i18n.DecodeText(note)
	d.Note = text
	return k, d, errors.Join(err, decode(products, &d.Products))
}

// Which days are these? They are locked against being closed meanwhile, unless a quote only reads.
func daysOf(ctx context.Context, tx *db.Tx, keys []dayKey, lock bool) (map[dayKey]*Day, error) {
	out := map[dayKey]*Day{}
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.park, k.day}
	}
	q := `with k(p, d) as ({rows}) select d.park_id, d.day, d.day_type, d.open_minute,
			d.close_minute, d.closed, d.closed_products, d.note
		from k join park_day d on d.park_id = k.p and d.day = k.d
		order by d.park_id, d.day`
	if lock {
		q += ` /*pg for share of d */`
	}
	_, err := tx.Bulk(ctx, q, []db.Kind{db.Text, db.Text}, rows, func(r db.Row) error {
		k, d, err := scanDay(r)
		out[k] = &d
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read days: %w", err)
	}
	return out, nil
}

// What is the calendar of a park between two days? By day.
func calendarOf(ctx context.Context, tx *db.Tx, parkID, from, to string) ([]Day, error) {
	return db.All(ctx, tx, func(r db.Row) (Day, error) {
		_, d, err := scanDay(r)
		return d, err
	}, `select park_id, day, day_type, open_minute, close_minute, closed, closed_products, note
		from park_day where park_id = $1 and day >= $2 and day <= $3 order by day`,
		parkID, from, to)
}

// Write days; whether they are closed stays as it is.
func writeDays(ctx context.Context, tx *db.Tx, parkID string, ds []Day) error {
	rows := make([][]any, len(ds))
	for i, d := range ds {
		rows[i] = []any{parkID, d.Day, d.Type, d.Open, d.Close, d.Closed, "[]", d.Note.Encode()}
	}
	t, n := db.Text, db.Int
	_, err := tx.Bulk(ctx, `insert into park_day (park_id, day, day_type, open_minute,
			close_minute, closed, closed_products, note) {rows}
		on conflict (park_id, day) do update set day_type = excluded.day_type,
			open_minute = excluded.open_minute, close_minute = excluded.close_minute,
			note = excluded.note`, []db.Kind{t, t, t, n, n, db.Bool, t, t}, rows, nil)
	return err
}

// Close or open a day, or products on it. Whoever is holding it is waited for.
func closeDay(ctx context.Context, tx *db.Tx, parkID string, d *Day) error {
	n, err := tx.Exec(ctx, `update park_day set closed = $3, closed_products = $4
		where park_id = $1 and day = $2`, parkID, d.Day, d.Closed, encode(d.Products))
	if err == nil && n == 0 {
		return ErrDay.Newf("%s is not in the calendar", d.Day)
	}
	return err
}

const quotaCols = `q.park_id, q.day, q.pool, q.slot, q.channel, q.size, q.oversell, q.taken,
	q.release_us`

func scanQuota(r db.Row) (k quotaKey, q Quota, err error) {
	var release int64
	err = r.Scan(&k.park, &k.day, &k.pool, &k.slot, &q.Channel, &q.Size, &q.Oversell, &q.Taken,
		&release)
	q.Pool, q.Day, q.Slot, q.Release = k.pool, k.day, k.slot, fromMicros(release)
	return k, q, err
}

// add puts a row where it belongs.
func addQuota(out map[quotaKey]*quota, k quotaKey, q Quota) {
	of := out[k]
	if of == nil {
		of = &quota{by: map[string]*Quota{}}
		out[k] = of
	}
	if q.Channel == "" {
		of.all = &q
	} else {
		of.by[q.Channel] = &q
	}
}

// How much is left of these? They are locked, in the order of their keys, unless a quote only
// reads. By the primary key.
func quotasOf(
	ctx context.Context, tx *db.Tx, keys []quotaKey, lock bool,
) (map[quotaKey]*quota, error) {
	out := map[quotaKey]*quota{}
	slices.SortFunc(keys, quotaKey.compare)
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.park, k.day, k.pool, k.slot}
	}
	q := `with k(a, b, c, d) as ({rows}) select ` + quotaCols + ` from k join park_quota q
			on q.park_id = k.a and q.day = k.b and q.pool = k.c and q.slot = k.d
		order by q.park_id, q.day, q.pool, q.slot, q.channel`
	if lock {
		q += ` /*pg for update of q */`
	}
	t := db.Text
	_, err := tx.Bulk(ctx, q, []db.Kind{t, t, t, t}, rows, func(r db.Row) error {
		k, one, err := scanQuota(r)
		addQuota(out, k, one)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read quotas: %w", err)
	}
	return out, nil
}

// How much is left of everything on a day of a park? Locked, in the order of the keys.
func quotasOfDay(ctx context.Context, tx *db.Tx, k dayKey) (map[quotaKey]*quota, error) {
	out := map[quotaKey]*quota{}
	err := tx.Each(ctx, func(r db.Row) error {
		k, one, err := scanQuota(r)
		addQuota(out, k, one)
		return err
	}, `select `+quotaCols+` from park_quota q where q.park_id = $1 and q.day = $2
		order by q.park_id, q.day, q.pool, q.slot, q.channel /*pg for update */`, k.park, k.day)
	return out, err
}

// How much is left between two days of what counts no slots? By the primary key, in its order.
func wholeQuotas(
	ctx context.Context, tx *db.Tx, parkID, from, to string, each func(quotaKey, Quota),
) error {
	return tx.Each(ctx, func(r db.Row) error {
		k, q, err := scanQuota(r)
		if err == nil {
			each(k, q)
		}
		return err
	}, `select `+quotaCols+` from park_quota q
		where q.park_id = $1 and q.day >= $2 and q.day <= $3 and q.slot = ''
		order by q.park_id, q.day, q.pool, q.slot, q.channel`, parkID, from, to)
}

// slotsOf are the slots of one pool that are looked at.
type slotsOf struct {
	pool  string
	slots []string
}

// How much can be taken through a channel in the best of some slots, for each day and pool? As
// quota.roomFor has it, in one pass by the engine: slots are many. By the primary key, in its
// order. Pools and slots are few, and never none.
func bestSlots(
	ctx context.Context, tx *db.Tx, parkID, from, to, channel string, of []slotsOf, now time.Time,
) (map[quotaKey]int64, error) {
	args := []any{parkID, from, to}
	mark := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	var pools []string
	for _, o := range of {
		pool := mark(o.pool)
		marks := make([]string, len(o.slots))
		for i, slot := range o.slots {
			marks[i] = mark(slot)
		}
		// Hidden behind || they are no constants: SQLite would not see that the rows come in the
		// order of the groups, and sort them twice.
		pools = append(pools, "pool || '' = "+pool+" and slot || '' in ("+
			strings.Join(marks, ", ")+")")
	}
	wanted := `park_id = $1 and day >= $2 and day <= $3 and (` + strings.Join(pools, " or ") + `)`
	allotted, err := slotsAllotted(ctx, tx, parkID, from, to, now)
	if err != nil {
		return nil, err
	}
	q := `select day, pool, cast(max(size + oversell - taken) as bigint) from park_quota
		where channel = '' and ` + wanted + ` group by day, pool order by day, pool`
	if allotted {
		q = allottedSlots(wanted, mark(channel), mark(micros(now)))
	}
	best := map[quotaKey]int64{}
	err = tx.Each(ctx, func(r db.Row) error {
		k := quotaKey{park: parkID}
		var left int64
		err := r.Scan(&k.day, &k.pool, &left)
		best[k] = left
		return err
	}, q, args...)
	return best, err
}

// allottedSlots asks for the best slots where some are allotted to channels: three times the work.
func allottedSlots(wanted, channel, now string) string {
	holds := `(release_us = 0 or release_us > ` + now + `)`
	return `with s as (select day, pool, slot,
				max(case when channel = '' then size + oversell - taken else 0 end) as free,
				max(case when channel = ` + channel + ` and size >= 0 and ` + holds + `
					then 1 else 0 end) as allotted,
				max(case when channel = ` + channel + ` then size - taken end) as own,
				cast(sum(case when channel <> '' and channel <> ` + channel + ` and size > taken
					and ` + holds + ` then size - taken else 0 end) as bigint) as others
			from park_quota where ` + wanted + ` group by day, pool, slot order by day, pool, slot)
		select day, pool, cast(max(case when allotted > 0 and own < free then own
			when allotted > 0 then free else free - others end) as bigint)
		from s group by day, pool order by day, pool`
}

// Is any slot of these days allotted to a channel?
func slotsAllotted(
	ctx context.Context, tx *db.Tx, parkID, from, to string, now time.Time,
) (bool, error) {
	_, err := db.One(ctx, tx, func(r db.Row) (day string, err error) {
		return day, r.Scan(&day)
	}, `select day from park_quota where park_id = $1 and day >= $2 and day <= $3 and slot <> ''
			and channel <> '' and size >= 0 and (release_us = 0 or release_us > $4)
		order by day limit 1`, parkID, from, to, micros(now))
	if errors.Is(err, db.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// How much is left between two days of everything? By the primary key, in its order.
func quotasBetween(
	ctx context.Context, tx *db.Tx, parkID, from, to string, each func(quotaKey, Quota),
) error {
	return tx.Each(ctx, func(r db.Row) error {
		k, q, err := scanQuota(r)
		if err == nil {
			each(k, q)
		}
		return err
	}, `select `+quotaCols+` from park_quota q
		where q.park_id = $1 and q.day >= $2 and q.day <= $3
		order by q.park_id, q.day, q.pool, q.slot, q.channel`, parkID, from, to)
}

// Count what was taken and given back. Channels that nothing was sold through get their row.
func writeTaken(ctx context.Context, tx *db.Tx, qs map[quotaKey]*quota) error {
	keys := make([]quotaKey, 0, len(qs))
	for k, q := range qs {
		if q.change != nil {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, quotaKey.compare)
	var fresh, changed [][]any
	for _, k := range keys {
		q := qs[k]
		var channels []string
		for c, n := range q.change {
			if n != 0 {
				channels = append(channels, c)
			}
		}
		slices.Sort(channels)
		for _, c := range channels {
			row := []any{k.park, k.day, k.pool, k.slot, c}
			if c != "" && q.by[c].Pool == "" {
				fresh = append(fresh, append(row, int64(-1), int64(0), int64(0), int64(0)))
			}
			changed = append(changed, []any{k.park, k.day, k.pool, k.slot, c, q.change[c]})
		}
	}
	t, n := db.Text, db.Int
	if _, err := tx.Bulk(ctx, `insert into park_quota (park_id, day, pool, slot, channel, size,
			oversell, taken, release_us) {rows}
		on conflict (park_id, day, pool, slot, channel) do nothing`,
		[]db.Kind{t, t, t, t, t, n, n, n, n}, fresh, nil); err != nil {
		return fmt.Errorf("begin to count channels: %w", err)
	}
	done, err := tx.Bulk(ctx, `with v(a, b, c, d, e, n) as ({rows}) update park_quota
		set taken = taken + v.n from v where park_id = v.a and day = v.b and pool = v.c
			and slot = v.d and channel = v.e`, []db.Kind{t, t, t, t, t, n}, changed, nil)
	if err == nil && done != int64(len(changed)) {
		err = fmt.Errorf("%d of %d quotas are there", done, len(changed))
	}
	if err != nil {
		return fmt.Errorf("count what is taken: %w", err)
	}
	return nil
}

// Write the sizes of quotas; what is taken stays.
func writeSizes(ctx context.Context, tx *db.Tx, parkID string, qs []Quota) error {
	rows := make([][]any, len(qs))
	for i, q := range qs {
		rows[i] = []any{parkID, q.Day, q.Pool, q.Slot, q.Channel, q.Size, q.Oversell, int64(0),
			micros(q.Release)}
	}
	t, n := db.Text, db.Int
	_, err := tx.Bulk(ctx, `insert into park_quota (park_id, day, pool, slot, channel, size,
			oversell, taken, release_us) {rows}
		on conflict (park_id, day, pool, slot, channel) do update set size = excluded.size,
			oversell = excluded.oversell, release_us = excluded.release_us`,
		[]db.Kind{t, t, t, t, t, n, n, n, n}, rows, nil)
	return err
}

const closureCols = `id, park_id, day, products, reason, actor, created_us, reopened_us`

func scanClosure(r db.Row) (c Closure, err error) {
	var products, reason string
	var created, reopened int64
	if err = r.Scan(&c.ID, &c.ParkID, &c.Day, &products, &reason, &c.Actor, &created,
		&reopened); err != nil {
		return c, err
	}
	c.Created, c.Reopened = fromMicros(created), fromMicros(reopened)
	text, err := i18n.DecodeText(reason)
	c.Reason = text
	return c, errors.Join(err, decode(products, &c.Products))
}

// Which closures does a park have? The newest first, at most 100.
func closuresIn(ctx context.Context, tx *db.Tx, parkID string) ([]Closure, error) {
	return db.All(ctx, tx, scanClosure, `select `+closureCols+` from park_closure
		where park_id = $1 order by id desc limit 100`, parkID)
}

// Which closure is this? Errors: ErrUnknown.
func closureIn(ctx context.Context, tx *db.Tx, parkID, id string) (Closure, error) {
	c, err := db.One(ctx, tx, scanClosure, `select `+closureCols+` from park_closure
		where id = $1 and park_id = $2`, id, parkID)
	if errors.Is(err, db.ErrNoRows) {
		return c, ErrUnknown.Newf("the park has no closure %q", id)
	}
	return c, err
}

// Which closures of a day hold? The oldest first.
func closuresOfDay(ctx context.Context, tx *db.Tx, parkID, day string) ([]Closure, error) {
	return db.All(ctx, tx, scanClosure, `select `+closureCols+` from park_closure
		where park_id = $1 and day = $2 and reopened_us = 0 order by id`, parkID, day)
}

// Keep a closure.
func insertClosure(ctx context.Context, tx *db.Tx, c *Closure) error {
	_, err := tx.Exec(ctx, `insert into park_closure (id, park_id, day, products, reason, actor,
			created_us, reopened_us) values ($1, $2, $3, $4, $5, $6, $7, 0)`, c.ID, c.ParkID,
		c.Day, encode(c.Products), c.Reason.Encode(), c.Actor, micros(c.Created))
	return err
}

// The day of a closure is sold again.
func reopenClosure(ctx context.Context, tx *db.Tx, id string, now time.Time) error {
	_, err := tx.Exec(ctx, `update park_closure set reopened_us = $2 where id = $1`, id,
		micros(now))
	return err
}
