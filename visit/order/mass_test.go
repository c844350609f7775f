package order_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/visit/order"
)

// The environment of a process that works and is killed: where the store is, where its wallet
// writes down what it gives back, and what it does.
const (
	childStore = "WATARI_TEST_ORDER_STORE"
	childBook  = "WATARI_TEST_ORDER_BOOK"
	childVisit = "WATARI_TEST_ORDER_VISIT"
)

// TestMain is also the process that is killed.
func TestMain(m *testing.M) {
	if location := os.Getenv(childStore); location != "" {
		child(location, os.Getenv(childBook))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child is a node that does what is due, until it is killed.
func child(location, book string) {
	ctx := context.Background()
	d, err := db.Open(ctx, location, db.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	t := &outside{}
	r := newRig(t, d)
	if os.Getenv(childVisit) != "" {
		r.wallet.shared = book
		r.known()
		if err := r.visit(); err != nil {
			fmt.Println(err)
		}
		return
	}
	if r.wallet.book, err = os.OpenFile(book, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		fmt.Println(err)
		return
	}
	r.run()
	r.schedule()
	time.Sleep(5 * time.Minute)
}

// outside is a test's hand in a process of its own.
type outside struct{ testing.TB }

func (*outside) Helper()                   {}
func (*outside) Cleanup(func())            {}
func (*outside) Fatalf(f string, a ...any) { fmt.Printf(f+"\n", a...); os.Exit(2) }
func (*outside) Fatal(a ...any)            { fmt.Println(a...); os.Exit(2) }

// node starts a process over a store and returns how to kill it.
func node(t *testing.T, location, book string) (kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childStore+"="+location, childBook+"="+book)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	kill = func() {
		once.Do(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
	}
	t.Cleanup(kill)
	return kill
}

// Goal: closing a day returns the money of every order, each exactly once and whole, with progress,
// though the process that does it is killed twice (O9). Method: processes of their own, killed by
// SIGKILL while they cut and while they give back; the wallet's own list is counted.
// WATARI_MASS_ORDERS is how many, 2,000 on SQLite and 1,000 on PostgreSQL without it.
func TestClosureReturnsEveryOrderOnceThroughKills(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			n := map[db.Engine]int{db.SQLite: 2_000, db.Postgres: 1_000}[e]
			if asked, err := strconv.Atoi(os.Getenv("WATARI_MASS_ORDERS")); err == nil {
				n = asked
			}
			location := dbtest.Migrated(t, e, sets()...)
			d := dbtest.Open(t, location, db.Options{})
			r := newRig(t, d)
			r.seed()
			r.exec(`update stall_day set size = 100000`)
			began := clock.Now()
			total := r.crowd(n)
			held := r.hold(1, 0)
			t.Logf("%d orders bought in %s", n, clock.Now().Sub(began))
			began = clock.Now()
			m := order.Mass{ID: "clo_rain", Seller: "stall", Place: "stl_1", Day: day,
				Actor: "person:1"}
			for range 2 {
				out, err := r.CloseAll(t.Context(), nil, m)
				if err != nil || out.Total != int64(n+1) || out.State != order.MassRunning {
					t.Fatalf("%+v, %v", out, err)
				}
			}
			book := filepath.Join(t.TempDir(), "book")
			kill := node(t, location, book)
			r.progress(m.ID, func(m order.Mass) bool { return m.Done > m.Total/5 })
			kill()
			kill = node(t, location, book)
			r.progress(m.ID, func(m order.Mass) bool { return m.Returned > total/3 })
			kill()
			node(t, location, book)
			done := r.progress(m.ID, func(m order.Mass) bool { return m.State == order.MassDone })
			t.Logf("closed in %s: %+v", clock.Now().Sub(began), done)
			if done.Returned != total || done.Done != int64(n+1) || done.Failed+done.Stuck != 0 {
				t.Errorf("%d of %d yen returned: %+v", done.Returned, total, done)
			}
			if o := r.find(held.ID); o.State != order.StateExpired || !o.NotHonoured {
				t.Errorf("who had not paid: %+v", o)
			}
			if legs, refunds := counted(t, book); legs != n || refunds != n {
				t.Errorf("the wallet gave back %d payments in %d refunds", legs, refunds)
			}
			if open := r.verify(); len(open) != 0 {
				t.Errorf("in flight: %v", open)
			}
		})
	}
}

