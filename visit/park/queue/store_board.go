package queue

import (
	"cmp"
	"context"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

const postCols = `id, park_id, place_id, posted_us, state, minutes, at_most, timed_only, windows,
	note, actor`

func scanPost(r db.Row) (p Post, err error) {
	var at int64
	err = r.Scan(&p.ID, &p.ParkID, &p.PlaceID, &at, (*string)(&p.State), &p.Minutes, &p.AtMost,
		&p.TimedOnly, &p.Windows, &p.Note, &p.Actor)
	p.At = clock.FromMicros(at)
	return p, err
}

func insertPost(ctx context.Context, tx *db.Tx, p Post) error {
	_, err := tx.Exec(ctx, `insert into queue_post (id, park_id, place_id, posted_us, state,
			minutes, at_most, timed_only, windows, note, actor)
		values ($1, $2, $3, $4, $5, cast($6 as bigint), $7, $8, cast($9 as bigint), $10, $11)`,
		p.ID, p.ParkID, p.PlaceID, clock.Micros(p.At), string(p.State), p.Minutes, p.AtMost,
		p.TimedOnly, p.Windows, p.Note, p.Actor)
	return err
}

// What did staff of a park say in a span, the oldest first? By the index on parks.
func postsOf(
	ctx context.Context, tx *db.Tx, parkID string, from, until time.Time,
) ([]Post, error) {
	return db.All(ctx, tx, scanPost, `select `+postCols+` from queue_post
		where park_id = $1 and posted_us >= $2 and posted_us < $3 order by posted_us, id`,
		parkID, clock.Micros(from), clock.Micros(until))
}

// Which places of a park were said to be refurbished before a moment, and nothing since?
func refurbished(
	ctx context.Context, tx *db.Tx, parkID string, before time.Time,
) ([]Post, error) {
	return db.All(ctx, tx, scanPost, `select `+postCols+` from queue_post p
		where park_id = $1 and posted_us < $2 and state = 'refurbishment'
			and not exists (select 1 from queue_post n where n.park_id = p.park_id
				and n.place_id = p.place_id and n.state <> '' and n.posted_us < $2
				and (n.posted_us > p.posted_us or n.posted_us = p.posted_us and n.id > p.id))
		order by posted_us, id`, parkID, clock.Micros(before))
}

const momentCols = `e.place_id, e.minute_us, e.state, e.wait_s, e.low_s, e.high_s, e.shown,
	e.at_most, e.timed_only, e.in_line, e.method, e.source, e.observed_us`

func scanMoment(r db.Row) (m Moment, err error) {
	var at, observed int64
	err = r.Scan(&m.PlaceID, &at, (*string)(&m.State), &m.Wait, &m.Low, &m.High, &m.Shown,
		&m.AtMost, &m.TimedOnly, &m.InLine, (*string)(&m.Method), (*string)(&m.Source),
		&observed)
	m.At = clock.FromMicros(at)
	if observed != 0 {
		m.ObservedAt = clock.FromMicros(observed)
	}
	return m, err
}

// Keep what was found about places, minute by minute; what was kept of a minute is replaced.
func keepMoments(ctx context.Context, tx *db.Tx, ms []Moment) error {
	rows := make([][]any, len(ms))
	for i, m := range ms {
		observed := int64(0)
		if !m.ObservedAt.IsZero() {
			observed = clock.Micros(m.ObservedAt)
		}
		rows[i] = []any{m.PlaceID, clock.Micros(m.At), string(m.State), m.Wait, m.Low, m.High,
			m.Shown, m.AtMost, m.TimedOnly, m.InLine, string(m.Method), string(m.Source), observed}
	}
	_, err := tx.Bulk(ctx, `insert into queue_estimate (place_id, minute_us, state, wait_s, low_s,
			high_s, shown, at_most, timed_only, in_line, method, source, observed_us)
		{rows} on conflict (place_id, minute_us) do update set state = excluded.state,
			wait_s = excluded.wait_s, low_s = excluded.low_s, high_s = excluded.high_s,
			shown = excluded.shown, at_most = excluded.at_most,
			timed_only = excluded.timed_only, in_line = excluded.in_line,
			method = excluded.method, source = excluded.source,
			observed_us = excluded.observed_us`,
		[]db.Kind{db.Text, db.Int, db.Text, db.Int, db.Int, db.Int, db.Int, db.Bool, db.Bool,
			db.Int, db.Text, db.Text, db.Int}, rows, nil)
	return err
}

// latest are what a board is drawn from: the newest moment of each place since a time and up to
// another, the newest with a wait, and the one of a quarter of an hour before the newest.
type latest struct {
	newest       map[string]Moment
	known        map[string]Moment
	quarterSince map[string]Moment
}

// momentsAt reads one moment a place: the one whose minute is a subquery over the place and a span,
// k.place_id, k.from_us and k.until_us.
func momentsAt(
	ctx context.Context, tx *db.Tx, places []Place, from, until time.Time, minute string,
) (map[string]Moment, error) {
	rows := make([][]any, len(places))
	for i, p := range places {
		rows[i] = []any{p.ID, clock.Micros(from), clock.Micros(until)}
	}
	found := make(map[string]Moment, len(places))
	_, err := tx.Bulk(ctx, `with k(place_id, from_us, until_us) as ({rows})
		select `+momentCols+` from k join queue_estimate e on e.place_id = k.place_id
			and e.minute_us = `+minute, []db.Kind{db.Text, db.Int, db.Int}, rows,
		func(r db.Row) error {
			m, err := scanMoment(r)
			found[m.PlaceID] = m
			return err
		})
	return found, err
}

// Which moments are the newest? By the primary key, backwards.
func newestOf(
	ctx context.Context, tx *db.Tx, places []Place, from, until time.Time,
) (map[string]Moment, error) {
	return momentsAt(ctx, tx, places, from, until, `(select max(x.minute_us)
		from queue_estimate x where x.place_id = k.place_id and x.minute_us >= k.from_us
			and x.minute_us < k.until_us)`)
}

// What is a board drawn from?
func latestOf(
	ctx context.Context, tx *db.Tx, places []Place, from, until time.Time,
) (l latest, err error) {
	if l.newest, err = newestOf(ctx, tx, places, from, until); err != nil {
		return l, err
	}
	l.known, err = momentsAt(ctx, tx, places, from, until, `(select max(x.minute_us)
		from queue_estimate x where x.place_id = k.place_id and x.minute_us >= k.from_us
			and x.minute_us < k.until_us and x.shown is not null)`)
	if err != nil {
		return l, err
	}
	l.quarterSince, err = momentsAt(ctx, tx, places, from, until,
		`(select max(x.minute_us) - 900000000 from queue_estimate x
			where x.place_id = k.place_id and x.minute_us >= k.from_us
				and x.minute_us < k.until_us)`)
	return l, err
}

// From which minute to which is anything found about places, within a span? Zero when nothing is.
func spanOf(
	ctx context.Context, tx *db.Tx, places []Place, from, until time.Time,
) (first, last time.Time, err error) {
	rows := make([][]any, len(places))
	for i, p := range places {
		rows[i] = []any{p.ID, clock.Micros(from), clock.Micros(until)}
	}
	_, err = tx.Bulk(ctx, `with k(place_id, from_us, until_us) as ({rows})
		select (select min(x.minute_us) from queue_estimate x where x.place_id = k.place_id
				and x.minute_us >= k.from_us and x.minute_us < k.until_us),
			(select max(x.minute_us) from queue_estimate x where x.place_id = k.place_id
				and x.minute_us >= k.from_us and x.minute_us < k.until_us)
		from k`, []db.Kind{db.Text, db.Int, db.Int}, rows, func(r db.Row) error {
		var low, high *int64
		if err := r.Scan(&low, &high); err != nil || low == nil {
			return err
		}
		if at := clock.FromMicros(*low); first.IsZero() || at.Before(first) {
			first = at
		}
		if at := clock.FromMicros(*high); at.After(last) {
			last = at
		}
		return nil
	})
	return first, last, err
}

// What was found about a place in a span, the oldest first? By the primary key.
func momentsOf(
	ctx context.Context, tx *db.Tx, placeID string, from, until time.Time, most int,
) ([]Moment, error) {
	return db.All(ctx, tx, scanMoment, `select `+momentCols+` from queue_estimate e
		where e.place_id = $1 and e.minute_us >= $2 and e.minute_us < $3
		order by e.minute_us limit $4`, placeID, clock.Micros(from), clock.Micros(until), most)
}

// Since when is anything known of a place? Zero when nothing is.
func firstMoment(ctx context.Context, tx *db.Tx, placeID string) (time.Time, error) {
	us, err := db.One(ctx, tx, func(r db.Row) (us *int64, err error) {
		return us, r.Scan(&us)
	}, `select min(minute_us) from queue_estimate where place_id = $1`, placeID)
	if err != nil || us == nil {
		return time.Time{}, err
	}
	return clock.FromMicros(*us), nil
}

const dailyCols = `place_id, day, entered, served, back, busy_minutes, busy_served,
	busy_takers, first_us,
	last_us, operating_minutes, down_minutes, low, p50, mean, p90, high, changes`

func scanDaily(r db.Row) (d Daily, err error) {
	var first, last *int64
	err = r.Scan(&d.PlaceID, &d.Day, &d.Entered, &d.Served, &d.Back, &d.busyMinutes,
		&d.busyServed, &d.busyTakers, &first, &last, &d.OperatingMinutes, &d.DownMinutes, &d.Low, &d.P50,
		&d.Mean, &d.P90, &d.High, &d.Changes)
	if first != nil {
		d.First = clock.FromMicros(*first)
	}
	if last != nil {
		d.Last = clock.FromMicros(*last)
	}
	return d, err
}

// Keep the sums of a day; what was kept of it is replaced.
func keepDaily(ctx context.Context, tx *db.Tx, ds []Daily) error {
	for _, d := range ds {
		_, err := tx.Exec(ctx, `insert into queue_daily (place_id, day, entered, served, back,
				busy_minutes, busy_served, first_us, last_us, operating_minutes, down_minutes,
				low, p50, mean, p90, high, changes, busy_takers)
			values ($1, $2, $3, $4, $5, $6, $7, cast($8 as bigint), cast($9 as bigint), $10, $11,
				cast($12 as bigint), cast($13 as bigint), cast($14 as bigint),
				cast($15 as bigint), cast($16 as bigint), $17, $18)
			on conflict (place_id, day) do update set entered = excluded.entered,
				served = excluded.served, back = excluded.back,
				busy_minutes = excluded.busy_minutes, busy_served = excluded.busy_served,
				busy_takers = excluded.busy_takers,
				first_us = excluded.first_us, last_us = excluded.last_us,
				operating_minutes = excluded.operating_minutes,
				down_minutes = excluded.down_minutes, low = excluded.low, p50 = excluded.p50,
				mean = excluded.mean, p90 = excluded.p90, high = excluded.high,
				changes = excluded.changes`,
			d.PlaceID, d.Day, d.Entered, d.Served, d.Back, d.busyMinutes, d.busyServed,
			orNull(d.First), orNull(d.Last), d.OperatingMinutes, d.DownMinutes, d.Low, d.P50,
			d.Mean, d.P90, d.High, d.Changes, d.busyTakers)
		if err != nil {
			return err
		}
	}
	return nil
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return clock.Micros(t)
}

// What were the days of places like, by place and day? By the primary key.
func dailyOf(
	ctx context.Context, tx *db.Tx, places []Place, from, to string,
) (found []Daily, err error) {
	rows := make([][]any, len(places))
	for i, p := range places {
		rows[i] = []any{p.ID, from, to}
	}
	_, err = tx.Bulk(ctx, `with k(place, from_day, to_day) as ({rows})
		select `+dailyCols+` from k join queue_daily on place_id = k.place
			and day >= k.from_day and day <= k.to_day`,
		[]db.Kind{db.Text, db.Text, db.Text}, rows, func(r db.Row) error {
			d, err := scanDaily(r)
			found = append(found, d)
			return err
		})
	slices.SortFunc(found, func(a, b Daily) int {
		return cmp.Or(cmp.Compare(a.PlaceID, b.PlaceID), cmp.Compare(a.Day, b.Day))
	})
	return found, err
}

// Which states of places were told last? A place that is missing was never told of.
func toldStates(ctx context.Context, tx *db.Tx, places []Place) (map[string]State, error) {
	rows := make([][]any, len(places))
	for i, p := range places {
		rows[i] = []any{p.ID}
	}
	told := make(map[string]State, len(places))
	_, err := tx.Bulk(ctx, `with k(place) as ({rows})
		select place_id, state from k join queue_told on place_id = k.place`,
		[]db.Kind{db.Text}, rows, func(r db.Row) error {
			var id string
			var s State
			err := r.Scan(&id, (*string)(&s))
			told[id] = s
			return err
		})
	return told, err
}

// Keep the state of a place that is told now.
func keepTold(ctx context.Context, tx *db.Tx, placeID string, s State) error {
	_, err := tx.Exec(ctx, `insert into queue_told (place_id, state) values ($1, $2)
		on conflict (place_id) do update set state = excluded.state`, placeID, string(s))
	return err
}

// slotSum is the waits of a quarter of an hour: their sum in seconds, and how many there are.
type slotSum struct{ slot, seconds, n int64 }

// How long did people wait at a place in a span, by quarter of an hour since its begin?
func slotsOf(
	ctx context.Context, tx *db.Tx, placeID string, from, until time.Time,
) ([]slotSum, error) {
	return db.All(ctx, tx, func(r db.Row) (s slotSum, err error) {
		return s, r.Scan(&s.slot, &s.seconds, &s.n)
	}, `select (minute_us - $2) / 900000000 as slot, cast(sum(wait_s) as bigint), count(*)
		from queue_estimate
		where place_id = $1 and minute_us >= $2 and minute_us < $3 and wait_s is not null
		group by slot order by slot`, placeID, clock.Micros(from), clock.Micros(until))
}
