package order_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing/fstest"
	"time"

	"watari/kit/db"
	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/pay/ledger"
	"watari/visit/order"
)

// stall is a seller with days that have room for so many, and tickets that are handed over.
type stall struct {
	point    order.Point
	issuerNo int64  // of the wallet whose users pay less
	issuerID string // that wallet
	hold     time.Duration
	fee      int64 // yen, of each line that its buyer cancels
	// broken makes a method fail, of an order, or of a request when it is held.
	broken func(method, id string) error
}

var stallTables fs.FS = fstest.MapFS{"sql/209901010000_stall.sql": {Data: []byte(`-- +goose Up
create table stall_day (
	day text not null primary key,
	size bigint not null,
	taken bigint not null,
	closed boolean not null,
	constraint stall_day_room check (taken >= 0 and taken <= size)
) STRICT;

create table stall_ticket (
	order_id text not null,
	line bigint not null,
	state text not null,
	primary key (order_id, line)
) STRICT;
`)}}

var errSoldOut = fault.Define("stall-sold-out", fault.Conflict, "Sold out")

// basket is what a purchase was priced from.
type basket struct{ Wallet, Free bool }

// freeVoucher takes off what the other discounts leave.
const freeVoucher = "free"

func (s *stall) Kind() string { return "stall" }

func (s *stall) fails(method, orderID string) error {
	if s.broken == nil {
		return nil
	}
	return s.broken(method, orderID)
}

// price applies the stall's rules: five or more pay 500 yen less each, given by the place; users
// of its wallet a tenth of the rest, given by the wallet and the place in halves.
func (s *stall) price(ls []order.Line, b basket) {
	for i := range ls {
		l := &ls[i]
		rest := l.List
		l.Funding = nil
		give := func(kind string, minor int64, rule string) {
			if minor > 0 {
				f := order.Funding{Kind: kind, Minor: minor, Rule: rule}
				if kind == order.FundedByWallet {
					f.IssuerNo = s.issuerNo
				}
				l.Funding = append(l.Funding, f)
				rest -= minor
			}
		}
		if len(ls) >= 5 {
			give(order.FundedByPlace, min(500, rest), "group")
		}
		if b.Wallet {
			tenth := rest / 10
			give(order.FundedByWallet, tenth-tenth/2, "wallet")
			give(order.FundedByPlace, tenth/2, "wallet")
		}
		if b.Free {
			give(order.FundedByPlace, rest, "voucher")
		}
		l.Price = rest
	}
}

func listOf(unit string) int64 {
	return map[string]int64{"adult": 6200, "child": 4305, "infant": 0}[unit]
}

func (s *stall) days(ctx context.Context, tx *db.Tx) (map[string][2]int64, error) {
	out := map[string][2]int64{}
	_, err := db.All(ctx, tx, func(r db.Row) (bool, error) {
		var day string
		var room, taken int64
		var closed bool
		err := r.Scan(&day, &room, &taken, &closed)
		if closed {
			room = taken
		}
		out[day] = [2]int64{room - taken, 0}
		return closed, err
	}, `select day, size, taken, closed from stall_day order by day /*pg for update */`)
	return out, err
}

