package park

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/ledger"
	"watari/visit/order"
)

// SalesQuery asks what was sold for the days of a period, both included; at most 400.
type SalesQuery struct {
	ParkID   string // or slug
	From, To string
}

// SalesRow is what was sold of one thing for one day. Counts are persons, amounts yen.
type SalesRow struct {
	Day, Slot, Product, Channel string
	Unit                        Unit
	Sold                        int64 // that are sold or were used
	Redeemed                    int64 // of them, used at a gate
	NoShow                      int64 // of them, not used though their days are over
	Refunded                    int64 // that were given back
	List                        int64 // of Sold, without discounts
	Paid                        int64 // of Sold, by visitors and resellers
	Wallet                      int64 // of Sold, paid by wallets as their part of discounts
	Place                       int64 // of Sold, given by the park: List = Paid + Wallet + Place
	Returned                    int64 // of Refunded, yen that went back
	Fees                        int64 // of Refunded, yen that were kept
}

// Net is what the park has of it, before the fees of its bank.
func (r *SalesRow) Net() int64 { return r.Paid + r.Wallet + r.Fees }

// Add sums up.
func (r *SalesRow) Add(o SalesRow) {
	r.Sold += o.Sold
	r.Redeemed += o.Redeemed
	r.NoShow += o.NoShow
	r.Refunded += o.Refunded
	r.List += o.List
	r.Paid += o.Paid
	r.Wallet += o.Wallet
	r.Place += o.Place
	r.Returned += o.Returned
	r.Fees += o.Fees
}

// FunderRow is what somebody gives of one discount.
type FunderRow struct {
	Kind     string // order.FundedByWallet or order.FundedByPlace
	IssuerNo int64  // of a wallet
	Rule     string
	Minor    int64 // yen
	Lines    int64
}

// SalesReport is what was sold, by day, slot, product, channel and age class, and who gave the
// discounts.
type SalesReport struct {
	Rows    []SalesRow
	Funders []FunderRow
}

// Sales reports what was sold for the days of a period.
//
// Errors: ErrUnknown, ErrDay.
func (s *Service) Sales(ctx context.Context, q SalesQuery) (SalesReport, error) {
	if _, err := between(q.From, q.To); err != nil {
		return SalesReport{}, err
	}
	var out SalesReport
	err := s.view(ctx, q.ParkID, func(ctx context.Context, tx *db.Tx, c *catalogue) error {
		r := &reckoner{c: c, today: DayOf(s.now()), rows: map[SalesRow]*SalesRow{},
			funders: map[FunderRow]*FunderRow{}}
		err := tx.Each(ctx, r.line, `select l.day, l.slot, l.product, o.channel, l.unit, l.state,
				l.list_minor, l.price_minor, l.refunded_minor, l.funding,
				case when l.state = 'cancelled' then o.fees_minor else 0 end,
				case when l.state = 'cancelled' and o.fees_minor > 0 then (
					select count(a.no) from visit_order_line a
					where a.order_id = l.order_id and a.state = 'cancelled') else 0 end,
				case when l.state = 'cancelled' and o.fees_minor > 0 then (
					select count(b.no) from visit_order_line b
					where b.order_id = l.order_id and b.state = 'cancelled' and b.no < l.no)
					else 0 end
			from visit_order_line l join visit_order o on o.id = l.order_id
			where l.place = $1 and l.seller = 'park' and l.day >= $2 and l.day <= $3
				and l.state in ('sold', 'used', 'cancelled')
			order by l.order_id, l.no`, c.ID, q.From, q.To)
		if err != nil {
			return fmt.Errorf("read what was sold: %w", err)
		}
		out = r.report()
		return nil
	})
	return out, err
}

// reckoner sums lines up.
type reckoner struct {
	c       *catalogue
	today   string
	rows    map[SalesRow]*SalesRow
	funders map[FunderRow]*FunderRow
}

