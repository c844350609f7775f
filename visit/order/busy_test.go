package order_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/link"
	"watari/pay/payment"
	"watari/visit/order"
)

// books closes the ledger for writes, or opens it.
func (r *rig) books(closed bool) {
	r.t.Helper()
	r.do("close or open the books", r.db.Update(context.Background(), func(
		ctx context.Context, tx *db.Tx,
	) error {
		return r.reg.SetLedger(ctx, tx, "test", closed, "a test")
	}))
}

// Goal: a closure waits for what passes, and gives up no order for it (O9): the books are closed,
// or others are changing an order. Method: closed books; an order that is busy for a while.
func TestClosureWaitsForWhatPasses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		var os []*order.Order
		var total int64
		for range 4 {
			o := r.buy(1, 0)
			os, total = append(os, o), total+o.Total
		}
		var busy atomic.Int64
		r.stall.broken = func(method, id string) error {
			if method == "cancelled" && id == os[2].ID && busy.Add(1) < 4 {
				return order.ErrBusy.Newf("somebody is changing it")
			}
			return nil
		}
		r.books(true)
		_, err := r.CloseAll(ctx, nil, order.Mass{ID: "clo_1", Seller: "stall", Place: "stl_1",
			Day: day, Actor: "person:1"})
		r.do("close", err)
		defer r.run()()
		time.Sleep(300 * time.Millisecond)
		m, err := r.MassStatus(ctx, "clo_1")
		if err != nil || m.Failed != 0 || m.State != order.MassRunning {
			t.Fatalf("while the books are closed: %+v, %v", m, err)
		}
		r.books(false)
		r.forward(6 * time.Second)
		done := r.progress("clo_1", func(m order.Mass) bool {
			r.forward(time.Second)
			return m.State == order.MassDone
		})
		if done.Done != 4 || done.Failed != 0 || done.Returned != total {
			t.Errorf("%+v, paid were %d", done, total)
		}
		r.verify()
	})
}

// Goal: whether a visitor, a closure or a gate comes first to a line, on two nodes, it is given
// back once or used, and the money adds up (O6, O9). Method: sixteen orders of two, of which
// visitors cancel one each while the day is closed and a gate lets others in.
func TestCancellationRacesAClosure(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		other := r.second(r.db)
		const n = 16
		var os [n]*order.Order
		var legs [n]string
		for i := range os {
			o := r.hold(2, 0)
			_, legs[i] = r.checkout(o)
			r.pays(legs[i])
			o, err := r.Settle(ctx, o.ID)
			r.do("settle", err)
			os[i] = o
		}
		defer r.run()()
		defer other.run()()
		var all sync.WaitGroup
		for i, o := range os {
			all.Go(func() {
				node := []*rig{r, other}[i%2]
				_, err := node.Cancel(ctx, o.ID, lines(1), 5580, "c1", "visitor:1")
				if err != nil && !errors.Is(err, order.ErrLine) && !errors.Is(err, order.ErrState) {
					t.Error(err)
				}
			})
			if i%4 == 0 {
				all.Go(func() { r.enters(o.ID, 2) })
			}
		}
		all.Go(func() {
			_, err := r.CloseAll(ctx, nil, order.Mass{ID: "clo_1", Seller: "stall",
				Place: "stl_1", Day: day, Actor: "person:1"})
			r.do("close", err)
		})
		all.Wait()
		r.progress("clo_1", func(m order.Mass) bool {
			r.forward(time.Second)
			return m.State == order.MassDone && m.Failed == 0
		})
		for i, o := range os {
			r.soon("nothing is on its way", func() bool { return r.find(o.ID).Refunding == 0 })
			o = r.find(o.ID)
			if yen, _ := r.wallet.gave(legs[i]); yen != o.Refunded || o.Refunded+o.Price() != o.Total {
				t.Errorf("the wallet gave %d, refunded %d, %d stand of %d", yen, o.Refunded,
					o.Price(), o.Total)
			}
		}
		if open := r.verify(); len(open) != 0 {
			t.Errorf("in flight: %v", open)
		}
	})
}

// enters is a gate that lets a line in, if it is still sold. It locks the ticket first.
func (r *rig) enters(orderID string, line int64) {
	r.t.Helper()
	r.do("enter", r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `update stall_ticket set state = 'used'
			where order_id = $1 and line = $2 and state = 'valid'`, orderID, line)
		if err != nil || n == 0 {
			return err
		}
		n, err = order.Use(ctx, tx, orderID, []int64{line})
		if err == nil && n != 1 {
			err = fmt.Errorf("%d lines used", n)
		}
		return err
	}))
}

