package risk

import (
	"context"
	"fmt"
	"slices"

	"watari/kit/check"
	"watari/kit/db"
)

// Sheet is the counters of one batch: loaded, asked and changed in memory, so that the payments
// of a batch see each other, and written once. It belongs to one transaction, is made anew when
// that runs again, and is not safe for concurrent use.
type Sheet struct{ lines map[Key]*line }

// line is a counter: what was read, and what it is now. Of a loose counter that was not loaded
// only the difference means something.
type line struct {
	readMinor, readCount int64
	minor, count         int64
}

func (l *line) changed() bool { return l.minor != l.readMinor || l.count != l.readCount }

// UsedFunc tells what a counter stands at. Sheet.Used is one.
type UsedFunc func(Key) (minor, count int64)

// Load makes the rows that are missing, locks and reads them (K1, K2); loose counters are only
// read (K6). keys may repeat. Without keys no statement runs (K4). It is called once in a
// transaction, after the request ids are claimed and before payments are locked.
func Load(ctx context.Context, tx *db.Tx, keys []Key) (*Sheet, error) {
	s := &Sheet{lines: make(map[Key]*line, len(keys))}
	keys = slices.Clone(keys)
	slices.SortFunc(keys, compare)
	keys = slices.Compact(keys)
	var firm, loose []Key
	for _, k := range keys {
		if k.Kind.loose() {
			loose = append(loose, k)
		} else {
			firm = append(firm, k)
		}
	}

	if err := s.lock(ctx, tx, firm); err != nil {
		return nil, err
	}
	if err := readOnly(ctx, tx, loose, s.put); err != nil {
		return nil, fmt.Errorf("read counters: %w", err)
	}
	for _, k := range loose {
		if s.lines[k] == nil {
			s.put(k, 0, 0)
		}
	}
	return s, nil
}

// lock makes, locks and reads counters. A row that Purge deletes between the two statements is
// made again.
func (s *Sheet) lock(ctx context.Context, tx *db.Tx, keys []Key) error {
	for range 3 {
		if err := insertMissing(ctx, tx, keys); err != nil {
			return fmt.Errorf("make counters: %w", err)
		}
		if err := lockAndRead(ctx, tx, keys, s.put); err != nil {
			return fmt.Errorf("lock counters: %w", err)
		}
		if len(s.lines) == len(keys) {
			return nil
		}
	}
	return fmt.Errorf("lock counters: %d of %d are there", len(s.lines), len(keys))
}

func (s *Sheet) put(k Key, minor, count int64) {
	s.lines[k] = &line{readMinor: minor, readCount: count, minor: minor, count: count}
}

// Used returns what a counter stands at, changes of this batch included. It panics when the
// counter was not loaded.
func (s *Sheet) Used(k Key) (minor, count int64) {
	l := s.lines[k]
	check.That(l != nil, "risk: counter %v was not loaded", k)
	return l.minor, l.count
}

// Add changes a counter in memory; negative numbers give back. A counter of a day stops at
// zero (K5). It panics when the counter was not loaded; loose ones need not be.
func (s *Sheet) Add(k Key, minor, count int64) {
	l := s.lines[k]
	if l == nil && k.Kind.loose() {
		l = &line{}
		s.lines[k] = l
	}
	check.That(l != nil, "risk: counter %v was not loaded", k)
	l.minor, l.count = sum(l.minor, minor), sum(l.count, count)
	if !k.Kind.endless() {
		l.minor, l.count = max(l.minor, 0), max(l.count, 0)
	}
}

// Set makes a counter stand at these figures; see StartCap. It panics when the counter was not
// loaded, or is loose.
func (s *Sheet) Set(k Key, minor, count int64) {
	l := s.lines[k]
	check.That(l != nil && !k.Kind.loose(), "risk: counter %v was not loaded", k)
	l.minor, l.count = minor, count
}

// sum adds two numbers that are far from overflowing unless something is broken.
func sum(a, b int64) int64 {
	c := a + b
	check.That((c > a) == (b > 0), "risk: counter overflows: %d and %d", a, b)
	return c
}

// Flush writes the counters that changed, in the order of their keys. Flushing again writes
// only what changed since.
func (s *Sheet) Flush(ctx context.Context, tx *db.Tx) error {
	var firm, loose []Key
	for k, l := range s.lines {
		switch {
		case !l.changed():
		case k.Kind.loose():
			loose = append(loose, k)
		default:
			firm = append(firm, k)
		}
	}
	slices.SortFunc(firm, compare)
	slices.SortFunc(loose, compare)

	n, err := update(ctx, tx, firm, s.lines)
	if err != nil {
		return fmt.Errorf("write counters: %w", err)
	}
	if n != int64(len(firm)) {
		return fmt.Errorf("write counters: %d of %d were written", n, len(firm))
	}
	if err := add(ctx, tx, loose, s.lines); err != nil {
		return fmt.Errorf("add to counters: %w", err)
	}
	for _, l := range s.lines {
		l.readMinor, l.readCount = l.minor, l.count
	}
	return nil
}
