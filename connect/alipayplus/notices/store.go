package notices

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
)

// Migrations are this package's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

// readPlace returns the place that was reached in the event log; false when there is none yet.
func readPlace(ctx context.Context, tx *db.Tx) (event.Cursor, bool, error) {
	text, err := db.One(ctx, tx, func(r db.Row) (s string, err error) {
		return s, r.Scan(&s)
	}, `select place from aps_notice_place where id = 1`)
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
// behind: then some events are read again (N2).
func keepPlace(ctx context.Context, tx *db.Tx, at event.Cursor) error {
	_, err := tx.Exec(ctx, `insert into aps_notice_place (id, place) values (1, $1)
		on conflict (id) do update set place = excluded.place`, at.String())
	if err != nil {
		return fmt.Errorf("keep place: %w", err)
	}
	return nil
}

// insert adds the notices of these events; those that are there stay as they are (N1).
func insert(ctx context.Context, tx *db.Tx, evs []event.Event, now time.Time) error {
	rows := make([][]any, len(evs))
	for i, e := range evs {
		rows[i] = []any{e.AcquirerNo, e.Subject, string(waiting), int64(0), clock.Micros(now),
			"", clock.Micros(now)}
	}
	_, err := tx.Bulk(ctx, `insert into aps_notice (acquirer_no, payment_id, state, tries,
			next_at_us, note, created_at_us) {rows}
		on conflict (acquirer_no, payment_id) do nothing`,
		[]db.Kind{db.Int, db.Text, db.Text, db.Int, db.Int, db.Text, db.Int}, rows, nil)
	if err != nil {
		return fmt.Errorf("insert notices: %w", err)
	}
	return nil
}

// nextDue returns when the next notice is due; zero when none waits.
func nextDue(ctx context.Context, tx *db.Tx) (time.Time, error) {
	us, err := db.One(ctx, tx, func(r db.Row) (us int64, err error) {
		return us, r.Scan(&us)
	}, `select cast(coalesce(min(next_at_us), 0) as bigint) from aps_notice
		where next_at_us is not null`)
	if err != nil || us == 0 {
		return time.Time{}, err
	}
	return clock.FromMicros(us), nil
}

// due returns notices that are due, of all acquirers but these, and locks them.
func due(
	ctx context.Context, tx *db.Tx, now time.Time, but []int64, limit int,
) ([]notice, error) {
	var q strings.Builder
	args := []any{clock.Micros(now), limit}
	q.WriteString(`select acquirer_no, payment_id, tries from aps_notice
		where next_at_us is not null and next_at_us <= $1`)
	for _, no := range but {
		args = append(args, no)
		q.WriteString(` and acquirer_no <> $` + strconv.Itoa(len(args)))
	}
	q.WriteString(` order by next_at_us, acquirer_no, payment_id limit $2
		/*pg for update skip locked */`)
	return db.All(ctx, tx, func(r db.Row) (n notice, err error) {
		return n, r.Scan(&n.acquirerNo, &n.paymentID, &n.tries)
	}, q.String(), args...)
}

// lease holds notices for a while, so that no other node sends them meanwhile (N4).
func lease(ctx context.Context, tx *db.Tx, ns []notice, until time.Time) error {
	rows := make([][]any, len(ns))
	for i, n := range ns {
		rows[i] = []any{n.acquirerNo, n.paymentID, clock.Micros(until)}
	}
	_, err := tx.Bulk(ctx, `with v(a, p, nxt) as ({rows})
		update aps_notice set next_at_us = v.nxt
		from v where aps_notice.acquirer_no = v.a and aps_notice.payment_id = v.p`,
		[]db.Kind{db.Int, db.Text, db.Int}, rows, nil)
	return err
}

// noteMax is the longest note that is kept, in bytes.
const noteMax = 500

// ended is how one attempt ended.
type ended struct {
	state state
	next  time.Time // with waiting
	note  string
}

// record keeps how an attempt ended, unless another node has recorded a later one.
func record(ctx context.Context, tx *db.Tx, n notice, e ended, now time.Time) error {
	var next, over any
	if e.state == waiting {
		next = clock.Micros(e.next)
	} else {
		over = clock.Micros(now)
	}
	_, err := tx.Exec(ctx, `update aps_notice set state = $1, tries = tries + 1,
			next_at_us = cast($2 as bigint), ended_at_us = cast($3 as bigint), note = $4
		where acquirer_no = $5 and payment_id = $6 and tries = $7 and state = 'waiting'`,
		string(e.state), next, over, strings.ToValidUTF8(e.note[:min(len(e.note), noteMax)], ""),
		n.acquirerNo, n.paymentID, n.tries)
	return err
}

// forget deletes what ended before a time.
func forget(ctx context.Context, tx *db.Tx, before time.Time) error {
	_, err := tx.Exec(ctx, `delete from aps_notice
		where ended_at_us is not null and ended_at_us < $1`, clock.Micros(before))
	return err
}

// What was given up, by acquirer? By the index of what was: little.
func allGivenUp(ctx context.Context, tx *db.Tx) ([]GivenUp, error) {
	return db.All(ctx, tx, func(r db.Row) (g GivenUp, err error) {
		var last int64
		err = r.Scan(&g.AcquirerNo, &g.Count, &last, &g.PaymentID, &g.Note)
		g.Last = clock.FromMicros(last)
		return g, err
	}, `with gone as (select acquirer_no, count(*) as n, max(ended_at_us) as last_us
			from aps_notice where state = 'given_up' group by acquirer_no)
		select g.acquirer_no, g.n, g.last_us, max(a.payment_id), max(a.note)
		from gone g join aps_notice a on a.acquirer_no = g.acquirer_no
			and a.ended_at_us = g.last_us and a.state = 'given_up'
		group by g.acquirer_no, g.n, g.last_us order by g.acquirer_no`)
}
