package notices

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"watari/connect/alipayplus"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/pay/payment"
)

// Payments is the core as this package needs it; *payment.Service does.
type Payments interface {
	Find(ctx context.Context, acquirerNo int64, ch payment.Channel, ref payment.Ref) (
		*payment.Payment, error)
}

// Registrations are the merchants that acquirers registered by protocol, as this package needs
// them: one is found by the id that its events are filed under.
type Registrations interface {
	Registration(ctx context.Context, acquirerNo int64, id string) (
		alipayplus.RegistrationState, error)
}

// Sender makes and sends one notice; *alipayplus.Notifier does.
type Sender interface {
	Build(ctx context.Context, p *payment.Payment) (alipayplus.Notice, error)
	BuildRegistration(ctx context.Context, st alipayplus.RegistrationState) (
		alipayplus.Notice, error)
	Send(ctx context.Context, n alipayplus.Notice) error
}

// Sizes and times.
const (
	page      = 512                    // events, and notices, taken at once
	lookEvery = 250 * time.Millisecond // how soon an event is seen
	leaseFor  = 15 * time.Second       // longer than one attempt
	placesMax = 8                      // attempts at a time, of one acquirer on one node
	keepEvery = 5 * time.Second        // how often the place is written when nothing is to be told
	keptFor   = 30 * 24 * time.Hour    // how long what ended can be looked at
	sweepIn   = time.Hour
)

// Config is what a Courier is made of. The first four fields are required.
type Config struct {
	DB       *db.DB
	Log      *event.Log
	Payments Payments
	Sender   Sender
	Logger   *slog.Logger // nil is slog.Default
	// Registrations are told as well; nil: there are none.
	Registrations Registrations
	// Pauses are those of Schedule when nil. Tests shorten them.
	Pauses []time.Duration
	// Look is how often the log is looked at; 0 is 250 ms.
	Look time.Duration
}

// Courier tells acquirers. One runs on every node. It is made by New and run by Run, once.
type Courier struct {
	Config
	at     event.Cursor
	since  time.Time // with no place kept: older events are not told
	kept   time.Time // when the place was written last
	moved  bool      // at is not what was written
	swept  time.Time
	mu     sync.Mutex
	places map[int64]int // attempts that run, by acquirer
}

// New makes a Courier. It panics when a required field is missing.
func New(c Config) *Courier {
	check.That(c.DB != nil && c.Log != nil && c.Payments != nil && c.Sender != nil,
		"notices: a part of the configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Pauses == nil {
		c.Pauses = Schedule()
	}
	if c.Look == 0 {
		c.Look = lookEvery
	}
	return &Courier{Config: c, places: map[int64]int{}}
}

// Run follows the log and delivers until ctx ends; attempts that have begun end first.
func (c *Courier) Run(ctx context.Context) {
	var busy sync.WaitGroup
	defer busy.Wait()
	tick := time.NewTicker(c.Look)
	defer tick.Stop()
	ready := false
	for {
		if err := c.look(ctx, &busy, &ready); err != nil && ctx.Err() == nil {
			c.Logger.Error("notices not looked after; it is tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look does everything that there is to do now.
func (c *Courier) look(ctx context.Context, busy *sync.WaitGroup, ready *bool) error {
	if !*ready {
		if err := c.resume(ctx); err != nil {
			return err
		}
		*ready = true
	}
	return errors.Join(c.follow(ctx), c.deliver(ctx, busy), c.sweep(ctx))
}

// resume finds the place from which to go on. Where none was kept, an installation begins: then
// what ended before the longest time that an acquirer is told in is history.
func (c *Courier) resume(ctx context.Context) error {
	return c.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		at, found, err := readPlace(ctx, tx)
		if err != nil {
			return err
		}
		c.at = at
		if !found {
			c.since = clock.Now()
			for _, pause := range c.Pauses {
				c.since = c.since.Add(-pause)
			}
		}
		return nil
	})
}

// follow reads what happened and writes a notice for each payment that is to be told (N2).
func (c *Courier) follow(ctx context.Context) error {
	for {
		evs, next, err := c.Log.Read(ctx, c.at, event.Filter{Kinds: kinds()}, page)
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
		var found []event.Event
		for _, e := range evs {
			if wanted(e) && !e.At.Before(c.since) {
				found = append(found, e)
			}
		}
		now := clock.Now()
		c.moved = c.moved || next.String() != c.at.String()
		if len(found) > 0 || c.moved && now.Sub(c.kept) >= keepEvery {
			if err := c.keep(ctx, found, next, now); err != nil {
				return err
			}
		}
		c.at = next
		if len(evs) < page {
			return nil
		}
	}
}

// keep writes notices and the place behind them, in one transaction.
func (c *Courier) keep(
	ctx context.Context, found []event.Event, at event.Cursor, now time.Time,
) error {
	err := c.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insert(ctx, tx, distinct(found), now); err != nil {
			return err
		}
		return keepPlace(ctx, tx, at)
	})
	if err == nil {
		c.kept, c.moved = now, false
	}
	return err
}

