package order

import (
	"context"
	"fmt"
	"slices"

	"watari/pay/payment"
)

// cuts checks what an order was made of, and that each line that was given back stands in one
// return, with its part of it (O1, O6).
func (v *verifier) cuts(o *Order, rs []*Return) {
	var list, total int64
	for _, l := range o.Lines {
		list, total = list+l.List, total+l.Price
	}
	if o.Paid.IsZero() && (list != o.List || total != o.Total) {
		v.find("O1", o.ID, "its lines cost %d of %d, it says %d of %d", total, list, o.Total,
			o.List)
	}
	in := map[int64]int{}
	for _, r := range rs {
		var parts int64
		for _, no := range r.Lines {
			in[no]++
			if l := o.Line(no); l != nil {
				parts += l.Refunded
			}
		}
		if len(r.Lines) > 0 && parts != r.Minor {
			v.find("O6", r.ID, "it returns %d, its lines say %d", r.Minor, parts)
		}
	}
	for _, l := range o.Lines {
		want := 0
		if l.State == LineCancelled {
			want = 1
		}
		if in[l.No] != want {
			v.find("O6", o.ID, "line %d is %s, and %d returns are about it", l.No, l.State,
				in[l.No])
		}
	}
}

// others finds payments that no order knows (O2), and names the closures that are not at their
// end.
func (v *verifier) others(ctx context.Context) error {
	if err := v.lost(ctx); err != nil {
		return fmt.Errorf("look for payments without an order: %w", err)
	}
	ms, err := runningMasses(ctx, v.tx)
	if err != nil {
		return fmt.Errorf("read closures: %w", err)
	}
	for _, m := range ms {
		v.open(m.ID, "closure", string(m.State), "")
	}
	failed, err := massFailures(ctx, v.tx, "", openMax)
	if err != nil {
		return fmt.Errorf("read what closures could not cut: %w", err)
	}
	for _, f := range failed {
		v.open(f.OrderID, "order", "not closed", f.Why)
	}
	return nil
}

// lost finds payments that were paid and stand in no attempt. One that is being opened is known by
// its request id.
func (v *verifier) lost(ctx context.Context) error {
	var last payment.Paid
	for {
		page, err := payment.PaidIn(ctx, v.tx, payment.ChannelOrder, last, verifyPage)
		if err != nil || len(page) == 0 {
			return err
		}
		last = page[len(page)-1]
		var ids []string
		for _, p := range page {
			ids = append(ids, p.OrderRef)
		}
		slices.Sort(ids)
		known, err := attemptsOf(ctx, v.tx, slices.Compact(ids))
		if err != nil {
			return err
		}
		for _, p := range page {
			if !slices.ContainsFunc(known[p.OrderRef], func(a *attempt) bool {
				return a.paymentID == p.ID ||
					a.state == AttemptOpening && a.requestID == p.RequestID
			}) {
				v.find("O2", p.ID, "it took %d yen for order %s, which does not know it",
					p.Minor, p.OrderRef)
			}
		}
	}
}
