package watch

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
)

//go:embed sql/*.sql
var files embed.FS

// cols is the order that scan reads.
const cols = `id, kind, subject, severity, state, times, data, first_us, last_us,
	acknowledged_by, acknowledged_us, note, ended_by, ended_us`

func scan(r db.Row) (a Alert, err error) {
	var data string
	var first, last int64
	var acknowledged, ended *int64
	err = r.Scan(&a.ID, (*string)(&a.Kind), &a.Subject, (*string)(&a.Severity),
		(*string)(&a.State), &a.Times, &data, &first, &last, &a.AcknowledgedBy, &acknowledged,
		&a.Note, &a.EndedBy, &ended)
	a.Data, a.First, a.Last = json.RawMessage(data), clock.FromMicros(first),
		clock.FromMicros(last)
	if acknowledged != nil {
		a.Acknowledged = clock.FromMicros(*acknowledged)
	}
	if ended != nil {
		a.Ended = clock.FromMicros(*ended)
	}
	return a, err
}

// Which alerts have not ended? By the index of those.
func stored(ctx context.Context, tx *db.Tx) (map[about]known, error) {
	live, err := db.All(ctx, tx, scan,
		`select `+cols+` from alert where state <> 'ended' order by id`)
	found := make(map[about]known, len(live))
	for i := range live {
		found[about{live[i].Kind, live[i].Subject}] = known{live: &live[i]}
	}
	return found, err
}

// When did the newest alert of this kind about this thing end? Zero when there was none.
func lastEnded(ctx context.Context, tx *db.Tx, at about) (time.Time, error) {
	us, err := db.One(ctx, tx, func(r db.Row) (us int64, err error) {
		return us, r.Scan(&us)
	}, `select cast(coalesce(max(ended_us), 0) as bigint) from alert
		where kind = $1 and subject = $2 and ended_us is not null`, string(at.kind), at.subject)
	if err != nil || us == 0 {
		return time.Time{}, err
	}
	return clock.FromMicros(us), nil
}

// Keep a new alert, unless there is a live one of its kind about its subject (W1).
func insert(ctx context.Context, tx *db.Tx, a Alert) (bool, error) {
	n, err := tx.Exec(ctx, `insert into alert (id, kind, subject, severity, state, times, data,
			first_us, last_us, acknowledged_by, note, ended_by)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', '')
		on conflict (kind, subject) where state <> 'ended' do nothing`,
		a.ID, string(a.Kind), a.Subject, string(a.Severity), string(a.State), a.Times,
		string(a.Data), clock.Micros(a.First), clock.Micros(a.Last))
	return n == 1, err
}

// Write an alert that was read in a state. Errors: errLost when it is in another by now.
func update(ctx context.Context, tx *db.Tx, a Alert, was State) error {
	n, err := tx.Exec(ctx, `update alert set severity = $3, state = $4, times = $5, data = $6,
			last_us = $7, acknowledged_by = $8, acknowledged_us = cast($9 as bigint), note = $10,
			ended_by = $11, ended_us = cast($12 as bigint)
		where id = $1 and state = $2`,
		a.ID, string(was), string(a.Severity), string(a.State), a.Times, string(a.Data),
		clock.Micros(a.Last), a.AcknowledgedBy, orNull(a.Acknowledged), a.Note, a.EndedBy,
		orNull(a.Ended))
	if err == nil && n != 1 {
		err = errLost
	}
	return err
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return clock.Micros(t)
}

// Which alert has this id? By the primary key.
func find(ctx context.Context, tx *db.Tx, alertID string) (Alert, error) {
	a, err := db.One(ctx, tx, scan, `select `+cols+` from alert where id = $1`, alertID)
	return a, named(err, alertID)
}

// The same, locked until the transaction ends.
func locked(ctx context.Context, tx *db.Tx, alertID string) (Alert, error) {
	a, err := db.One(ctx, tx, scan,
		`select `+cols+` from alert where id = $1 /*pg for update */`, alertID)
	return a, named(err, alertID)
}

func named(err error, alertID string) error {
	if errors.Is(err, db.ErrNoRows) {
		return ErrUnknown.Newf("there is no alert %q", alertID)
	}
	return err
}

// Which alerts are there, the newest first? By the primary key, or the index of live ones.
func list(ctx context.Context, tx *db.Tx, f Filter) ([]Alert, error) {
	if f.After == "" {
		f.After = "~" // sorts after every id
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	return db.All(ctx, tx, scan, `select `+cols+` from alert
		where (cast($1 as text) = '' or state = cast($1 as text))
			and (not cast($2 as boolean) or state <> 'ended')
			and (cast($3 as text) = '' or kind = cast($3 as text)) and id < $4
		order by id desc limit $5`,
		string(f.State), f.Live, string(f.Kind), f.After, f.Limit)
}

// readPlace returns the place that was reached in the event log; false when there is none yet.
func readPlace(ctx context.Context, tx *db.Tx) (event.Cursor, bool, error) {
	text, err := db.One(ctx, tx, func(r db.Row) (s string, err error) {
		return s, r.Scan(&s)
	}, `select place from alert_place where id = 1`)
	if errors.Is(err, db.ErrNoRows) {
		return event.Cursor{}, false, nil
	}
	if err != nil {
		return event.Cursor{}, false, fmt.Errorf("read place: %w", err)
	}
	c, err := event.ParseCursor(text)
	return c, err == nil, err
}

// keepPlace writes the place that was reached. Of two nodes the later one counts, even when it is
// behind: then some events are read again, which W4 makes harmless.
func keepPlace(ctx context.Context, tx *db.Tx, at event.Cursor) error {
	_, err := tx.Exec(ctx, `insert into alert_place (id, place) values (1, $1)
		on conflict (id) do update set place = excluded.place`, at.String())
	if err != nil {
		return fmt.Errorf("keep place: %w", err)
	}
	return nil
}

// purgedMost is how many rows one call of Purge deletes of each table.
const purgedMost = 500

// Purge deletes what is older than it is kept, a few hundred rows at once, and returns how many.
// The application calls it once a day until it returns 0.
func Purge(ctx context.Context, tx *db.Tx, now time.Time) (int64, error) {
	n, err := tx.Exec(ctx, `delete from wallet_health where (issuer_no, minute_us) in (
		select issuer_no, minute_us from wallet_health where minute_us < $1
		order by minute_us limit $2)`, clock.Micros(now.Add(-KeptFor)), purgedMost)
	if err != nil {
		return n, fmt.Errorf("delete old health: %w", err)
	}
	more, err := tx.Exec(ctx, `delete from alert where id in (
		select id from alert where ended_us is not null and ended_us < $1
		order by id limit $2)`, clock.Micros(now.Add(-keptEnded)), purgedMost)
	if err != nil {
		return n, fmt.Errorf("delete old alerts: %w", err)
	}
	return n + more, nil
}
