package visitor

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/money"
)

// paid is a payment as far as its payer is looked for.
type paid struct {
	acquirerNo, issuerNo int64
	id, customer         string // customer is sealed
	atUS                 int64
}

// paymentsOf returns the payments that events are about. By the primary key of payments.
func paymentsOf(ctx context.Context, tx *db.Tx, evs []event.Event) (list []paid, err error) {
	rows := make([][]any, len(evs))
	for i, e := range evs {
		rows[i] = []any{e.AcquirerNo, e.Subject}
	}
	_, err = tx.Bulk(ctx, `with k (acquirer_no, id) as ({rows})
		select payment.acquirer_no, payment.id, payment.issuer_no, payment.customer,
			payment.created_at_us
		from k join payment on payment.acquirer_no = k.acquirer_no and payment.id = k.id
		order by payment.acquirer_no, payment.id`, []db.Kind{db.Int, db.Text}, rows,
		func(r db.Row) error {
			var p paid
			err := r.Scan(&p.acquirerNo, &p.id, &p.issuerNo, &p.customer, &p.atUS)
			list = append(list, p)
			return err
		})
	return list, err
}

// receiptsOf returns payments of a visitor that were made, the newest first: those in shops, and
// those of their orders. Ids carry their time, so they are in its order.
func receiptsOf(
	ctx context.Context, tx *db.Tx, visitorID, after string, limit int,
) ([]Receipt, error) {
	return db.All(ctx, tx, scanReceipt, `with mine (acquirer_no, payment_id, order_id) as (
			select visitor_payment.acquirer_no, visitor_payment.payment_id, ''
			from visitor_payment where visitor_payment.visitor_id = $1
				and not exists (select 1 from visit_order
					where visit_order.visitor_id = $1
						and visit_order.payment_id = visitor_payment.payment_id)
			union all
			select visit_order.acquirer_no, visit_order.payment_id, visit_order.id
			from visit_order where visit_order.visitor_id = $1 and visit_order.visitor_id <> ''
				and visit_order.payment_id <> '')
		select payment.id, payment.created_at_us, payment.state, store.name, store.name_ja,
			payment.description, mine.order_id, payment.order_currency, payment.order_minor,
			payment.captured_minor, payment.refunded_minor, payment.payer_minor,
			payment.payer_currency, payment.pay_to_minor, payment.pay_to_currency,
			participant.name
		from mine
		join payment on payment.acquirer_no = mine.acquirer_no and payment.id = mine.payment_id
		join store on store.no = payment.store_no
		join participant on participant.no = payment.issuer_no
		where payment.state in ('captured', 'authorised', 'refunded')
			and ($2 = '' or payment.id < $2)
		order by payment.id desc limit $3`, visitorID, after, limit)
}

func scanReceipt(r db.Row) (c Receipt, err error) {
	var at, order, captured, refunded, payTo int64
	var state, currency, payToCurrency string
	var own *int64
	var ownCurrency *string
	err = r.Scan(&c.PaymentID, &at, &state, &c.Shop, &c.ShopJA, &c.For, &c.OrderID, &currency,
		&order, &captured, &refunded, &own, &ownCurrency, &payTo, &payToCurrency, &c.Wallet)
	if err != nil {
		return c, err
	}
	c.Time = clock.FromMicros(at)
	c.State = ReceiptPaid
	switch {
	case state == "authorised":
		c.State, captured = ReceiptReserved, order
	case refunded > 0 && refunded == captured:
		c.State = ReceiptRefunded
	case refunded > 0:
		c.State = ReceiptPart
	}
	if c.Paid, err = money.New(captured, money.Currency(currency)); err != nil {
		return c, err
	}
	if c.Refunded, err = money.New(refunded, money.Currency(currency)); err != nil {
		return c, err
	}
	switch {
	case own != nil && ownCurrency != nil:
		err = c.tell(*own, *ownCurrency, order)
	case payToCurrency != currency && payTo > 0:
		err = c.tell(payTo, payToCurrency, order)
	}
	return c, err
}

// tell adds what the payment cost in the payer's money. It is of the whole order: what was
// captured in part costs its share.
func (c *Receipt) tell(minor int64, currency string, order int64) error {
	if order > 0 && c.Paid.Minor() != order {
		minor = money.Share(minor, c.Paid.Minor(), order, money.HalfUp)
	}
	own, err := money.New(minor, money.Currency(currency))
	if err != nil {
		return err
	}
	c.Own = &own
	c.Rate = rateBetween(c.Paid, own)
	return nil
}
