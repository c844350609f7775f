package order

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"watari/kit/db"
)

func insertLines(ctx context.Context, tx *db.Tx, os []*Order) error {
	var rows [][]any
	for _, o := range os {
		for i := range o.Lines {
			l := &o.Lines[i]
			rows = append(rows, []any{o.ID, l.No, o.Seller, o.Place, l.Product, l.Day, l.Slot,
				l.Unit, writeJSON(l.Options, len(l.Options) == 0), l.Label.Encode(), l.List,
				l.Price, writeJSON(l.Funding, len(l.Funding) == 0), string(l.State), l.Refunded})
		}
	}
	t, n := db.Text, db.Int
	_, err := tx.Bulk(ctx, `insert into visit_order_line (order_id, no, seller, place, product,
		day, slot, unit, options, label, list_minor, price_minor, funding, state,
		refunded_minor) {rows}`, []db.Kind{t, n, t, t, t, t, t, t, t, t, n, n, t, t, n}, rows, nil)
	return err
}

// fillLines reads the lines of orders, by their numbers.
func fillLines(ctx context.Context, tx *db.Tx, os map[string]*Order) error {
	ids := make([]string, 0, len(os))
	for id := range os {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	_, err := tx.Bulk(ctx, `with k(i) as ({rows}) select l.order_id, l.no, l.product, l.day, l.slot,
			l.unit, l.options, l.label, l.list_minor, l.price_minor, l.funding, l.state,
			l.refunded_minor
		from k join visit_order_line l on l.order_id = k.i`, []db.Kind{db.Text}, idRows(ids),
		func(r db.Row) error {
			var id, options, label, funding string
			var l Line
			err := r.Scan(&id, &l.No, &l.Product, &l.Day, &l.Slot, &l.Unit, &options, &label,
				&l.List, &l.Price, &funding, (*string)(&l.State), &l.Refunded)
			if err != nil {
				return err
			}
			o := os[id]
			err = errors.Join(readJSON(options, &l.Options), readJSON(label, &l.Label),
				readJSON(funding, &l.Funding))
			o.Lines = append(o.Lines, l)
			return err
		})
	if err != nil {
		return fmt.Errorf("read lines: %w", err)
	}
	for _, o := range os {
		slices.SortFunc(o.Lines, func(a, b Line) int { return int(a.No - b.No) })
	}
	return nil
}

// moved is a line that changes, and the state in which it must still be.
type moved struct {
	orderID string
	was     LineState
	line    Line
}

// Change these lines. Each must still be in the state that was read: a gate may have used it.
func updateLines(ctx context.Context, tx *db.Tx, ms []moved) error {
	rows := make([][]any, len(ms))
	for i, m := range ms {
		l := m.line
		rows[i] = []any{m.orderID, l.No, string(m.was), string(l.State), l.Product, l.Day, l.Slot,
			l.Unit, l.Label.Encode(), l.List, l.Price,
			writeJSON(l.Funding, len(l.Funding) == 0), l.Refunded}
	}
	t, n := db.Text, db.Int
	done, err := tx.Bulk(ctx, `with v(o, no, was, st, pr, dy, sl, un, lb, li, pc, fu, rf) as ({rows})
		update visit_order_line set state = v.st, product = v.pr, day = v.dy, slot = v.sl,
			unit = v.un, label = v.lb, list_minor = v.li, price_minor = v.pc, funding = v.fu,
			refunded_minor = v.rf
		from v where visit_order_line.order_id = v.o and visit_order_line.no = v.no
			and visit_order_line.state = v.was`,
		[]db.Kind{t, n, t, t, t, t, t, t, t, n, n, t, n}, rows, nil)
	return allOf(done, len(ms), "lines", err)
}

// Use marks lines that are sold as used, in the transaction of the gate that lets them in, and
// returns how many it marked: one that was cancelled meanwhile, or was used, is not.
func Use(ctx context.Context, tx *db.Tx, orderID string, lines []int64) (int64, error) {
	rows := make([][]any, len(lines))
	for i, no := range lines {
		rows[i] = []any{orderID, no}
	}
	return tx.Bulk(ctx, `with v(o, no) as ({rows}) update visit_order_line set state = 'used'
		from v where visit_order_line.order_id = v.o and visit_order_line.no = v.no
			and visit_order_line.state = 'sold'`, []db.Kind{db.Text, db.Int}, rows, nil)
}
