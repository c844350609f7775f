package payment

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
)

// numbersColumn writes numbers as they are kept: "3 14"; none is "".
func numbersColumn(nos []int64) string {
	texts := make([]string, len(nos))
	for i, no := range nos {
		texts[i] = strconv.FormatInt(no, 10)
	}
	return strings.Join(texts, " ")
}

// numbersOf is the inverse of numbersColumn.
func numbersOf(column string) ([]int64, error) {
	var nos []int64
	for text := range strings.FieldsSeq(column) {
		no, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("read numbers: %w", err)
		}
		nos = append(nos, no)
	}
	return nos, nil
}

// Change what only orders and promises change: who pays and at what price, when they lapse, what is
// being captured. Their versions were checked by the statement before.
func updateOrders(ctx context.Context, tx *db.Tx, ps []*Payment) error {
	if len(ps) == 0 {
		return nil
	}
	rows := make([][]any, len(ps))
	for i, p := range ps {
		coef, exp := p.Rate.Columns()
		rows[i] = []any{p.AcquirerNo, p.ID, p.IssuerNo, p.PayTo.Minor(),
			string(p.PayTo.Currency()), coef, exp, p.Mid, p.Fees.MDR, p.Fees.Interchange,
			p.Fees.Scheme, p.AcquirerAgreement, p.IssuerAgreement, int64(p.Held),
			stepColumn(p.Step), micros(p.Expires), nextColumn(p.Due), p.CapturingMinor,
			p.Captures}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, iss, pt, pc, rc, re, mid, mdr, ic, sc, aa, ia, held,
			step, exp, due, capg, caps) as ({rows})
		update payment set issuer_no = v.iss, pay_to_minor = v.pt, pay_to_currency = v.pc,
			rate_coef = v.rc, rate_exp = v.re, mid_minor = v.mid, mdr_minor = v.mdr,
			interchange_minor = v.ic, scheme_minor = v.sc, acquirer_agreement = v.aa,
			issuer_agreement = v.ia, held = v.held, step = v.step, expires_at_us = v.exp,
			due_at_us = v.due, capturing_minor = v.capg, captures = v.caps
		from v where payment.acquirer_no = v.a and payment.id = v.i`,
		[]db.Kind{db.Int, db.Text, db.Int, db.Int, db.Text, db.Int, db.Int, db.Int, db.Int,
			db.Int, db.Int, db.Int, db.Int, db.Int, db.Text, db.Int, db.Int, db.Int, db.Int},
		rows, nil)
	return allOf(n, len(ps), "orders", err)
}

// Change the terms of these legs: the form that their wallet made.
func updateTerms(ctx context.Context, tx *db.Tx, ls []*Leg) error {
	if len(ls) == 0 {
		return nil
	}
	rows := make([][]any, len(ls))
	for i, l := range ls {
		rows[i] = []any{l.AcquirerNo, l.ID, termsColumn(l.Terms)}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, t) as ({rows}) update payment_leg set terms = v.t
		from v where payment_leg.acquirer_no = v.a and payment_leg.id = v.i`,
		[]db.Kind{db.Int, db.Text, db.Text}, rows, nil)
	return allOf(n, len(ls), "terms", err)
}

// Which legs have these payments? By the primary key: the ids of the legs of a payment stand side
// by side. The payments are locked.
func legsOfPayments(ctx context.Context, tx *db.Tx, keys []pk, each func(*Leg)) error {
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{k.acquirer, legOf(k.id, firstLeg), legOf(k.id, firstLeg+legsMax-1)}
	}
	_, err := tx.Bulk(ctx, `with k(a, f, t) as ({rows}) select `+legColsL+`
		from k join payment_leg l on l.acquirer_no = k.a and l.id >= k.f and l.id <= k.t
		order by l.acquirer_no, l.id`, []db.Kind{db.Int, db.Text, db.Text}, rows,
		func(r db.Row) error {
			l, err := scanLeg(r)
			if err == nil {
				each(l)
			}
			return err
		})
	return err
}

// Which orders and promises lapse, but for those of some issuers? By the partial index on the
// time; the oldest first.
func duePayments(
	ctx context.Context, tx *db.Tx, now time.Time, but []int64, limit int,
) ([]duePayment, error) {
	q := where{}
	q.add("due_at_us <= ", clock.Micros(now))
	q.noneOf("issuer_no", but)
	return db.All(ctx, tx, func(r db.Row) (duePayment, error) {
		p, err := scanPayment(r)
		return duePayment{p}, err
	}, `select `+paymentCols+` from payment where due_at_us is not null and `+q.text()+`
		order by due_at_us, acquirer_no, id limit `+q.mark(limit)+
		` /*pg for update skip locked */`, q.args...)
}

// Hold these payments for a while, so that no other node works on them meanwhile.
func leasePayments(ctx context.Context, tx *db.Tx, ps []duePayment, until time.Time) error {
	rows := make([][]any, len(ps))
	for i, p := range ps {
		rows[i] = []any{p.AcquirerNo, p.ID, clock.Micros(until)}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, due) as ({rows}) update payment set due_at_us = v.due
		from v where payment.acquirer_no = v.a and payment.id = v.i`,
		[]db.Kind{db.Int, db.Text, db.Int}, rows, nil)
	return allOf(n, len(ps), "payments", err)
}
