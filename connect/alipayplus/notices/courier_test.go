package notices_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"watari/connect/alipayplus/notices"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/payment"
)

// short are pauses for tests that do not run in virtual time.
var short = []time.Duration{200 * time.Millisecond, 200 * time.Millisecond,
	200 * time.Millisecond, time.Second}

// look is how often the couriers of those tests look.
const look = 20 * time.Millisecond

// The goal is that an acquirer is told each first final result once, and nothing else: not what
// is open, not a cancel of what was captured, nothing without an address. The method: payments
// that end in each way, on both engines.
func TestEachFirstFinalResultIsToldOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		b := r.banks[0]
		r.run(r.courier(short, look))

		captured, declined := r.sell(b, 1980, true), r.sell(b, 1984, true)
		closed, undone := r.sell(b, 1985, true), r.sell(b, 1990, true)
		silent, open := r.sell(b, 2980, false), r.sell(b, 2985, true)
		r.cancel(closed)
		r.cancel(undone)

		want := map[string]wire.Code{captured.RequestID: wire.CodeSuccess,
			declined.RequestID: wire.CodeBalance, closed.RequestID: wire.CodeOrderClosed,
			undone.RequestID: wire.CodeSuccess}
		eventually(t, "all are told", func() bool { return len(b.heard()) >= len(want) })
		time.Sleep(20 * look)
		for _, n := range b.heard() {
			if want[n.request] != n.code {
				t.Errorf("%s is told %s, want %q", n.request, n.code, want[n.request])
			}
			delete(want, n.request)
		}
		if len(want) > 0 || len(b.about(silent.RequestID))+len(b.about(open.RequestID)) > 0 {
			t.Errorf("not told: %v; told: %+v", want, b.heard())
		}
	})
}

// The goal is the published pauses, and that the first answer S is the end. The method: a day in
// virtual time, in which the bank refuses, is silent, and in the end takes the notice.
func TestNoticeIsRepeatedOnScheduleUntilItIsTaken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const look = 20 * time.Second
		r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
		b := r.banks[0]
		b.answers(func(try int) wire.Code {
			return []wire.Code{wire.CodeProcessFail, wire.CodeUnknown, "", wire.CodeProcessFail,
				"", wire.CodeSuccess}[min(try, 6)-1]
		})
		stop := r.run(r.courier(nil, look))
		r.sell(b, 1980, true)

		time.Sleep(48 * time.Hour)
		stop()

		heard := b.heard()
		if len(heard) != 6 {
			t.Fatalf("told %d times, want 6", len(heard))
		}
		for i, pause := range notices.Schedule()[:5] {
			// An attempt without an answer takes 5 s, and the courier looks now and then.
			was := heard[i+1].at.Sub(heard[i].at)
			if was < pause || was > pause+5*time.Second+2*look {
				t.Errorf("pause %d was %s, want %s", i+1, was, pause)
			}
			if heard[i+1].body != heard[0].body {
				t.Errorf("two notices differ:\n%s\n%s", heard[0].body, heard[i+1].body)
			}
		}
	})
}

// The goal is an end: a bank that never answers is told nine times in a day, and then no more.
func TestNoticeIsGivenUpAfterTheLastPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
		r.banks[0].answers(func(int) wire.Code { return wire.CodeProcessFail })
		stop := r.run(r.courier(nil, time.Minute))
		r.sell(r.banks[0], 1980, true)

		time.Sleep(72 * time.Hour)
		stop()

		if n := len(r.banks[0].heard()); n != 1+len(notices.Schedule()) {
			t.Errorf("told %d times", n)
		}
	})
}

// The goal is that one dead acquirer holds up no other. The method: one bank never answers and
// has more waiting than there are places; the other is told meanwhile.
func TestDeadAcquirerHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		dead, alive := r.banks[0], r.banks[1]
		dead.answers(func(int) wire.Code { return "" })
		for range 12 {
			r.sell(dead, 1980, true)
		}
		r.run(r.courier(short, look))
		eventually(t, "the dead bank's places are taken", func() bool {
			return len(dead.heard()) >= 8
		})
		if n := len(dead.heard()); n > 8 {
			t.Errorf("%d attempts at one bank at a time", n)
		}

		began := clock.Now()
		r.sell(alive, 1980, true)
		eventually(t, "the other bank is told", func() bool { return len(alive.heard()) == 1 })
		if took := clock.Now().Sub(began); took > 4*time.Second {
			t.Errorf("the other bank was told after %s", took)
		}
	})
}

// The goal is that two nodes share the work: each notice is sent once, whoever sends it.
func TestTwoNodesSendEachNoticeOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, dbtest.New(t, engine, sets()...))
			b := r.banks[0]
			r.run(r.courier(short, look))
			r.run(r.courier(short, look))
			var all []*payment.Payment
			for range 20 {
				all = append(all, r.sell(b, 1980, true))
			}
			eventually(t, "all are told", func() bool { return len(b.heard()) >= len(all) })
			time.Sleep(20 * look)
			for _, p := range all {
				if n := len(b.about(p.RequestID)); n != 1 {
					t.Errorf("%s was told %d times", p.RequestID, n)
				}
			}
		})
	}
}

// The goal is that nothing is missed whenever a node dies. The method: couriers are ended at any
// moment and others begin, while payments go on; in the end every one has been told.
func TestNothingIsMissedOverRestarts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		b := r.banks[0]
		b.answers(func(try int) wire.Code {
			if try%3 == 0 {
				return wire.CodeUnknown
			}
			return wire.CodeSuccess
		})
		ctx, cancel := context.WithCancel(context.Background())
		restarts := make(chan struct{})
		go func() {
			defer close(restarts)
			for ctx.Err() == nil {
				stop := r.run(r.courier(short, time.Millisecond))
				time.Sleep(time.Duration(rand.Int64N(int64(40 * time.Millisecond))))
				stop()
			}
		}()
		var all []*payment.Payment
		for range 30 {
			all = append(all, r.sell(b, 1980, true))
		}
		cancel()
		<-restarts
		r.run(r.courier(short, look))
		for _, p := range all {
			eventually(t, p.RequestID+" is told", func() bool {
				return len(b.about(p.RequestID)) > 0
			})
		}
	})
}