func (r *reckoner) line(row db.Row) error {
	var k SalesRow
	var l order.Line
	var fees, cancelled, before int64
	var funding string
	if err := row.Scan(&k.Day, &k.Slot, &k.Product, &k.Channel, (*string)(&k.Unit),
		(*string)(&l.State), &l.List, &l.Price, &l.Refunded, &funding, &fees, &cancelled,
		&before); err != nil {
		return err
	}
	if err := decode(funding, &l.Funding); err != nil {
		return err
	}
	sum := r.rows[k]
	if sum == nil {
		sum = &SalesRow{Day: k.Day, Slot: k.Slot, Product: k.Product, Channel: k.Channel,
			Unit: k.Unit}
		r.rows[k] = sum
	}
	if l.State == order.LineCancelled {
		sum.Refunded++
		sum.Returned += l.Refunded
		if fees > 0 {
			weights := slices.Repeat([]int64{1}, int(cancelled))
			sum.Fees += money.Split(fees, weights)[before]
		}
		return nil
	}
	sum.Sold++
	sum.List += l.List
	sum.Paid += l.Price
	if l.State == order.LineUsed {
		sum.Redeemed++
	} else if r.over(k.Product, k.Day) {
		sum.NoShow++
	}
	for _, f := range l.Funding {
		if f.Kind == order.FundedByWallet {
			sum.Wallet += f.Minor
		} else {
			sum.Place += f.Minor
		}
		k := FunderRow{Kind: f.Kind, IssuerNo: f.IssuerNo, Rule: f.Rule}
		if r.funders[k] == nil {
			r.funders[k] = &FunderRow{Kind: f.Kind, IssuerNo: f.IssuerNo, Rule: f.Rule}
		}
		r.funders[k].Minor += f.Minor
		r.funders[k].Lines++
	}
	return nil
}

// over says whether the days of a ticket are over.
func (r *reckoner) over(product, day string) bool {
	days := int64(1)
	if p := r.c.products[product]; p != nil {
		days = p.validDays()
	}
	return addDays(day, days-1) < r.today
}

func (r *reckoner) report() SalesReport {
	var out SalesReport
	for _, row := range r.rows {
		out.Rows = append(out.Rows, *row)
	}
	slices.SortFunc(out.Rows, func(a, b SalesRow) int {
		return cmp.Or(strings.Compare(a.Day, b.Day), strings.Compare(a.Product, b.Product),
			strings.Compare(a.Slot, b.Slot), strings.Compare(a.Channel, b.Channel),
			cmp.Compare(a.Unit.Class(), b.Unit.Class()))
	})
	for _, f := range r.funders {
		out.Funders = append(out.Funders, *f)
	}
	slices.SortFunc(out.Funders, func(a, b FunderRow) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), cmp.Compare(a.IssuerNo, b.IssuerNo),
			strings.Compare(a.Rule, b.Rule))
	})
	return out
}

// Check compares what quotas count as taken with the orders and with what is kept for who waits
// (T1, T2), and finds days that are closed and still sold (T6). It is an order.Check.
func (s *Service) Check(ctx context.Context, tx *db.Tx) ([]ledger.Finding, error) {
	return Check(ctx, tx)
}

// Check is Service.Check, for a store without a Service.
func Check(ctx context.Context, tx *db.Tx) ([]ledger.Finding, error) {
	want := map[takenKey]int64{}
	if err := countLines(ctx, tx, want); err != nil {
		return nil, fmt.Errorf("count the lines of parks: %w", err)
	}
	ws, err := offeredPlaces(ctx, tx)
	if err != nil {
		return nil, err
	}
	catalogues := map[string]*catalogue{}
	for _, w := range ws {
		c := catalogues[w.ParkID]
		if c == nil {
			p, err := parkIn(ctx, tx, w.ParkID)
			if err != nil {
				return nil, err
			}
			if c, err = readCatalogue(ctx, tx, p); err != nil {
				return nil, err
			}
			catalogues[w.ParkID] = c
		}
		for _, k := range c.keys(Piece{Product: w.Product, Day: w.Day, Slot: w.Slot}) {
			want[takenKey{k, ""}] += w.Places
			want[takenKey{k, ByVisitor}] += w.Places
		}
	}
	found, err := compareTaken(ctx, tx, want)
	if err != nil {
		return nil, fmt.Errorf("compare quotas: %w", err)
	}
	closed, err := soldThoughClosed(ctx, tx)
	return append(found, closed...), err
}

