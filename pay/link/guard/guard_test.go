package guard_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/pay/link"
	"watari/pay/link/guard"
)

// wallet stands for a wallet behind its connector: it answers what it is told to, after a while.
type wallet struct {
	mu     sync.Mutex
	answer link.Answer
	takes  time.Duration
	calls  map[string]int
}

var (
	errTransport = errors.New("connection reset")
	dead         = link.Answer{Outcome: link.Unknown, Cause: errTransport}
	alive        = link.Answer{Outcome: link.Approved}
)

func newWallet() *wallet { return &wallet{answer: alive, calls: map[string]int{}} }

func (w *wallet) set(a link.Answer, takes time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer, w.takes = a, takes
}

func (w *wallet) count(call string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[call]
}

func (w *wallet) meet(ctx context.Context, call string) link.Answer {
	w.mu.Lock()
	w.calls[call]++
	a, takes := w.answer, w.takes
	w.mu.Unlock()
	if takes == 0 {
		return a
	}
	select {
	case <-time.After(takes):
		return a
	case <-ctx.Done():
		return link.Answer{Outcome: link.Unknown, Cause: ctx.Err()}
	}
}

func (w *wallet) Name() string                    { return "scripted" }
func (w *wallet) Capabilities() link.Capabilities { return link.Capabilities{IDMax: 7} }

func (w *wallet) Authorise(
	ctx context.Context, _ link.Endpoint, _ link.Authorise,
) link.Answer {
	return w.meet(ctx, "authorise")
}

func (w *wallet) Inquire(ctx context.Context, _ link.Endpoint, _ link.Inquire) link.Answer {
	return w.meet(ctx, "inquire")
}

func (w *wallet) Cancel(ctx context.Context, _ link.Endpoint, _ link.Cancel) link.Answer {
	return w.meet(ctx, "cancel")
}

func (w *wallet) Refund(ctx context.Context, _ link.Endpoint, _ link.Refund) link.Answer {
	return w.meet(ctx, "refund")
}

// world is a guarded wallet and what its circuits did.
type world struct {
	*wallet
	t       *testing.T
	guard   *guard.Guard
	c       link.Connector
	changes []guard.Change
}

// to is where the wallet is.
var to = link.Endpoint{IssuerNo: 3, IssuerID: "WALLET"}

// bubble runs a test in virtual time.
func bubble(t *testing.T, cfg guard.Config, fn func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{wallet: newWallet(), t: t}
		var mu sync.Mutex
		cfg.Observe = func(c guard.Change) {
			mu.Lock()
			defer mu.Unlock()
			w.changes = append(w.changes, c)
		}
		w.guard = guard.New(cfg)
		w.c = w.guard.Wrap(w.wallet)
		fn(w)
	})
}

func (w *world) pay() link.Answer {
	return w.c.Authorise(context.Background(), to, link.Authorise{})
}

func (w *world) inquire() link.Answer {
	return w.c.Inquire(context.Background(), to, link.Inquire{})
}

// stat returns how a lane stands.
func (w *world) stat(l guard.Lane) guard.Stat {
	w.t.Helper()
	for _, s := range w.guard.Stats() {
		if s.IssuerNo == to.IssuerNo && s.Lane == l {
			return s
		}
	}
	w.t.Fatalf("no lane %s", l)
	return guard.Stat{}
}

func (w *world) wantState(l guard.Lane, want guard.State) {
	w.t.Helper()
	if got := w.stat(l).State; got != want {
		w.t.Fatalf("the circuit of lane %s is %s, want %s", l, got, want)
	}
}

// refused fails unless a is the answer to a new request that was not made (U2).
func (w *world) refused(a link.Answer) {
	w.t.Helper()
	if a.Outcome != link.Declined || a.Reason != link.ReasonUnavailable || a.Code == "" {
		w.t.Fatalf("got %+v, want a final no", a)
	}
}

