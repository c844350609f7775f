package park_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/visit/order"
	"watari/visit/park"
)

// two runs a test on both engines with two nodes on one database.
func two(t *testing.T, fn func(t *testing.T, nodes [2]*rig)) {
	t.Helper()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, e, sets()...)
			r := newRig(t, dbtest.Open(t, location, db.Options{}))
			r.seed()
			fn(t, [2]*rig{r, r.second(dbtest.Open(t, location, db.Options{}))})
		})
	}
}

// atOnce runs n things, by turns on each node, and counts those that went well; the others must
// fail with one of some problems.
func atOnce(
	nodes [2]*rig, n int, fn func(r *rig, i int) error, expected ...error,
) (done int64) {
	nodes[0].t.Helper()
	var well atomic.Int64
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			err := fn(nodes[i%2], i)
			if err == nil {
				well.Add(1)
				return
			}
			for _, x := range expected {
				if errors.Is(err, x) {
					return
				}
			}
			nodes[0].t.Error(err)
		})
	}
	all.Wait()
	return well.Load()
}

// Goal: a voucher for three is used three times, however many enter it at once on two nodes; what
// is given back can be used again, once (T2).
func TestVoucherInARace(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, nodes [2]*rig) {
		ctx, r := context.Background(), nodes[0]
		r.quotas(park.Quota{Pool: "gate", Day: day, Size: 100})
		_, err := r.MakeVouchers(ctx, r.park.ID, park.VoucherBatch{Count: 1, Code: "THREE",
			Uses: 3}, r.voucherID(), "test")
		r.do("make a voucher", err)
		var mu sync.Mutex
		var held []*order.Order
		enter := func(r *rig, _ int) error {
			q := r.request(item("day", "adult", 1))
			q.Voucher = "three"
			o, err := r.orders.Hold(ctx, q)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				held = append(held, o)
			}
			return err
		}
		if n := atOnce(nodes, 20, enter, park.ErrVoucher); n != 3 {
			t.Errorf("it was used %d times", n)
		}
		gone := held[0].ID
		if n := atOnce(nodes, 6, func(r *rig, _ int) error {
			return r.orders.Abandon(ctx, gone, "visitor")
		}); n != 6 {
			t.Errorf("%d gave it up", n)
		}
		if n := atOnce(nodes, 10, enter, park.ErrVoucher); n != 1 {
			t.Errorf("what came back was used %d times", n)
		}
		r.verify()
	})
}

// Goal: a visitor has no more than the limit with many orders at once on two nodes, and no more
// when a payment comes after the end of its hold.
func TestLimitInARace(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, nodes [2]*rig) {
		ctx, r := context.Background(), nodes[0]
		r.quotas(park.Quota{Pool: "gate", Day: day, Size: 100})
		p, err := r.Find(ctx, "fuji-kogen")
		r.do("find", err)
		p.PerVisitor = 4
		r.park, err = r.ChangePark(ctx, p, "test")
		r.do("change the park", err)
		var mu sync.Mutex
		var held []*order.Order
		buy := func(r *rig, _ int) error {
			q := r.request(item("day", "adult", 1))
			q.VisitorID = "vis_one"
			o, err := r.orders.Hold(ctx, q)
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				held = append(held, o)
			}
			return err
		}
		if n := atOnce(nodes, 20, buy, park.ErrLimit); n != 4 || r.taken("gate", day, "") != 4 {
			t.Errorf("one visitor has %d, %d are taken", n, r.taken("gate", day, ""))
		}
		late := held[0]
		r.do("give up", r.orders.Abandon(ctx, late.ID, "visitor"))
		r.do("buy another", buy(r, 0))
		again := func() (ok bool) {
			r.do("hold again", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				ok, err = r.Rehold(ctx, tx, late)
				return err
			}))
			return ok
		}
		if again() {
			t.Error("a late payment buys a fifth")
		}
		r.do("give up", r.orders.Abandon(ctx, held[1].ID, "visitor"))
		if !again() {
			t.Error("a late payment does not buy a fourth")
		}
	})
}

