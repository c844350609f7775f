package wallet

import (
	"context"
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// Refund gives part of a payment back, once for each refund request id (W5). The first answer is
// kept, a refusal too, and repeated.
func (w *Wallet) Refund(ctx context.Context, r Reversal) (*Refund, wire.Result, error) {
	var made *Refund
	var result wire.Result
	user := ""
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		made, user, err = refund(ctx, tx, r, clock.Now())
		return err
	})
	if err != nil {
		return nil, result, err
	}
	if made.Compared != r.Compared {
		return nil, wire.ResultOf(wire.CodeInconsistent), nil
	}
	w.changed(user)
	return made, made.Result(), nil
}

// refund returns the refund of the request id, made now or before, and whose it is.
func refund(ctx context.Context, tx *db.Tx, r Reversal, now time.Time) (*Refund, string, error) {
	// The lock on the payment comes first: who waited for it sees what the other did.
	p, err := loadPayment(ctx, tx, r.RequestID)
	if err != nil {
		return nil, "", err
	}
	user := ""
	if p != nil {
		user = p.UserID
	}
	old, err := readRefund(ctx, tx, r.RefundRequestID)
	if err != nil || old != nil {
		return old, user, err
	}

	why := refundable(p, r, now)
	f := &Refund{RefundRequestID: r.RefundRequestID, RefundID: id.New("wrf", 0),
		RequestID: r.RequestID, Compared: r.Compared, Succeeded: why == "", Code: why,
		OrderMinor: r.Order.Minor(), FromMinor: r.From.Minor(), AtUS: clock.Micros(now)}
	fresh, err := insertRefund(ctx, tx, f)
	if err != nil {
		return nil, "", err
	}
	if !fresh { // the same id for two payments, at once
		old, err := readRefund(ctx, tx, r.RefundRequestID)
		return old, user, err
	}
	if !f.Succeeded {
		return f, user, nil
	}
	return f, user, giveBack(ctx, tx, p, f)
}

// giveBack moves the money of a refund that was just written.
func giveBack(ctx context.Context, tx *db.Tx, p *Payment, f *Refund) error {
	p.RefundedOrderMinor += f.OrderMinor
	p.RefundedMinor += f.FromMinor
	p.ReturnedMinor += f.FromMinor
	if err := savePayment(ctx, tx, p); err != nil {
		return err
	}
	if err := giveMoney(ctx, tx, p.UserID, f.FromMinor); err != nil {
		return err
	}
	return insertEntry(ctx, tx, entry{id: id.New("wen", 0), userID: p.UserID, kind: kindRefund,
		requestID: p.RequestID, minor: f.FromMinor, atUS: f.AtUS})
}