func (s *stall) take(ctx context.Context, tx *db.Tx, by map[string]int64) error {
	var days []string
	for day := range by {
		days = append(days, day)
	}
	slices.Sort(days)
	for _, day := range days {
		n, err := tx.Exec(ctx, `update stall_day set taken = taken + $2 where day = $1`, day,
			by[day])
		if err == nil && n != 1 {
			err = fmt.Errorf("no day %s", day)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *stall) Hold(
	ctx context.Context, tx *db.Tx, now time.Time, qs []*order.Request,
) ([]order.Held, error) {
	days, err := s.days(ctx, tx)
	if err != nil {
		return nil, err
	}
	out := make([]order.Held, len(qs))
	took := map[string]int64{}
	for i, q := range qs {
		b := basket{Wallet: q.IssuerID != "" && q.IssuerID == s.issuerID,
			Free: q.Voucher == freeVoucher}
		var lines []order.Line
		want := map[string]int64{}
		for _, it := range q.Items {
			for range it.Count {
				lines = append(lines, order.Line{No: int64(len(lines) + 1), Product: it.Product,
					Day: it.Day, Unit: it.Unit, List: listOf(it.Unit),
					Label: i18n.Text{i18n.English: it.Unit}})
			}
			want[it.Day] += it.Count
		}
		full := ""
		for day, n := range want {
			if room, ok := days[day]; !ok || room[0] < n {
				full = day
			}
		}
		if full != "" {
			out[i].Refusal = errSoldOut.Newf("%s is full", full)
			continue
		}
		for day, n := range want {
			room := days[day]
			room[0] -= n
			days[day] = room
			took[day] += n
		}
		s.price(lines, b)
		text, _ := json.Marshal(b)
		hold := max(s.hold, q.HoldFor)
		out[i] = order.Held{Lines: lines, Point: s.point, Basket: text, Expires: now.Add(hold),
			Description: "a day out", Policy: json.RawMessage(`{"ladder":"none"}`)}
		if b.Wallet {
			out[i].OnlyIssuers = []string{s.issuerID}
		}
		if s.fails("hold", q.RequestID) != nil {
			out[i].Lines = nil // no order can be made of it
		}
	}
	return out, s.take(ctx, tx, took)
}

func (s *stall) back(ctx context.Context, tx *db.Tx, ls []order.Line, sign int64) error {
	by := map[string]int64{}
	for _, l := range ls {
		by[l.Day] += sign
	}
	return s.take(ctx, tx, by)
}

func (s *stall) Release(ctx context.Context, tx *db.Tx, os []*order.Order) error {
	if _, err := s.days(ctx, tx); err != nil {
		return err
	}
	for _, o := range os {
		if err := errors.Join(s.fails("release", o.ID), s.back(ctx, tx, o.Lines, -1)); err != nil {
			return err
		}
	}
	return nil
}

func (s *stall) Rehold(ctx context.Context, tx *db.Tx, o *order.Order) (bool, error) {
	days, err := s.days(ctx, tx)
	if err != nil {
		return false, err
	}
	want := map[string]int64{}
	for _, l := range o.Lines {
		want[l.Day]++
	}
	for day, n := range want {
		if days[day][0] < n {
			return false, nil
		}
	}
	return true, s.back(ctx, tx, o.Lines, 1)
}

func (s *stall) Fulfil(
	ctx context.Context, tx *db.Tx, _ time.Time, os []*order.Order,
) error {
	var rows [][]any
	for _, o := range os {
		if err := s.fails("fulfil", o.ID); err != nil {
			return err
		}
		for _, l := range o.Lines {
			rows = append(rows, []any{o.ID, l.No, "valid"})
		}
	}
	_, err := tx.Bulk(ctx, `insert into stall_ticket (order_id, line, state) {rows}`,
		[]db.Kind{db.Text, db.Int, db.Text}, rows, nil)
	return err
}

var errTooLate = fault.Define("stall-too-late", fault.Conflict, "Too late")

func (s *stall) Requote(
	_ context.Context, _ *db.Tx, _ time.Time, o *order.Order, c order.Cut,
) (order.Requoted, error) {
	if s.fee < 0 {
		return order.Requoted{}, errTooLate.Newf("the day has begun")
	}
	var b basket
	if err := json.Unmarshal(o.Basket, &b); err != nil {
		return order.Requoted{}, err
	}
	keep := slices.DeleteFunc(o.Live(), func(l order.Line) bool {
		return slices.Contains(c.Lines, l.No)
	})
	s.price(keep, b)
	return order.Requoted{Keep: keep, Fee: s.fee * int64(len(c.Lines))}, nil
}

func (s *stall) Cancelled(
	ctx context.Context, tx *db.Tx, _ time.Time, o *order.Order, c order.Cut,
) error {
	if err := s.fails("cancelled", o.ID); err != nil {
		return err
	}
	if _, err := s.days(ctx, tx); err != nil {
		return err
	}
	var ls []order.Line
	var rows [][]any
	for _, no := range c.Lines {
		ls = append(ls, *o.Line(no))
		rows = append(rows, []any{o.ID, no})
	}
	n, err := tx.Bulk(ctx, `with v(o, l) as ({rows}) update stall_ticket set state = 'revoked'
		from v where order_id = v.o and line = v.l and state = 'valid'`,
		[]db.Kind{db.Text, db.Int}, rows, nil)
	if err == nil && n != int64(len(rows)) {
		err = fmt.Errorf("%d of %d tickets of %s could be revoked", n, len(rows), o.ID)
	}
	if err != nil {
		return err
	}
	return s.back(ctx, tx, ls, -1)
}

// stallCheck finds days whose places differ from the lines of the orders, and tickets that are not
// what their lines say.
func stallCheck(ctx context.Context, tx *db.Tx) ([]ledger.Finding, error) {
	return db.All(ctx, tx, func(r db.Row) (f ledger.Finding, err error) {
		var want, is int64
		f.Rule = "stall"
		err = r.Scan(&f.What, &is, &want)
		f.Text = fmt.Sprintf("%d are taken, %d stand", is, want)
		return f, err
	}, `select d.day, d.taken, count(l.no) from stall_day d left join visit_order_line l
			on l.day = d.day and l.state in ('held', 'sold', 'used')
		group by d.day, d.taken having count(l.no) <> d.taken
		union all
		select l.order_id, l.no, count(t.line) from visit_order_line l left join stall_ticket t
			on t.order_id = l.order_id and t.line = l.no
		where l.state in ('sold', 'used', 'cancelled')
		group by l.order_id, l.no, l.state
		having count(t.line) <> 1 or max(t.state) <> case when l.state = 'sold' then 'valid'
			when l.state = 'used' then 'used' else 'revoked' end
		order by 1, 2`)
}
