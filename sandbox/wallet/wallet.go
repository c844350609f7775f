package wallet

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
	"watari/kit/money"
)

// Migrations are the wallet's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

// ErrNoUser says that the wallet has no such user.
var ErrNoUser = errors.New("no such user of the wallet")

// slots is how many writing transactions run at once: more would only wait for each other's
// locks on the few users of a sandbox.
const slots = 8

// Wallet keeps the books. It is safe for concurrent use, and several processes may keep the same
// books.
type Wallet struct {
	db      *db.DB
	profile Profile
	timing  Timing
	log     *slog.Logger
	slots   chan struct{}
	wake    chan struct{} // a commit may have made something due

	mu       sync.Mutex
	watchers map[string]map[chan struct{}]struct{} // by user
}

// New returns the wallet whose books are in d, which has Migrations applied and nobody else's
// books.
func New(d *db.DB, p Profile, t Timing, log *slog.Logger) *Wallet {
	check.That(d != nil && log != nil, "wallet: New without a database or a log")
	return &Wallet{db: d, profile: p.checked(), timing: t.filled(), log: log,
		slots: make(chan struct{}, slots), wake: make(chan struct{}, 1),
		watchers: map[string]map[chan struct{}]struct{}{}}
}

// Profile returns what the wallet is.
func (w *Wallet) Profile() Profile { return w.profile }

// Timing returns the times with which the wallet runs.
func (w *Wallet) Timing() Timing { return w.timing }

// AddUsers opens accounts with the profile's opening balance. A user who is there already keeps
// what they have.
func (w *Wallet) AddUsers(ctx context.Context, users ...User) error {
	opening := money.MustNew(w.profile.Opening, w.profile.Currency)
	return w.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.Micros(clock.Now())
		for _, u := range users {
			fresh, err := insertUser(ctx, tx, Account{User: u, Opening: opening}, now)
			if err == nil && fresh {
				err = insertEntry(ctx, tx, entry{id: id.New("wen", 0), userID: u.ID,
					kind: kindOpening, amount: opening, atUS: now})
			}
			if err != nil {
				return fmt.Errorf("add user %s: %w", u.ID, err)
			}
		}
		return nil
	})
}

// Users returns everybody, by id.
func (w *Wallet) Users(ctx context.Context) ([]Account, error) {
	var all []Account
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		all, err = listUsers(ctx, tx)
		return err
	})
	return all, err
}

// Account returns a user with their balance.
//
// Errors: ErrNoUser.
func (w *Wallet) Account(ctx context.Context, userID string) (Account, error) {
	var a Account
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		a, err = loadUser(ctx, tx, userID)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return a, fmt.Errorf("%w: %s", ErrNoUser, userID)
	}
	return a, err
}

// Payments returns the latest payments of a user, newest first, at most limit.
func (w *Wallet) Payments(ctx context.Context, userID string, limit int) ([]*Payment, error) {
	var list []*Payment
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = listPayments(ctx, tx, userID, limit)
		return err
	})
	return list, err
}

// Question returns the user's oldest payment that waits for their answer, or nil.
func (w *Wallet) Question(ctx context.Context, userID string) (*Payment, error) {
	var p *Payment
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = askingOf(ctx, tx, userID, clock.Micros(clock.Now()))
		return err
	})
	return p, err
}

// Payment returns a payment by the network's request id, or nil.
func (w *Wallet) Payment(ctx context.Context, requestID string) (*Payment, error) {
	return w.find(ctx, readPayment, requestID)
}

// ByID returns a payment by the wallet's own id, or nil.
func (w *Wallet) ByID(ctx context.Context, paymentID string) (*Payment, error) {
	return w.find(ctx, readOwn, paymentID)
}

// ByRef returns a payment by Charge.Ref, or nil.
func (w *Wallet) ByRef(ctx context.Context, ref string) (*Payment, error) {
	if ref == "" {
		return nil, nil
	}
	return w.find(ctx, readRef, ref)
}

func (w *Wallet) find(ctx context.Context,
	read func(context.Context, *db.Tx, string) (*Payment, error), key string,
) (*Payment, error) {
	var p *Payment
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = read(ctx, tx, key)
		return err
	})
	return p, err
}

// SetFault makes the wallet misbehave for the next count calls of Pay, Open and Complete, or until
// changed when count is nil. ModeNone clears what is left.
func (w *Wallet) SetFault(ctx context.Context, m Mode, count *int64) error {
	check.That(m.known(), "wallet: no mode %q", m)
	return w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return setFault(ctx, tx, fault{mode: m, remaining: count})
	})
}

// book writes down a movement of a payer's money.
func (w *Wallet) book(ctx context.Context, tx *db.Tx, p *Payment, kind string, minor int64,
	now time.Time,
) error {
	return insertEntry(ctx, tx, entry{id: id.New("wen", 0), userID: p.UserID, kind: kind,
		requestID: p.RequestID, amount: money.MustNew(minor, w.profile.Currency),
		atUS: clock.Micros(now)})
}

// update runs a writing transaction that a caller who goes away does not undo.
func (w *Wallet) update(ctx context.Context, fn func(context.Context, *db.Tx) error) error {
	select {
	case w.slots <- struct{}{}:
		defer func() { <-w.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return w.db.Update(ctx, fn)
}

// Watch returns a channel that gets a value after a change in what the user sees. Several
// changes may be one value. stop ends it.
func (w *Wallet) Watch(userID string) (changes <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watchers[userID] == nil {
		w.watchers[userID] = map[chan struct{}]struct{}{}
	}
	w.watchers[userID][c] = struct{}{}
	return c, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.watchers[userID], c)
		if len(w.watchers[userID]) == 0 {
			delete(w.watchers, userID)
		}
	}
}

// changed tells those who watch a user, and the loops that act on what is due.
func (w *Wallet) changed(userID string) {
	nudge(w.wake)
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.watchers[userID] {
		nudge(c)
	}
}

// nudge puts a value into a channel that holds at most one.
func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
