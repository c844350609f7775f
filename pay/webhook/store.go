package webhook

import (
	"context"
	"embed"
	"errors"
	"fmt"
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

// endpointRow is an endpoint with what only this package knows.
type endpointRow struct {
	Endpoint
	secret, oldSecret string    // sealed; oldSecret may be ""
	since             time.Time // when it became active; zero: never
	sincePlace        string    // the place in the log then: what lies before is not told
	alarmed, slow     bool
	heldUntil         time.Time // zero: nobody holds it
	turn              int64
}

const endpointCols = `id, acquirer_no, merchant_no, url, description, kinds, status, note, secret,
	secret_end, old_secret, old_until_us, created_at_us, verified_at_us, since_us, ok_at_us, fails,
	failing_since_us, alarmed, slow, next_at_us, held_until_us, turn, since_place`

func scanEndpoint(r db.Row) (e endpointRow, err error) {
	var names string
	var old *string
	var oldUntil, verified, since, ok, failing, next *int64
	var created, held int64
	err = r.Scan(&e.ID, &e.AcquirerNo, &e.MerchantNo, &e.URL, &e.Description, &names,
		(*string)(&e.Status), &e.Note, &e.secret, &e.SecretEnd, &old, &oldUntil, &created,
		&verified, &since, &ok, &e.Fails, &failing, &e.alarmed, &e.slow, &next, &held, &e.turn,
		&e.sincePlace)
	if old != nil {
		e.oldSecret = *old
	}
	e.Kinds = strings.Fields(names)
	e.Created, e.OldUntil, e.Verified = clock.FromMicros(created), timeOf(oldUntil), timeOf(verified)
	e.since, e.LastOK, e.FailingSince = timeOf(since), timeOf(ok), timeOf(failing)
	e.Next, e.heldUntil = timeOf(next), timeOf(&held)
	return e, err
}

// timeOf reads a column that may be NULL, or 0 for no time.
func timeOf(us *int64) time.Time {
	if us == nil || *us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(*us)
}

// micros writes one: nil for no time.
func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return clock.Micros(t)
}

