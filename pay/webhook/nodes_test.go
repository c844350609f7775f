package webhook_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/payment"
	"watari/pay/webhook"
)

// The goal is that one endpoint that does not answer holds up no other. The method: more endpoints
// that hang than there are places for them, beside quick ones, whose messages must come at once.
func TestSlowEndpointsHoldUpNoOther(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		s := r.node(d, short, look)
		r.run(s)
		slow := []*receiver{}
		for i := range 10 {
			v := r.receiver("slow-" + string(rune('a'+i)) + ".example")
			r.subscribe(s, r.shops[0].owner(), v)
			v.answers(func(int, heard) int { return never })
			slow = append(slow, v)
		}
		quick := r.receiver("quick.example")
		r.subscribe(s, r.banks[0], quick)
		r.sell(r.shops[0], 1980)
		eventually(t, "the slow ones are busy", func() bool {
			for _, v := range slow {
				if len(v.messages()) == 0 {
					return false
				}
			}
			return true
		})
		for i := range 5 {
			began := clock.Now()
			r.sell(r.shops[0], 1980)
			eventually(t, "the quick one is told", func() bool {
				return len(quick.messages()) == i+2
			})
			if took := clock.Now().Sub(began); took > 5*time.Second {
				t.Errorf("the quick one was told after %s", took)
			}
		}
	})
}

// The goal is that nodes share the work: each message is sent once, in order, one at a time,
// whoever sends it, while nodes end and begin. The method: three nodes, one of which is ended and
// started all the time; a receiver that fails now and then, which keeps the order too.
func TestNodesSendEachMessageOnceAndInOrder(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		s := r.node(d, short, look)
		v, bank := r.receiver("shop.example"), r.receiver("bank.example")
		r.subscribe(s, r.shops[0].owner(), v)
		r.subscribe(s, r.banks[0], bank)
		bank.answers(func(n int, _ heard) int {
			if n%3 == 0 {
				return broken
			}
			return fine
		})
		r.run(s)
		r.run(r.node(d, short, look))
		ctx, cancel := context.WithCancel(t.Context())
		var busy sync.WaitGroup
		busy.Go(func() {
			for ctx.Err() == nil {
				stop := r.run(r.node(d, short, look))
				time.Sleep(150 * time.Millisecond)
				stop()
			}
		})
		var sold []*payment.Payment
		for range 60 {
			sold = append(sold, r.sell(r.shops[0], 1980))
		}
		taken := func() (ok []heard) {
			for i, h := range bank.messages() {
				if (i+2)%3 != 0 { // the challenge came first
					ok = append(ok, h)
				}
			}
			return ok
		}
		eventually(t, "all are told", func() bool {
			return len(v.messages()) >= len(sold) && len(taken()) >= len(sold)
		})
		cancel()
		busy.Wait()
		time.Sleep(10 * look)
		inOrder(t, v.messages(), sold)
		inOrder(t, taken(), sold)
	})
}

// The goal is that a message is not lost with the node that was sending it, and that its receiver
// can tell the repeat: same webhook-id, same body. The method: a node whose database goes away
// after the message was sent, before the answer can be kept; another node sends it again when the
// hold of the first is over.
func TestMessageOfADeadNodeIsSentAgainUnderItsID(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, engine, sets()...)
			d := dbtest.Open(t, location, db.Options{})
			r := newRig(t, d)
			dying, err := db.Open(t.Context(), location, db.Options{})
			r.do("open a second time", err)
			first := r.node(dying, short, look)
			first.Hold = 2 * time.Second
			second := r.node(d, short, look)
			v := r.receiver("shop.example")
			e := r.subscribe(second, r.shops[0].owner(), v)
			release, arrived := make(chan struct{}), make(chan struct{}, 9)
			v.answers(func(int, heard) int {
				arrived <- struct{}{}
				<-release
				return fine
			})
			stop := r.run(first)
			p := r.sell(r.shops[0], 1980)
			<-arrived
			r.do("close", dying.Close())
			close(release)
			stop()
			if d, _, err := second.Deliveries(t.Context(), e.Owner, e.ID,
				webhook.DeliveryFilter{}); err != nil || len(d) != 1 ||
				d[0].State != webhook.Waiting {
				t.Errorf("%+v, %v", d, err)
			}
			r.run(second)
			eventually(t, "it is sent again", func() bool { return len(v.messages()) == 2 })
			inOrder(t, v.messages(), []*payment.Payment{p, p})
			got := v.messages()
			if got[0].id != got[1].id || got[0].body != got[1].body || got[0].id == "" {
				t.Errorf("the repeat differs: %+v", got)
			}
			eventually(t, "it is kept", func() bool {
				d, err := second.Delivery(t.Context(), e.Owner, e.ID, got[0].id)
				return err == nil && d.State == webhook.Delivered
			})
		})
	}
}

// The goal is that an end of the process leaves nothing half done: an attempt that it cut off does
// not count, and the next process sends it at once. The method: a receiver that never answers.
func TestAttemptThatTheEndCutsOffDoesNotCount(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, sets()...)
	r := newRig(t, d)
	s := r.node(d, short, look)
	v := r.receiver("shop.example")
	e := r.subscribe(s, r.shops[0].owner(), v)
	v.answers(func(int, heard) int { return never })
	stop := r.run(s)
	r.sell(r.shops[0], 1980)
	eventually(t, "it is sent", func() bool { return len(v.messages()) == 1 })
	began := clock.Now()
	stop()
	if took := clock.Now().Sub(began); took > 8*time.Second {
		t.Errorf("the end took %s", took)
	}
	ds, _, err := s.Deliveries(t.Context(), e.Owner, e.ID, webhook.DeliveryFilter{})
	if err != nil || len(ds) != 1 || ds[0].Tries != 0 {
		t.Errorf("%+v, %v", ds, err)
	}
	v.answers(nil)
	r.run(r.node(d, short, look))
	eventually(t, "it is sent again", func() bool { return len(v.messages()) == 2 })
}
