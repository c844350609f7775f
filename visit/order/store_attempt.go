package order

import (
	"context"
	"fmt"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

const attemptCols = `order_id, no, acquirer_no, payment_id, request_id, state, minor,
	expires_at_us, created_at_us, tries, due_at_us`

func scanAttempt(r db.Row) (*attempt, error) {
	a := &attempt{}
	var expires, created int64
	var due *int64
	err := r.Scan(&a.orderID, &a.no, &a.acquirerNo, &a.paymentID, &a.requestID,
		(*string)(&a.state), &a.minor, &expires, &created, &a.tries, &due)
	a.expires, a.created = timeOf(expires), timeOf(created)
	if due != nil {
		a.due = timeOf(*due)
	}
	return a, err
}

func insertAttempts(ctx context.Context, tx *db.Tx, as []*attempt) error {
	rows := make([][]any, len(as))
	for i, a := range as {
		rows[i] = []any{a.orderID, a.no, a.acquirerNo, a.paymentID, a.requestID, string(a.state),
			a.minor, micros(a.expires), micros(a.created), a.tries, dueColumn(a.due)}
	}
	t, n := db.Text, db.Int
	_, err := tx.Bulk(ctx, `insert into visit_order_payment (`+attemptCols+`) {rows}`,
		[]db.Kind{t, n, n, t, t, t, n, n, n, n, n}, rows, nil)
	return err
}

// Change these attempts. Their orders are locked.
func updateAttempts(ctx context.Context, tx *db.Tx, as []*attempt) error {
	rows := make([][]any, len(as))
	for i, a := range as {
		rows[i] = []any{a.orderID, a.no, a.paymentID, string(a.state), a.tries, dueColumn(a.due)}
	}
	t, n := db.Text, db.Int
	done, err := tx.Bulk(ctx, `with v(o, no, p, st, tr, due) as ({rows})
		update visit_order_payment set payment_id = v.p, state = v.st, tries = v.tr,
			due_at_us = v.due
		from v where visit_order_payment.order_id = v.o and visit_order_payment.no = v.no`,
		[]db.Kind{t, n, t, t, n, n}, rows, nil)
	return allOf(done, len(as), "attempts", err)
}

// Which payments were opened for these orders? By order, each by number.
func attemptsOf(
	ctx context.Context, tx *db.Tx, ids []string,
) (map[string][]*attempt, error) {
	out := map[string][]*attempt{}
	_, err := tx.Bulk(ctx, `with k(i) as ({rows}) select p.order_id, p.no, p.acquirer_no,
			p.payment_id, p.request_id, p.state, p.minor, p.expires_at_us, p.created_at_us,
			p.tries, p.due_at_us
		from k join visit_order_payment p on p.order_id = k.i`, []db.Kind{db.Text},
		idRows(ids), func(r db.Row) error {
			a, err := scanAttempt(r)
			out[a.orderID] = append(out[a.orderID], a)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read the payments of orders: %w", err)
	}
	for _, as := range out {
		slices.SortFunc(as, func(a, b *attempt) int { return int(a.no - b.no) })
	}
	return out, nil
}

// Which orders do these payments belong to? By the index on payment ids.
func ordersOfPayments(ctx context.Context, tx *db.Tx, ids []string) ([]string, error) {
	var out []string
	_, err := tx.Bulk(ctx, `with k(i) as ({rows}) select p.order_id
		from k join visit_order_payment p on p.payment_id = k.i and p.payment_id <> ''`,
		[]db.Kind{db.Text}, idRows(ids), func(r db.Row) error {
			id, err := scanID(r)
			out = append(out, id)
			return err
		})
	slices.Sort(out)
	return slices.Compact(out), err
}

// Which attempts have to be looked at? The oldest first; those that another node works on are
// left out.
func dueAttempts(
	ctx context.Context, tx *db.Tx, now time.Time, limit int,
) ([]*attempt, error) {
	return db.All(ctx, tx, scanAttempt, `select `+attemptCols+` from visit_order_payment
		where due_at_us is not null and due_at_us <= $1 order by due_at_us, order_id, no
		limit $2 /*pg for update skip locked */`, clock.Micros(now), limit)
}

// Look at these again at their times, unless they ended meanwhile.
func leaseAttempts(ctx context.Context, tx *db.Tx, as []*attempt) error {
	rows := make([][]any, len(as))
	for i, a := range as {
		rows[i] = []any{a.orderID, a.no, clock.Micros(a.due), a.tries}
	}
	n := db.Int
	_, err := tx.Bulk(ctx, `with v(o, no, due, tr) as ({rows})
		update visit_order_payment set due_at_us = v.due, tries = v.tr
		from v where visit_order_payment.order_id = v.o and visit_order_payment.no = v.no
			and visit_order_payment.due_at_us is not null`,
		[]db.Kind{db.Text, n, n, n}, rows, nil)
	return err
}

// Look at the open payments of an order at a time, if that is sooner than planned.
func lookSoon(ctx context.Context, tx *db.Tx, orderID string, at time.Time) error {
	_, err := tx.Exec(ctx, `update visit_order_payment set due_at_us = $2, tries = 0
		where order_id = $1 and state in ('opening', 'open') and due_at_us > $2`, orderID,
		clock.Micros(at))
	return err
}