// Goal: a wallet that gives no proof any more is not asked, a payer hears so at once, and one
// proof opens the way again. Method: ten calls without proof, five seconds, a probe that fails,
// five seconds, a probe that succeeds.
func TestDeadWalletIsNotAsked(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{}, func(w *world) {
		w.set(dead, 6*time.Second)
		for range 10 {
			if a := w.pay(); a.Outcome != link.Unknown || !errors.Is(a.Cause, errTransport) {
				t.Fatalf("got %+v", a)
			}
		}
		w.wantState(guard.Asks, guard.Open)
		began := clock.Now()
		w.refused(w.pay())
		if took := clock.Now().Sub(began); took != 0 || w.count("authorise") != 10 {
			t.Errorf("refused after %s and %d calls", took, w.count("authorise"))
		}
		time.Sleep(5*time.Second + time.Millisecond)
		if a := w.pay(); a.Outcome != link.Unknown {
			t.Errorf("the probe: %+v", a)
		}
		w.refused(w.pay())
		w.set(alive, 0)
		time.Sleep(5*time.Second + time.Millisecond)
		for range 3 {
			if a := w.pay(); a.Outcome != link.Approved {
				t.Fatalf("the wallet is back: %+v", a)
			}
		}
		w.wantState(guard.Asks, guard.Closed)
		if s := w.stat(guard.Asks); s.Opened != 2 || s.Barred != 2 || s.InFlight != 0 {
			t.Errorf("counted %+v", s)
		}
		want := []guard.State{guard.Open, guard.HalfOpen, guard.Open, guard.HalfOpen, guard.Closed}
		for i, c := range w.changes {
			if i >= len(want) || c.To != want[i] || c.Lane != guard.Asks || c.IssuerID != "WALLET" {
				t.Fatalf("changes %+v, want to %v", w.changes, want)
			}
		}
	})
}

// Goal: while a circuit is half-open one call at a time is the probe. Method: a hundred callers
// at once when the probe is due.
func TestOneProbeAtATime(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{Row: 3}, func(w *world) {
		w.set(dead, 0)
		for range 3 {
			w.pay()
			w.inquire()
		}
		time.Sleep(5*time.Second + time.Millisecond)
		w.set(alive, time.Second)
		var unknown, approved atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				switch a := w.inquire(); a.Outcome {
				case link.Approved:
					approved.Add(1)
				case link.Unknown:
					if !errors.Is(a.Cause, guard.ErrNotAsked) {
						t.Errorf("got %+v", a)
					}
					unknown.Add(1)
				case link.Declined:
					t.Error("a follow-up is declined")
				}
			})
		}
		wg.Wait()
		if approved.Load() != 1 || unknown.Load() != 99 {
			t.Errorf("%d approved, %d not asked", approved.Load(), unknown.Load())
		}
		w.wantState(guard.FollowUps, guard.Closed)
	})
}

// Goal: a payer is not the probe while a follow-up can be (U4). Method: both circuits are open;
// the probe of an inquiry runs while a payer comes; then it succeeds.
func TestPayerIsNotTheProbe(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{Row: 3}, func(w *world) {
		w.set(dead, 0)
		for range 3 {
			w.pay()
			w.inquire()
		}
		time.Sleep(5*time.Second + time.Millisecond)
		w.set(dead, 5*time.Second)
		go w.inquire()
		synctest.Wait()
		w.refused(w.pay())
		time.Sleep(6 * time.Second)
		w.refused(w.pay())
		if n := w.count("authorise"); n != 3 {
			t.Errorf("%d payers waited for a dead wallet", n)
		}
		w.set(alive, 0)
		time.Sleep(5 * time.Second)
		if a := w.inquire(); a.Outcome != link.Approved {
			t.Fatalf("the probe: %+v", a)
		}
		if a := w.pay(); a.Outcome != link.Approved {
			t.Errorf("after the probe: %+v", a)
		}
	})
}

// Goal: paying may hang while inquiry works: the proof of one does not hide the other's failures,
// and legs go on being inquired. Method: each failing payment is followed by three inquiries.
func TestLanesCountApart(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{}, func(w *world) {
		for range 10 {
			w.set(dead, 0)
			w.pay()
			w.set(alive, 0)
			for range 3 {
				w.inquire()
			}
		}
		w.wantState(guard.Asks, guard.Open)
		w.wantState(guard.FollowUps, guard.Closed)
		w.refused(w.pay())
		if a := w.inquire(); a.Outcome != link.Approved {
			t.Errorf("inquiry: %+v", a)
		}
	})
}

// Goal: half of the answers without proof open a circuit, however they alternate, but not when
// they are few or long ago. Method: alternating answers.
func TestShareOfTheWindowOpens(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{}, func(w *world) {
		alternate := func(n int) {
			for range n {
				w.set(alive, 0)
				w.pay()
				w.set(dead, 0)
				w.pay()
			}
		}
		alternate(9)
		w.wantState(guard.Asks, guard.Closed)
		time.Sleep(time.Minute)
		alternate(9)
		w.wantState(guard.Asks, guard.Closed)
		alternate(1)
		w.wantState(guard.Asks, guard.Open)
	})
}

