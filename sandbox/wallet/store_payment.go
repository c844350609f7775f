package wallet

import (
	"context"

	"watari/kit/check"
	"watari/kit/db"
)

const paymentCols = `request_id, payment_id, ref, user_id, state, why, order_minor,
	order_currency, pay_to_minor, pay_to_currency, debit_minor, debit_currency, held_minor,
	debited_minor, taken_order_minor, returned_minor, refunded_order_minor, refunded_minor, shop,
	order_ref, rate, hold, two_step, needs_pin, tries, return_url, cancel_url, compared, extra,
	mode, created_at_us, paid_at_us, expires_us, due_us`

const selectPayment = `select ` + paymentCols + ` from sim_payment `

func scanPayment(r db.Row) (*Payment, error) {
	var p Payment
	return &p, r.Scan(&p.RequestID, &p.PaymentID, &p.Ref, &p.UserID, &p.State, &p.Why,
		&p.OrderMinor, &p.OrderCurrency, &p.PayToMinor, &p.PayToCurrency, &p.DebitMinor,
		&p.DebitCurrency, &p.HeldMinor, &p.DebitedMinor, &p.TakenOrderMinor, &p.ReturnedMinor,
		&p.RefundedOrderMinor, &p.RefundedMinor, &p.Shop, &p.OrderRef, &p.Rate, &p.Hold,
		&p.TwoStep, &p.NeedsPIN, &p.Tries, &p.ReturnURL, &p.CancelURL, &p.Compared, &p.Extra,
		&p.mode, &p.CreatedUS, &p.PaidUS, &p.ExpiresUS, &p.DueUS)
}

// claim inserts a payment under its request id; it tells whether nobody did before (W1).
func claim(ctx context.Context, tx *db.Tx, p *Payment) (bool, error) {
	n, err := tx.Exec(ctx, `insert into sim_payment (request_id, payment_id, ref, user_id, state,
			order_minor, order_currency, pay_to_minor, pay_to_currency, debit_minor,
			debit_currency, shop, order_ref, rate, hold, two_step, return_url, cancel_url,
			compared, extra, mode, created_at_us, expires_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
			$19, $20, $21, $22, $23)
		on conflict (request_id) do nothing`,
		p.RequestID, p.PaymentID, p.Ref, p.UserID, string(p.State), p.OrderMinor,
		p.OrderCurrency, p.PayToMinor, p.PayToCurrency, p.DebitMinor, p.DebitCurrency, p.Shop,
		p.OrderRef, p.Rate, p.Hold, p.TwoStep, p.ReturnURL, p.CancelURL, p.Compared, p.Extra,
		string(p.mode), p.CreatedUS, p.ExpiresUS)
	return n == 1, err
}

// loadPayment finds a payment by the network's id, and locks it; nil when it is not there.
func loadPayment(ctx context.Context, tx *db.Tx, requestID string) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, selectPayment+`
		where request_id = $1 /*pg for update */`, requestID))
}

// loadOwn finds a payment by the wallet's own id, and locks it; nil when it is not there.
func loadOwn(ctx context.Context, tx *db.Tx, paymentID string) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, selectPayment+`
		where payment_id = $1 /*pg for update */`, paymentID))
}

// readPayment, readOwn and readRef find a payment without a lock, for View; nil when it is not
// there.
func readPayment(ctx context.Context, tx *db.Tx, requestID string) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, selectPayment+`where request_id = $1`, requestID))
}

func readOwn(ctx context.Context, tx *db.Tx, paymentID string) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, selectPayment+`where payment_id = $1`, paymentID))
}

func readRef(ctx context.Context, tx *db.Tx, ref string) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, selectPayment+`
		where ref = $1 and ref <> ''`, ref))
}

// savePayment writes what can change. The row is locked or was claimed in this transaction.
func savePayment(ctx context.Context, tx *db.Tx, p *Payment) error {
	n, err := tx.Exec(ctx, `update sim_payment set user_id = $2, state = $3, why = $4,
			held_minor = $5, debited_minor = $6, taken_order_minor = $7, returned_minor = $8,
			refunded_order_minor = $9, refunded_minor = $10, needs_pin = $11, tries = $12,
			paid_at_us = $13, due_us = $14
		where request_id = $1`,
		p.RequestID, p.UserID, string(p.State), string(p.Why), p.HeldMinor, p.DebitedMinor,
		p.TakenOrderMinor, p.ReturnedMinor, p.RefundedOrderMinor, p.RefundedMinor, p.NeedsPIN,
		p.Tries, p.PaidUS, p.DueUS)
	check.That(err != nil || n == 1, "wallet: payment %s is not there to save", p.RequestID)
	return err
}

