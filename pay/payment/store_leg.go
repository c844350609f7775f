package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
)

// legCols is the order of legRow and scanLeg.
const legCols = `acquirer_no, id, payment_id, direction, connector, issuer_no, agreement,
	their_id, amount_minor, amount_currency, quote_id, state, next_at_us, tries, deadline_us,
	wallet_until_us, undo, late_posted, note, terms`

// legColsL is legCols of the alias l, for joins.
const legColsL = `l.acquirer_no, l.id, l.payment_id, l.direction, l.connector, l.issuer_no,
	l.agreement, l.their_id, l.amount_minor, l.amount_currency, l.quote_id, l.state,
	l.next_at_us, l.tries, l.deadline_us, l.wallet_until_us, l.undo, l.late_posted, l.note,
	l.terms`

var legKinds = []db.Kind{db.Int, db.Text, db.Text, db.Text, db.Text, db.Int, db.Int,
	db.Text, db.Int, db.Text, db.Text, db.Text, db.Int, db.Int, db.Int,
	db.Int, db.Text, db.Bool, db.Text, db.Text}

func legRow(l *Leg) []any {
	return []any{l.AcquirerNo, l.ID, l.PaymentID, string(l.Direction), l.Connector,
		l.IssuerNo, l.Agreement, l.TheirID, l.Amount.Minor(), string(l.Amount.Currency()),
		l.QuoteID, string(l.State), nextColumn(l.Next), l.Tries, clock.Micros(l.Deadline),
		clock.Micros(l.WalletUntil), string(l.Undo), l.LatePosted, l.Note, termsColumn(l.Terms)}
}

// termsColumn is the JSON of terms, or empty.
func termsColumn(t *Terms) string {
	if t == nil {
		return ""
	}
	raw, err := json.Marshal(t)
	check.That(err == nil, "terms: %v", err)
	return string(raw)
}

// nextColumn is NULL for never, so that the partial index holds only what is due.
func nextColumn(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return clock.Micros(t)
}

func scanLeg(r db.Row) (*Leg, error) {
	l := &Leg{}
	var minor, deadline, until int64
	var currency, terms string
	var next *int64
	err := r.Scan(&l.AcquirerNo, &l.ID, &l.PaymentID, (*string)(&l.Direction), &l.Connector,
		&l.IssuerNo, &l.Agreement, &l.TheirID, &minor, &currency, &l.QuoteID,
		(*string)(&l.State), &next, &l.Tries, &deadline, &until, (*string)(&l.Undo),
		&l.LatePosted, &l.Note, &terms)
	if err != nil {
		return nil, err
	}
	if l.Amount, err = money.New(minor, money.Currency(currency)); err != nil {
		return nil, fmt.Errorf("leg %s: %w", l.ID, err)
	}
	if terms != "" {
		l.Terms = &Terms{}
		if err := json.Unmarshal([]byte(terms), l.Terms); err != nil {
			return nil, fmt.Errorf("leg %s: terms: %w", l.ID, err)
		}
	}
	if next != nil {
		l.Next = clock.FromMicros(*next)
	}
	l.Deadline, l.WalletUntil = clock.FromMicros(deadline), clock.FromMicros(until)
	return l, nil
}

// Keep these new legs.
func insertLegs(ctx context.Context, tx *db.Tx, ls []*Leg) error {
	rows := make([][]any, len(ls))
	for i, l := range ls {
		rows[i] = legRow(l)
	}
	_, err := tx.Bulk(ctx, `insert into payment_leg (`+legCols+`) {rows}`, legKinds, rows, nil)
	return err
}

// Which legs have these keys? Their payments are locked.
func readLegs(ctx context.Context, tx *db.Tx, keys []pk, each func(*Leg)) error {
	_, err := tx.Bulk(ctx, `with k(a, i) as ({rows}) select `+legColsL+`
		from k join payment_leg l on l.acquirer_no = k.a and l.id = k.i
		order by l.acquirer_no, l.id`, keyKinds, keyRows(keys),
		func(r db.Row) error {
			l, err := scanLeg(r)
			if err == nil {
				each(l)
			}
			return err
		})
	return err
}

