package order_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/fault"
	"watari/visit/order"
)

// Goal: a request has one order, whoever repeats it how often; the same id with another content is
// refused. Method: twenty at the same time, then another content, another buyer.
func TestRequestHasOneOrder(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		q := r.request(2, 0)
		ids := make([]string, 20)
		var all sync.WaitGroup
		for i := range ids {
			all.Go(func() {
				o, err := r.Hold(ctx, q)
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = o.ID
			})
		}
		all.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("orders %v", ids)
			}
		}
		q.Items[0].Count = 3
		if _, err := r.Hold(ctx, q); !errors.Is(err, order.ErrRepeated) {
			t.Errorf("another content: %v", err)
		}
		q.VisitorID = "vis_other"
		if o, err := r.Hold(ctx, q); err != nil || o.ID == ids[0] || len(o.Lines) != 3 {
			t.Errorf("another visitor: %+v, %v", o, err)
		}
		if o, err := r.ByRequest(ctx, q.VisitorID, q.RequestID); err != nil || len(o.Lines) != 3 {
			t.Errorf("found by its request: %+v, %v", o, err)
		}
		r.verify()
	})
}

// Goal: what breaks a limit is refused with the place of the mistake, and changes nothing. Method:
// one mistake each.
func TestRequestsAreHeldToTheirLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
	r.seed()
	for pointer, spoil := range map[string]func(q *order.Request){
		"/request_id":      func(q *order.Request) { q.RequestID = "" },
		"/seller":          func(q *order.Request) { q.Seller = "nobody" },
		"/place":           func(q *order.Request) { q.Place = "a\nb" },
		"/channel":         func(q *order.Request) { q.Channel = "door" },
		"/visitor_id":      func(q *order.Request) { q.Account = "reseller:x" },
		"/items":           func(q *order.Request) { q.Items = nil },
		"/items/0/count":   func(q *order.Request) { q.Items[0].Count = 201 },
		"/items/0/day":     func(q *order.Request) { q.Items[0].Day = "2026-02-30" },
		"/items/0/unit":    func(q *order.Request) { q.Items[0].Unit = "\xff" },
		"/claims/0":        func(q *order.Request) { q.Claims = []string{""} },
		"/hold_for":        func(q *order.Request) { q.HoldFor = time.Second },
		"/items/0/product": func(q *order.Request) { q.Items[0].Product = "" },
	} {
		q := r.request(1, 0)
		spoil(&q)
		_, err := r.Hold(t.Context(), q)
		var f *fault.Error
		if !errors.As(err, &f) || !errors.Is(err, order.ErrRequest) || len(f.Fields) != 1 ||
			f.Fields[0].Pointer != pointer {
			t.Errorf("%s: %v", pointer, err)
		}
	}
	r.verify()
}

// Goal: 2,000 buyers for 500 places at once: exactly 500 hold one, the others hear that it is sold
// out, nobody sees an error; on PostgreSQL over two nodes (O1). Method: as many goroutines.
func TestRushSellsEveryPlaceOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		nodes := []*rig{r}
		if t.Name()[len(t.Name())-1] == 's' { // postgres
			nodes = append(nodes, r.second(r.db))
		}
		const buyers, places = 2000, 500
		var sold, full atomic.Int64
		var all sync.WaitGroup
		began := clock.Now()
		for i := range buyers {
			q := r.request(1, 0)
			q.RequestID, q.VisitorID = fmt.Sprint("rush-", i), fmt.Sprint("vis_", i)
			all.Go(func() {
				_, err := nodes[i%len(nodes)].Hold(context.Background(), q)
				switch {
				case err == nil:
					sold.Add(1)
				case errors.Is(err, errSoldOut):
					full.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if sold.Load() != places || full.Load() != buyers-places {
			t.Errorf("%d sold, %d refused", sold.Load(), full.Load())
		}
		t.Logf("%d buyers on %d nodes in %s", buyers, len(nodes), clock.Now().Sub(began))
		r.verify()
	})
}

// Goal: an order that cannot be made of what its seller held is its own buyer's trouble: the others
// of the batch are held at the next try, and what it took is free (O1). Method: twenty requests in
// one batch, behind one that stands still; the seller's answer to two of them is no order.
func TestOrderThatCannotBeMadePoisonsNoOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		var still, all sync.WaitGroup
		still.Add(20)
		var asked [21]atomic.Int64
		first, bad := r.request(1, 0), errors.New("no lines")
		r.stall.broken = func(method, id string) error {
			n := 0
			if _, err := fmt.Sscanf(id, "poison-%d", &n); err == nil {
				asked[n].Add(1)
			}
			if method == "hold" && id == first.RequestID {
				still.Wait()
				time.Sleep(100 * time.Millisecond)
			}
			if n == 7 || n == 15 {
				return bad
			}
			return nil
		}
		all.Go(func() {
			_, err := r.Hold(ctx, first)
			r.do("hold", err)
		})
		time.Sleep(100 * time.Millisecond)
		for i := range 20 {
			q := r.request(1, 0)
			q.RequestID = fmt.Sprintf("poison-%d", i+1)
			all.Go(func() {
				still.Done()
				_, err := r.Hold(ctx, q)
				var f *fault.Error
				if (err != nil) != (i+1 == 7 || i+1 == 15) || errors.As(err, &f) {
					t.Errorf("%s: %v", q.RequestID, err)
				}
			})
		}
		all.Wait()
		for i := range asked {
			if n := asked[i].Load(); n > 2 {
				t.Errorf("request %d was held %d times", i, n)
			}
		}
		r.verify()
	})
}

