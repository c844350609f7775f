package park

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"watari/kit/clock"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/visitor"
)

// Desk is the part of a network that sells tickets and lets people in with them.
type Desk struct {
	Parks  *park.Service
	Orders *order.Service
	Gates  *gate.Service
}

// Memory keeps notes: how far Live came. *sandbox.Store is one.
type Memory interface {
	// Noted returns a note by its name, "" when there is none.
	Noted(ctx context.Context, name string) (string, error)
	Note(ctx context.Context, name, text string) error
}

// The notes of Live: until when the plan was played, and that its guests with wallets came.
const (
	notePlayed = "park-played"
	noteGuests = "park-guests"
)

// Wallet is a simulated wallet as people of the park use it.
type Wallet struct {
	ID, ControlURL string
	Users          []string
	// Least is what stays in a user's account for whoever tries the sandbox, in minor units.
	Least int64
}

// Trade is what Live needs of the network and of the wallets. No field but Now may be left out.
type Trade struct {
	// At returns the network's desk with another clock, and how to close it: what the plan did
	// before the sandbox was started has its own time, through the same services.
	At        func(now func() time.Time) (Desk, func())
	Visitors  *visitor.Service
	Payments  *payment.Service
	Directory *party.Directory
	Wallets   func(ctx context.Context) ([]Wallet, error)
	Base      string // where the network is reached, without a trailing slash
	Memory    Memory
	Progress  *Progress
	Log       *slog.Logger
	Now       func() time.Time // nil is clock.Now
}

// Progress is how far the first filling of a park is. It is safe for concurrent use; nil is none.
type Progress struct {
	mu          sync.Mutex
	done, total int
}

// Share is how many steps of how many are done; both are 0 before it begins.
func (p *Progress) Share() (done, total int) {
	if p == nil {
		return 0, 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done, p.total
}

func (p *Progress) add(done, total int) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += done
	p.total += total
}

// liveEvery is how often Live looks what happened meanwhile.
const liveEvery = 20 * time.Second

// Live lets people buy, come and go until ctx ends. At the first start it fills the weeks before
// and this day up to now; then it goes on as time goes. Everything goes through the services of the
// network, under ids that the plan makes, so that what is done twice, by two processes or after one
// was killed, happens once.
func Live(ctx context.Context, t Trade) {
	if t.Now == nil {
		t.Now = clock.Now
	}
	p := &player{Trade: t, orders: map[string]string{}}
	desk, closeDesk := t.At(p.time)
	p.Desk = desk
	defer closeDesk()
	for ctx.Err() == nil {
		wait := liveEvery
		if err := p.round(ctx); err != nil && ctx.Err() == nil {
			t.Log.Warn("sandbox: the park's people are held up", "error", err)
			wait = 3 * liveEvery
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// player plays the plan.
type player struct {
	Trade
	Desk
	park     park.Park
	stations map[string][]gate.Station // by the code of their gate
	orders   map[string]string         // ids of orders by those of deals
	seen     time.Time                 // when the devices were heard last

	mu sync.Mutex
	at time.Time
}

// time is the moment that is played.
func (p *player) time() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.at
}

func (p *player) set(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at = at
}

// round plays what happened since the last one.
func (p *player) round(ctx context.Context) error {
	now := p.Now()
	p.set(now)
	if p.park.ID == "" {
		one, err := p.Parks.Find(ctx, Slug)
		if err != nil {
			return err
		}
		p.park = one
	}
	if err := p.staff(ctx); err != nil {
		return err
	}
	came, err := p.Memory.Noted(ctx, noteGuests)
	if err != nil {
		return err
	}
	from, err := p.played(ctx, now)
	if err != nil {
		return err
	}
	if err := p.play(ctx, from, now, came == ""); err != nil {
		return err
	}
	p.set(now)
	if came == "" {
		if err := p.guests(ctx); err != nil {
			return err
		}
	} else if err := p.shops(ctx, from, now); err != nil {
		return err
	}
	if err := p.hear(ctx, now); err != nil {
		return err
	}
	return p.note(ctx, now)
}

// played is from when there is something to play.
func (p *player) played(ctx context.Context, now time.Time) (time.Time, error) {
	text, err := p.Memory.Noted(ctx, notePlayed)
	if err != nil {
		return time.Time{}, err
	}
	start := park.At(later(park.DayOf(now), -PastDays), fiveAM)
	if at, err := time.Parse(time.RFC3339, text); err == nil && at.After(start) {
		return at, nil
	}
	return start, nil
}

// note keeps until when the plan was played.
func (p *player) note(ctx context.Context, until time.Time) error {
	return p.Memory.Note(ctx, notePlayed, until.UTC().Truncate(time.Second).Format(time.RFC3339))
}

// staff finds the devices that let people in.
func (p *player) staff(ctx context.Context) error {
	gs, err := p.Gates.Gates(ctx, p.park.ID)
	if err != nil {
		return err
	}
	ds, err := p.Gates.Devices(ctx, p.park.ID)
	if err != nil {
		return err
	}
	p.stations = map[string][]gate.Station{}
	for _, g := range gs {
		for _, d := range ds {
			if d.GateID == g.ID && !d.Activated.IsZero() && d.Label != TryLabel {
				p.stations[g.Code] = append(p.stations[g.Code], gate.Station{Device: d, Gate: g})
			}
		}
	}
	return nil
}

// hearEvery is how often the devices of the staff are heard.
const hearEvery = 5 * time.Minute

// hear lets the devices speak with the network, as the pages of real ones do.
func (p *player) hear(ctx context.Context, now time.Time) error {
	if now.Sub(p.seen) < hearEvery {
		return nil
	}
	p.seen = now
	for _, all := range p.stations {
		for _, st := range all {
			if _, err := p.Gates.Pack(ctx, st, now, 0, 0); err != nil {
				return err
			}
		}
	}
	return nil
}