// crowd buys n orders of one adult, many at a time, and returns what was paid.
func (r *rig) crowd(n int) (total int64) {
	var mu sync.Mutex
	var all sync.WaitGroup
	places := make(chan struct{}, 256)
	for i := range n {
		places <- struct{}{}
		q := r.request(1, 0)
		q.RequestID, q.VisitorID = fmt.Sprint("crowd-", i), fmt.Sprint("vis_c", i)
		all.Go(func() {
			defer func() { <-places }()
			o, err := r.Hold(context.Background(), q)
			if err != nil {
				r.t.Error(err)
				return
			}
			_, leg := r.checkout(o)
			r.pays(leg)
			if o, err = r.Settle(context.Background(), o.ID); err != nil {
				r.t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			total += o.Total
		})
	}
	all.Wait()
	return total
}

// progress waits until a closure is so far, and sees that it never goes back.
func (r *rig) progress(id string, so func(order.Mass) bool) (m order.Mass) {
	r.t.Helper()
	r.soon("the closure goes on", func() bool {
		now, err := r.MassStatus(r.t.Context(), id)
		r.do("look at the closure", err)
		if now.Done < m.Done || now.Returned < m.Returned {
			r.t.Errorf("progress went back from %+v to %+v", m, now)
		}
		if m = now; so(m) {
			return true
		}
		time.Sleep(200 * time.Millisecond)
		return false
	})
	return m
}

// counted returns how many payments the wallet gave back, and in how many refunds.
func counted(t *testing.T, book string) (legs, refunds int) {
	t.Helper()
	f, err := os.Open(book)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	byLeg, byRefund := map[string]bool{}, map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		leg, refund, _ := strings.Cut(s.Text(), " ")
		byLeg[leg], byRefund[refund] = true, true
	}
	return len(byLeg), len(byRefund)
}

// Goal: a closure is about the products and the day that it names, leaves what was used, goes on
// when an order cannot be cut, and names that one. Method: two products, a used line, an order
// whose tickets cannot be taken back.
func TestClosureIsAboutWhatItNames(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		night := r.request(1, 0)
		night.Items[0].Product = "night"
		var os []*order.Order
		for _, q := range []order.Request{night, r.request(2, 0), r.request(1, 0)} {
			o, err := r.Hold(ctx, q)
			r.do("hold", err)
			_, leg := r.checkout(o)
			r.pays(leg)
			o, err = r.Settle(ctx, o.ID)
			r.do("settle", err)
			os = append(os, o)
		}
		r.do("use", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			if _, err := order.Use(ctx, tx, os[1].ID, []int64{1}); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `update stall_ticket set state = 'used'
				where order_id = $1 and line = 1`, os[1].ID)
			return err
		}))
		r.stall.broken = func(method, id string) error {
			if method == "cancelled" && id == os[2].ID {
				return errors.New("the tickets are on paper")
			}
			return nil
		}
		_, err := r.CloseAll(ctx, nil, order.Mass{ID: "clo_1", Seller: "stall", Place: "stl_1",
			Day: day, Products: []string{"day"}, Actor: "person:1"})
		r.do("close", err)
		_, err = r.CloseAll(ctx, nil, order.Mass{ID: "clo_1", Seller: "stall", Place: "stl_1",
			Day: "2026-12-25", Actor: "person:1"})
		if !errors.Is(err, order.ErrRepeated) {
			t.Errorf("another closure under the same id: %v", err)
		}
		defer r.run()()
		r.progress("clo_1", func(m order.Mass) bool { return m.Failed == 1 && m.Waiting == 0 })
		r.forward(15 * time.Second)
		r.progress("clo_1", func(m order.Mass) bool {
			r.forward(3 * time.Second)
			return m.State == order.MassDone
		})
		if o := r.find(os[0].ID); len(o.Live()) != 1 {
			t.Errorf("another product: %+v", o)
		}
		if o := r.find(os[1].ID); o.State != order.StatePaid || o.Refunded != 5580 {
			t.Errorf("half used: %+v", o)
		}
		all, err := r.Masses(ctx, "stall", "stl_1")
		if err != nil || len(all) != 1 || all[0].Done != 1 || all[0].Failed != 1 {
			t.Errorf("%+v, %v", all, err)
		}
		r.verify()
	})
}
