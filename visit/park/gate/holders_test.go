package gate_test

import (
	"context"
	"testing"
	"time"

	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

// Goal: who holds a ticket into the park is told for the day of the ticket, and for no other: not
// for a ride alone, not when it was given back, not when its time is over before it was used; who
// has entered counts for the rest of the day. The night's ticket counts from the morning on.
func TestWhoHoldsATicket(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		holds := func(o *order.Order) bool {
			t.Helper()
			got, err := r.Holders(ctx, r.park.ID, []string{o.VisitorID, "vis_none", "",
				o.VisitorID})
			r.do("ask who holds one", err)
			if got["vis_none"] || got[""] {
				t.Errorf("nobody holds one: %v", got)
			}
			return got[o.VisitorID]
		}
		expect := func(what string, o *order.Order, want bool) {
			t.Helper()
			if got := holds(o); got != want {
				t.Errorf("%s: %v", what, got)
			}
		}
		once, ts := r.buy(item("once", "adult", 1))
		ride, _ := r.buy(item("ride", "adult", 1))
		night, _ := r.buy(item("night", "adult", 1))
		year, _ := r.buy(item("year", "adult", 1))
		back, _ := r.buy(item("once", "adult", 1))
		later := item("once", "adult", 1)
		later.Day = next
		other, _ := r.buy(later)
		cut := order.Cut{Reason: order.ByVisitor}
		q, err := r.orders.QuoteCancel(ctx, back.ID, cut)
		r.do("quote", err)
		_, err = r.orders.Cancel(ctx, back.ID, cut, q.Refund, "c1", "test")
		r.do("cancel", err)
		expect("a ticket for today", once, true)
		expect("one for a ride", ride, false)
		expect("one for tonight", night, true)
		expect("one for the year", year, true)
		expect("one that was given back", back, false)
		expect("one for tomorrow", other, false)
		if got, err := r.Holders(ctx, "prk_other", []string{once.VisitorID}); err != nil ||
			len(got) != 0 {
			t.Errorf("in another park: %v, %v", got, err)
		}
		r.expect("entry", gate.Admitted, gate.ScanInput{Text: ts[0].Text})
		expect("who has entered", once, true)
		r.shift.Add(int64(park.At(next, 6*60).Sub(r.now())))
		expect("yesterday's", once, false)
		expect("today's", other, true)
		expect("the year's on the second day", year, true)
		r.forward(24 * time.Hour)
		expect("one that nobody used", other, false)
	})
}
