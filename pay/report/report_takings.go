package report

import (
	"context"
	"strconv"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
	"watari/kit/money"
)

// reach is a scope as the keys of tables: which acquirers, and which stores of them; no stores is
// all.
type reach struct {
	Scope
	acquirers, stores []int64
	narrowed          bool // only the stores count
}

// nothing says that there is nobody in the scope.
func (r reach) nothing() bool {
	return len(r.acquirers) == 0 || r.narrowed && len(r.stores) == 0
}

func scanNo(r db.Row) (no int64, err error) {
	err = r.Scan(&no)
	return no, err
}

// Who is in this scope? A merchant is read through its stores, whose payments an index finds.
func reachOf(ctx context.Context, tx *db.Tx, s Scope) (reach, error) {
	to := reach{Scope: s, acquirers: []int64{s.AcquirerNo}}
	var err error
	switch {
	case s.StoreNo != 0 || s.MerchantNo != 0:
		to.narrowed = true
		to.stores, err = db.All(ctx, tx, scanNo, `select no from store
			where (cast($1 as bigint) = 0 or no = cast($1 as bigint))
				and (cast($2 as bigint) = 0 or merchant_no = cast($2 as bigint))
				and (cast($3 as bigint) = 0 or acquirer_no = cast($3 as bigint))
			order by no`, s.StoreNo, s.MerchantNo, s.AcquirerNo)
		if err == nil && s.AcquirerNo == 0 && len(to.stores) > 0 {
			to.acquirers, err = db.All(ctx, tx, scanNo,
				`select acquirer_no from store where no = $1 order by no`, to.stores[0])
		}
	case s.AcquirerNo == 0:
		to.acquirers, err = db.All(ctx, tx, scanNo,
			`select distinct acquirer_no from merchant order by acquirer_no`)
	}
	return to, err
}

// where collects conditions with their numbered parameters. Its texts are constants.
type where struct {
	terms []string
	args  []any
}

// mark adds a parameter and returns its mark.
func (w *where) mark(arg any) string {
	w.args = append(w.args, arg)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) add(term string, arg any) { w.terms = append(w.terms, term+w.mark(arg)) }

func (w *where) text() string { return strings.Join(w.terms, " and ") }

func (w *where) in(column string, nos []int64) {
	marks := make([]string, len(nos))
	for i, no := range nos {
		marks[i] = w.mark(no)
	}
	w.terms = append(w.terms, column+" in ("+strings.Join(marks, ", ")+")")
}

// slack is how far an id's time may be from the time that stands in its row.
const slack = time.Minute

// within narrows the rows of a table to a reach and a period: by the time in their ids, which the
// key finds, and exactly by when they were begun.
func (w *where) within(table, prefix string, to reach, p Period) {
	w.in(table+".acquirer_no", to.acquirers)
	if to.narrowed {
		w.in(table+".store_no", to.stores)
	}
	if to.TerminalNo != 0 {
		w.add(table+".terminal_no = ", to.TerminalNo)
	}
	if !p.From.IsZero() {
		w.add(table+".id >= ", id.Floor(prefix, p.From.Add(-slack)))
		w.add(table+".created_at_us >= ", clock.Micros(p.From))
	}
	if !p.Until.IsZero() {
		w.add(table+".id < ", id.Floor(prefix, p.Until.Add(slack)))
		w.add(table+".created_at_us < ", clock.Micros(p.Until))
	}
}

// expressions are what the dimensions are in SQL, over a row {e} (a payment or a refund), its
// payment p and its store s. Japan is nine hours ahead of the times of the tables.
var expressions = map[Dimension]string{
	ByDay:        `({e}.created_at_us + 32400000000) / 86400000000`,
	ByHour:       `({e}.created_at_us + 32400000000) / 3600000000 % 24`,
	ByMinute:     `{e}.created_at_us / 60000000`,
	ByAcquirer:   `p.acquirer_no`,
	ByMerchant:   `p.merchant_no`,
	ByStore:      `p.store_no`,
	ByTerminal:   `p.terminal_no`,
	ByWallet:     `p.issuer_no`,
	ByPrefecture: `s.prefecture`,
	ByCategory:   `s.mcc`,
}

