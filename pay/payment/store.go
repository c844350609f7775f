package payment

import (
	"context"
	"embed"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

// Migrations are this package's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

// pk is the key of every hot table: the acquirer's number and the id.
type pk struct {
	acquirer int64
	id       string
}

func (k pk) less(o pk) bool {
	if k.acquirer != o.acquirer {
		return k.acquirer < o.acquirer
	}
	return k.id < o.id
}

var keyKinds = []db.Kind{db.Int, db.Text}

// paymentCols is the order of paymentRow and scanPayment.
const paymentCols = `acquirer_no, id, request_id, channel, state, version, merchant_no,
	store_no, terminal_no, issuer_no, order_ref, order_minor, order_currency, pay_to_minor,
	pay_to_currency, settle_minor, settle_currency, payer_minor, payer_currency, rate_coef,
	rate_exp, mid_minor, mdr_minor, interchange_minor, scheme_minor, captured_minor,
	refunded_minor, refunding_minor, given_pay_to_minor, given_mid_minor, given_mdr_minor,
	given_interchange_minor, given_scheme_minor, reason, code_last4, customer, created_at_us,
	concluded_at_us, cancel_until_us, acquirer_agreement, issuer_agreement, notify_url, held,
	actor, way, step, hold, return_url, description, expires_at_us, due_at_us,
	capturing_minor, captures, only_issuers`

var paymentKinds = []db.Kind{db.Int, db.Text, db.Text, db.Text, db.Text, db.Int, db.Int,
	db.Int, db.Int, db.Int, db.Text, db.Int, db.Text, db.Int,
	db.Text, db.Int, db.Text, db.Int, db.Text, db.Int,
	db.Int, db.Int, db.Int, db.Int, db.Int, db.Int,
	db.Int, db.Int, db.Int, db.Int, db.Int,
	db.Int, db.Int, db.Text, db.Text, db.Text, db.Int,
	db.Int, db.Int, db.Int, db.Int, db.Text, db.Int, db.Text,
	db.Text, db.Text, db.Bool, db.Text, db.Text, db.Int, db.Int, db.Int, db.Int, db.Text}

func paymentRow(p *Payment) []any {
	coef, exp := p.Rate.Columns()
	payer, payerCurrency := payerColumns(p.Payer)
	return []any{p.AcquirerNo, p.ID, p.RequestID, string(p.Channel), string(p.State),
		p.Version, p.MerchantNo, p.StoreNo, p.TerminalNo, p.IssuerNo, p.OrderRef,
		p.Order.Minor(), string(p.Order.Currency()), p.PayTo.Minor(),
		string(p.PayTo.Currency()), p.Settle.Minor(), string(p.Settle.Currency()), payer,
		payerCurrency, coef, exp, p.Mid, p.Fees.MDR, p.Fees.Interchange, p.Fees.Scheme,
		p.CapturedMinor, p.RefundedMinor, p.RefundingMinor, p.Given.PayTo, p.Given.Mid,
		p.Given.MDR, p.Given.Interchange, p.Given.Scheme, string(p.Reason), p.CodeLast4,
		p.Customer, clock.Micros(p.Created), micros(p.Concluded), micros(p.CancelUntil),
		p.AcquirerAgreement, p.IssuerAgreement, p.NotifyURL, int64(p.Held),
		p.Actor, string(p.Way), stepColumn(p.Step), p.Hold, p.ReturnURL, p.Description,
		micros(p.Expires), nextColumn(p.Due), p.CapturingMinor, p.Captures,
		numbersColumn(p.OnlyIssuers)}
}

func stepColumn(step byte) string {
	if step == 0 {
		return ""
	}
	return string(rune(step))
}

// micros is clock.Micros with the zero time as 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return clock.Micros(t)
}

// fromMicros is the inverse of micros.
func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return clock.FromMicros(us)
}

func payerColumns(a *money.Amount) (minor, currency any) {
	if a == nil {
		return nil, nil
	}
	return a.Minor(), string(a.Currency())
}

// amountScan collects the columns of amounts and makes them when the row is read.
type amountScan struct {
	minor    [3]int64
	currency [3]string
	payer    *int64
	payerCur *string
	coef     int64
	exp      int64
	times    [4]int64
	step     string
	due      *int64
	only     string
}

func scanPayment(r db.Row) (*Payment, error) {
	p := &Payment{}
	var a amountScan
	err := r.Scan(&p.AcquirerNo, &p.ID, &p.RequestID, (*string)(&p.Channel),
		(*string)(&p.State), &p.Version, &p.MerchantNo, &p.StoreNo, &p.TerminalNo,
		&p.IssuerNo, &p.OrderRef, &a.minor[0], &a.currency[0], &a.minor[1], &a.currency[1],
		&a.minor[2], &a.currency[2], &a.payer, &a.payerCur, &a.coef, &a.exp, &p.Mid,
		&p.Fees.MDR, &p.Fees.Interchange, &p.Fees.Scheme, &p.CapturedMinor,
		&p.RefundedMinor, &p.RefundingMinor, &p.Given.PayTo, &p.Given.Mid, &p.Given.MDR,
		&p.Given.Interchange, &p.Given.Scheme, (*string)(&p.Reason), &p.CodeLast4,
		&p.Customer, &a.times[0], &a.times[1], &a.times[2], &p.AcquirerAgreement,
		&p.IssuerAgreement, &p.NotifyURL, (*int64)(&p.Held), &p.Actor, (*string)(&p.Way), &a.step,
		&p.Hold, &p.ReturnURL, &p.Description, &a.times[3], &a.due, &p.CapturingMinor,
		&p.Captures, &a.only)
	if err != nil {
		return nil, err
	}
	return p, a.fill(p)
}

