package event

import (
	"context"
	"strconv"
	"strings"

	"watari/kit/clock"
	"watari/kit/db"
)

// notPayments is the condition of the indexes event_changes and event_changes_of, to the letter:
// SQLite uses them only then.
const notPayments = ` and (kind < 'capture.' or kind >= 'capture/')` +
	` and (kind < 'order.' or kind >= 'order/')` +
	` and (kind < 'payment.' or kind >= 'payment/')` +
	` and (kind < 'refund.' or kind >= 'refund/')`

// readBack returns the events of a lane before a number that pass, the newest first, at most
// limit. They are found by event_changes, event_changes_of, the index of the subject, or the
// primary key, and then read.
func readBack(
	ctx context.Context, tx *db.Tx, lane int, before int64, q Query, limit int,
) ([]Event, error) {
	var text strings.Builder
	args := []any{lane, before, limit}
	if q.Subject == "" {
		text.WriteString(`with found (lane, seq) as (
			select lane, seq from event where lane = $1 and seq < $2`)
	} else {
		// Apart, because SQLite takes the primary key when it sees the lane as well.
		args = append(args, q.Subject)
		text.WriteString(`with named as materialized (
			select lane, seq from event where subject = $4),
		found (lane, seq) as (
			select event.lane, event.seq from named join event on event.lane = named.lane
				and event.seq = named.seq
			where named.lane = $1 and named.seq < $2`)
	}
	add := func(clause string, v any) {
		args = append(args, v)
		text.WriteString(clause)
		text.WriteString(strconv.Itoa(len(args)))
	}
	if !q.Payments {
		text.WriteString(notPayments)
	}
	if q.AcquirerNo != 0 {
		add(` and acquirer_no = $`, q.AcquirerNo)
	}
	if q.Actor != "" {
		add(` and actor = $`, q.Actor)
	}
	if q.Kind != "" {
		add(` and kind >= $`, q.Kind)
		add(` and kind < $`, q.Kind+"\U0010ffff")
	}
	if !q.From.IsZero() {
		add(` and at_us >= $`, clock.Micros(q.From))
	}
	if !q.Until.IsZero() {
		add(` and at_us < $`, clock.Micros(q.Until))
	}
	text.WriteString(` order by event.seq desc limit $3)
		select event.lane, event.seq, at_us, kind, subject, acquirer_no, store_no, actor, data,
			hash
		from found join event on event.lane = found.lane and event.seq = found.seq
		order by event.seq desc`)
	return db.All(ctx, tx, scanEvent, text.String(), args...)
}

// readLinks returns the events of a lane after one number and up to another, each with the hash of
// its predecessor, in order, at most limit. It uses the primary key.
func readLinks(
	ctx context.Context, tx *db.Tx, lane int, after, upTo, acquirerNo int64, limit int,
) ([]Link, error) {
	scan := func(r db.Row) (l Link, err error) {
		var us int64
		e := &l.Event
		err = r.Scan(&e.Lane, &e.Seq, &us, &e.Kind, &e.Subject, &e.AcquirerNo, &e.StoreNo,
			&e.Actor, (*[]byte)(&e.Data), &e.Hash, &l.Prev)
		e.At = clock.FromMicros(us)
		return l, err
	}
	return db.All(ctx, tx, scan, `select e.lane, e.seq, e.at_us, e.kind, e.subject,
			e.acquirer_no, e.store_no, e.actor, e.data, e.hash, p.hash
		from event e left join event p on p.lane = e.lane and p.seq = e.seq - 1
		where e.lane = $1 and e.seq > $2 and e.seq <= $3
			and (cast($4 as bigint) = 0 or e.acquirer_no = $4)
		order by e.seq limit $5`, lane, after, upTo, acquirerNo, limit)
}
