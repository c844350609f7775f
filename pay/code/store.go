package code

import (
	"bytes"
	"cmp"
	"context"
	"embed"
	"fmt"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// Migrations are this package's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

// Key names a wallet code: its issuer and its digest.
type Key struct {
	IssuerNo int64
	Hash     Digest
}

// Issued is a code that was made for a payer.
type Issued struct {
	Key
	Last4    string
	Customer string // sealed by the caller; see kit/seal
	Region   string // ISO 3166-1 alpha-2, "" when the issuer did not say
	At       time.Time
	Expires  time.Time // not before At; from then on the code is refused
}

// Row is a stored code.
type Row struct {
	Issued
	PaymentID string // the payment that consumed the code; "" until then
}

// Use is a payment that consumes a code.
type Use struct {
	Key
	PaymentID string
	Last4     string // kept for a code of another issuer; may be ""
}

// Issue stores fresh codes. Must run in a writing transaction.
//
// Errors: db.IsUnique when a code is there already; generate others then.
func Issue(ctx context.Context, tx *db.Tx, issued []Issued) error {
	rows := make([][]any, len(issued))
	for i, c := range sorted(issued, func(c Issued) Key { return c.Key }) {
		rows[i] = []any{c.IssuerNo, c.Hash[:], c.Last4, c.Customer, c.Region,
			clock.Micros(c.At), clock.Micros(c.Expires)}
	}
	_, err := tx.Bulk(ctx,
		`insert into wallet_code
			(issuer_no, hash, last4, customer, region, issued_at_us, expires_at_us) {rows}`,
		[]db.Kind{db.Int, db.Bytes, db.Text, db.Text, db.Text, db.Int, db.Int}, rows, nil)
	if err != nil {
		return fmt.Errorf("issue wallet codes: %w", err)
	}
	return nil
}

// Lock locks the codes in the order of their keys until the transaction ends, and returns those
// that are there. Must run in a writing transaction.
func Lock(ctx context.Context, tx *db.Tx, keys []Key) (map[Key]Row, error) {
	rows := make([][]any, 0, len(keys))
	for _, k := range slices.Compact(sorted(keys, func(k Key) Key { return k })) {
		rows = append(rows, []any{k.IssuerNo, k.Hash[:]})
	}
	found := make(map[Key]Row, len(rows))
	// Which of these codes are there? By the primary key; the lock follows the order by.
	_, err := tx.Bulk(ctx,
		`with k(issuer_no, hash) as ({rows})
		select w.issuer_no, w.hash, w.last4, w.customer, w.region, w.issued_at_us,
			w.expires_at_us, w.payment_id
		from k join wallet_code w on w.issuer_no = k.issuer_no and w.hash = k.hash
		order by w.issuer_no, w.hash
		/*pg for update of w */`,
		keyKinds, rows, func(r db.Row) error {
			row, err := scanRow(r)
			found[row.Key] = row
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("lock wallet codes: %w", err)
	}
	return found, nil
}

// Consume marks codes that were issued here as used (K5). Must run in the transaction that locked
// them and found them free; the keys differ from each other.
//
// Errors: fewer codes were free than were given; the transaction must then not commit.
func Consume(ctx context.Context, tx *db.Tx, uses []Use) error {
	rows := make([][]any, len(uses))
	for i, u := range sorted(uses, func(u Use) Key { return u.Key }) {
		rows[i] = []any{u.IssuerNo, u.Hash[:], u.PaymentID}
	}
	// Are these codes free? By the primary key.
	n, err := tx.Bulk(ctx,
		`with v(issuer_no, hash, payment_id) as ({rows})
		update wallet_code set payment_id = v.payment_id from v
		where wallet_code.issuer_no = v.issuer_no and wallet_code.hash = v.hash
			and wallet_code.payment_id is null`,
		[]db.Kind{db.Int, db.Bytes, db.Text}, rows, nil)
	if err != nil {
		return fmt.Errorf("consume wallet codes: %w", err)
	}
	if n != int64(len(uses)) {
		return fmt.Errorf("consume wallet codes: %d of %d were free", n, len(uses))
	}
	return nil
}

// ConsumeForeign records the use of codes that other issuers made, and returns the keys that were
// not used before (K5). Of two uses of one key only the first counts, and the result does not say
// whose it was: give each key once. Must run in a writing transaction.
func ConsumeForeign(ctx context.Context, tx *db.Tx, uses []Use) (map[Key]bool, error) {
	now := clock.Micros(clock.Now())
	rows := make([][]any, len(uses))
	for i, u := range sorted(uses, func(u Use) Key { return u.Key }) {
		rows[i] = []any{u.IssuerNo, u.Hash[:], u.Last4, "", "", now, now, u.PaymentID}
	}
	won := make(map[Key]bool, len(uses))
	_, err := tx.Bulk(ctx,
		`insert into wallet_code (issuer_no, hash, last4, customer, region, issued_at_us,
			expires_at_us, payment_id) {rows}
		on conflict (issuer_no, hash) do nothing returning issuer_no, hash`,
		[]db.Kind{db.Int, db.Bytes, db.Text, db.Text, db.Text, db.Int, db.Int, db.Text}, rows,
		func(r db.Row) error {
			var issuer int64
			var hash []byte
			if err := r.Scan(&issuer, &hash); err != nil {
				return err
			}
			won[Key{IssuerNo: issuer, Hash: Digest(hash)}] = true
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("consume foreign wallet codes: %w", err)
	}
	return won, nil
}

var keyKinds = []db.Kind{db.Int, db.Bytes}

// scanRow reads the columns that Lock selects.
func scanRow(r db.Row) (Row, error) {
	var row Row
	var hash []byte
	var at, expires int64
	var payment *string
	err := r.Scan(&row.IssuerNo, &hash, &row.Last4, &row.Customer, &row.Region, &at, &expires,
		&payment)
	if err != nil {
		return row, err
	}
	row.Hash = Digest(hash)
	row.At, row.Expires = clock.FromMicros(at), clock.FromMicros(expires)
	if payment != nil {
		row.PaymentID = *payment
	}
	return row, nil
}

// sorted returns list in the order of its keys: every transaction touches rows in that order.
func sorted[T any](list []T, key func(T) Key) []T {
	return slices.SortedStableFunc(slices.Values(list), func(a, b T) int {
		x, y := key(a), key(b)
		if x.IssuerNo != y.IssuerNo {
			return cmp.Compare(x.IssuerNo, y.IssuerNo)
		}
		return bytes.Compare(x.Hash[:], y.Hash[:])
	})
}