// fill makes the amounts, the rate and the times of a payment from its columns.
func (a *amountScan) fill(p *Payment) error {
	into := []*money.Amount{&p.Order, &p.PayTo, &p.Settle}
	for i, dst := range into {
		v, err := money.New(a.minor[i], money.Currency(a.currency[i]))
		if err != nil {
			return fmt.Errorf("payment %s: %w", p.ID, err)
		}
		*dst = v
	}
	if a.payer != nil && a.payerCur != nil {
		v, err := money.New(*a.payer, money.Currency(*a.payerCur))
		if err != nil {
			return fmt.Errorf("payment %s: payer: %w", p.ID, err)
		}
		p.Payer = &v
	}
	if a.coef != 0 { // an order has no rate before a wallet pays it
		rate, err := money.RateOf(a.coef, a.exp, p.Order.Currency(), p.PayTo.Currency())
		if err != nil {
			return fmt.Errorf("payment %s: %w", p.ID, err)
		}
		p.Rate = rate
	}
	if a.step != "" {
		p.Step = a.step[0]
	}
	if a.due != nil {
		p.Due = clock.FromMicros(*a.due)
	}
	only, err := numbersOf(a.only)
	if err != nil {
		return fmt.Errorf("payment %s: %w", p.ID, err)
	}
	p.OnlyIssuers, p.Expires = only, fromMicros(a.times[3])
	p.Created, p.Concluded = fromMicros(a.times[0]), fromMicros(a.times[1])
	p.CancelUntil = fromMicros(a.times[2])
	return nil
}

// Keep these new payments.
func insertPayments(ctx context.Context, tx *db.Tx, ps []*Payment) error {
	rows := make([][]any, len(ps))
	for i, p := range ps {
		rows[i] = paymentRow(p)
	}
	_, err := tx.Bulk(ctx, `insert into payment (`+paymentCols+`) {rows}`,
		paymentKinds, rows, nil)
	return err
}

// At which version are these payments? They are locked in the order of their keys.
func lockPayments(
	ctx context.Context, tx *db.Tx, keys []pk, each func(k pk, version int64),
) error {
	_, err := tx.Bulk(ctx, `with k(a, i) as ({rows}) select p.acquirer_no, p.id, p.version
		from k join payment p on p.acquirer_no = k.a and p.id = k.i
		order by p.acquirer_no, p.id /*pg for update of p */`, keyKinds, keyRows(keys),
		func(r db.Row) error {
			var k pk
			var version int64
			err := r.Scan(&k.acquirer, &k.id, &version)
			if err == nil {
				each(k, version)
			}
			return err
		})
	return err
}

// Which payments have these keys? They are locked already.
func readPayments(
	ctx context.Context, tx *db.Tx, keys []pk, each func(*Payment),
) error {
	_, err := tx.Bulk(ctx, `with k(a, i) as ({rows}) select `+paymentCols+`
		from k join payment p on p.acquirer_no = k.a and p.id = k.i
		order by p.acquirer_no, p.id`, keyKinds, keyRows(keys),
		func(r db.Row) error {
			p, err := scanPayment(r)
			if err == nil {
				each(p)
			}
			return err
		})
	return err
}

// Change what may change of these payments. Every one must still have the version that was
// read, else nothing of the batch is kept.
func updatePayments(ctx context.Context, tx *db.Tx, ps []*Payment) error {
	rows := make([][]any, len(ps))
	for i, p := range ps {
		payer, payerCurrency := payerColumns(p.Payer)
		rows[i] = []any{p.AcquirerNo, p.ID, p.Version, string(p.State), payer, payerCurrency,
			p.CapturedMinor, p.RefundedMinor, p.RefundingMinor, p.Given.PayTo, p.Given.Mid,
			p.Given.MDR, p.Given.Interchange, p.Given.Scheme, string(p.Reason), p.Customer,
			micros(p.Concluded), micros(p.CancelUntil)}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, ver, st, pm, pc, cap, refd, refg, gp, gm, gd, gi, gs,
			why, cust, conc, till) as ({rows})
		update payment set state = v.st, version = v.ver + 1, payer_minor = v.pm,
			payer_currency = v.pc, captured_minor = v.cap, refunded_minor = v.refd,
			refunding_minor = v.refg, given_pay_to_minor = v.gp, given_mid_minor = v.gm,
			given_mdr_minor = v.gd, given_interchange_minor = v.gi,
			given_scheme_minor = v.gs, reason = v.why, customer = v.cust,
			concluded_at_us = v.conc, cancel_until_us = v.till
		from v where payment.acquirer_no = v.a and payment.id = v.i
			and payment.version = v.ver`,
		[]db.Kind{db.Int, db.Text, db.Int, db.Text, db.Int, db.Text, db.Int, db.Int, db.Int,
			db.Int, db.Int, db.Int, db.Int, db.Int, db.Text, db.Text, db.Int, db.Int},
		rows, nil)
	return allOf(n, len(ps), "payments", err)
}

// allOf demands that a bulk write changed as many rows as it was given.
func allOf(n int64, want int, what string, err error) error {
	if err == nil && n != int64(want) {
		return fmt.Errorf("changed %d of %d %s", n, want, what)
	}
	return err
}

func keyRows(keys []pk) [][]any {
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.acquirer, k.id}
	}
	return rows
}
