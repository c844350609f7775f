package event

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"watari/kit/clock"
	"watari/kit/db"
)

const eventCols = `lane, seq, at_us, kind, subject, acquirer_no, store_no, actor, data, hash`

const insertEvents = `insert into event (` + eventCols + `) {rows}`

var eventKinds = []db.Kind{db.Int, db.Int, db.Int, db.Text, db.Text, db.Int, db.Int, db.Text,
	db.Text, db.Bytes}

// row fills cells in the order of eventCols.
func (e *Event) row(cells []any) []any {
	cells[0], cells[1], cells[2] = int64(e.Lane), e.Seq, clock.Micros(e.At)
	cells[3], cells[4] = e.Kind, e.Subject
	cells[5], cells[6] = e.AcquirerNo, e.StoreNo
	cells[7], cells[8], cells[9] = e.Actor, string(e.Data), e.Hash
	return cells
}

func scanEvent(r db.Row) (e Event, err error) {
	var us int64
	err = r.Scan(&e.Lane, &e.Seq, &us, &e.Kind, &e.Subject, &e.AcquirerNo, &e.StoreNo,
		&e.Actor, (*[]byte)(&e.Data), &e.Hash)
	e.At = clock.FromMicros(us)
	return e, err
}

// head is the end of a lane.
type head struct {
	lane int
	seq  int64
	hash []byte
}

func scanHead(r db.Row) (h head, err error) {
	err = r.Scan(&h.lane, &h.seq, &h.hash)
	return h, err
}

// lockHead returns the end of a lane and locks it against other appends (E1). The first
// append makes the row.
func lockHead(ctx context.Context, tx *db.Tx, lane int) (int64, []byte, error) {
	const q = `select lane, seq, hash from event_lane where lane = $1 /*pg for update */`
	h, err := db.One(ctx, tx, scanHead, q, lane)
	if errors.Is(err, db.ErrNoRows) {
		// The winner of two first appends is read in the next statement: this one does not
		// see it.
		_, err = tx.Exec(ctx, `insert into event_lane (lane, seq, hash) values ($1, 0, $2)
			on conflict (lane) do nothing`, lane, make([]byte, 32))
		if err != nil {
			return 0, nil, err
		}
		h, err = db.One(ctx, tx, scanHead, q, lane)
	}
	return h.seq, h.hash, err
}

func readHeads(ctx context.Context, tx *db.Tx) ([]head, error) {
	return db.All(ctx, tx, scanHead, `select lane, seq, hash from event_lane order by lane`)
}

func (l *Log) heads(ctx context.Context) (hs []head, err error) {
	err = l.d.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		hs, err = readHeads(ctx, tx)
		return err
	})
	return hs, err
}

// laneNumbers returns the lanes that have a first event, by the primary key.
func laneNumbers(ctx context.Context, tx *db.Tx) ([]int, error) {
	return db.All(ctx, tx, func(r db.Row) (n int, err error) { return n, r.Scan(&n) },
		`with recursive l(lane) as (
			select min(lane) from event
			union all
			select (select min(lane) from event where event.lane > l.lane) from l
			where l.lane is not null)
		select lane from l where lane is not null order by lane`)
}

// readLane returns the events of a lane after one number and up to another that pass the
// filter, in order, at most limit. It uses the primary key, or the index of the subject.
func readLane(
	ctx context.Context, tx *db.Tx, lane int, after, upTo int64, f Filter, limit int,
) ([]Event, error) {
	var q strings.Builder
	args := []any{lane, after, upTo, limit}
	q.WriteString(`select ` + eventCols + ` from event
		where lane = $1 and seq > $2 and seq <= $3`)
	add := func(clause string, v any) {
		args = append(args, v)
		q.WriteString(clause)
		q.WriteString(strconv.Itoa(len(args)))
	}
	if f.AcquirerNo != 0 {
		add(` and acquirer_no = $`, f.AcquirerNo)
	}
	if f.StoreNo != 0 {
		add(` and store_no = $`, f.StoreNo)
	}
	if f.Subject != "" {
		add(` and subject = $`, f.Subject)
	}
	for i, k := range f.Kinds {
		if i == 0 {
			add(` and kind in ($`, k)
		} else {
			add(`, $`, k)
		}
	}
	if len(f.Kinds) > 0 {
		q.WriteByte(')')
	}
	q.WriteString(` order by seq limit $4`)
	return db.All(ctx, tx, scanEvent, q.String(), args...)
}
