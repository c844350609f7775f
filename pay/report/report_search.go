package report

import (
	"context"
	"fmt"
	"strings"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
	"watari/kit/money"
	"watari/pay/payment"
)

// lineOf is what a line is read from, over the chosen payments p. A promise pays the fees of what
// of it was captured.
const lineOf = `select p.acquirer_no, p.id, p.request_id, p.state, p.reason, p.order_minor,
		p.order_currency, p.pay_to_minor, p.pay_to_currency, p.captured_minor,
		p.refunded_minor, p.refunding_minor,
		case when p.captured_minor = 0 or p.state = 'cancelled' then 0
			when p.hold then (select cast(coalesce(sum(c.mdr_minor), 0) as bigint)
				from payment_capture c where c.acquirer_no = p.acquirer_no
					and c.payment_id = p.id and c.state = 'succeeded') - p.given_mdr_minor
			else p.mdr_minor - p.given_mdr_minor end,
		p.way, p.hold, p.order_ref, p.code_last4, p.created_at_us, p.concluded_at_us,
		p.merchant_no, p.store_no, p.terminal_no, p.issuer_no,
		a.id, a.name, m.id, m.name, m.name_ja, s.id, s.name, s.name_ja,
		coalesce(t.id, ''), coalesce(t.label, ''), coalesce(w.id, ''), coalesce(w.name, '')`

// lineJoins are the tables of the names.
const lineJoins = ` join participant a on a.no = p.acquirer_no
		join merchant m on m.no = p.merchant_no
		join store s on s.no = p.store_no
		left join terminal t on t.no = p.terminal_no
		left join participant w on w.no = p.issuer_no
	order by p.id desc, p.acquirer_no`

// chosen are the columns of the payments that a line needs.
const chosen = `p.acquirer_no, p.id, p.request_id, p.state, p.reason, p.order_minor,
		p.order_currency, p.pay_to_minor, p.pay_to_currency, p.captured_minor,
		p.refunded_minor, p.refunding_minor, p.hold, p.given_mdr_minor, p.mdr_minor, p.way,
		p.order_ref, p.code_last4, p.created_at_us, p.concluded_at_us, p.merchant_no,
		p.store_no, p.terminal_no, p.issuer_no`

func scanLine(r db.Row) (l Line, err error) {
	var order, payTo, created, concluded int64
	var orderIn, payToIn string
	err = r.Scan(&l.AcquirerNo, &l.ID, &l.RequestID, (*string)(&l.State), (*string)(&l.Reason),
		&order, &orderIn, &payTo, &payToIn, &l.CapturedMinor, &l.RefundedMinor,
		&l.RefundingMinor, &l.FeeMinor, (*string)(&l.Way), &l.Hold, &l.OrderRef, &l.CodeLast4,
		&created, &concluded, &l.MerchantNo, &l.StoreNo, &l.TerminalNo, &l.IssuerNo,
		&l.Acquirer.ID, &l.Acquirer.Name, &l.Merchant.ID, &l.Merchant.Name,
		&l.Merchant.NameJA, &l.Store.ID, &l.Store.Name, &l.Store.NameJA, &l.Terminal.ID,
		&l.Terminal.Name, &l.Wallet.ID, &l.Wallet.Name)
	if err != nil {
		return l, err
	}
	l.RequestID = payment.OwnID(l.RequestID)
	l.Acquirer.No, l.Merchant.No, l.Store.No = l.AcquirerNo, l.MerchantNo, l.StoreNo
	l.Terminal.No, l.Wallet.No = l.TerminalNo, l.IssuerNo
	l.Created = clock.FromMicros(created)
	if concluded != 0 {
		l.Concluded = clock.FromMicros(concluded)
	}
	if l.Order, err = money.New(order, money.Currency(orderIn)); err != nil {
		return l, fmt.Errorf("payment %s: %w", l.ID, err)
	}
	if l.IssuerNo != 0 {
		if l.PayTo, err = money.New(payTo, money.Currency(payToIn)); err != nil {
			return l, fmt.Errorf("payment %s: %w", l.ID, err)
		}
	}
	return l, nil
}

