package park_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/visit/order"
	"watari/visit/park"
)

// Goal: what comes back is kept for the first who waits and fits, who alone can buy it.
func TestWaitingList(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		wait := func(who string, places int64) (park.Wait, error) {
			return r.JoinWait(ctx, park.Wait{ParkID: "fuji-kogen", VisitorID: who,
				Product: "day", Day: day, Places: places})
		}
		_, err := wait("vis_a", 1)
		r.refused("there is room", err, park.ErrWait)
		full := r.hold(r.request(item("day", "adult", 10)))
		full = r.sell(full)
		big, err := wait("vis_big", 5)
		r.do("wait", err)
		_, err = wait("vis_big", 1)
		r.refused("twice", err, park.ErrWait)
		small, err := wait("vis_small", 2)
		r.do("wait", err)
		if big.Ahead != 0 || small.Ahead != 1 {
			t.Errorf("%d and %d wait before", big.Ahead, small.Ahead)
		}
		_, err = r.orders.Cancel(ctx, full.ID, order.Cut{Lines: []int64{1, 2, 3},
			Reason: order.ByVisitor}, 3*6800, "c1", "visitor")
		r.do("cancel", err)
		waits := func(who string) park.Wait {
			ws, err := r.Waits(ctx, who)
			r.do("waits", err)
			return ws[0]
		}
		// Five do not fit, two do; one place is free for everybody.
		if w := waits("vis_big"); w.State != park.Waiting {
			t.Errorf("five places are %s", w.State)
		}
		w := waits("vis_small")
		if w.State != park.Offered || w.Voucher == "" || r.taken("gate", day, "") != 9 {
			t.Fatalf("%+v, %d are taken", w, r.taken("gate", day, ""))
		}
		with := func(who, code string, n int64) error {
			q := r.request(item("day", "adult", n))
			q.VisitorID, q.Voucher = who, code
			_, err := r.orders.Hold(ctx, q)
			return err
		}
		r.refused("somebody else", with("vis_x", w.Voucher, 2), park.ErrVoucher)
		r.refused("another number", with("vis_small", w.Voucher, 1), park.ErrVoucher)
		r.do("buy what was kept", with("vis_small", w.Voucher, 2))
		if w := waits("vis_small"); w.State != park.Took || r.taken("gate", day, "") != 9 {
			t.Errorf("%s, %d are taken", w.State, r.taken("gate", day, ""))
		}
		r.verify()
		r.do("cancel more", func() error {
			_, err := r.orders.Cancel(ctx, full.ID, order.Cut{Lines: []int64{4, 5, 6, 7},
				Reason: order.ByVisitor}, 4*6800, "c2", "visitor")
			return err
		}())
		if w := waits("vis_big"); w.State != park.Offered || r.taken("gate", day, "") != 10 {
			t.Fatalf("%+v, %d are taken", w, r.taken("gate", day, ""))
		}
		r.verify()
		r.verify()
	})
}

// Goal: what was offered and not bought in time goes to the next, and what is given up is free.
func TestWaitingLapses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		full := r.buy(item("day", "adult", 10))
		join := func(who string) {
			_, err := r.JoinWait(ctx, park.Wait{ParkID: r.park.ID, VisitorID: who,
				Product: "day", Day: day, Places: 4})
			r.do("wait", err)
		}
		waits := func(who string) park.Wait {
			ws, err := r.Waits(ctx, who)
			r.do("waits", err)
			return ws[0]
		}
		join("vis_a")
		join("vis_b")
		_, err := r.orders.Cancel(ctx, full.ID, order.Cut{Lines: []int64{1, 2, 3, 4, 5},
			Reason: order.ByVisitor}, 5*6800, "c1", "visitor")
		r.do("cancel", err)
		r.forward(park.OfferFor + time.Second)
		q := r.request(item("day", "adult", 4))
		q.VisitorID, q.Voucher = "vis_a", waits("vis_a").Voucher
		_, err = r.orders.Hold(ctx, q)
		r.refused("too late", err, park.ErrVoucher)
		r.do("tick", r.Tick(ctx))
		if a, b := waits("vis_a"), waits("vis_b"); a.State != park.Lapsed ||
			b.State != park.Offered || r.taken("gate", day, "") != 9 {
			t.Fatalf("%s, %s, %d are taken", a.State, b.State, r.taken("gate", day, ""))
		}
		id := waits("vis_b").ID
		r.refused("somebody else", r.LeaveWait(ctx, "vis_a", id), park.ErrUnknown)
		r.do("leave", r.LeaveWait(ctx, "vis_b", id))
		r.refused("leave twice", r.LeaveWait(ctx, "vis_b", id), park.ErrWait)
		if r.taken("gate", day, "") != 5 {
			t.Errorf("%d are taken", r.taken("gate", day, ""))
		}
		r.verify()
	})
}