// listPayments returns a user's payments, newest first, by sim_payment_user.
func listPayments(ctx context.Context, tx *db.Tx, userID string, limit int) ([]*Payment, error) {
	return db.All(ctx, tx, scanPayment, selectPayment+`
		where user_id = $1 order by created_at_us desc, request_id limit $2`, userID, limit)
}

// askingOf returns the user's oldest payment that waits for an answer; nil when there is none.
func askingOf(ctx context.Context, tx *db.Tx, userID string, nowUS int64) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, selectPayment+`
		where user_id = $1 and state = 'asking' and due_us > $2
		order by created_at_us, request_id limit 1`, userID, nowUS))
}

// dueRequests returns the request ids of payments on which the wallet must act by now, by
// sim_payment_due.
func dueRequests(ctx context.Context, tx *db.Tx, nowUS int64, limit int) ([]string, error) {
	return db.All(ctx, tx, scanText, `select request_id from sim_payment
		where due_us > 0 and due_us <= $1 order by due_us, request_id limit $2`, nowUS, limit)
}

func scanText(r db.Row) (string, error) {
	var s string
	return s, r.Scan(&s)
}

const refundCols = `refund_request_id, refund_id, request_id, compared, extra, state, why,
	order_minor, order_currency, debit_minor, debit_currency, at_us`

func scanRefund(r db.Row) (*Refund, error) {
	var f Refund
	var state, orderCurrency, debitCurrency string
	var order, debit int64
	err := r.Scan(&f.RefundRequestID, &f.RefundID, &f.RequestID, &f.Compared, &f.Extra, &state,
		&f.Why, &order, &orderCurrency, &debit, &debitCurrency, &f.AtUS)
	f.Succeeded = state == "succeeded"
	f.Order, f.Debit = amount(order, orderCurrency), amount(debit, debitCurrency)
	return &f, err
}

// insertRefund writes a refund under its request id; it tells whether nobody did before (W5).
func insertRefund(ctx context.Context, tx *db.Tx, f *Refund) (bool, error) {
	state := "failed"
	if f.Succeeded {
		state = "succeeded"
	}
	n, err := tx.Exec(ctx, `insert into sim_refund (`+refundCols+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (refund_request_id) do nothing`,
		f.RefundRequestID, f.RefundID, f.RequestID, f.Compared, f.Extra, state, string(f.Why),
		f.Order.Minor(), string(f.Order.Currency()), f.Debit.Minor(),
		string(f.Debit.Currency()), f.AtUS)
	return n == 1, err
}

// readRefund finds a refund by the network's id; nil when it is not there.
func readRefund(ctx context.Context, tx *db.Tx, refundRequestID string) (*Refund, error) {
	return orNil(db.One(ctx, tx, scanRefund, `select `+refundCols+` from sim_refund
		where refund_request_id = $1`, refundRequestID))
}

// listRefunds returns the refunds of a payment, by sim_refund_payment.
func listRefunds(ctx context.Context, tx *db.Tx, requestID string) ([]*Refund, error) {
	return db.All(ctx, tx, scanRefund, `select `+refundCols+` from sim_refund
		where request_id = $1 order by at_us, refund_request_id`, requestID)
}

// captured is one capture of a promise.
type captured struct {
	id, requestID          string
	orderMinor, debitMinor int64
	atUS                   int64
}

const captureCols = `capture_id, request_id, order_minor, debit_minor, at_us`

// insertCapture writes a capture. The payment is locked.
func insertCapture(ctx context.Context, tx *db.Tx, c captured) error {
	_, err := tx.Exec(ctx, `insert into sim_capture (`+captureCols+`)
		values ($1, $2, $3, $4, $5)`, c.id, c.requestID, c.orderMinor, c.debitMinor, c.atUS)
	return err
}

// readCapture finds a capture by the network's id; nil when it is not there.
func readCapture(ctx context.Context, tx *db.Tx, id string) (*captured, error) {
	return orNil(db.One(ctx, tx, scanCapture, `select `+captureCols+` from sim_capture
		where capture_id = $1`, id))
}

// listCaptures returns the captures of a payment.
func listCaptures(ctx context.Context, tx *db.Tx, requestID string) ([]*captured, error) {
	return db.All(ctx, tx, scanCapture, `select `+captureCols+` from sim_capture
		where request_id = $1 order by at_us, capture_id`, requestID)
}

func scanCapture(r db.Row) (*captured, error) {
	var c captured
	return &c, r.Scan(&c.id, &c.requestID, &c.orderMinor, &c.debitMinor, &c.atUS)
}
