package guard

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"watari/kit/check"
	"watari/pay/link"
)

// ErrNotAsked is the cause of an unknown answer to a follow-up that was not made (U3).
var ErrNotAsked = errors.New("the wallet does not answer now; it was not asked")

// Config is when a wallet is given up and tried again. A zero field has its default.
type Config struct {
	// InFlight is how many calls of one wallet run at once in each lane: 64.
	InFlight int
	// Wait is how long a call waits for a place when all are taken: a quarter of a second. It
	// is part of the caller's time.
	Wait time.Duration
	// Row opens a circuit after so many answers without proof in a row: 10.
	Row int
	// Share opens a circuit when so many percent of the answers of Window have no proof: 50.
	// Fewer than Least answers, 20, prove nothing.
	Share, Least int
	// Window is how far back Share looks: 30 s.
	Window time.Duration
	// OpenFor is how long an open circuit waits for its next probe: 5 s.
	OpenFor time.Duration
	// Observe is told when a circuit changes. It must return at once and call no method of the
	// guard. Nil: nobody is told.
	Observe func(Change)
}

// windowParts is how many parts the window moves on in.
const windowParts = 6

// filled returns c with its defaults.
func (c Config) filled() Config {
	check.That(c.InFlight >= 0 && c.Wait >= 0 && c.Row >= 0 && c.Share >= 0 && c.Share <= 100 &&
		c.Least >= 0 && c.Window >= 0 && c.OpenFor >= 0, "guard: a setting is out of range")
	c.InFlight = cmp.Or(c.InFlight, 64)
	c.Wait = cmp.Or(c.Wait, 250*time.Millisecond)
	c.Row = cmp.Or(c.Row, 10)
	c.Share = cmp.Or(c.Share, 50)
	c.Least = cmp.Or(c.Least, 20)
	c.Window = cmp.Or(c.Window, 30*time.Second)
	c.OpenFor = cmp.Or(c.OpenFor, 5*time.Second)
	return c
}

// State is where a circuit stands.
type State string

// The states of a circuit.
const (
	Closed   State = "closed"
	Open     State = "open"
	HalfOpen State = "half_open"
)

// States are all states.
func States() []State { return []State{Closed, HalfOpen, Open} }

// Lane is one of the two sorts of calls to a wallet.
type Lane string

// The lanes.
const (
	Asks      Lane = "ask"       // what a payer waits for
	FollowUps Lane = "follow_up" // what becomes of it
)

// Change is one step of a circuit.
type Change struct {
	IssuerNo int64
	IssuerID string
	Lane     Lane
	From, To State
}

// Stat is how a lane of a wallet stands.
type Stat struct {
	IssuerNo int64
	IssuerID string
	Lane     Lane
	State    State
	InFlight int   // calls that run now
	Opened   int64 // how often the circuit opened since the start
	Barred   int64 // calls not made because the circuit was open
	Crowded  int64 // calls not made because all places were taken
	Counts         // how the calls that were made ended
}

// Guard watches over wallets. It is safe for concurrent use.
type Guard struct {
	cfg Config

	mu      sync.RWMutex
	wallets map[int64]*wallet
}

// New returns a guard that knows no wallet yet. It panics when a setting makes no sense.
func New(c Config) *Guard { return &Guard{cfg: c.filled(), wallets: map[int64]*wallet{}} }

// Wrap returns a connector that is called through a guard of its own.
func Wrap(c link.Connector, cfg Config) link.Connector { return New(cfg).Wrap(c) }

// Stats returns the lanes of every wallet that was called, by number, asks first.
func (g *Guard) Stats() []Stat {
	g.mu.RLock()
	all := make([]*wallet, 0, len(g.wallets))
	for _, w := range g.wallets {
		all = append(all, w)
	}
	g.mu.RUnlock()
	slices.SortFunc(all, func(a, b *wallet) int { return cmp.Compare(a.no, b.no) })
	stats := make([]Stat, 0, 2*len(all))
	for _, w := range all {
		stats = append(stats, w.asks.stat(), w.followUps.stat())
	}
	return stats
}

// of returns what is known of a wallet.
func (g *Guard) of(to link.Endpoint) *wallet {
	g.mu.RLock()
	w := g.wallets[to.IssuerNo]
	g.mu.RUnlock()
	if w != nil {
		return w
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if w = g.wallets[to.IssuerNo]; w == nil {
		w = newWallet(to, g.cfg)
		g.wallets[to.IssuerNo] = w
	}
	return w
}

// ask makes a call that asks for something new, or declines it (U2).
func (g *Guard) ask(
	ctx context.Context, to link.Endpoint, call func() link.Answer,
) link.Answer {
	w := g.of(to)
	if w.followUps.failing() && w.asks.state() != Closed { // U4
		w.asks.barred.Add(1)
		return declined(open)
	}
	a, why := w.asks.call(ctx, call)
	if why != "" {
		return declined(why)
	}
	return a
}

func declined(why refusal) link.Answer {
	return link.Answer{Outcome: link.Declined, Reason: link.ReasonUnavailable,
		Code: string(why)}
}

// followUp makes a call about an earlier request, or leaves it unknown (U3).
func (g *Guard) followUp(
	ctx context.Context, to link.Endpoint, call func() link.Answer,
) link.Answer {
	a, why := g.of(to).followUps.call(ctx, call)
	if why != "" {
		return link.Answer{Outcome: link.Unknown, Cause: ErrNotAsked}
	}
	return a
}
