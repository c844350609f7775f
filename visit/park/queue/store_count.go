package queue

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// Keep what a sensor counted. What it said of the same minute before is replaced.
func keepCounts(ctx context.Context, tx *db.Tx, sensor string, counts []placed) error {
	rows := make([][]any, len(counts))
	for i, c := range counts {
		rows[i] = []any{c.placeID, clock.Micros(c.Minute), sensor, c.Entered, c.Served, c.Back,
			c.InLine, c.Cycles}
	}
	_, err := tx.Bulk(ctx, `insert into queue_count (place_id, minute_us, sensor, entered, served,
			back, in_line, cycles)
		{rows} on conflict (place_id, minute_us, sensor) do update set
			entered = excluded.entered, served = excluded.served, back = excluded.back,
			in_line = excluded.in_line, cycles = excluded.cycles`,
		[]db.Kind{db.Text, db.Int, db.Text, db.Int, db.Int, db.Int, db.Int, db.Int}, rows, nil)
	return err
}

// What did the sensors of places count in a span? Each row is given to each, in no order.
func readCounts(
	ctx context.Context, tx *db.Tx, places []Place, from, until time.Time,
	each func(placeID string, minute time.Time, t tally),
) error {
	rows := make([][]any, len(places))
	for i, p := range places {
		rows[i] = []any{p.ID, clock.Micros(from), clock.Micros(until)}
	}
	_, err := tx.Bulk(ctx, `with k(place_id, from_us, until_us) as ({rows})
		select c.place_id, c.minute_us, coalesce(c.entered, -1), coalesce(c.served, -1),
			coalesce(c.back, -1), coalesce(c.in_line, -1), coalesce(c.cycles, -1)
		from k join queue_count c on c.place_id = k.place_id
			and c.minute_us >= k.from_us and c.minute_us < k.until_us`,
		[]db.Kind{db.Text, db.Int, db.Int}, rows, func(r db.Row) error {
			var id string
			var at int64
			var t tally
			err := r.Scan(&id, &at, &t.entered, &t.served, &t.back, &t.inLine, &t.cycles)
			if err == nil {
				each(id, clock.FromMicros(at), t)
			}
			return err
		})
	return err
}

// On which park days before this one was anything counted that is not summed up yet? The places
// are a park's; days are by the begin of their first count.
func openDays(
	ctx context.Context, tx *db.Tx, places []Place, from, until time.Time,
) (found []time.Time, err error) {
	rows := make([][]any, len(places))
	for i, p := range places {
		rows[i] = []any{p.ID}
	}
	for at := from; at.Before(until); at = at.Add(24 * time.Hour) {
		for i := range rows {
			rows[i] = []any{places[i].ID, clock.Micros(at), clock.Micros(at.Add(24 * time.Hour)),
				DayOf(at)}
		}
		open := false
		_, err := tx.Bulk(ctx, `with k(place_id, from_us, until_us, day) as ({rows})
			select k.place_id from k
			where exists (select 1 from queue_count c where c.place_id = k.place_id
					and c.minute_us >= k.from_us and c.minute_us < k.until_us)
				and not exists (select 1 from queue_daily d where d.place_id = k.place_id
					and d.day = k.day)`,
			[]db.Kind{db.Text, db.Int, db.Int, db.Text}, rows, func(r db.Row) error {
				open = true
				var id string
				return r.Scan(&id)
			})
		if err != nil {
			return nil, err
		}
		if open {
			found = append(found, at)
		}
	}
	return found, nil
}

// Keep what timed riders found; what is known already is left. It returns how many were new.
func keepSamples(
	ctx context.Context, tx *db.Tx, placeIDs []string, sensor string, samples []Sample,
) (int64, error) {
	rows := make([][]any, len(samples))
	for i, s := range samples {
		rows[i] = []any{placeIDs[i], clock.Micros(s.Joined), clock.Micros(s.Served), sensor}
	}
	return tx.Bulk(ctx, `insert into queue_sample (place_id, joined_us, served_us, sensor) {rows}
		on conflict (place_id, joined_us, served_us, sensor) do nothing`,
		[]db.Kind{db.Text, db.Int, db.Int, db.Text}, rows, nil)
}

// measured is a timed rider with what the board said when the rider joined.
type measured struct {
	placeID        string
	joined, served time.Time
	shown, wait    *int64 // minutes shown, seconds estimated
	low, high      *int64 // seconds
}

// What did riders who joined in a span find, and what had they been told?
func readSamples(
	ctx context.Context, tx *db.Tx, places []Place, from, until time.Time,
) (found []measured, err error) {
	rows := make([][]any, len(places))
	for i, p := range places {
		rows[i] = []any{p.ID, clock.Micros(from), clock.Micros(until)}
	}
	_, err = tx.Bulk(ctx, `with k(place_id, from_us, until_us) as ({rows})
		select s.place_id, s.joined_us, s.served_us, e.shown, e.wait_s, e.low_s, e.high_s
		from k join queue_sample s on s.place_id = k.place_id
				and s.joined_us >= k.from_us and s.joined_us < k.until_us
			left join queue_estimate e on e.place_id = s.place_id
				and e.minute_us = s.joined_us - s.joined_us % 60000000`,
		[]db.Kind{db.Text, db.Int, db.Int}, rows, func(r db.Row) error {
			var m measured
			var joined, served int64
			err := r.Scan(&m.placeID, &joined, &served, &m.shown, &m.wait, &m.low, &m.high)
			m.joined, m.served = clock.FromMicros(joined), clock.FromMicros(served)
			found = append(found, m)
			return err
		})
	return found, err
}