// Change what may change of these legs.
func updateLegs(ctx context.Context, tx *db.Tx, ls []*Leg) error {
	rows := make([][]any, len(ls))
	for i, l := range ls {
		rows[i] = []any{l.AcquirerNo, l.ID, l.TheirID, string(l.State), nextColumn(l.Next),
			l.Tries, string(l.Undo), l.LatePosted, l.Note}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, their, st, nxt, tr, un, late, nt) as ({rows})
		update payment_leg set their_id = v.their, state = v.st, next_at_us = v.nxt,
			tries = v.tr, undo = v.un, late_posted = v.late, note = v.nt
		from v where payment_leg.acquirer_no = v.a and payment_leg.id = v.i`,
		[]db.Kind{db.Int, db.Text, db.Text, db.Text, db.Int, db.Int, db.Text, db.Bool,
			db.Text}, rows, nil)
	return allOf(n, len(ls), "legs", err)
}

// Which legs are due, but for those of some issuers? By the partial index on the time; the
// oldest first.
func dueLegs(
	ctx context.Context, tx *db.Tx, now time.Time, but []int64, limit int,
) ([]*Leg, error) {
	q := where{}
	q.add("next_at_us <= ", clock.Micros(now))
	q.noneOf("issuer_no", but)
	return db.All(ctx, tx, scanLeg, `select `+legCols+` from payment_leg
		where next_at_us is not null and `+q.text()+`
		order by next_at_us, acquirer_no, id limit `+q.mark(limit)+
		` /*pg for update skip locked */`, q.args...)
}

// When is the next leg, refund, capture, order or promise due?
func nextDue(ctx context.Context, tx *db.Tx) (time.Time, error) {
	us, err := db.One(ctx, tx, func(r db.Row) (us int64, err error) {
		err = r.Scan(&us)
		return us, err
	}, `select cast(coalesce(min(t), 0) as bigint) from (
			select min(next_at_us) as t from payment_leg where next_at_us is not null
			union all
			select min(next_at_us) as t from payment_refund where next_at_us is not null
			union all
			select min(next_at_us) as t from payment_capture where next_at_us is not null
			union all
			select min(due_at_us) as t from payment where due_at_us is not null) d`)
	return fromMicros(us), err
}

// Hold these legs for a while, so that no other node works on them meanwhile.
func leaseLegs(ctx context.Context, tx *db.Tx, ls []*Leg, until time.Time) error {
	rows := make([][]any, len(ls))
	for i, l := range ls {
		rows[i] = []any{l.AcquirerNo, l.ID, clock.Micros(until)}
	}
	n, err := tx.Bulk(ctx, `with v(a, i, nxt) as ({rows})
		update payment_leg set next_at_us = v.nxt
		from v where payment_leg.acquirer_no = v.a and payment_leg.id = v.i`,
		[]db.Kind{db.Int, db.Text, db.Int}, rows, nil)
	return allOf(n, len(ls), "legs", err)
}

// How many legs are on the schedule, by state? By the partial index on the time.
func countOpenLegs(ctx context.Context, tx *db.Tx) (map[LegState]int64, error) {
	type line struct {
		state LegState
		n     int64
	}
	lines, err := db.All(ctx, tx, func(r db.Row) (l line, err error) {
		err = r.Scan((*string)(&l.state), &l.n)
		return l, err
	}, `select state, count(id) from payment_leg where next_at_us is not null
		group by state order by state`)
	out := map[LegState]int64{LegAsked: 0, LegUnknown: 0, LegCancelling: 0}
	for _, l := range lines {
		out[l.state] = l.n
	}
	return out, err
}
