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
	if f.MerchantNo != 0 {
		q.add("merchant_no = ", f.MerchantNo)
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
	return db.All(ctx, tx, scanPayment, `select `+paymentCols+` from payment where `+
		q.text()+` order by acquirer_no desc, id desc limit `+q.mark(f.Limit), q.args...)
}

// where collects conditions with their numbered parameters. Its texts are constants.
type where struct {
	terms []string
	args  []any
}

// mark adds a parameter and returns its mark.
func (w *where) mark(arg any) string {
	w.args = append(w.args, arg)
	return "$" + strconv.Itoa(len(w.args))
}

// text is the conditions so far.
func (w *where) text() string { return strings.Join(w.terms, " and ") }

func (w *where) add(term string, arg any) { w.terms = append(w.terms, term+w.mark(arg)) }

func (w *where) noneOf(column string, nos []int64) {
	if len(nos) == 0 {
		return
	}
	marks := make([]string, len(nos))
	for i, no := range nos {
		marks[i] = w.mark(no)
	}
	w.terms = append(w.terms, column+" not in ("+strings.Join(marks, ", ")+")")
}

func (w *where) anyOf(column string, states []State) {
	if len(states) == 0 {
		return
	}
	marks := make([]string, len(states))
	for i, s := range states {
		marks[i] = w.mark(string(s))
	}
	w.terms = append(w.terms, column+" in ("+strings.Join(marks, ", ")+")")
}