// takenKey names what one row of a quota counts.
type takenKey struct {
	quotaKey
	channel string
}

// countLines counts what the orders take from each quota, by the baskets of their purchase.
func countLines(ctx context.Context, tx *db.Tx, want map[takenKey]int64) error {
	last, basket := "", Basket{}
	return tx.Each(ctx, func(r db.Row) error {
		var id, place, channel, text string
		var p Piece
		var n int64
		err := r.Scan(&id, &place, &channel, &text, &p.Product, &p.Day, &p.Slot, &n)
		if err != nil {
			return err
		}
		if id != last {
			last, basket = id, Basket{}
			if err := json.Unmarshal([]byte(text), &basket); err != nil {
				return fmt.Errorf("order %s: %w", id, err)
			}
		}
		for _, k := range basket.keys(place, p) {
			want[takenKey{k, ""}] += n
			want[takenKey{k, cmp.Or(channel, ByVisitor)}] += n
		}
		return nil
	}, `select o.id, o.place, o.channel, o.basket, l.product, l.day, l.slot, count(l.no)
		from visit_order o join visit_order_line l on l.order_id = o.id
		where o.seller = 'park' and l.state in ('held', 'sold', 'used')
		group by o.id, o.place, o.channel, o.basket, l.product, l.day, l.slot order by o.id`)
}

func compareTaken(ctx context.Context, tx *db.Tx, want map[takenKey]int64) (
	found []ledger.Finding, err error,
) {
	note := func(k takenKey, text string, args ...any) {
		found = append(found, ledger.Finding{Rule: "T2", What: k.park, Text: fmt.Sprintf(
			"quota %s of %s %s %s: ", k.pool, k.day, k.slot, k.channel) +
			fmt.Sprintf(text, args...)})
	}
	err = tx.Each(ctx, func(r db.Row) error {
		k, q, err := scanQuota(r)
		if err != nil {
			return err
		}
		of := takenKey{k, q.Channel}
		if q.Taken != want[of] {
			note(of, "%d are taken, %d stand in orders and on the waiting list", q.Taken, want[of])
		}
		delete(want, of)
		return nil
	}, `select `+quotaCols+` from park_quota q
		order by q.park_id, q.day, q.pool, q.slot, q.channel`)
	var rest []takenKey
	for k, n := range want {
		if n != 0 {
			rest = append(rest, k)
		}
	}
	slices.SortFunc(rest, func(a, b takenKey) int {
		return cmp.Or(a.compare(b.quotaKey), strings.Compare(a.channel, b.channel))
	})
	for _, k := range rest {
		note(k, "%d stand in orders, it does not exist", want[k])
	}
	return found, err
}

// soldThoughClosed finds lines of closed days that still stand, once their closure is done (T6).
func soldThoughClosed(ctx context.Context, tx *db.Tx) ([]ledger.Finding, error) {
	return db.All(ctx, tx, func(r db.Row) (f ledger.Finding, err error) {
		var day string
		var lines int64
		err = r.Scan(&f.What, &day, &lines)
		f.Rule, f.Text = "T6", fmt.Sprintf("%d lines of %s are sold, the day is closed", lines, day)
		return f, err
	}, `select d.park_id, d.day, count(l.no) from park_day d join visit_order_line l
			on l.place = d.park_id and l.day = d.day and l.state in ('held', 'sold')
		where d.closed and not exists (select 1 from visit_order_mass m
			where m.place = d.park_id and m.day = d.day and (m.state = 'running'
				or exists (select 1 from visit_order_mass_failed f where f.mass_id = m.id)))
		group by d.park_id, d.day order by d.park_id, d.day`)
}
