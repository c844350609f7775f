package visitor

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// row is a visitor with what only this package knows.
type row struct {
	Visitor
	subject, customerHash string
}

// visitorCols are what scanVisitor reads of a visitor.
const visitorCols = `visitor.id, visitor.issuer_no, visitor.subject_hash, visitor.customer_hash,
	visitor.name, visitor.lang, visitor.created_at_us, visitor.seen_at_us`

// scanVisitor reads a visitor, and what stands before in the row.
func scanVisitor(r db.Row, before ...any) (v Visitor, err error) {
	var created, seen int64
	var customer string
	err = r.Scan(append(before, &v.ID, &v.IssuerNo, &v.SubjectHash, &customer, &v.Name,
		(*string)(&v.Lang), &created, &seen)...)
	v.InShops = customer != ""
	v.Created, v.Seen = clock.FromMicros(created), clock.FromMicros(seen)
	return v, err
}

func scanOne(r db.Row) (Visitor, error) { return scanVisitor(r) }

func scanText(r db.Row) (s string, err error) {
	err = r.Scan(&s)
	return s, err
}

func scanInt(r db.Row) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}

// readKey returns the sealed key of the hashes. Uses visitor_key_pk.
func readKey(ctx context.Context, tx *db.Tx) (string, error) {
	return db.One(ctx, tx, scanText, `select secret from visitor_key where id = 1`)
}

// addKey keeps the first key; another one is not kept.
func addKey(ctx context.Context, tx *db.Tx, sealed string) error {
	_, err := tx.Exec(ctx, `insert into visitor_key (id, secret) values (1, $1)
		on conflict (id) do nothing`, sealed)
	return err
}

// upsertVisitor makes a visitor known, or returns the one who has that subject, seen now. Payments
// name a user by one id: whoever had the customer's hash before gives it up, for a wallet that
// changed its application gives its user a new subject. Uses visitor_subject, visitor_customer.
func upsertVisitor(ctx context.Context, tx *db.Tx, fresh row) (Visitor, error) {
	_, err := tx.Exec(ctx, `update visitor set customer_hash = ''
		where issuer_no = $1 and customer_hash = $2 and customer_hash <> ''
			and subject_hash <> $3`, fresh.IssuerNo, fresh.customerHash, fresh.SubjectHash)
	if err != nil {
		return Visitor{}, err
	}
	return db.One(ctx, tx, scanOne, `insert into visitor (id, issuer_no, subject_hash, name,
			lang, created_at_us, seen_at_us, subject, customer_hash)
		values ($1, $2, $3, $4, $5, $6, $6, $7, $8)
		on conflict (issuer_no, subject_hash) do update set
			seen_at_us = excluded.seen_at_us, subject = excluded.subject,
			customer_hash = excluded.customer_hash,
			name = case when excluded.name <> '' then excluded.name else visitor.name end
		returning `+visitorCols, fresh.ID, fresh.IssuerNo, fresh.SubjectHash, fresh.Name,
		string(fresh.Lang), clock.Micros(fresh.Created), fresh.subject, fresh.customerHash)
}

// readVisitor returns a visitor. Uses visitor_pk.
func readVisitor(ctx context.Context, tx *db.Tx, id string) (Visitor, error) {
	return db.One(ctx, tx, scanOne, `select `+visitorCols+` from visitor where id = $1`, id)
}

// setLang keeps a language. Uses visitor_pk.
func setLang(ctx context.Context, tx *db.Tx, id, lang string) (int64, error) {
	return tx.Exec(ctx, `update visitor set lang = $2 where id = $1`, id, lang)
}

