package payment

import (
	"context"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

// captureCols is the order of captureRow and scanCapture.
const captureCols = `acquirer_no, id, payment_id, request_id, state, order_minor, order_currency,
	pay_to_minor, pay_to_currency, mid_minor, mdr_minor, interchange_minor, scheme_minor, final,
	failure, issuer_no, next_at_us, tries, created_at_us, concluded_at_us, actor`

var captureKinds = []db.Kind{db.Int, db.Text, db.Text, db.Text, db.Text, db.Int, db.Text,
	db.Int, db.Text, db.Int, db.Int, db.Int, db.Int, db.Bool,
	db.Text, db.Int, db.Int, db.Int, db.Int, db.Int, db.Text}

func captureRow(c *Capture) []any {
	return []any{c.AcquirerNo, c.ID, c.PaymentID, c.RequestID, string(c.State),
		c.Order.Minor(), string(c.Order.Currency()), c.PayTo.Minor(),
		string(c.PayTo.Currency()), c.Mid, c.Fees.MDR, c.Fees.Interchange, c.Fees.Scheme,
		c.Last, string(c.Failure), c.IssuerNo, nextColumn(c.Next), c.Tries,
		clock.Micros(c.Created), micros(c.Concluded), c.Actor}
}

func scanCapture(r db.Row) (*Capture, error) {
	c := &Capture{}
	var order, payTo, created, concluded int64
	var orderCurrency, payToCurrency string
	var next *int64
	err := r.Scan(&c.AcquirerNo, &c.ID, &c.PaymentID, &c.RequestID, (*string)(&c.State), &order,
		&orderCurrency, &payTo, &payToCurrency, &c.Mid, &c.Fees.MDR, &c.Fees.Interchange,
		&c.Fees.Scheme, &c.Last, (*string)(&c.Failure), &c.IssuerNo, &next, &c.Tries, &created,
		&concluded, &c.Actor)
	if err != nil {
		return nil, err
	}
	if c.Order, err = money.New(order, money.Currency(orderCurrency)); err != nil {
		return nil, fmt.Errorf("capture %s: %w", c.ID, err)
	}
	if c.PayTo, err = money.New(payTo, money.Currency(payToCurrency)); err != nil {
		return nil, fmt.Errorf("capture %s: %w", c.ID, err)
	}
	if next != nil {
		c.Next = clock.FromMicros(*next)
	}
	c.Created, c.Concluded = clock.FromMicros(created), fromMicros(concluded)
	return c, nil
}

// Keep these new captures.
func insertCaptures(ctx context.Context, tx *db.Tx, cs []*Capture) error {
	if len(cs) == 0 {
		return nil
	}
	rows := make([][]any, len(cs))
	for i, c := range cs {
		rows[i] = captureRow(c)
	}
	_, err := tx.Bulk(ctx, `insert into payment_capture (`+captureCols+`) {rows}`, captureKinds,
		rows, nil)
	return err
}

// Which captures have these keys? Their payments are locked.
func readCaptures(ctx context.Context, tx *db.Tx, keys []pk, each func(*Capture)) error {
	_, err := tx.Bulk(ctx, `with k(a, i) as ({rows}) select `+captureCols+`
		from k join payment_capture c on c.acquirer_no = k.a and c.id = k.i
		order by c.acquirer_no, c.id`, keyKinds, keyRows(keys),
		func(r db.Row) error {
			c, err := scanCapture(r)
			if err == nil {
				each(c)
			}
			return err
		})
	return err
}

// Which captures has this payment? Oldest first, by the index on payment.
func capturesOf(
	ctx context.Context, tx *db.Tx, acquirerNo int64, paymentID string,
) ([]*Capture, error) {
	return db.All(ctx, tx, scanCapture, `select `+captureCols+` from payment_capture
		where acquirer_no = $1 and payment_id = $2 order by id`, acquirerNo, paymentID)
}

// Which captures have the payments of this range? By the index on payment.
func capturesBetween(
	ctx context.Context, tx *db.Tx, acquirerNo int64, first, last string,
) ([]*Capture, error) {
	return db.All(ctx, tx, scanCapture, `select `+captureCols+` from payment_capture
		where acquirer_no = $1 and payment_id >= $2 and payment_id <= $3
		order by payment_id, id`, acquirerNo, first, last)
}

// Change what may change of these captures.
func updateCaptures(ctx context.Context, tx *db.Tx, cs []*Capture) error {
	if len(cs) == 0 {
		return nil
	}
	rows := make([][]any, len(cs))
	for i, c := range cs {
		rows[i] = []any{c.AcquirerNo, c.ID, string(c.State), string(c.Failure),
			nextColumn(c.Next), c.Tries, micros(c.Concluded)}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, st, why, nxt, tr, conc) as ({rows})
		update payment_capture set state = v.st, failure = v.why, next_at_us = v.nxt,
			tries = v.tr, concluded_at_us = v.conc
		from v where payment_capture.acquirer_no = v.a and payment_capture.id = v.i`,
		[]db.Kind{db.Int, db.Text, db.Text, db.Text, db.Int, db.Int, db.Int}, rows, nil)
	return allOf(n, len(cs), "captures", err)
}

// Which captures are to be sent again, but for those of some issuers? By the partial index on the
// time; the oldest first.
func dueCaptures(
	ctx context.Context, tx *db.Tx, now time.Time, but []int64, limit int,
) ([]*Capture, error) {
	q := where{}
	q.add("next_at_us <= ", clock.Micros(now))
	q.noneOf("issuer_no", but)
	return db.All(ctx, tx, scanCapture, `select `+captureCols+` from payment_capture
		where next_at_us is not null and `+q.text()+`
		order by next_at_us, acquirer_no, id limit `+q.mark(limit)+
		` /*pg for update skip locked */`, q.args...)
}

// Hold these captures for a while, so that no other node works on them meanwhile.
func leaseCaptures(ctx context.Context, tx *db.Tx, cs []*Capture, until time.Time) error {
	rows := make([][]any, len(cs))
	for i, c := range cs {
		rows[i] = []any{c.AcquirerNo, c.ID, clock.Micros(until)}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, nxt) as ({rows})
		update payment_capture set next_at_us = v.nxt
		from v where payment_capture.acquirer_no = v.a and payment_capture.id = v.i`,
		[]db.Kind{db.Int, db.Text, db.Int}, rows, nil)
	return allOf(n, len(cs), "captures", err)
}
