package gate

import (
	"context"
	"fmt"

	"watari/kit/db"
	"watari/pay/ledger"
)

// Check compares tickets with the lines of orders and with the scans, for `watari verify`. It is an
// order.Check. A line that is sold has a ticket that is valid, one that is used a ticket that was
// used, one that was given back none; a ticket counts as many entries as were admitted with it.
func Check(ctx context.Context, tx *db.Tx) ([]ledger.Finding, error) {
	var out []ledger.Finding
	find := func(format string) func(db.Row) error {
		return func(r db.Row) error {
			var subject, a, b string
			var line int64
			if err := r.Scan(&subject, &line, &a, &b); err != nil {
				return err
			}
			out = append(out, ledger.Finding{Rule: "G8", What: "order " + subject,
				Text: fmt.Sprintf(format, line, a, b)})
			return nil
		}
	}
	for _, c := range checks {
		if err := tx.Each(ctx, find(c.format), c.sql); err != nil {
			return nil, fmt.Errorf("compare tickets with orders: %w", err)
		}
	}
	return out, nil
}

// checks are what is looked for; each query returns a subject, a line, and two words.
var checks = []struct{ format, sql string }{
	{"line %d is %s and has no ticket%s",
		`select l.order_id, l.no, l.state, '' from visit_order_line as l
			join visit_order as o on o.id = l.order_id
			left join park_ticket as t on t.order_id = l.order_id and t.line = l.no
				and t.state <> 'revoked'
			where o.seller = 'park' and l.state in ('sold', 'used') and t.id is null
			order by l.order_id, l.no`},
	{"line %d is %s and its ticket is %s",
		`select t.order_id, t.line, l.state, t.state from park_ticket as t
			join visit_order_line as l on l.order_id = t.order_id and l.no = t.line
			where t.state <> 'revoked' and not (t.state = 'valid' and l.state = 'sold')
				and not (t.state = 'used' and l.state = 'used')
			order by t.order_id, t.line`},
	{"the ticket of line %d belongs to no line of an order, it is %s%s",
		`select t.order_id, t.line, t.state, '' from park_ticket as t
			left join visit_order_line as l on l.order_id = t.order_id and l.no = t.line
			where l.order_id is null order by t.order_id, t.line`},
	{"the ticket of line %d counts %s entries, and %s were admitted",
		`select t.order_id, t.line, cast(t.entries as text), cast(count(g.id) as text)
			from park_ticket as t
			left join gate_scan as g on g.number = t.number and g.number <> '' and g.admitted
				and g.kind = 'entry'
			group by t.id, t.order_id, t.line, t.entries having count(g.id) <> t.entries
			order by t.order_id, t.line`},
}
