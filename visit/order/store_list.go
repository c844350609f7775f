package order

import (
	"context"
	"strconv"
	"strings"

	"watari/kit/clock"
	"watari/kit/db"
)

// Which orders fit a filter? Their ids, the newest first. By the index of the visitor, the
// merchant or the place.
func listOrders(ctx context.Context, tx *db.Tx, f Filter) ([]string, error) {
	var text strings.Builder
	var args []any
	mark := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	and := func(clause string, v any, wanted bool) {
		if wanted {
			text.WriteString(" and " + clause + mark(v))
		}
	}
	text.WriteString(`select o.id from visit_order o where true`)
	if f.VisitorID != "" {
		text.WriteString(` and o.visitor_id <> ''`)
	}
	and("o.visitor_id = ", f.VisitorID, f.VisitorID != "")
	and("o.acquirer_no = ", f.AcquirerNo, f.AcquirerNo != 0)
	and("o.merchant_no = ", f.MerchantNo, f.MerchantNo != 0)
	and("o.store_no = ", f.StoreNo, f.StoreNo != 0)
	and("o.seller = ", f.Seller, f.Seller != "")
	and("o.place = ", f.Place, f.Place != "")
	and("o.account = ", f.Account, f.Account != "")
	and("o.reference = ", f.Reference, f.Reference != "")
	and("o.created_at_us >= ", clock.Micros(f.From), !f.From.IsZero())
	and("o.created_at_us < ", clock.Micros(f.Until), !f.Until.IsZero())
	and("o.id < ", f.After, f.After != "")
	if len(f.States) > 0 {
		marks := make([]string, len(f.States))
		for i, st := range f.States {
			marks[i] = mark(string(st))
		}
		text.WriteString(" and o.state in (" + strings.Join(marks, ", ") + ")")
	}
	if f.Day != "" {
		text.WriteString(` and exists (select 1 from visit_order_line l
			where l.order_id = o.id and l.day = ` + mark(f.Day) + `)`)
	}
	text.WriteString(" order by o.id desc limit " + mark(f.Limit))
	return db.All(ctx, tx, scanID, text.String(), args...)
}

// Which orders follow this one? By the primary key.
func ordersAfter(ctx context.Context, tx *db.Tx, id string, limit int) ([]string, error) {
	return db.All(ctx, tx, scanID, `select id from visit_order where id > $1 order by id limit $2`,
		id, limit)
}

// Which closures are not done?
func runningMasses(ctx context.Context, tx *db.Tx) ([]*massRow, error) {
	return db.All(ctx, tx, scanMass, `select `+massCols+` from visit_order_mass
		where due_at_us is not null order by id`)
}
