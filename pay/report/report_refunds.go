package report

import (
	"context"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/payment"
)

// Back is a refund with what it returned.
type Back struct {
	ID, PaymentID string
	State         payment.RefundState
	Order         money.Amount
	FeeMinor      int64 // what the merchant gets back of its fees
	Reason        string
	Actor         string
	Created       time.Time
	Store, Wallet Name
	OrderRef      string // of the payment
}

// Refunds returns the refunds that a scope began in a period, newest first, at most limit.
func (r *Reports) Refunds(
	ctx context.Context, s Scope, p Period, limit int,
) (backs []Back, err error) {
	err = r.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		to, err := reachOf(ctx, tx, s)
		if err != nil || to.nothing() {
			return err
		}
		var w where
		terminal := to.TerminalNo
		to.TerminalNo = 0
		w.within("e", "rfd", to, p)
		if terminal != 0 {
			w.add("p.terminal_no = ", terminal)
		}
		backs, err = db.All(ctx, tx, scanBack, `select e.id, e.payment_id, e.state,
				e.order_minor, e.order_currency, e.mdr_minor, e.reason, e.actor,
				e.created_at_us, s.no, s.id, s.name, s.name_ja, p.issuer_no,
				coalesce(v.id, ''), coalesce(v.name, ''), p.order_ref
			from payment_refund e
				join payment p on p.acquirer_no = e.acquirer_no and p.id = e.payment_id
				join store s on s.no = e.store_no
				left join participant v on v.no = p.issuer_no
			where `+w.text()+` order by e.id desc limit `+w.mark(limit), w.args...)
		return err
	})
	return backs, err
}

func scanBack(r db.Row) (b Back, err error) {
	var minor, created int64
	var currency string
	err = r.Scan(&b.ID, &b.PaymentID, (*string)(&b.State), &minor, &currency, &b.FeeMinor,
		&b.Reason, &b.Actor, &created, &b.Store.No, &b.Store.ID, &b.Store.Name,
		&b.Store.NameJA, &b.Wallet.No, &b.Wallet.ID, &b.Wallet.Name, &b.OrderRef)
	if err != nil {
		return b, err
	}
	b.Created = clock.FromMicros(created)
	if b.Order, err = money.New(minor, money.Currency(currency)); err != nil {
		return b, fmt.Errorf("refund %s: %w", b.ID, err)
	}
	return b, nil
}