// distinct drops the later events of the same payment: captured, and then cancelled.
func distinct(evs []event.Event) []event.Event {
	seen := map[string]bool{}
	var first []event.Event
	for _, e := range evs {
		if !seen[e.Subject] {
			seen[e.Subject] = true
			first = append(first, e)
		}
	}
	return first
}

// deliver starts an attempt for every notice that is due and has a place.
func (c *Courier) deliver(ctx context.Context, busy *sync.WaitGroup) error {
	now := clock.Now()
	var next time.Time
	err := c.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		next, err = nextDue(ctx, tx)
		return err
	})
	if err != nil || next.IsZero() || next.After(now) {
		return err
	}
	var held []notice
	err = c.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		held, err = c.hold(ctx, tx, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("hold due notices: %w", err)
	}
	for _, n := range held {
		c.take(n.acquirerNo, 1)
		busy.Go(func() {
			defer c.take(n.acquirerNo, -1)
			c.attempt(context.WithoutCancel(ctx), n)
		})
	}
	return nil
}

// hold chooses what is sent now: what is due, as far as its acquirer has a place (N5).
func (c *Courier) hold(ctx context.Context, tx *db.Tx, now time.Time) ([]notice, error) {
	c.mu.Lock()
	places := map[int64]int{}
	for no, n := range c.places {
		places[no] = n
	}
	c.mu.Unlock()
	var held []notice
	for {
		var full []int64
		for no, n := range places {
			if n >= placesMax {
				full = append(full, no)
			}
		}
		found, err := due(ctx, tx, now, full, page)
		if err != nil {
			return nil, err
		}
		var seated []notice
		for _, n := range found {
			if places[n.acquirerNo] < placesMax {
				places[n.acquirerNo]++
				seated = append(seated, n)
			}
		}
		if err := lease(ctx, tx, seated, now.Add(leaseFor)); err != nil {
			return nil, err
		}
		held = append(held, seated...)
		if len(seated) == len(found) {
			return held, nil
		}
	}
}

func (c *Courier) take(acquirerNo int64, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.places[acquirerNo] += n; c.places[acquirerNo] == 0 {
		delete(c.places, acquirerNo)
	}
}

// attempt sends one notice once and keeps how it ended. When that cannot be kept, the notice is
// sent again after its lease.
func (c *Courier) attempt(ctx context.Context, n notice) {
	err := c.send(ctx, n)
	now := clock.Now()
	e := c.judge(n, err, now)
	if e.state == givenUp {
		c.Logger.Error("acquirer not told how a payment ended; nobody tells it any more",
			"acquirer", n.acquirerNo, "payment", n.paymentID, "tries", n.tries+1, "error", err)
	}
	err = c.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return record(ctx, tx, n, e, now)
	})
	if err != nil {
		c.Logger.Error("notice not recorded; it is sent again", "payment", n.paymentID,
			"error", err)
	}
}

// send makes and sends a notice. A defect is one attempt that did not count.
func (c *Courier) send(ctx context.Context, n notice) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = check.Recovered(v)
		}
	}()
	m, err := c.build(ctx, n)
	if err != nil {
		return err
	}
	return c.Sender.Send(ctx, m)
}

// build makes the notice of a payment or a registration.
func (c *Courier) build(ctx context.Context, n notice) (alipayplus.Notice, error) {
	if n.registration() {
		if c.Registrations == nil {
			return alipayplus.Notice{}, errors.New("nobody here knows registrations")
		}
		st, err := c.Registrations.Registration(ctx, n.acquirerNo, n.paymentID)
		if err != nil {
			return alipayplus.Notice{}, fmt.Errorf("find the registration: %w", err)
		}
		return c.Sender.BuildRegistration(ctx, st)
	}
	p, err := c.Payments.Find(ctx, n.acquirerNo, payment.ChannelAlipayPlus,
		payment.Ref{PaymentID: n.paymentID})
	if err != nil {
		return alipayplus.Notice{}, fmt.Errorf("find the payment: %w", err)
	}
	m, err := c.Sender.Build(ctx, p)
	if err != nil {
		return m, fmt.Errorf("make the notice: %w", err)
	}
	return m, nil
}

// judge says what becomes of a notice after an attempt.
func (c *Courier) judge(n notice, err error, now time.Time) ended {
	if err == nil {
		return ended{state: taken}
	}
	e := ended{state: givenUp, note: strings.ToValidUTF8(err.Error(), "?")}
	if errors.Is(err, alipayplus.ErrAddress) {
		return e // no later attempt ends otherwise
	}
	if next, again := after(c.Pauses, n.tries+1, now); again {
		e.state, e.next = waiting, next
	}
	return e
}

// sweep forgets what ended long ago.
func (c *Courier) sweep(ctx context.Context) error {
	now := clock.Now()
	if now.Sub(c.swept) < sweepIn {
		return nil
	}
	c.swept = now
	return c.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return forget(ctx, tx, now.Add(-keptFor))
	})
}
