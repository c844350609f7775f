package wallet

import (
	"context"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
	"watari/kit/money"
)

// RefundAsk is what the network asks to give back of a payment.
type RefundAsk struct {
	RefundRequestID string // the network's, unique for ever; minted by the front if there is none
	RefundID        string // the wallet's own; "" for one that the books mint
	RequestID       string // of the payment
	PaymentID       string // the wallet's own; "" if the message names none
	Order           money.Amount
	// Debit is what the user gets back; nil for the part of the debit that belongs to Order, so
	// that refunds of the whole order give back the whole debit.
	Debit    *money.Amount
	Compared string
	Extra    string
	Tell     bool // promise a notice of it, NoticeRefund
}

// Refund is what became of a RefundAsk.
type Refund struct {
	RefundRequestID, RefundID, RequestID string
	Compared, Extra                      string
	Succeeded                            bool
	Why                                  Why // when it did not
	Order, Debit                         money.Amount
	AtUS                                 int64
}

// Time is when it was done or refused.
func (r *Refund) Time() time.Time { return clock.FromMicros(r.AtUS) }

// Refund gives part of a payment back, once for each refund request id (W5). The first answer is
// kept, a refusal too, and repeated: Refund.Succeeded tells which. Another refund under the same
// id is WhyInconsistent, with no refund.
func (w *Wallet) Refund(ctx context.Context, r RefundAsk) (*Refund, Why, error) {
	var made *Refund
	user := ""
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		made, user, err = w.refund(ctx, tx, r, clock.Now())
		return err
	})
	if err != nil {
		return nil, WhyNone, err
	}
	if made.Compared != r.Compared || made.RequestID != r.RequestID {
		return nil, WhyInconsistent, nil
	}
	w.changed(user)
	return made, WhyNone, nil
}

// RefundOf returns a refund by the network's refund request id, or nil.
func (w *Wallet) RefundOf(ctx context.Context, refundRequestID string) (*Refund, error) {
	var f *Refund
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		f, err = readRefund(ctx, tx, refundRequestID)
		return err
	})
	return f, err
}

// Refunds returns the refunds of a payment, refused ones too, in the order of their making.
func (w *Wallet) Refunds(ctx context.Context, requestID string) ([]*Refund, error) {
	var all []*Refund
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = listRefunds(ctx, tx, requestID)
		return err
	})
	return all, err
}

// refund returns the refund of the request id, made now or before, and whose it is.
func (w *Wallet) refund(ctx context.Context, tx *db.Tx, r RefundAsk, now time.Time,
) (*Refund, string, error) {
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

	debit := w.backOf(p, r)
	why := w.refundable(p, r, debit, now)
	if r.RefundID == "" {
		r.RefundID = id.New("wrf", 0)
	}
	f := &Refund{RefundRequestID: r.RefundRequestID, RefundID: r.RefundID,
		RequestID: r.RequestID, Compared: r.Compared, Extra: r.Extra,
		Succeeded: why == WhyNone, Why: why, Order: r.Order, Debit: debit,
		AtUS: clock.Micros(now)}
	fresh, err := insertRefund(ctx, tx, f)
	if err != nil {
		return nil, "", err
	}
	if !fresh { // the same id for two payments, at once
		old, err := readRefund(ctx, tx, r.RefundRequestID)
		return old, user, err
	}
	if r.Tell {
		if err := w.tellRefund(ctx, tx, f, now); err != nil {
			return nil, "", err
		}
	}
	if !f.Succeeded {
		return f, user, nil
	}
	return f, user, w.giveBack(ctx, tx, p, f, now)
}

// backOf is what the user gets back for a part of the order.
func (w *Wallet) backOf(p *Payment, r RefundAsk) money.Amount {
	if r.Debit != nil {
		return *r.Debit
	}
	if p == nil || p.TakenOrderMinor == 0 ||
		p.RefundedOrderMinor+r.Order.Minor() > p.TakenOrderMinor {
		return money.MustNew(0, w.profile.Currency)
	}
	upTo := money.Share(p.DebitedMinor, p.RefundedOrderMinor+r.Order.Minor(),
		p.TakenOrderMinor, money.HalfUp)
	return money.MustNew(max(0, upTo-p.RefundedMinor), w.profile.Currency)
}

// giveBack moves the money of a refund that was just written.
func (w *Wallet) giveBack(ctx context.Context, tx *db.Tx, p *Payment, f *Refund, now time.Time,
) error {
	minor := f.Debit.Minor()
	p.RefundedOrderMinor += f.Order.Minor()
	p.RefundedMinor += minor
	p.ReturnedMinor += minor
	if err := savePayment(ctx, tx, p); err != nil || minor == 0 {
		return err
	}
	if err := giveMoney(ctx, tx, p.UserID, minor); err != nil {
		return err
	}
	return w.book(ctx, tx, p, kindRefund, minor, now)
}