// Goal: a hold ends by itself and gives its places back, once, whichever node looks (O4). Method:
// two nodes run over thirty holds while the clock goes on.
func TestHoldEndsAndGivesItsStockBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		var ids []string
		for range 30 {
			ids = append(ids, r.hold(2, 0).ID)
		}
		defer r.run()()
		defer r.second(r.db).run()()
		time.Sleep(100 * time.Millisecond)
		if o := r.find(ids[0]); o.State != order.StateHeld {
			t.Fatalf("before its time it is %s", o.State)
		}
		r.forward(11 * time.Minute)
		for _, id := range ids {
			if o := r.until(id, order.StateExpired); o.Lines[0].State != order.LineReleased ||
				r.told(id, "expired") != 1 {
				t.Errorf("%+v", o)
			}
		}
		if _, _, err := r.Pay(context.Background(), ids[0], back); !errors.Is(err,
			order.ErrExpired) {
			t.Errorf("paying an expired order: %v", err)
		}
		r.verify()
	})
}

// Goal: what costs nothing is sold without a payment; what is sold on account too, on that account
// alone; a hold is made longer only while it lasts. Method: an infant; a reseller; another one.
func TestSalesWithoutAPayment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		q := r.request(1, 0)
		q.Items[0].Unit = "infant"
		o, err := r.Hold(ctx, q)
		r.do("hold an infant", err)
		address, o, err := r.Pay(ctx, o.ID, back)
		if err != nil || address != back || o.State != order.StatePaid || o.PaymentID != "" {
			t.Fatalf("%q, %+v, %v", address, o, err)
		}

		q = r.request(2, 0)
		q.VisitorID, q.IssuerID, q.Account, q.Channel = "", "", "reseller:tabi", "octo"
		o, err = r.Hold(ctx, q)
		r.do("hold for a reseller", err)
		until := o.Created.Add(time.Hour)
		if o, err = r.Extend(ctx, o.ID, until, "reseller:tabi"); err != nil ||
			!o.Expires.Equal(until) {
			t.Fatalf("extended to %v, %v", o, err)
		}
		if _, err := r.Extend(ctx, o.ID, o.Created.Add(25*time.Hour), "x"); !errors.Is(err,
			order.ErrRequest) {
			t.Errorf("longer than a day: %v", err)
		}
		if _, err := r.Confirm(ctx, o.ID, "T-1", "reseller:other"); !errors.Is(err,
			order.ErrRequest) {
			t.Errorf("on another account: %v", err)
		}
		for range 2 {
			o, err = r.Confirm(ctx, o.ID, "T-1", "reseller:tabi")
			if err != nil || o.State != order.StatePaid || o.Reference != "T-1" {
				t.Fatalf("%+v, %v", o, err)
			}
		}
		o, err = r.Cancel(ctx, o.ID, order.Cut{Lines: []int64{1}, Reason: order.ByVisitor}, 6200,
			"c1", "reseller:tabi")
		if err != nil || o.Refunded != 6200 || o.Refunding != 0 {
			t.Errorf("%+v, %v", o, err)
		}
		q = r.request(1, 0)
		o, err = r.Hold(ctx, q)
		r.do("hold with a wallet's discount", err)
		if _, err := r.Confirm(ctx, o.ID, "T-2", "counter:1"); !errors.Is(err, order.ErrRequest) {
			t.Errorf("a wallet's price on account: %v", err)
		}
		r.verify()
	})
}
