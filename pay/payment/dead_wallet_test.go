package payment_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/seal"
	"watari/pay/code"
	"watari/pay/link"
	"watari/pay/link/guard"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
)

// distant is the scripted wallet, which takes its time to answer; one issuer's never does while
// it is dead.
type distant struct {
	*scripted
	mu   sync.Mutex
	dead int64
	hung int // calls that were made to the dead one
}

// walk is how long an answer takes.
const walk = 80 * time.Millisecond

func (d *distant) kill(issuerNo int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = issuerNo
}

// travel waits for an answer, or for the end of the caller's time.
func (d *distant) travel(ctx context.Context, to link.Endpoint) error {
	d.mu.Lock()
	dead := d.dead == to.IssuerNo
	if dead {
		d.hung++
	}
	d.mu.Unlock()
	if dead {
		<-ctx.Done()
		return ctx.Err()
	}
	time.Sleep(walk)
	return nil
}

func (d *distant) Authorise(
	ctx context.Context, to link.Endpoint, q link.Authorise,
) link.Answer {
	if err := d.travel(ctx, to); err != nil {
		return link.Answer{Outcome: link.Unknown, Cause: err}
	}
	return d.scripted.Authorise(ctx, to, q)
}

func (d *distant) Inquire(ctx context.Context, to link.Endpoint, q link.Inquire) link.Answer {
	if err := d.travel(ctx, to); err != nil {
		return link.Answer{Outcome: link.Unknown, Cause: err}
	}
	return d.scripted.Inquire(ctx, to, q)
}

func (d *distant) Cancel(ctx context.Context, to link.Endpoint, q link.Cancel) link.Answer {
	if err := d.travel(ctx, to); err != nil {
		return link.Answer{Outcome: link.Unknown, Cause: err}
	}
	return d.scripted.Cancel(ctx, to, q)
}

// guard puts a service in place of the rig's own whose connector is guarded.
func (r *rig) guard(c link.Connector) {
	r.t.Helper()
	ring, err := seal.New(map[int][]byte{1: make([]byte, 32)})
	r.do("make seal", err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"},
		{Prefix: "251002", Min: 24, Max: 24, Wallet: "other"}})
	r.do("make codes", err)
	r.Service = payment.New(payment.Config{DB: r.db, Log: r.log, Lane: 2, Directory: r.dir,
		Registry: r.reg, Board: r.board(), Codes: table, Chart: r.chart,
		Connectors: map[string]link.Connector{"scripted": guard.Wrap(c, guard.Config{})},
		Seal:       ring, CIIs: map[string]string{"alipay": "251001", "other": "251002"},
		Rules: risk.Rules{}, Now: r.now, Logger: slog.New(slog.DiscardHandler)})
	r.t.Cleanup(r.Service.Close)
}

// queue is the payers of a wallet, one after the other, each at its time.
type queue struct {
	mu    sync.Mutex
	times []time.Duration
	ends  map[string]int // state and reason
}

// come lets n payers of a wallet come, one every pause, and returns when all were answered.
func (r *rig) come(w party.Participant, n int, pause time.Duration) *queue {
	q := &queue{ends: map[string]int{}}
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			began := clock.Now()
			p := r.sellBy(w, 1000)
			took := clock.Now().Sub(began)
			q.mu.Lock()
			defer q.mu.Unlock()
			q.times = append(q.times, took)
			q.ends[string(p.State)+" "+string(p.Reason)]++
		})
		time.Sleep(pause)
	}
	wg.Wait()
	return q
}

// p99 is the time that one payer of a hundred waits longer than.
func (q *queue) p99() time.Duration {
	slices.Sort(q.times)
	return q.times[len(q.times)*99/100]
}

// Goal: a wallet of which every call times out costs the payers of another no time, keeps its own
// waiting only until that is known, and is asked again when it is back. Method: virtual time, in
// which only waiting takes time; 300 payers of a healthy wallet alone, then beside 300 of the dead
// one, ten a second each, with the schedule running; then the dead one returns.
func TestDeadWalletCostsTheOthersNoTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dbtest.New(t, db.SQLite, sets()...), 1)
		other := r.addWallet()
		wallets := &distant{scripted: r.wallet}
		r.guard(wallets)
		r.schedule()

		const payers, pause = 300, 100 * time.Millisecond
		normal := r.come(r.issuer, payers, pause)
		wallets.kill(other.No)
		var ill *queue
		var wg sync.WaitGroup
		wg.Go(func() { ill = r.come(other, payers, pause) })
		beside := r.come(r.issuer, payers, pause)
		wg.Wait()

		t.Logf("p99 %s alone, %s beside the dead wallet; the dead one: %v, %d calls",
			normal.p99(), beside.p99(), ill.ends, wallets.hung)
		if beside.p99() > 2*normal.p99() {
			t.Errorf("p99 is %s beside a dead wallet, %s without", beside.p99(), normal.p99())
		}
		if n := beside.ends["captured "]; n != payers {
			t.Errorf("the healthy wallet's payers: %v", beside.ends)
		}
		unknown := ill.ends["pending "]
		refused := ill.ends["declined "+string(link.ReasonUnavailable)]
		// 64 wait at once at most; afterwards one a probe does.
		if unknown > 75 || unknown+refused != payers {
			t.Errorf("the dead wallet's payers: %v", ill.ends)
		}

		wallets.kill(0)
		time.Sleep(time.Minute)
		if back := r.come(other, 20, pause); back.ends["captured "] != 20 {
			t.Errorf("when it is back: %v", back.ends)
		}
		r.forward(5 * time.Minute)
		time.Sleep(time.Minute)
		r.verify()
		if len(r.balances()) == 0 || r.wallet.kept() == 0 {
			t.Error("nothing was booked")
		}
	})
}
