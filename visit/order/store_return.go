package order

import (
	"context"
	"fmt"
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

const returnCols = `id, order_id, request_id, acquirer_no, payment_id, state, reason, lines, minor,
	fee_minor, wallet_minor, merchant_minor, extra, refund_id, sendings, tries, mass_id, note,
	actor, created_at_us, ended_at_us, due_at_us, outside`

const returnColsR = `r.id, r.order_id, r.request_id, r.acquirer_no, r.payment_id, r.state, r.reason,
	r.lines, r.minor, r.fee_minor, r.wallet_minor, r.merchant_minor, r.extra, r.refund_id,
	r.sendings, r.tries, r.mass_id, r.note, r.actor, r.created_at_us, r.ended_at_us, r.due_at_us,
	r.outside`

func scanReturn(r db.Row) (*Return, error) {
	x := &Return{}
	var lines string
	var created, ended int64
	var due *int64
	err := r.Scan(&x.ID, &x.OrderID, &x.RequestID, &x.acquirerNo, &x.PaymentID,
		(*string)(&x.State), (*string)(&x.Reason), &lines, &x.Minor, &x.Fee, &x.taken.Wallet,
		&x.taken.Merchant, &x.extra, &x.refundID, &x.sendings, &x.tries, &x.MassID, &x.Note,
		&x.Actor, &created, &ended, &due, &x.Outside)
	if err != nil {
		return x, err
	}
	x.Created, x.Ended = timeOf(created), timeOf(ended)
	if due != nil {
		x.due = timeOf(*due)
	}
	return x, readJSON(lines, &x.Lines)
}

func insertReturns(ctx context.Context, tx *db.Tx, xs []*Return) error {
	rows := make([][]any, len(xs))
	for i, x := range xs {
		rows[i] = []any{x.ID, x.OrderID, x.RequestID, x.acquirerNo, x.PaymentID, string(x.State),
			string(x.Reason), writeJSON(x.Lines, len(x.Lines) == 0), x.Minor, x.Fee,
			x.taken.Wallet, x.taken.Merchant, x.extra, x.refundID, x.sendings, x.tries, x.MassID,
			x.Note, x.Actor, micros(x.Created), micros(x.Ended), dueColumn(x.due), x.Outside}
	}
	t, n := db.Text, db.Int
	_, err := tx.Bulk(ctx, `insert into visit_order_return (`+returnCols+`) {rows}`,
		[]db.Kind{t, t, t, n, t, t, t, t, n, n, n, n, db.Bool, t, n, n, t, t, t, n, n, n,
			t}, rows, nil)
	return err
}

// Change these returns. Their orders are locked.
func updateReturns(ctx context.Context, tx *db.Tx, xs []*Return) error {
	rows := make([][]any, len(xs))
	for i, x := range xs {
		rows[i] = []any{x.ID, string(x.State), x.refundID, x.sendings, x.tries, x.Note,
			micros(x.Ended), dueColumn(x.due), x.Outside}
	}
	t, n := db.Text, db.Int
	done, err := tx.Bulk(ctx, `with v(i, st, rf, se, tr, nt, en, due, os) as ({rows})
		update visit_order_return set state = v.st, refund_id = v.rf, sendings = v.se,
			tries = v.tr, note = v.nt, ended_at_us = v.en, due_at_us = v.due,
			outside = v.os
		from v where visit_order_return.id = v.i`, []db.Kind{t, t, t, n, n, t, n, n, t}, rows,
		nil)
	return allOf(done, len(xs), "returns", err)
}

// What was given back of these orders? By order, each by id.
func returnsOf(ctx context.Context, tx *db.Tx, ids []string) (map[string][]*Return, error) {
	out := map[string][]*Return{}
	_, err := tx.Bulk(ctx, `with k(i) as ({rows}) select `+returnColsR+`
		from k join visit_order_return r on r.order_id = k.i`, []db.Kind{db.Text}, idRows(ids),
		func(r db.Row) error {
			x, err := scanReturn(r)
			out[x.OrderID] = append(out[x.OrderID], x)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("read returns: %w", err)
	}
	for _, xs := range out {
		slices.SortFunc(xs, func(a, b *Return) int {
			switch {
			case a.ID < b.ID:
				return -1
			case a.ID > b.ID:
				return 1
			}
			return 0
		})
	}
	return out, nil
}

// Which return has this id? Errors: db.ErrNoRows.
func returnByID(ctx context.Context, tx *db.Tx, id string) (*Return, error) {
	return db.One(ctx, tx, scanReturn,
		`select `+returnCols+` from visit_order_return where id = $1`, id)
}

// Which returns are due? The oldest first; those that another node works on are left out.
func dueReturns(ctx context.Context, tx *db.Tx, now time.Time, limit int) ([]*Return, error) {
	return db.All(ctx, tx, scanReturn, `select `+returnCols+` from visit_order_return
		where due_at_us is not null and due_at_us <= $1 order by due_at_us, id limit $2
		/*pg for update skip locked */`, clock.Micros(now), limit)
}

// Hold these returns for their sending.
func leaseReturns(ctx context.Context, tx *db.Tx, xs []*Return) error {
	rows := make([][]any, len(xs))
	for i, x := range xs {
		rows[i] = []any{x.ID, string(x.State), x.tries, clock.Micros(x.due)}
	}
	n, err := tx.Bulk(ctx, `with v(i, st, tr, due) as ({rows}) update visit_order_return
		set state = v.st, tries = v.tr, due_at_us = v.due from v
		where visit_order_return.id = v.i and visit_order_return.due_at_us is not null`,
		[]db.Kind{db.Text, db.Text, db.Int, db.Int}, rows, nil)
	return allOf(n, len(xs), "returns", err)
}

// Which returns wait for an answer about these payments? By the index on payments.
func openReturns(ctx context.Context, tx *db.Tx, payments []string) ([]*Return, error) {
	var out []*Return
	_, err := tx.Bulk(ctx, `with k(i) as ({rows}) select `+returnColsR+`
		from k join visit_order_return r on r.payment_id = k.i and r.state in ('due', 'sent')`,
		[]db.Kind{db.Text}, idRows(payments), func(r db.Row) error {
			x, err := scanReturn(r)
			out = append(out, x)
			return err
		})
	return out, err
}

// Which returns failed? The newest first, by the index of those that are owed.
func owedReturns(ctx context.Context, tx *db.Tx, f OwedFilter) ([]*Return, error) {
	return db.All(ctx, tx, scanReturn, `select `+returnColsR+` from visit_order_return r
			join visit_order o on o.id = r.order_id
		where r.state = 'failed' and r.acquirer_no = $1 and (r.id < $2 or $2 = '')
			and (o.merchant_no = $3 or $3 = 0) and (o.store_no = $4 or $4 = 0)
			and (o.place = $5 or $5 = '') and (r.mass_id = $6 or $6 = '')
		order by r.id desc limit $7`, f.AcquirerNo, f.After, f.MerchantNo, f.StoreNo, f.Place,
		f.MassID, f.Limit)
}

// How much is owed, by bank? By the index of what is.
func owedSums(ctx context.Context, tx *db.Tx) ([]OwedSum, error) {
	return db.All(ctx, tx, func(r db.Row) (o OwedSum, err error) {
		var minor int64
		err = r.Scan(&o.AcquirerNo, &o.Count, &minor)
		o.Amount = yen(minor)
		return o, err
	}, `select acquirer_no, count(*), cast(sum(minor) as bigint) from visit_order_return
		where state = 'failed' group by acquirer_no order by acquirer_no`)
}