func insertEndpoint(ctx context.Context, tx *db.Tx, e endpointRow) error {
	_, err := tx.Exec(ctx, `insert into webhook_endpoint (`+endpointCols+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, null, null, $11, null, null, null, 0,
			null, $12, $13, null, 0, 0, '')`,
		e.ID, e.AcquirerNo, e.MerchantNo, e.URL, e.Description, strings.Join(e.Kinds, " "),
		string(e.Status), e.Note, e.secret, e.SecretEnd, clock.Micros(e.Created), false, false)
	return err
}

// updateEndpoint writes everything that can change.
func updateEndpoint(ctx context.Context, tx *db.Tx, e endpointRow) error {
	var old any
	if e.oldSecret != "" {
		old = e.oldSecret
	}
	held := int64(0)
	if !e.heldUntil.IsZero() {
		held = clock.Micros(e.heldUntil)
	}
	n, err := tx.Exec(ctx, `update webhook_endpoint set url = $2, description = $3, kinds = $4,
			status = $5, note = $6, secret = $7, secret_end = $8, old_secret = cast($9 as text),
			old_until_us = cast($10 as bigint), verified_at_us = cast($11 as bigint),
			since_us = cast($12 as bigint), ok_at_us = cast($13 as bigint), fails = $14,
			failing_since_us = cast($15 as bigint), alarmed = $16, slow = $17,
			next_at_us = cast($18 as bigint), held_until_us = $19, turn = $20,
			since_place = $21
		where id = $1`,
		e.ID, e.URL, e.Description, strings.Join(e.Kinds, " "), string(e.Status), e.Note,
		e.secret, e.SecretEnd, old, micros(e.OldUntil), micros(e.Verified), micros(e.since),
		micros(e.LastOK), e.Fails, micros(e.FailingSince), e.alarmed, e.slow, micros(e.Next),
		held, e.turn, e.sincePlace)
	if err == nil && n != 1 {
		err = fmt.Errorf("endpoint %s is gone", e.ID)
	}
	return err
}

// lockEndpoint returns an endpoint and locks it until the transaction ends. Errors:
// db.ErrNoRows.
func lockEndpoint(ctx context.Context, tx *db.Tx, id string) (endpointRow, error) {
	return db.One(ctx, tx, scanEndpoint, `select `+endpointCols+` from webhook_endpoint
		where id = $1 /*pg for update */`, id)
}

// find returns an endpoint of an owner. Errors: ErrUnknown.
func find(ctx context.Context, tx *db.Tx, o Owner, id string) (endpointRow, error) {
	e, err := db.One(ctx, tx, scanEndpoint, `select `+endpointCols+` from webhook_endpoint
		where id = $1 and acquirer_no = $2 and merchant_no = $3`, id, o.AcquirerNo, o.MerchantNo)
	return e, known(err, id)
}

// locked is find, locked until the transaction ends.
func locked(ctx context.Context, tx *db.Tx, o Owner, id string) (endpointRow, error) {
	e, err := db.One(ctx, tx, scanEndpoint, `select `+endpointCols+` from webhook_endpoint
		where id = $1 and acquirer_no = $2 and merchant_no = $3 /*pg for update */`,
		id, o.AcquirerNo, o.MerchantNo)
	return e, known(err, id)
}

// known turns "no row" into what it means here.
func known(err error, id string) error {
	if errors.Is(err, db.ErrNoRows) {
		return ErrUnknown.Newf("there is no webhook endpoint %q", id)
	}
	return err
}

// list returns an owner's endpoints, oldest first.
func list(ctx context.Context, tx *db.Tx, o Owner) ([]endpointRow, error) {
	return db.All(ctx, tx, scanEndpoint, `select `+endpointCols+` from webhook_endpoint
		where acquirer_no = $1 and merchant_no = $2 order by created_at_us, id`,
		o.AcquirerNo, o.MerchantNo)
}

// waiting counts the messages that wait for an endpoint, by the index of those.
func waiting(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	return db.One(ctx, tx, func(r db.Row) (n int64, err error) { return n, r.Scan(&n) },
		`select count(*) from webhook_delivery where endpoint_id = $1 and state = 'waiting'`, id)
}

func removeEndpoint(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `delete from webhook_endpoint where id = $1`, id)
	return err
}

// anyDue tells whether an endpoint may be due, by the index of those that have something to do.
func anyDue(ctx context.Context, tx *db.Tx, now time.Time) (bool, error) {
	return db.One(ctx, tx, func(r db.Row) (b bool, err error) { return b, r.Scan(&b) },
		`select exists (select 1 from webhook_endpoint
			where next_at_us is not null and next_at_us <= $1 and held_until_us <= $1)`,
		clock.Micros(now))
}

// dueEndpoints returns endpoints that are due and that nobody holds, and locks them.
func dueEndpoints(
	ctx context.Context, tx *db.Tx, slow bool, now time.Time, limit int,
) ([]endpointRow, error) {
	return db.All(ctx, tx, scanEndpoint, `select `+endpointCols+` from webhook_endpoint
		where next_at_us is not null and next_at_us <= $1 and held_until_us <= $1 and slow = $2
		order by next_at_us, id limit $3 /*pg for update skip locked */`,
		clock.Micros(now), slow, limit)
}

// placeRow is the place that was reached in the event log.
type placeRow struct {
	place   string
	seq     int64
	version int64
}

// readPlace returns the place. Errors: db.ErrNoRows.
func readPlace(ctx context.Context, tx *db.Tx) (placeRow, error) {
	return db.One(ctx, tx, func(r db.Row) (p placeRow, err error) {
		return p, r.Scan(&p.place, &p.seq, &p.version)
	}, `select place, seq, version from webhook_place where id = 1`)
}

// insertPlace writes the first place, unless there is one.
func insertPlace(ctx context.Context, tx *db.Tx, place string) error {
	_, err := tx.Exec(ctx, `insert into webhook_place (id, place, seq, version)
		values (1, $1, 0, 0) on conflict (id) do nothing`, place)
	return err
}

// movePlace moves the place on; false when it is not where it was read, or an endpoint changed.
func movePlace(ctx context.Context, tx *db.Tx, p placeRow, to string, seq int64) (bool, error) {
	n, err := tx.Exec(ctx, `update webhook_place set place = $1, seq = $2
		where id = 1 and place = $3 and version = $4`, to, seq, p.place, p.version)
	return n == 1, err
}

// changed tells the followers that they have to look at the endpoints again. It comes first in a
// transaction: whoever queues messages locks this row before endpoints, too.
func changed(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `update webhook_place set version = version + 1 where id = 1`)
	return err
}

// readAudience returns the active endpoints by acquirer.
func readAudience(ctx context.Context, tx *db.Tx) (audience, error) {
	type row struct {
		acquirerNo int64
		listener
	}
	rows, err := db.All(ctx, tx, func(r db.Row) (l row, err error) {
		var names, since string
		if err = r.Scan(&l.acquirerNo, &l.id, &l.merchantNo, &names, &since); err != nil {
			return l, err
		}
		l.kinds = strings.Fields(names)
		l.since, err = event.ParseCursor(since)
		return l, err
	}, `select acquirer_no, id, merchant_no, kinds, since_place from webhook_endpoint
		where status = 'active' and since_us is not null order by acquirer_no, id`)
	a := audience{}
	for _, l := range rows {
		a[l.acquirerNo] = append(a[l.acquirerNo], l.listener)
	}
	return a, err
}