// slowly is a node that stands still for a while before it opens a payment.
type slowly struct {
	*payment.Service
	still func()
	now   func() time.Time
}

// Open is that of the node, when it goes on.
func (s *slowly) Open(ctx context.Context, o payment.Order) (*payment.Payment, error) {
	s.still()
	o.Began = s.now()
	return s.Service.Open(ctx, o)
}

// Goal: a payment is opened while its attempt stands, or not at all: nobody would look for it, and
// whoever paid it had paid for nothing (O2). Method: a node stands still between the two for a
// minute, in which the buyer begins anew on another.
func TestNoPaymentIsOpenedAfterItsAttempt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.hold(2, 0)
		slow := order.New(order.Config{DB: r.db, Log: r.log, Lane: 3, Directory: r.dir,
			Chart: r.chart, Sellers: []order.Seller{r.stall}, Now: r.now,
			Payments: &slowly{r.pay, func() {
				r.forward(time.Minute)
				stop := r.run()
				r.soon("the attempt is given up", func() bool {
					return r.find(o.ID).State == order.StateHeld
				})
				stop()
				r.checkout(o)
			}, r.now}})
		defer slow.Close()
		address, _, err := slow.Pay(ctx, o.ID, back)
		if !errors.Is(err, order.ErrBusy) {
			t.Errorf("a payment at %s that nobody looks for: %v", address, err)
		}
		_, leg := r.checkout(o)
		r.pays(leg)
		o, err = r.Settle(ctx, o.ID)
		if err != nil || o.State != order.StatePaid {
			t.Errorf("%+v, %v", o, err)
		}
		r.verify()
	})
}

// Goal: what is paid is handed over within seconds though the first try fails: nobody waits for the
// end of the hold (O2). Method: the seller fails for a while when the event of the payment comes.
func TestPaidOrderIsTriedAgainSoon(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.hold(1, 0)
		_, leg := r.checkout(o)
		var tries atomic.Int64
		var works atomic.Bool
		r.stall.broken = func(method, _ string) error {
			if method == "fulfil" && !works.Load() {
				tries.Add(1)
				return errors.New("no paper for tickets")
			}
			return nil
		}
		defer r.run()()
		r.pays(leg)
		r.soon("it was tried", func() bool { return tries.Load() > 0 })
		if open := r.verify(); !slices.ContainsFunc(open, func(o order.Open) bool {
			return o.What == "payment"
		}) {
			t.Errorf("in flight: %v", open)
		}
		works.Store(true)
		r.until(o.ID, order.StatePaid)
		r.verify()
	})
}

// Goal: a captured payment that no order knows is found (O2). Method: an order's attempt is
// forgotten after it was paid.
func TestVerifyFindsLostPayments(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
	r.seed()
	o := r.hold(1, 0)
	p, leg := r.checkout(o)
	r.do("abandon", r.Abandon(t.Context(), o.ID, "visitor:1"))
	_ = r.pay.Notify(t.Context(), r.issuer.No, link.Notice{OurRequestID: leg,
		Answer: r.wallet.pays(leg)})
	r.verify()
	r.exec(`delete from visit_order_payment`)
	r.verify() // it took nothing
	r.exec(`update payment set state = 'captured', captured_minor = 5580 where id = $1`, p.ID)
	if found := r.findings(); !found["O2"] {
		t.Errorf("found %v", found)
	}
}

// Goal: the lines of a day are found by their index and not among all lines, for closures and for
// reports, whatever their state. Method: the engine's own plan.
func TestLinesOfADayAreFoundByTheirIndex(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, sets()...)
	var steps string
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.Each(ctx, func(r db.Row) error {
			var id, parent, none int64
			var step string
			err := r.Scan(&id, &parent, &none, &step)
			steps += step + "; "
			return err
		}, `explain query plan select l.list_minor from visit_order_line l
			where l.place = $1 and l.day >= $2 and l.day <= $3
				and l.state in ('sold', 'used', 'cancelled')`, "prk_1", day, day)
	})
	if err != nil || !strings.Contains(steps, "visit_order_line_day") {
		t.Errorf("%s %v", steps, err)
	}
}