// keys writes the dimensions as columns k0, k1, … and their names, each with a comma behind.
func keys(dims []Dimension, row string) (columns, names, group string) {
	for i, d := range dims {
		expression, ok := expressions[d]
		check.That(ok, "report: no dimension %q", d)
		name := "k" + strconv.Itoa(i)
		expression = strings.ReplaceAll(expression, "{e}", row)
		columns += "cast(" + expression + " as text) as " + name + ", "
		names += name + ", "
	}
	if len(dims) > 0 {
		group = " group by " + strings.TrimSuffix(names, ", ")
	}
	return columns, names, group
}

// scanKeyed reads keys and then figures.
func scanKeyed(r db.Row, dims []Dimension, figures ...any) ([]string, error) {
	keys := make([]string, len(dims))
	into := make([]any, 0, len(dims)+len(figures))
	for i := range keys {
		into = append(into, &keys[i])
	}
	if err := r.Scan(append(into, figures...)...); err != nil {
		return nil, err
	}
	for i, d := range dims {
		keys[i] = d.keyOf(keys[i])
	}
	return keys, nil
}

// How much was sold? A promise pays the fees of what of it was captured.
func sales(
	ctx context.Context, tx *db.Tx, to reach, p Period, currency money.Currency,
	dims []Dimension, add func([]string, Takings),
) error {
	columns, names, group := keys(dims, "p")
	var w where
	w.within("p", "pay", to, p)
	w.add("p.order_currency = ", string(currency))
	type keyed struct {
		keys []string
		Takings
	}
	rows, err := db.All(ctx, tx, func(r db.Row) (k keyed, err error) {
		k.keys, err = scanKeyed(r, dims, &k.Sales, &k.SoldMinor, &k.FeesMinor, &k.Declined,
			&k.Cancelled, &k.Open, &k.Promised)
		return k, err
	}, `select `+names+`cast(coalesce(sum(paid), 0) as bigint),
			cast(coalesce(sum(paid * captured_minor), 0) as bigint),
			cast(coalesce(sum(paid * fee_minor), 0) as bigint),
			cast(coalesce(sum(declined), 0) as bigint),
			cast(coalesce(sum(cancelled), 0) as bigint),
			cast(coalesce(sum(opened), 0) as bigint),
			cast(coalesce(sum(promised), 0) as bigint)
		from (select `+columns+`p.captured_minor,
			case when p.state in ('captured', 'refunded') then 1 else 0 end as paid,
			case when p.state = 'declined' then 1 else 0 end as declined,
			case when p.state = 'cancelled' then 1 else 0 end as cancelled,
			case when p.state in ('authorising', 'pending') then 1 else 0 end as opened,
			case when p.state = 'authorised' then 1 else 0 end as promised,
			case when p.hold then (select cast(coalesce(sum(c.mdr_minor), 0) as bigint)
				from payment_capture c where c.acquirer_no = p.acquirer_no
					and c.payment_id = p.id and c.state = 'succeeded')
				else p.mdr_minor end as fee_minor
			from payment p join store s on s.no = p.store_no
			where `+w.text()+`) x`+group, w.args...)
	for _, k := range rows {
		if k.Takings != (Takings{}) {
			add(k.keys, k.Takings)
		}
	}
	return err
}

// How much was returned?
func refunds(
	ctx context.Context, tx *db.Tx, to reach, p Period, currency money.Currency,
	dims []Dimension, add func([]string, Takings),
) error {
	columns, names, group := keys(dims, "e")
	var w where
	terminal := to.TerminalNo
	to.TerminalNo = 0
	w.within("e", "rfd", to, p)
	if terminal != 0 {
		w.add("p.terminal_no = ", terminal)
	}
	w.add("e.order_currency = ", string(currency))
	type keyed struct {
		keys []string
		Takings
	}
	rows, err := db.All(ctx, tx, func(r db.Row) (k keyed, err error) {
		k.keys, err = scanKeyed(r, dims, &k.Refunds, &k.RefundedMinor, &k.FeesMinor)
		return k, err
	}, `select `+names+`count(*), cast(coalesce(sum(order_minor), 0) as bigint),
			cast(coalesce(sum(-mdr_minor), 0) as bigint)
		from (select `+columns+`e.order_minor, e.mdr_minor
			from payment_refund e
				join payment p on p.acquirer_no = e.acquirer_no and p.id = e.payment_id
				join store s on s.no = e.store_no
			where e.state = 'succeeded' and `+w.text()+`) x`+group, w.args...)
	for _, k := range rows {
		if k.Takings != (Takings{}) {
			add(k.keys, k.Takings)
		}
	}
	return err
}