// Goal: an answer that proves that the wallet lives is never held against it, and neither is a
// caller who went away (U1). Method: a thousand of each.
func TestProofIsNotHeldAgainstTheWallet(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]link.Answer{
		"declined":    {Outcome: link.Declined, Reason: link.ReasonBalance, Cause: errTransport},
		"in process":  {Outcome: link.Unknown, Code: "PAYMENT_IN_PROCESS"},
		"user acting": {Outcome: link.Unknown, UserActing: true, Cause: errTransport},
		"agreed":      {Outcome: link.Unknown, Agreed: true, Cause: errTransport},
		"no such":     {Outcome: link.Unknown, NoSuch: true, Cause: errTransport},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, guard.Config{}, func(w *world) {
				w.set(a, 0)
				for range 1000 {
					if got := w.pay(); got != a {
						t.Fatalf("got %+v, want %+v", got, a)
					}
				}
				w.wantState(guard.Asks, guard.Closed)
			})
		})
	}
	bubble(t, guard.Config{}, func(w *world) {
		w.set(alive, time.Hour)
		for range 1000 {
			ctx, cancel := context.WithCancel(w.t.Context())
			cancel()
			w.c.Authorise(ctx, to, link.Authorise{})
		}
		w.wantState(guard.Asks, guard.Closed)
	})
}

// Goal: payers who wait for a wallet that hangs take neither the places of its follow-ups nor
// those of another wallet, and never more than their own. Method: 200 payers at once at a wallet
// that hangs for six seconds.
func TestBulkhead(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{Row: 1000, Least: 1000}, func(w *world) {
		w.set(dead, 6*time.Second)
		var refused atomic.Int64
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				if a := w.pay(); a.Outcome == link.Declined {
					w.refused(a)
					refused.Add(1)
				}
			})
		}
		synctest.Wait()
		if n := w.stat(guard.Asks).InFlight; n != 64 {
			t.Errorf("%d calls run at once", n)
		}
		w.set(alive, 0)
		if a := w.inquire(); a.Outcome != link.Approved {
			t.Errorf("inquiry: %+v", a)
		}
		other := link.Endpoint{IssuerNo: 4, IssuerID: "OTHER"}
		if a := w.c.Authorise(w.t.Context(), other, link.Authorise{}); a.Outcome != link.Approved {
			t.Errorf("the other wallet: %+v", a)
		}
		time.Sleep(time.Second)
		if n := refused.Load(); n != 136 {
			t.Errorf("%d were refused, want 136", n)
		}
		wg.Wait()
		if a := w.pay(); a.Outcome != link.Approved || w.stat(guard.Asks).InFlight != 0 {
			t.Errorf("afterwards: %+v, %+v", a, w.stat(guard.Asks))
		}
	})
}

// Goal: follow-ups that find no place are unknown, never declined (U3). Method: all places taken.
func TestFollowUpWithoutAPlaceIsUnknown(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{InFlight: 2}, func(w *world) {
		w.set(dead, 6*time.Second)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { w.inquire() })
		}
		synctest.Wait()
		for name, a := range map[string]link.Answer{
			"inquire": w.inquire(),
			"cancel":  w.c.Cancel(w.t.Context(), to, link.Cancel{}),
			"refund":  w.c.Refund(w.t.Context(), to, link.Refund{}),
		} {
			if a.Outcome != link.Unknown || !errors.Is(a.Cause, guard.ErrNotAsked) {
				t.Errorf("%s: %+v", name, a)
			}
		}
		wg.Wait()
		if s := w.stat(guard.FollowUps); s.Crowded != 3 || s.Barred != 0 {
			t.Errorf("counted %+v", s)
		}
	})
}

// Goal: a connector that panics leaves no place taken and counts as a failure.
func TestPanicGivesItsPlaceBack(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{InFlight: 1, Row: 2}, func(w *world) {
		w.c = w.guard.Wrap(broken{w.wallet})
		for range 2 {
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic is hidden")
					}
				}()
				w.pay()
			}()
		}
		if s := w.stat(guard.Asks); s.InFlight != 0 || s.State != guard.Open {
			t.Errorf("counted %+v", s)
		}
	})
}

type broken struct{ *wallet }

func (broken) Authorise(context.Context, link.Endpoint, link.Authorise) link.Answer {
	panic("a defect of the connector")
}

// Goal: many callers at once break nothing. Method: real time and the race detector; a wallet that
// changes its mind all the time.
func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	w := newWallet()
	g := guard.New(guard.Config{InFlight: 8, Wait: time.Millisecond, Row: 4,
		OpenFor: time.Millisecond})
	c := g.Wrap(w)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			for n := range 200 {
				if n%7 == i%7 {
					w.set([]link.Answer{dead, alive}[n%2], 0)
				}
				c.Authorise(t.Context(), to, link.Authorise{})
				c.Inquire(t.Context(), to, link.Inquire{})
				g.Stats()
			}
		})
	}
	wg.Wait()
	for _, s := range g.Stats() {
		if s.InFlight != 0 {
			t.Errorf("%+v", s)
		}
	}
}