// Goal: while a day is closed two nodes sell it: nothing stays sold, held or taken, and every yen
// is given back (T6).
func TestClosingWhileItSells(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, nodes [2]*rig) {
		ctx, r := context.Background(), nodes[0]
		r.quotas(park.Quota{Pool: "gate", Day: day, Size: 1000})
		for _, n := range nodes {
			n.run()
		}
		var closure park.Closure
		var paid atomic.Int64
		atOnce(nodes, 60, func(r *rig, i int) error {
			if i == 20 {
				c, err := r.Close(ctx, park.Closure{ParkID: r.park.ID, Day: day,
					Reason: name("Storm")}, "test")
				closure = c
				return err
			}
			o, err := r.orders.Hold(ctx, r.request(item("day", "adult", 2)))
			if err == nil && i%3 > 0 {
				if _, err = r.orders.Confirm(ctx, o.ID, "cash", "counter:1"); err == nil {
					paid.Add(2 * 6800)
				}
			}
			return err
		}, park.ErrClosed, order.ErrExpired, order.ErrState)
		r.forward(order.HoldMin * 30)
		r.soon("the day is closed", func() bool {
			c, err := r.Closure(ctx, r.park.ID, closure.ID)
			r.do("closure", err)
			closure = c
			return c.Mass.State == order.MassDone
		})
		if closure.Mass.Failed != 0 || closure.Mass.Returned != paid.Load() {
			t.Errorf("%d were paid: %+v", paid.Load(), closure.Mass)
		}
		r.soon("nothing is taken", func() bool { return r.taken("gate", day, "") == 0 })
		r.verify()
	})
}

// Goal: places that come back on two nodes at once, while offers lapse and others join and leave,
// are each offered to one who waits, and all are counted (T2).
func TestWaitingInARace(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, nodes [2]*rig) {
		ctx, r := context.Background(), nodes[0]
		var sold []*order.Order
		for range 10 {
			sold = append(sold, r.buy(item("day", "adult", 1)))
		}
		join := func(r *rig, i int) error {
			_, err := r.JoinWait(ctx, park.Wait{ParkID: r.park.ID, VisitorID: fmt.Sprintf(
				"vis_w%d", i/2), Product: "day", Day: day, Places: 1 + int64(i/2%2)})
			return err
		}
		if n := atOnce(nodes, 24, join, park.ErrWait); n != 12 {
			t.Errorf("12 visitors wait %d times", n)
		}
		atOnce(nodes, 20, func(r *rig, i int) error {
			switch i % 4 {
			case 0, 1:
				o := sold[i/4+5*(i%2)]
				_, err := r.orders.Cancel(ctx, o.ID, order.Cut{Reason: order.ByVisitor}, 6800,
					"c1", "visitor")
				return err
			case 2:
				return r.offerAgain(ctx)
			}
			ws, err := r.Waits(ctx, fmt.Sprintf("vis_w%d", i/4))
			if err == nil && len(ws) > 0 {
				err = r.LeaveWait(ctx, ws[0].VisitorID, ws[0].ID)
			}
			return err
		}, park.ErrWait)
		r.verify()
		r.forward(park.OfferFor * 2)
		r.do("tick", r.offerAgain(ctx))
		r.verify()
		if n := r.taken("gate", day, ""); n > 10 {
			t.Errorf("%d are taken", n)
		}
	})
}

// offerAgain does what Tick does, on a Service of its own: Tick is not for concurrent use.
func (r *rig) offerAgain(ctx context.Context) error {
	s := park.New(park.Config{DB: r.db, Log: r.log, Lane: 9, Directory: r.dir, Orders: r.orders,
		Now: r.now})
	s.Use(nil, r.gate)
	return s.Tick(ctx)
}

// Goal: products, or a day, that several close at once on two nodes are closed by one of them; the
// others are told so, and every order is given back once (T6, O9).
func TestClosingTwiceAtOnce(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, nodes [2]*rig) {
		ctx, r := context.Background(), nodes[0]
		ride := item("raijin", "adult", 1)
		ride.Slot = "10:00"
		rides := []*order.Order{r.buy(ride), r.buy(ride)}
		whole := r.buy(item("day", "adult", 2))
		for _, n := range nodes {
			n.run()
		}
		closes := func(products ...string) {
			t.Helper()
			if n := atOnce(nodes, 6, func(r *rig, _ int) error {
				_, err := r.Close(ctx, park.Closure{ParkID: r.park.ID, Day: day,
					Products: products, Reason: name("Storm")}, "test")
				return err
			}, park.ErrClosing); n != 1 {
				t.Errorf("%v are closed %d times", products, n)
			}
		}
		closes("raijin")
		closes("raijin", "night") // the night is open
		closes()
		done := int64(0)
		r.soon("all is given back", func() bool {
			r.forward(time.Second)
			cs, err := r.Closures(ctx, r.park.ID)
			r.do("closures", err)
			done = 0
			for _, c := range cs {
				if done += c.Mass.Done; c.Mass.State != order.MassDone {
					return false
				}
			}
			return true
		})
		if done != 3 {
			t.Errorf("3 orders were cut %d times", done)
		}
		for _, o := range append(rides, whole) {
			rs, err := r.orders.Returns(ctx, o.ID)
			if err != nil || len(rs) != 1 || rs[0].Minor != o.Total {
				t.Errorf("%s: %+v, %v", o.ID, rs, err)
			}
		}
		r.verify()
	})
}