// eraseVisitor deletes a visitor with all that is kept of them (V6).
func eraseVisitor(ctx context.Context, tx *db.Tx, id string) (int64, error) {
	for _, q := range []string{
		`delete from visitor_session where visitor_id = $1`,
		`delete from visitor_payment where visitor_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return 0, err
		}
	}
	return tx.Exec(ctx, `delete from visitor where id = $1`, id)
}

// noteSeen writes when visitors were last seen, never an earlier time over a later. Rows in one
// order, so that two nodes do not wait for each other in a circle.
func noteSeen(ctx context.Context, tx *db.Tx, seen map[string]int64) error {
	var rows [][]any
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		rows = append(rows, []any{id, seen[id]})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.Bulk(ctx, `with v (id, at_us) as ({rows}) update visitor
		set seen_at_us = v.at_us from v where visitor.id = v.id
			and visitor.seen_at_us < v.at_us`, []db.Kind{db.Text, db.Int}, rows, nil)
	return err
}

// addSession keeps a session and ends those of the visitor that are too many. Uses
// visitor_session_list.
func addSession(
	ctx context.Context, tx *db.Tx, hash, visitorID string, at, until time.Time,
) error {
	_, err := tx.Exec(ctx, `insert into visitor_session (hash, visitor_id, made_at_us, until_us)
		values ($1, $2, $3, $4)`, hash, visitorID, clock.Micros(at), clock.Micros(until))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from visitor_session where hash in (
			select hash from visitor_session where visitor_id = $1
			order by made_at_us desc, hash limit 100 offset $2)`, visitorID, SessionsMax)
	return err
}

// findSeat returns a session that is not over, with its visitor. Uses visitor_session_pk.
func findSeat(ctx context.Context, tx *db.Tx, hash string, now time.Time) (seat, error) {
	scan := func(r db.Row) (s seat, err error) {
		var until int64
		s.Visitor, err = scanVisitor(r, &until)
		s.until = clock.FromMicros(until)
		return s, err
	}
	return db.One(ctx, tx, scan, `select visitor_session.until_us, `+visitorCols+`
		from visitor_session join visitor on visitor.id = visitor_session.visitor_id
		where visitor_session.hash = $1 and visitor_session.until_us > $2`,
		hash, clock.Micros(now))
}

// endSession ends a session by its hash. Uses visitor_session_pk.
func endSession(ctx context.Context, tx *db.Tx, hash string) error {
	_, err := tx.Exec(ctx, `delete from visitor_session where hash = $1`, hash)
	return err
}

// countTrips returns how many browsers are at their wallets.
func countTrips(ctx context.Context, tx *db.Tx) (int64, error) {
	return db.One(ctx, tx, scanInt, `select count(hash) from visitor_trip where step = ''`)
}

// addTrip keeps a trip. Uses visitor_trip_pk.
func addTrip(ctx context.Context, tx *db.Tx, hash, sealed string, until time.Time) error {
	_, err := tx.Exec(ctx, `insert into visitor_trip (hash, trip, until_us)
		values ($1, $2, $3)`, hash, sealed, clock.Micros(until))
	return err
}

// The steps of a trip.
const (
	tripAsked = "asked"
	tripIn    = "in"
)

// useTrip uses a trip with an answer, keeps that until, and returns it. Uses visitor_trip_pk.
//
// Errors: db.ErrNoRows when there is none any more, it was used, or it took too long.
func useTrip(
	ctx context.Context, tx *db.Tx, hash, answer string, now, until time.Time,
) (string, error) {
	return db.One(ctx, tx, scanText, `update visitor_trip set step = $2, answer = $3, until_us = $4
		where hash = $1 and step = '' and until_us > $5 returning trip`, hash, tripAsked, answer,
		clock.Micros(until), clock.Micros(now))
}

// usedTrip returns a trip that was used with an answer. Uses visitor_trip_pk.
//
// Errors: db.ErrNoRows.
func usedTrip(
	ctx context.Context, tx *db.Tx, hash, answer string, now time.Time,
) (string, error) {
	return db.One(ctx, tx, scanText, `select trip from visitor_trip
		where hash = $1 and step <> '' and answer = $2 and until_us > $3`, hash, answer,
		clock.Micros(now))
}

// stepOfTrip returns how far a trip is. Uses visitor_trip_pk.
//
// Errors: db.ErrNoRows.
func stepOfTrip(ctx context.Context, tx *db.Tx, hash string) (string, error) {
	return db.One(ctx, tx, scanText, `select step from visitor_trip where hash = $1`, hash)
}

