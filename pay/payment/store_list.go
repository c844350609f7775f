package payment

import (
	"context"
	"strconv"
	"strings"

	"watari/kit/db"
	"watari/kit/id"
)

// Which payment has this key?
func readPayment(ctx context.Context, tx *db.Tx, key pk) (*Payment, error) {
	return db.One(ctx, tx, scanPayment, `select `+paymentCols+` from payment
		where acquirer_no = $1 and id = $2`, key.acquirer, key.id)
}

// Which payments follow this one? By the primary key, over all acquirers.
func paymentsAfter(ctx context.Context, tx *db.Tx, last pk, limit int) ([]*Payment, error) {
	return db.All(ctx, tx, scanPayment, `select `+paymentCols+` from payment
		where (acquirer_no, id) > ($1, $2) order by acquirer_no, id limit $3`,
		last.acquirer, last.id, limit)
}

// Count tells how many payments there are. It reads them all.
func Count(ctx context.Context, tx *db.Tx) (int64, error) {
	return db.One(ctx, tx, func(r db.Row) (n int64, err error) {
		err = r.Scan(&n)
		return n, err
	}, `select count(id) from payment`)
}

// Which payments match? Newest first, by the primary key, or by the index on store when one
// is named. Ids carry their time, so a time is a range of ids.
func listPayments(ctx context.Context, tx *db.Tx, f Filter) ([]*Payment, error) {
	q := where{}
	q.add("acquirer_no = ", f.AcquirerNo)
	if f.StoreNo != 0 {
		q.add("store_no = ", f.StoreNo)
	}
	if f.TerminalNo != 0 {
		q.add("terminal_no = ", f.TerminalNo)
	}
	if !f.From.IsZero() {
		q.add("id >= ", id.Floor("pay", f.From))
	}
	if !f.Until.IsZero() {
		q.add("id < ", id.Floor("pay", f.Until))
	}
	if f.After != "" {
		q.add("id < ", f.After)
	}
	q.anyOf("state", f.States)
	q.args = append(q.args, f.Limit)
	return db.All(ctx, tx, scanPayment, `select `+paymentCols+` from payment where `+
		strings.Join(q.terms, " and ")+` order by acquirer_no desc, id desc limit $`+
		strconv.Itoa(len(q.args)), q.args...)
}

// where collects conditions with their numbered parameters. Its texts are constants.
type where struct {
	terms []string
	args  []any
}

func (w *where) add(term string, arg any) {
	w.args = append(w.args, arg)
	w.terms = append(w.terms, term+"$"+strconv.Itoa(len(w.args)))
}

func (w *where) anyOf(column string, states []State) {
	if len(states) == 0 {
		return
	}
	marks := make([]string, len(states))
	for i, s := range states {
		w.args = append(w.args, string(s))
		marks[i] = "$" + strconv.Itoa(len(w.args))
	}
	w.terms = append(w.terms, column+" in ("+strings.Join(marks, ", ")+")")
}
