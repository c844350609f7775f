package party

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
)

// How long a node believes what it has read (R3).
const (
	// believed is how long entries are used without asking whether the version has moved.
	believed = 500 * time.Millisecond
	// renewed is when one caller asks in advance, so that the others need not wait.
	renewed = 250 * time.Millisecond
	// hoped is how long a change of this node that is neither seen nor given up makes every
	// caller ask. No transaction lasts so long.
	hoped = 30 * time.Second
	// pointsMax bounds the points kept in memory, about 1 KB each; beyond, all are dropped.
	pointsMax = 100_000
)

// Directory answers who and where from memory. Entries are read on first use and dropped when
// reference.version moves. It is safe for concurrent use; its methods open their own
// transactions, so inside an Update they do not see what it has written (Reading does).
type Directory struct {
	db *db.DB

	state    atomic.Pointer[state]
	mu       sync.Mutex // held to change state and hopes
	asking   sync.Mutex // held to ask for the version when entries are too old
	renewing atomic.Bool
	hopes    []*hope
	highest  atomic.Pointer[hope] // of hopes; nil when there are none
	uses     uses
}

// state is what is remembered, and when it was last known to be current.
type state struct {
	*memory
	checked time.Time
}

// hope is a version that was seen elsewhere, or that a transaction of this node wrote and may
// have committed since.
type hope struct {
	version int64
	until   time.Time
}

// memory holds what was read at one version. Entries are read, never changed.
type memory struct {
	Reference
	boundary atomic.Int64 // microseconds when another agreement comes in force; 0 is never

	mu       sync.RWMutex
	members  *members
	points   map[pointKey]*Point
	keys     map[keyName]*parsedKey
	sessions map[string]int64
}

// pointKey is one way of naming a point: by ids, by store number or by terminal number.
type pointKey struct {
	acquirerNo                int64
	merchant, store, terminal string
	storeNo, terminalNo       int64
}

// NewDirectory returns an empty directory over d, which must not be nil.
func NewDirectory(d *db.DB) *Directory {
	check.That(d != nil, "party: directory without a database")
	return &Directory{db: d}
}

// Reference returns the version of the directory and whether the ledger is closed, at most
// 500 ms old.
func (d *Directory) Reference(ctx context.Context) (Reference, error) {
	m, err := d.current(ctx)
	if err != nil {
		return Reference{}, err
	}
	return m.Reference, nil
}

// Fresh tells the directory a version that a transaction has read. What is older is not used
// any more.
func (d *Directory) Fresh(version int64) {
	if s := d.state.Load(); s != nil && s.Version < version {
		d.expect(version)
	}
}

// expect is told a version that exists, or that a transaction of this node has written and may
// commit. Until it is seen every caller asks, so that the change is obeyed from its commit on
// (R3). It is called before the commit: nobody has to be told afterwards.
func (d *Directory) expect(version int64) *hope {
	h := &hope{version: version, until: clock.Now().Add(hoped)}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.setHopes(append(d.hopes, h))
	return h
}

// forget gives up what a transaction that was rolled back had written. Without it the asking
// goes on until the hope ends by itself.
func (d *Directory) forget(gone []*hope) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.setHopes(slices.DeleteFunc(d.hopes, func(h *hope) bool {
		return slices.Contains(gone, h)
	}))
}

// setHopes keeps those of all that are still open. d.mu is held.
func (d *Directory) setHopes(all []*hope) {
	now, seen := clock.Now(), int64(0)
	if s := d.state.Load(); s != nil {
		seen = s.Version
	}
	d.hopes = slices.DeleteFunc(all, func(h *hope) bool {
		return h.version <= seen || !now.Before(h.until)
	})
	var highest *hope
	for _, h := range d.hopes {
		if highest == nil || h.version > highest.version ||
			h.version == highest.version && h.until.After(highest.until) {
			highest = h
		}
	}
	d.highest.Store(highest)
}

// current returns what is remembered, after asking for the version when that is due.
func (d *Directory) current(ctx context.Context) (*memory, error) {
	now := clock.Now()
	s := d.state.Load()
	if s == nil || s.over(now) || d.hoping(s, now) {
		return d.ask(ctx)
	}
	switch age := now.Sub(s.checked); {
	case age < 0 || age >= believed:
		return d.askOnce(ctx)
	case age >= renewed && d.renewing.CompareAndSwap(false, true):
		defer d.renewing.Store(false)
		return d.ask(ctx)
	}
	return s.memory, nil
}

// over says whether another agreement has come in force since m was read.
func (m *memory) over(now time.Time) bool {
	b := m.boundary.Load()
	return b != 0 && clock.Micros(now) >= b
}

// hoping says whether a change of this node may have been committed and was not seen yet.
func (d *Directory) hoping(s *state, now time.Time) bool {
	h := d.highest.Load()
	return h != nil && s.Version < h.version && now.Before(h.until)
}

// askOnce lets one of many callers ask; the others use its answer.
func (d *Directory) askOnce(ctx context.Context) (*memory, error) {
	d.asking.Lock()
	defer d.asking.Unlock()

	if s := d.state.Load(); s != nil {
		if age := clock.Now().Sub(s.checked); age >= 0 && age < believed {
			return s.memory, nil
		}
	}
	return d.ask(ctx)
}

// ask reads the version and returns what is remembered of it, or of a newer one.
func (d *Directory) ask(ctx context.Context) (*memory, error) {
	began := clock.Now()
	var ref Reference
	err := d.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		ref, err = reference(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read reference version: %w", err)
	}
	return d.adopt(ref, began), nil
}

// adopt remembers ref, which was read by a transaction that began at that time, and returns
// the memory for it. A version that is older than the one remembered changes nothing: its
// transaction began before the newer one was committed (R4).
func (d *Directory) adopt(ref Reference, began time.Time) *memory {
	d.mu.Lock()
	defer d.mu.Unlock()

	s := d.state.Load()
	switch {
	case s == nil || s.Version < ref.Version || s.Version == ref.Version && s.over(began):
		s = &state{memory: newMemory(ref), checked: began}
	case s.Version == ref.Version && s.checked.Before(began):
		s = &state{memory: s.memory, checked: began}
	default:
		return s.memory
	}
	d.state.Store(s)
	d.setHopes(d.hopes)
	return s.memory
}

func newMemory(ref Reference) *memory {
	return &memory{
		Reference: ref,
		points:    map[pointKey]*Point{},
		keys:      map[keyName]*parsedKey{},
		sessions:  map[string]int64{},
	}
}

// read runs fn in a transaction with the memory of the version that the transaction sees. What
// fn puts into it is lost when that version is no longer, or not yet, the current one.
func (d *Directory) read(
	ctx context.Context, fn func(ctx context.Context, tx *db.Tx, m *memory) error,
) error {
	began := clock.Now()
	return d.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		ref, err := reference(ctx, tx)
		if err != nil {
			return fmt.Errorf("read reference version: %w", err)
		}
		m := d.adopt(ref, began)
		if m.Version != ref.Version {
			m = newMemory(ref)
		}
		return fn(ctx, tx, m)
	})
}

// point returns a remembered point.
func (m *memory) point(k pointKey) *Point {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.points[k]
}

// keep remembers a point.
func (m *memory) keep(k pointKey, p *Point) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.points) >= pointsMax {
		clear(m.points)
	}
	m.points[k] = p
}