// Which payments of this part match? By the primary key, or by the index on store.
func search(ctx context.Context, tx *db.Tx, part reach, q Query) ([]Line, error) {
	var w where
	w.within("p", "pay", part, q.Period)
	if len(q.States) > 0 {
		marks := make([]string, len(q.States))
		for i, s := range q.States {
			marks[i] = w.mark(string(s))
		}
		w.terms = append(w.terms, "p.state in ("+strings.Join(marks, ", ")+")")
	}
	if q.IssuerNo != 0 {
		w.add("p.issuer_no = ", q.IssuerNo)
	}
	if q.MinMinor > 0 {
		w.add("p.order_minor >= ", q.MinMinor)
	}
	if q.MaxMinor > 0 {
		w.add("p.order_minor <= ", q.MaxMinor)
	}
	if q.After != "" {
		w.add("p.id < ", q.After)
	}
	if q.Text != "" {
		text := w.mark(q.Text)
		w.terms = append(w.terms, "(p.order_ref = "+text+" or p.request_id = "+text+
			" or p.request_id = 'm' || cast(p.merchant_no as text) || ' ' || "+text+
			" or p.code_last4 = "+text+" or p.id like "+
			w.mark("%"+escaped(strings.ToLower(q.Text)))+" escape '!')")
	}
	return db.All(ctx, tx, scanLine, lineOf+` from (select `+chosen+` from payment p
			where `+w.text()+` order by p.acquirer_no desc, p.id desc limit `+
		w.mark(q.Limit)+`) p`+lineJoins, w.args...)
}

// escaped takes their meaning from the wild cards of LIKE.
func escaped(text string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(text)
}

// Which payments have these ids?
func byIDs(ctx context.Context, tx *db.Tx, to reach, ids []string) ([]Line, error) {
	var w where
	w.within("p", "pay", to, Period{})
	marks := make([]string, len(ids))
	for i, one := range ids {
		marks[i] = w.mark(one)
	}
	w.terms = append(w.terms, "p.id in ("+strings.Join(marks, ", ")+")")
	return db.All(ctx, tx, scanLine, lineOf+` from (select `+chosen+` from payment p
			where `+w.text()+`) p`+lineJoins, w.args...)
}

// Which payment has this very id: ours, that of one of its refunds, captures or legs, or the
// wallet's? Ours carry their time and their bank, so they are found at once.
func exactly(ctx context.Context, tx *db.Tx, to reach, q Query) ([]Line, error) {
	prefix, _, _ := strings.Cut(q.Text, "_")
	question, ours := known[prefix]
	if !ours {
		return byTheirID(ctx, tx, to, q)
	}
	bank, ok := id.Shard(q.Text)
	if !ok {
		return nil, nil
	}
	ids, err := db.All(ctx, tx, scanText, question, bank, q.Text)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return byIDs(ctx, tx, to, ids)
}

func scanText(r db.Row) (text string, err error) {
	err = r.Scan(&text)
	return text, err
}

// known are the questions that find a payment's id by an id of ours, by its prefix.
var known = map[string]string{
	"pay": `select id from payment where acquirer_no = $1 and id = $2 order by id`,
	"rfd": `select payment_id from payment_refund where acquirer_no = $1 and id = $2
		order by payment_id`,
	"cap": `select payment_id from payment_capture where acquirer_no = $1 and id = $2
		order by payment_id`,
	"leg": `select payment_id from payment_leg where acquirer_no = $1 and id = $2
		order by payment_id`,
}

// A wallet's id is looked for when the text is as long as one, and so many days back when the
// query names no period.
const (
	theirsMin = 10
	theirsAge = 400
)

// Which payments has a wallet given this id? Legs have no index on it: those of the period are
// read, by the time in their ids.
func byTheirID(ctx context.Context, tx *db.Tx, to reach, q Query) ([]Line, error) {
	if len(q.Text) < theirsMin {
		return nil, nil
	}
	from := q.From
	if from.IsZero() {
		from = clock.Now().AddDate(0, 0, -theirsAge)
	}
	var w where
	w.in("acquirer_no", to.acquirers)
	w.add("id >= ", id.Floor("leg", from))
	w.add("their_id = ", q.Text)
	ids, err := db.All(ctx, tx, scanText, `select payment_id from payment_leg where `+w.text()+
		` order by payment_id desc limit 50`, w.args...)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return byIDs(ctx, tx, to, ids)
}
