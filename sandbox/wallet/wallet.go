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
	db     *db.DB
	timing Timing
	log    *slog.Logger
	slots  chan struct{}
	wake   chan struct{} // a commit may have made something due

	mu       sync.Mutex
	watchers map[string]map[chan struct{}]struct{} // by user
}

// New returns the wallet whose books are in d, which has Migrations applied.
func New(d *db.DB, t Timing, log *slog.Logger) *Wallet {
	check.That(d != nil && log != nil, "wallet: New without a database or a log")
	return &Wallet{db: d, timing: t.filled(), log: log, slots: make(chan struct{}, slots),
		wake: make(chan struct{}, 1), watchers: map[string]map[chan struct{}]struct{}{}}
}

// AddUser opens an account with a balance above zero, in CNY minor units. A user who is there
// already keeps what they have.
func AddUser(ctx context.Context, tx *db.Tx, u User, openingMinor int64) error {
	opening := money.MustNew(openingMinor, Currency)
	now := clock.Micros(clock.Now())
	fresh, err := insertUser(ctx, tx, Account{User: u, Opening: opening}, now)
	if err != nil || !fresh {
		return err
	}
	return insertEntry(ctx, tx, entry{id: id.New("wen", 0), userID: u.ID, kind: kindOpening,
		minor: opening.Minor(), atUS: now})
}

// Users returns everybody, by id.
func Users(ctx context.Context, tx *db.Tx) ([]Account, error) { return listUsers(ctx, tx) }

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

// Question returns the user's oldest payment that waits for the PIN, or nil.
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
	var p *Payment
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = readPayment(ctx, tx, requestID)
		return err
	})
	return p, err
}

// SetFault makes the wallet misbehave for the next count pay calls, or until changed when count
// is nil. ModeNone clears what is left.
func (w *Wallet) SetFault(ctx context.Context, m Mode, count *int64) error {
	check.That(m.known(), "wallet: no mode %q", m)
	return w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return setFault(ctx, tx, fault{mode: m, remaining: count})
	})
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