// Goal: a day that closes sells nothing, gives every whole price back with progress, revokes the
// tickets, and can be opened again when that is done.
func TestClosure(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		var sold []*order.Order
		for range 3 {
			sold = append(sold, r.buy(item("day", "adult", 1), item("night", "child", 1)))
		}
		held := r.hold(r.request(item("day", "adult", 1)))
		other := item("day", "adult", 1)
		other.Day = next
		keep := r.buy(other)
		c, err := r.Close(ctx, park.Closure{ParkID: "fuji-kogen", Day: day,
			Products: []string{"night"}, Reason: name("Wind")}, "test")
		r.do("close the night", err)
		r.run()
		done := func(id string) func() bool {
			return func() bool {
				c, err = r.Closure(ctx, r.park.ID, id)
				r.do("closure", err)
				return c.Mass.State == order.MassDone
			}
		}
		_, err = r.orders.Hold(ctx, r.request(item("night", "adult", 1)))
		r.refused("the night", err, park.ErrClosed)
		r.hold(r.request(item("day", "adult", 1)))
		_, err = r.Reopen(ctx, r.park.ID, c.ID, "test")
		r.refused("open while it closes", err, park.ErrClosing)
		r.forward(20 * time.Second)
		r.soon("the night is closed", done(c.ID))
		if c.Mass.Done != 3 || c.Mass.Returned != 9000 {
			t.Errorf("%+v", c.Mass)
		}
		if o, err := r.orders.Find(ctx, sold[0].ID); err != nil || o.Refunded != 3000 ||
			len(o.Live()) != 1 {
			t.Errorf("%+v, %v", o, err)
		}
		whole, err := r.Close(ctx, park.Closure{ParkID: r.park.ID, Day: day,
			Reason: name("Typhoon")}, "test")
		r.do("close the day", err)
		_, err = r.Close(ctx, park.Closure{ParkID: r.park.ID, Day: day, Reason: name("Again")},
			"test")
		r.refused("closed twice", err, park.ErrClosing)
		r.forward(20 * time.Second)
		r.soon("the day is closed", done(whole.ID))
		for _, o := range sold {
			if valid, revoked := r.tickets(o.ID); valid != 0 || revoked != 2 {
				t.Errorf("%d tickets, %d revoked", valid, revoked)
			}
		}
		if o, err := r.orders.Find(ctx, held.ID); err != nil || o.State != order.StateExpired {
			t.Errorf("the hold is %v, %v", o.State, err)
		}
		if o, err := r.orders.Find(ctx, keep.ID); err != nil || o.State != order.StatePaid ||
			o.Refunded != 0 || r.taken("gate", day, "") != 0 {
			t.Errorf("the other day: %+v, %v", o, err)
		}
		days, err := r.Calendar(ctx, park.CalendarQuery{ParkID: r.park.ID, From: day, To: next})
		if err != nil || days[0].State != park.DayClosed || days[1].State != park.Few {
			t.Errorf("calendar %+v, %v", days, err)
		}
		_, err = r.Reopen(ctx, r.park.ID, whole.ID, "test")
		r.do("open again", err)
		r.hold(r.request(item("day", "adult", 1)))
		_, err = r.orders.Hold(ctx, r.request(item("night", "adult", 1)))
		r.refused("the night stays closed", err, park.ErrClosed)
		r.verify()
	})
}

// Goal: 2,000 visitors want 500 places at once, through two nodes: exactly 500 are sold, the
// others are told that it is sold out, nobody anything else.
func TestRush(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			location := dbtest.Migrated(t, e, sets()...)
			r := newRig(t, dbtest.Open(t, location, db.Options{}))
			r.seed()
			r.quotas(park.Quota{Pool: "gate", Day: day, Size: 500})
			nodes := []*rig{r, r.second(dbtest.Open(t, location, db.Options{}))}
			var sold, out, other atomic.Int64
			var all sync.WaitGroup
			for i := range 2000 {
				node := nodes[i%2]
				q := r.request(item("day", "adult", 1))
				all.Go(func() {
					_, err := node.orders.Hold(context.Background(), q)
					switch {
					case err == nil:
						sold.Add(1)
					case isSoldOut(err):
						out.Add(1)
					default:
						other.Add(1)
						t.Error(err)
					}
				})
			}
			all.Wait()
			if sold.Load() != 500 || out.Load() != 1500 || r.taken("gate", day, "") != 500 {
				t.Errorf("%d sold, %d sold out, %d other; %d are taken", sold.Load(), out.Load(),
					other.Load(), r.taken("gate", day, ""))
			}
			r.verify()
		})
	}
}