// slowGate is a gate that takes its time with a transaction when it revokes tickets.
type slowGate struct {
	park.Issuer
	begun chan struct{}
	until func()
}

func (g *slowGate) Revoke(
	ctx context.Context, tx *db.Tx, now time.Time, orderID string, lines []int64,
) error {
	select {
	case g.begun <- struct{}{}:
		g.until()
	default:
	}
	return g.Issuer.Revoke(ctx, tx, now, orderID, lines)
}

// Goal: what a product takes from does not change while places of it are being offered: they go
// back to where they were taken from (T2). Method: places are offered in a transaction that takes
// half a second, in which another node lets the product take from one pool more.
func TestPoolsChangeWhileItIsOffered(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, nodes [2]*rig) {
		ctx, r := context.Background(), nodes[0]
		r.do("pools", r.PutPools(ctx, r.park.ID, []park.Pool{{Code: "hall", Name: name("Hall")}},
			"test"))
		r.quotas(park.Quota{Pool: "hall", Day: day, Size: 10})
		o := r.buy(item("day", "adult", 10))
		w, err := r.JoinWait(ctx, park.Wait{ParkID: r.park.ID, VisitorID: "vis_w", Product: "day",
			Day: day, Places: 2})
		r.do("wait", err)
		all, err := r.Products(ctx, r.park.ID)
		r.do("products", err)
		p := all[slices.IndexFunc(all, func(p park.Product) bool { return p.Code == "day" })]
		p.ParkID, p.Pools = r.park.ID, []string{"gate", "hall"}
		slow := &slowGate{Issuer: r.gate, begun: make(chan struct{}, 1),
			until: func() { time.Sleep(500 * time.Millisecond) }}
		r.Use(nil, slow)
		done := make(chan error)
		go func() {
			_, err := r.orders.Cancel(ctx, o.ID, order.Cut{Lines: []int64{1, 2},
				Reason: order.ByVisitor}, 2*6800, "c1", "visitor")
			done <- err
		}()
		<-slow.begun
		_, err = nodes[1].PutProduct(ctx, p, "test")
		r.refused("another pool while it is offered", err, park.ErrChanged)
		r.do("give back", <-done)
		r.verify()
		r.do("leave", r.LeaveWait(ctx, "vis_w", w.ID))
		r.verify()
		_, err = nodes[1].PutProduct(ctx, p, "test")
		r.do("another pool", err)
		r.buy(item("day", "adult", 1))
		if n := r.taken("hall", day, ""); n != 1 {
			t.Errorf("%d are taken in the hall", n)
		}
		r.verify()
	})
}

// Goal: vouchers that are asked for again, at once and later, are made once; the same request id
// for others is refused, and a refusal may be sent again.
func TestVouchersAreMadeOnce(t *testing.T) {
	t.Parallel()
	two(t, func(t *testing.T, nodes [2]*rig) {
		ctx, r := context.Background(), nodes[0]
		spring := park.VoucherBatch{Count: 20, Label: "spring", Uses: 2, From: r.now()}
		var mu sync.Mutex
		var made [][]park.Voucher
		ask := func(r *rig, _ int) error {
			vs, err := r.MakeVouchers(ctx, r.park.ID, spring, "v-1", "test")
			mu.Lock()
			defer mu.Unlock()
			made = append(made, vs)
			return err
		}
		if n := atOnce(nodes, 6, ask); n != 6 {
			t.Errorf("%d were answered", n)
		}
		r.do("revoke", r.RevokeVoucher(ctx, r.park.ID, made[0][0].Code, "test"))
		r.do("again", ask(r, 0))
		for _, vs := range made {
			if len(vs) != 20 || !reflect.DeepEqual(vs, made[0]) {
				t.Errorf("%d vouchers, not those of the first answer", len(vs))
			}
		}
		all, _, err := r.Vouchers(ctx, r.park.ID, "spring", "")
		if err != nil || len(all) != 20 {
			t.Errorf("there are %d vouchers, %v", len(all), err)
		}
		spring.Count = 21
		r.refused("others", ask(r, 0), order.ErrRepeated)
		_, err = r.MakeVouchers(ctx, r.park.ID, spring, "", "test")
		r.refused("no id", err, park.ErrInvalid)
		one := park.VoucherBatch{Count: 1, Discount: "late"}
		_, err = r.MakeVouchers(ctx, r.park.ID, one, "v-2", "test")
		r.refused("a discount that is not there yet", err, park.ErrUnknown)
		_, err = r.PutDiscount(ctx, park.Discount{ParkID: r.park.ID, Name: name("Late"),
			Rule: park.Rule{ID: "late", Kind: park.ForVoucher, OffYen: 100}}, "test")
		r.do("put a discount", err)
		_, err = r.MakeVouchers(ctx, r.park.ID, one, "v-2", "test")
		r.do("now it is", err)
	})
}
