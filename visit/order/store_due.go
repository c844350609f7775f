package order

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

func scanBool(r db.Row) (b bool, err error) { return b, r.Scan(&b) }

// Is a hold due? By the index of those that are on the schedule.
func anyOrderDue(ctx context.Context, tx *db.Tx, now time.Time) (bool, error) {
	return db.One(ctx, tx, scanBool, `select exists (select 1 from visit_order
		where due_at_us is not null and due_at_us <= $1)`, clock.Micros(now))
}

// Is a payment due?
func anyAttemptDue(ctx context.Context, tx *db.Tx, now time.Time) (bool, error) {
	return db.One(ctx, tx, scanBool, `select exists (select 1 from visit_order_payment
		where due_at_us is not null and due_at_us <= $1)`, clock.Micros(now))
}

// Is a return due?
func anyReturnDue(ctx context.Context, tx *db.Tx, now time.Time) (bool, error) {
	return db.One(ctx, tx, scanBool, `select exists (select 1 from visit_order_return
		where due_at_us is not null and due_at_us <= $1)`, clock.Micros(now))
}

// Is a closure due?
func anyMassDue(ctx context.Context, tx *db.Tx, now time.Time) (bool, error) {
	return db.One(ctx, tx, scanBool, `select exists (select 1 from visit_order_mass
		where due_at_us is not null and due_at_us <= $1)`, clock.Micros(now))
}

// Where is the follower? first is the place when there is none.
func readOrInsertPlace(ctx context.Context, tx *db.Tx, first string) (string, error) {
	if _, err := tx.Exec(ctx, `insert into visit_order_place (id, place) values (1, $1)
		on conflict (id) do nothing`, first); err != nil {
		return "", err
	}
	return db.One(ctx, tx, func(r db.Row) (text string, err error) {
		return text, r.Scan(&text)
	}, `select place from visit_order_place where id = 1`)
}

// Move the place on; false when it is not where it was.
func movePlace(ctx context.Context, tx *db.Tx, from, to string) (bool, error) {
	n, err := tx.Exec(ctx, `update visit_order_place set place = $1 where id = 1 and place = $2`,
		to, from)
	return n == 1, err
}
