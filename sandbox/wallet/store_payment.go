package wallet

import (
	"context"

	"watari/kit/check"
	"watari/kit/db"
)

const paymentCols = `request_id, payment_id, user_id, state, compared, acquirer_id,
	order_minor, order_currency, pay_to_minor, pay_to_currency, debited_minor, returned_minor,
	refunded_order_minor, refunded_minor, result_code, shop, order_ref, rate, tries,
	created_at_us, paid_at_us, due_us`

func scanPayment(r db.Row) (*Payment, error) {
	var p Payment
	return &p, r.Scan(&p.RequestID, &p.PaymentID, &p.UserID, &p.State, &p.Compared,
		&p.AcquirerID, &p.OrderMinor, &p.OrderCurrency, &p.PayToMinor, &p.PayToCurrency,
		&p.DebitedMinor, &p.ReturnedMinor, &p.RefundedOrderMinor, &p.RefundedMinor, &p.Code,
		&p.Shop, &p.OrderRef, &p.Rate, &p.Tries, &p.CreatedUS, &p.PaidUS, &p.DueUS)
}

// claim inserts a payment under its request id; it tells whether nobody did before (W1).
func claim(ctx context.Context, tx *db.Tx, p *Payment) (bool, error) {
	n, err := tx.Exec(ctx, `insert into sim_payment (request_id, payment_id, user_id, state,
			compared, acquirer_id, order_minor, order_currency, pay_to_minor, pay_to_currency,
			shop, order_ref, rate, created_at_us)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		on conflict (request_id) do nothing`,
		p.RequestID, p.PaymentID, p.UserID, string(p.State), p.Compared, p.AcquirerID,
		p.OrderMinor, p.OrderCurrency, p.PayToMinor, p.PayToCurrency, p.Shop, p.OrderRef,
		p.Rate, p.CreatedUS)
	return n == 1, err
}

// loadPayment finds a payment by the network's id, and locks it; nil when it is not there.
func loadPayment(ctx context.Context, tx *db.Tx, requestID string) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, `select `+paymentCols+` from sim_payment
		where request_id = $1 /*pg for update */`, requestID))
}

// readPayment is loadPayment without the lock, for View.
func readPayment(ctx context.Context, tx *db.Tx, requestID string) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, `select `+paymentCols+` from sim_payment
		where request_id = $1`, requestID))
}

// loadOwn finds a payment by the wallet's own id, and locks it; nil when it is not there.
func loadOwn(ctx context.Context, tx *db.Tx, paymentID string) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, `select `+paymentCols+` from sim_payment
		where payment_id = $1 /*pg for update */`, paymentID))
}

// savePayment writes what can change. The row is locked or was claimed in this transaction.
func savePayment(ctx context.Context, tx *db.Tx, p *Payment) error {
	n, err := tx.Exec(ctx, `update sim_payment set user_id = $2, state = $3,
			debited_minor = $4, returned_minor = $5, refunded_order_minor = $6,
			refunded_minor = $7, result_code = $8, tries = $9, paid_at_us = $10, due_us = $11
		where request_id = $1`,
		p.RequestID, p.UserID, string(p.State), p.DebitedMinor, p.ReturnedMinor,
		p.RefundedOrderMinor, p.RefundedMinor, string(p.Code), p.Tries, p.PaidUS, p.DueUS)
	check.That(err != nil || n == 1, "wallet: payment %s is not there to save", p.RequestID)
	return err
}

// listPayments returns a user's payments, newest first, by sim_payment_user.
func listPayments(ctx context.Context, tx *db.Tx, userID string, limit int) ([]*Payment, error) {
	return db.All(ctx, tx, scanPayment, `select `+paymentCols+` from sim_payment
		where user_id = $1 order by created_at_us desc, request_id limit $2`, userID, limit)
}

// askingOf returns the user's oldest payment that waits for a PIN; nil when there is none.
func askingOf(ctx context.Context, tx *db.Tx, userID string, nowUS int64) (*Payment, error) {
	return orNil(db.One(ctx, tx, scanPayment, `select `+paymentCols+` from sim_payment
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

const refundCols = `refund_request_id, refund_id, request_id, compared, state, result_code,
	order_minor, from_minor, at_us`

func scanRefund(r db.Row) (*Refund, error) {
	var f Refund
	var state string
	err := r.Scan(&f.RefundRequestID, &f.RefundID, &f.RequestID, &f.Compared, &state, &f.Code,
		&f.OrderMinor, &f.FromMinor, &f.AtUS)
	f.Succeeded = state == "succeeded"
	return &f, err
}

// insertRefund writes a refund under its request id; it tells whether nobody did before (W5).
func insertRefund(ctx context.Context, tx *db.Tx, f *Refund) (bool, error) {
	state := "failed"
	if f.Succeeded {
		state = "succeeded"
	}
	n, err := tx.Exec(ctx, `insert into sim_refund (`+refundCols+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (refund_request_id) do nothing`,
		f.RefundRequestID, f.RefundID, f.RequestID, f.Compared, state, string(f.Code),
		f.OrderMinor, f.FromMinor, f.AtUS)
	return n == 1, err
}

// readRefund finds a refund by the network's id; nil when it is not there.
func readRefund(ctx context.Context, tx *db.Tx, refundRequestID string) (*Refund, error) {
	return orNil(db.One(ctx, tx, scanRefund, `select `+refundCols+` from sim_refund
		where refund_request_id = $1`, refundRequestID))
}