// enterTrip notes that a trip led to a session. Uses visitor_trip_pk.
func enterTrip(ctx context.Context, tx *db.Tx, hash string) error {
	_, err := tx.Exec(ctx, `update visitor_trip set step = $2 where hash = $1`, hash, tripIn)
	return err
}

// dropTrip deletes a trip. Uses visitor_trip_pk.
func dropTrip(ctx context.Context, tx *db.Tx, hash string) error {
	_, err := tx.Exec(ctx, `delete from visitor_trip where hash = $1`, hash)
	return err
}

// removeOver deletes sessions and trips that are over, at most 20,000 of each at once. Uses
// visitor_session_end, visitor_trip_end.
func removeOver(ctx context.Context, tx *db.Tx, now time.Time) error {
	us := clock.Micros(now)
	for _, q := range []string{
		`delete from visitor_session where hash in (select hash from visitor_session
			where until_us <= $1 order by until_us, hash limit 20000)`,
		`delete from visitor_trip where hash in (select hash from visitor_trip
			where until_us <= $1 order by until_us, hash limit 20000)`,
	} {
		if _, err := tx.Exec(ctx, q, us); err != nil {
			return err
		}
	}
	return nil
}

// readPlace returns how far events were read, for who moves it. Uses visitor_place_pk.
func readPlace(ctx context.Context, tx *db.Tx) (place string, begun bool, err error) {
	return orNot(db.One(ctx, tx, scanText, `select place from visitor_place where id = 1
		/*pg for update */`))
}

// seePlace is readPlace for who only looks.
func seePlace(ctx context.Context, tx *db.Tx) (place string, begun bool, err error) {
	return orNot(db.One(ctx, tx, scanText, `select place from visitor_place where id = 1`))
}

func orNot(text string, err error) (string, bool, error) {
	if errors.Is(err, db.ErrNoRows) {
		return "", false, nil
	}
	return text, err == nil, err
}

// addPlace keeps the first place; another one is not kept.
func addPlace(ctx context.Context, tx *db.Tx, place string) error {
	_, err := tx.Exec(ctx, `insert into visitor_place (id, place) values (1, $1)
		on conflict (id) do nothing`, place)
	return err
}

// writePlace keeps how far events were read.
func writePlace(ctx context.Context, tx *db.Tx, place string) error {
	_, err := tx.Exec(ctx, `insert into visitor_place (id, place) values (1, $1)
		on conflict (id) do update set place = excluded.place`, place)
	return err
}

// issuersKnown returns the wallets whose payments name users that are known here. Uses
// visitor_customer.
func issuersKnown(ctx context.Context, tx *db.Tx) ([]int64, error) {
	return db.All(ctx, tx, scanInt, `select distinct issuer_no from visitor
		where customer_hash <> '' order by issuer_no`)
}

// payer is a payment and the hash of who paid it.
type payer struct {
	issuerNo, acquirerNo int64
	hash, paymentID      string
	atUS                 int64 // when it was begun
}

// addPayments keeps payments with those who paid them and are known, and first signed in before.
// Uses visitor_customer and visitor_payment_pk.
func addPayments(ctx context.Context, tx *db.Tx, list []payer) error {
	slices.SortFunc(list, func(a, b payer) int {
		if a.hash != b.hash {
			if a.hash < b.hash {
				return -1
			}
			return 1
		}
		if a.paymentID < b.paymentID {
			return -1
		}
		return 1
	})
	rows := make([][]any, len(list))
	for i, p := range list {
		rows[i] = []any{p.issuerNo, p.hash, p.acquirerNo, p.paymentID, p.atUS}
	}
	_, err := tx.Bulk(ctx, `with v (issuer_no, hash, acquirer_no, payment_id, at_us) as ({rows})
		insert into visitor_payment (visitor_id, payment_id, acquirer_no)
		select visitor.id, v.payment_id, v.acquirer_no from v join visitor
			on visitor.issuer_no = v.issuer_no and visitor.customer_hash = v.hash
		where visitor.customer_hash <> '' and visitor.created_at_us <= v.at_us
		order by visitor.id, v.payment_id
		on conflict (visitor_id, payment_id) do nothing`,
		[]db.Kind{db.Int, db.Text, db.Int, db.Text, db.Int}, rows, nil)
	return err
}
