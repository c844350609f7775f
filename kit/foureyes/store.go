package foureyes

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"watari/kit/clock"
	"watari/kit/db"
)

//go:embed sql/*.sql
var files embed.FS

// Migrations returns the table of this package, for db.Migrate.
func Migrations() fs.FS { return files }

// cols is the order that scan reads.
const cols = `id, kind, subject, state, digest, body, note, maker, made_at_us,
	checker, decided_at_us`

func scan(r db.Row) (Request, error) {
	var q Request
	var body string
	var made int64
	var checker *string
	var decided *int64
	err := r.Scan(&q.ID, &q.Kind, &q.Subject, (*string)(&q.State), &q.Digest, &body, &q.Note,
		&q.Maker, &made, &checker, &decided)
	q.Body, q.Made = json.RawMessage(body), clock.FromMicros(made)
	if checker != nil && decided != nil {
		q.Checker, q.Decided = *checker, clock.FromMicros(*decided)
	}
	return q, err
}

// Keep new requests, but not those whose digest is known. Which are kept?
func insert(ctx context.Context, tx *db.Tx, rs []Request) (map[string]bool, error) {
	rs = slices.Clone(rs)
	slices.SortFunc(rs, func(a, b Request) int { return strings.Compare(a.ID, b.ID) })
	rows := make([][]any, len(rs))
	for i, r := range rs {
		rows[i] = []any{r.ID, r.Kind, r.Subject, string(r.State), r.Digest, string(r.Body),
			r.Note, r.Maker, clock.Micros(r.Made)}
	}
	kept := map[string]bool{}
	_, err := tx.Bulk(ctx, `insert into change_request (id, kind, subject, state, digest, body,
			note, maker, made_at_us)
		{rows} on conflict (kind, digest) where digest <> '' do nothing returning id`,
		[]db.Kind{db.Text, db.Text, db.Text, db.Text, db.Text, db.Text, db.Text, db.Text,
			db.Int}, rows,
		func(r db.Row) error {
			var id string
			err := r.Scan(&id)
			kept[id] = true
			return err
		})
	return kept, err
}

// Which request has this id? By the primary key.
func find(ctx context.Context, tx *db.Tx, requestID string) (Request, error) {
	r, err := db.One(ctx, tx, scan,
		`select `+cols+` from change_request where id = $1`, requestID)
	return r, known(err, requestID)
}

// The same, locked until the transaction ends.
func locked(ctx context.Context, tx *db.Tx, requestID string) (Request, error) {
	r, err := db.One(ctx, tx, scan,
		`select `+cols+` from change_request where id = $1 /*pg for update */`, requestID)
	return r, known(err, requestID)
}

// Move a request from the state it was read in, with its checker and time.
func move(ctx context.Context, tx *db.Tx, r Request, from State) error {
	n, err := tx.Exec(ctx, `update change_request set state = $2, checker = $3,
			decided_at_us = $4
		where id = $1 and state = $5`,
		r.ID, string(r.State), r.Checker, clock.Micros(r.Decided), string(from))
	if err == nil && n != 1 {
		err = fmt.Errorf("change %s is no longer %s", r.ID, from)
	}
	return err
}

// CountOpen tells how many requests of a kind about a subject are open, by the index on state.
func CountOpen(ctx context.Context, tx *db.Tx, kind, subject string) (int64, error) {
	return db.One(ctx, tx, func(r db.Row) (n int64, err error) { return n, r.Scan(&n) },
		`select count(*) from change_request
		where state = 'open' and kind = $1 and subject = $2`, kind, subject)
}

// listAll is more than there will ever be.
const listAll = 1 << 30

// List returns requests, the oldest first, by the index on state and time when a state is given.
func List(ctx context.Context, tx *db.Tx, f Filter) ([]Request, error) {
	if f.Limit == 0 {
		f.Limit = listAll
	}
	return db.All(ctx, tx, scan, `select `+cols+` from change_request
		where (cast($1 as text) = '' or state = cast($1 as text))
			and (cast($2 as text) = '' or kind = cast($2 as text))
			and (made_at_us, id) > ($3, $4)
		order by made_at_us, id limit $5`,
		string(f.State), f.Kind, f.AfterUS, f.AfterID, f.Limit)
}
