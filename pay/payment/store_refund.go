package payment

import (
	"context"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

// refundCols is the order of refundRow and scanRefund.
const refundCols = `acquirer_no, id, payment_id, request_id, state, order_minor,
	order_currency, pay_to_minor, pay_to_currency, mid_minor, mdr_minor, interchange_minor,
	scheme_minor, reason, failure, their_id, store_no, terminal_no, next_at_us, tries, doubts, held,
	created_at_us, concluded_at_us, actor`

var refundKinds = []db.Kind{db.Int, db.Text, db.Text, db.Text, db.Text, db.Int,
	db.Text, db.Int, db.Text, db.Int, db.Int, db.Int,
	db.Int, db.Text, db.Text, db.Text, db.Int, db.Int, db.Int, db.Int, db.Int, db.Int,
	db.Int, db.Int, db.Text}

func refundRow(f *Refund) []any {
	return []any{f.AcquirerNo, f.ID, f.PaymentID, f.RequestID, string(f.State),
		f.Order.Minor(), string(f.Order.Currency()), f.PayTo.Minor(),
		string(f.PayTo.Currency()), f.Mid, f.Fees.MDR, f.Fees.Interchange, f.Fees.Scheme,
		f.Reason, string(f.Failure), f.TheirID, f.StoreNo, f.TerminalNo, nextColumn(f.Next),
		f.Tries, f.Doubts, int64(f.Held), clock.Micros(f.Created), micros(f.Concluded), f.Actor}
}

func scanRefund(r db.Row) (*Refund, error) {
	f := &Refund{}
	var order, payTo, created, concluded int64
	var orderCur, payToCur string
	var next *int64
	err := r.Scan(&f.AcquirerNo, &f.ID, &f.PaymentID, &f.RequestID, (*string)(&f.State),
		&order, &orderCur, &payTo, &payToCur, &f.Mid, &f.Fees.MDR, &f.Fees.Interchange,
		&f.Fees.Scheme, &f.Reason, (*string)(&f.Failure), &f.TheirID, &f.StoreNo,
		&f.TerminalNo, &next, &f.Tries, &f.Doubts, (*int64)(&f.Held), &created, &concluded, &f.Actor)
	if err != nil {
		return nil, err
	}
	if f.Order, err = money.New(order, money.Currency(orderCur)); err != nil {
		return nil, fmt.Errorf("refund %s: %w", f.ID, err)
	}
	if f.PayTo, err = money.New(payTo, money.Currency(payToCur)); err != nil {
		return nil, fmt.Errorf("refund %s: %w", f.ID, err)
	}
	if next != nil {
		f.Next = clock.FromMicros(*next)
	}
	f.Created, f.Concluded = clock.FromMicros(created), fromMicros(concluded)
	return f, nil
}

// Keep these new refunds.
func insertRefunds(ctx context.Context, tx *db.Tx, fs []*Refund) error {
	rows := make([][]any, len(fs))
	for i, f := range fs {
		rows[i] = refundRow(f)
	}
	_, err := tx.Bulk(ctx, `insert into payment_refund (`+refundCols+`) {rows}`,
		refundKinds, rows, nil)
	return err
}

// Which refunds have these keys? Their payments are locked.
func readRefunds(ctx context.Context, tx *db.Tx, keys []pk, each func(*Refund)) error {
	_, err := tx.Bulk(ctx, `with k(a, i) as ({rows}) select `+refundCols+`
		from k join payment_refund f on f.acquirer_no = k.a and f.id = k.i
		order by f.acquirer_no, f.id`, keyKinds, keyRows(keys),
		func(r db.Row) error {
			f, err := scanRefund(r)
			if err == nil {
				each(f)
			}
			return err
		})
	return err
}

// Change what may change of these refunds.
func updateRefunds(ctx context.Context, tx *db.Tx, fs []*Refund) error {
	rows := make([][]any, len(fs))
	for i, f := range fs {
		rows[i] = []any{f.AcquirerNo, f.ID, string(f.State), string(f.Failure), f.TheirID,
			nextColumn(f.Next), f.Tries, f.Doubts, micros(f.Concluded)}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, st, fl, their, nxt, tr, db, conc) as ({rows})
		update payment_refund set state = v.st, failure = v.fl, their_id = v.their,
			next_at_us = v.nxt, tries = v.tr, doubts = v.db, concluded_at_us = v.conc
		from v where payment_refund.acquirer_no = v.a and payment_refund.id = v.i`,
		[]db.Kind{db.Int, db.Text, db.Text, db.Text, db.Text, db.Int, db.Int, db.Int,
			db.Int}, rows, nil)
	return allOf(n, len(fs), "refunds", err)
}

// issuerOfRefund is the issuer of a refund's payment.
const issuerOfRefund = `(select p.issuer_no from payment p
	where p.acquirer_no = payment_refund.acquirer_no and p.id = payment_refund.payment_id)`

// Which refunds are due to be sent again, but for those to some issuers? By the partial index
// on the time; the oldest first.
func dueRefunds(
	ctx context.Context, tx *db.Tx, now time.Time, but []int64, limit int,
) ([]dueRefund, error) {
	q := where{}
	q.add("next_at_us <= ", clock.Micros(now))
	q.noneOf(issuerOfRefund, but)
	return db.All(ctx, tx, func(r db.Row) (f dueRefund, err error) {
		f.Refund, err = scanRefund(longer{r, &f.issuer})
		return f, err
	}, `select `+refundCols+`, `+issuerOfRefund+` from payment_refund
		where next_at_us is not null and `+q.text()+`
		order by next_at_us, acquirer_no, id limit `+q.mark(limit)+
		` /*pg for update skip locked */`, q.args...)
}

// longer is a row with one more column than its reader knows.
type longer struct {
	db.Row
	last any
}

// Scan reads the last column apart.
func (r longer) Scan(dest ...any) error { return r.Row.Scan(append(dest, r.last)...) }

// Hold these refunds for a while, so that no other node works on them meanwhile.
func leaseRefunds(ctx context.Context, tx *db.Tx, fs []dueRefund, until time.Time) error {
	rows := make([][]any, len(fs))
	for i, f := range fs {
		rows[i] = []any{f.AcquirerNo, f.ID, clock.Micros(until)}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, nxt) as ({rows})
		update payment_refund set next_at_us = v.nxt
		from v where payment_refund.acquirer_no = v.a and payment_refund.id = v.i`,
		[]db.Kind{db.Int, db.Text, db.Int}, rows, nil)
	return allOf(n, len(fs), "refunds", err)
}

