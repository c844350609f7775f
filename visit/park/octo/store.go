package octo

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/visit/order"
)

//go:embed sql/*.sql
var files embed.FS

// Migrations returns the tables of this package, for db.Migrate.
func Migrations() fs.FS { return files }

// kept is what is kept of a booking beside its order.
type kept struct {
	account, uuid     string
	first, order, was string // ids of orders
	revision          int64
	began             time.Time
	reference, reason string
	changed           time.Time
}

const keptCols = `k.account, k.name, k.first_id, k.order_id, k.was_id, k.revision, k.began_us,
	k.reference, k.reason, k.changed_us`

func scanKept(r db.Row) (*kept, error) {
	var k kept
	var began, changed int64
	err := r.Scan(&k.account, &k.uuid, &k.first, &k.order, &k.was, &k.revision, &began,
		&k.reference, &k.reason, &changed)
	k.began, k.changed = clock.FromMicros(began), clock.FromMicros(changed)
	return &k, err
}

// What is kept of a booking? nil: nothing. By the primary key.
func keptOf(ctx context.Context, tx *db.Tx, account, uuid string) (*kept, error) {
	k, err := db.One(ctx, tx, scanKept, `select `+keptCols+` from octo_booking k
		where k.account = $1 and k.name = $2`, account, uuid)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return k, err
}

// What is kept of these bookings of an account? By their uuids.
func keptOfAll(
	ctx context.Context, tx *db.Tx, account string, uuids []string,
) (map[string]*kept, error) {
	rows := make([][]any, len(uuids))
	for i, u := range uuids {
		rows[i] = []any{account, u}
	}
	out := map[string]*kept{}
	_, err := tx.Bulk(ctx, `with v(a, u) as ({rows}) select `+keptCols+` from v
			join octo_booking k on k.account = v.a and k.name = v.u
		order by k.account, k.name`, []db.Kind{db.Text, db.Text}, rows, func(r db.Row) error {
		k, err := scanKept(r)
		if err == nil {
			out[k.uuid] = k
		}
		return err
	})
	return out, err
}

// Which bookings of an account have this reference, at most so many? By the index on references.
func keptByReference(
	ctx context.Context, tx *db.Tx, account, reference string, most int,
) ([]*kept, error) {
	return db.All(ctx, tx, scanKept, `select `+keptCols+` from octo_booking k
		where k.account = $1 and k.reference = $2 and k.reference <> ''
		order by k.account, k.reference, k.name limit $3`, account, reference, int64(most))
}

// Begin to keep something of a booking, unless that was done.
func beginKept(ctx context.Context, tx *db.Tx, account, uuid string, o *order.Order) error {
	_, err := tx.Exec(ctx, `insert into octo_booking (account, name, first_id, order_id, was_id,
			revision, began_us, reference, reason, changed_us)
		values ($1, $2, $3, $3, '', 1, $4, $5, '', $4) on conflict (account, name) do nothing`,
		account, uuid, o.ID, clock.Micros(o.Created), o.Reference)
	return err
}

// Another change of the booking is tried, while it is this order. 0: it is not.
func nextRevision(ctx context.Context, tx *db.Tx, account, uuid, orderID string) (int64, error) {
	n, err := db.One(ctx, tx, func(r db.Row) (n int64, err error) {
		err = r.Scan(&n)
		return n, err
	}, `update octo_booking set revision = revision + 1
		where account = $1 and name = $2 and order_id = $3 returning revision`, account, uuid,
		orderID)
	if errors.Is(err, db.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// The booking is another order, in whose place it came; false when it is not what it was.
func pointKept(ctx context.Context, tx *db.Tx, was kept, orderID, wasID string, nowUS int64) (
	bool, error,
) {
	n, err := tx.Exec(ctx, `update octo_booking set order_id = $5, was_id = $6, changed_us = $7
		where account = $1 and name = $2 and order_id = $3 and was_id = $4`, was.account, was.uuid,
		was.order, was.was, orderID, wasID, nowUS)
	return n == 1, err
}

// The reseller calls the booking so.
func referKept(
	ctx context.Context, tx *db.Tx, account, uuid, reference string, nowUS int64,
) error {
	_, err := tx.Exec(ctx, `update octo_booking set reference = $3, changed_us = $4
		where account = $1 and name = $2`, account, uuid, reference, nowUS)
	return err
}

// Something of the booking changed, or was given back for a reason.
func touchKept(
	ctx context.Context, tx *db.Tx, account, uuid, reason string, nowUS int64,
) error {
	_, err := tx.Exec(ctx, `update octo_booking set changed_us = $4,
			reason = case when $3 = '' then reason else $3 end
		where account = $1 and name = $2`, account, uuid, reason, nowUS)
	return err
}