// Which refunds has this payment? By the index on payment.
func refundsOf(
	ctx context.Context, tx *db.Tx, acquirerNo int64, paymentID string,
) ([]*Refund, error) {
	return db.All(ctx, tx, scanRefund, `select `+refundCols+` from payment_refund
		where acquirer_no = $1 and payment_id = $2 order by id`, acquirerNo, paymentID)
}

// How much did tills of this store give back since a time, on this terminal and in all?
// Refunds that failed do not count. By the index on store.
func refundedSince(
	ctx context.Context, tx *db.Tx, acquirerNo, storeNo, terminalNo int64, since time.Time,
) (terminal, store int64, err error) {
	type pair struct{ terminal, store int64 }
	p, err := db.One(ctx, tx, func(r db.Row) (p pair, err error) {
		err = r.Scan(&p.terminal, &p.store)
		return p, err
	}, `select
			cast(coalesce(sum(case when terminal_no = $1 then order_minor else 0 end), 0)
				as bigint),
			cast(coalesce(sum(order_minor), 0) as bigint)
		from payment_refund where acquirer_no = $2 and store_no = $3
			and created_at_us >= $4 and state <> 'failed'`,
		terminalNo, acquirerNo, storeNo, clock.Micros(since))
	return p.terminal, p.store, err
}

// Which refunds have payments in this range? By the index on payment.
func refundsBetween(
	ctx context.Context, tx *db.Tx, acquirerNo int64, first, last string,
) ([]*Refund, error) {
	return db.All(ctx, tx, scanRefund, `select `+refundCols+` from payment_refund
		where acquirer_no = $1 and payment_id >= $2 and payment_id <= $3
		order by payment_id, id`, acquirerNo, first, last)
}
