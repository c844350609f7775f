package recent

import (
	"context"
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"time"

	"watari/kit/clock"
)

// Times and size of the cache.
const (
	// freshFor is how long an answer is used without asking again.
	freshFor = time.Second
	// keptFor is how long it may be used while somebody asks again (N1).
	keptFor = 2 * time.Second
	// maxEntries bounds the cache (N3).
	maxEntries = 10_000
)

// Sum is the SHA-256 of a secret.
type Sum = [sha256.Size]byte

// Entry is one answer of the database.
type Entry[V any] struct {
	// Value is what is known; the zero value unless Known.
	Value V
	Known bool
	// Noted is for the caller: who sets it first may do something once for this answer.
	Noted atomic.Bool

	asked time.Time   // when the database was asked: before it answered
	again atomic.Bool // somebody is asking again
}

// lookup is one question that several callers wait for.
type lookup[V any] struct {
	done chan struct{}
	e    *Entry[V]
	err  error
	gone bool // forgotten while it was under way: not kept
}

// Cache keeps answers for two seconds. One caller in a second asks again while the others go on
// with what is there. It is safe for concurrent use.
type Cache[V any] struct {
	load func(context.Context, Sum) (V, bool, error)

	mu      sync.RWMutex
	entries map[Sum]*Entry[V]
	lookups map[Sum]*lookup[V]
}

// New returns a cache of what load finds. load has two seconds and outlives its caller.
func New[V any](load func(context.Context, Sum) (V, bool, error)) *Cache[V] {
	return &Cache[V]{load: load, entries: map[Sum]*Entry[V]{}, lookups: map[Sum]*lookup[V]{}}
}

// Get returns the answer for a secret. Errors: those of load, and ctx's own.
func (c *Cache[V]) Get(ctx context.Context, sum Sum) (*Entry[V], error) {
	c.mu.RLock()
	e := c.entries[sum]
	c.mu.RUnlock()

	if e != nil {
		age := clock.Now().Sub(e.asked)
		if age >= 0 && age < freshFor {
			return e, nil
		}
		if age >= 0 && age < keptFor && !e.again.CompareAndSwap(false, true) {
			return e, nil
		}
	}
	return c.ask(ctx, sum)
}

// Forget drops the answer for a secret (N4).
func (c *Cache[V]) Forget(sum Sum) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.entries, sum)
	if l := c.lookups[sum]; l != nil {
		l.gone = true
		delete(c.lookups, sum)
	}
}

// Clear drops all answers (N4).
func (c *Cache[V]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.entries)
	for _, l := range c.lookups {
		l.gone = true
	}
	clear(c.lookups)
}

// ask joins the question that is under way for a secret, or puts it.
func (c *Cache[V]) ask(ctx context.Context, sum Sum) (*Entry[V], error) {
	c.mu.Lock()
	l := c.lookups[sum]
	if l == nil {
		l = &lookup[V]{done: make(chan struct{})}
		c.lookups[sum] = l
		// The first caller may hang up; the others still want the answer.
		go c.answer(context.WithoutCancel(ctx), sum, l)
	}
	c.mu.Unlock()

	select {
	case <-l.done:
		return l.e, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// answer puts the question and keeps what comes back.
func (c *Cache[V]) answer(ctx context.Context, sum Sum, l *lookup[V]) {
	ctx, cancel := context.WithTimeout(ctx, keptFor)
	defer cancel()
	e := &Entry[V]{asked: clock.Now()}
	e.Value, e.Known, l.err = c.load(ctx, sum)

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lookups[sum] == l {
		delete(c.lookups, sum)
	}
	if l.err == nil {
		l.e = e
		if !l.gone {
			c.keep(sum, e)
		}
	} else if old := c.entries[sum]; old != nil {
		old.again.Store(false)
	}
	close(l.done)
}

// keep puts an answer into the cache and, when that is full, throws out what is old, or else
// everything (N3).
func (c *Cache[V]) keep(sum Sum, e *Entry[V]) {
	if len(c.entries) >= maxEntries {
		for s, old := range c.entries {
			if e.asked.Sub(old.asked) >= keptFor {
				delete(c.entries, s)
			}
		}
		if len(c.entries) >= maxEntries {
			clear(c.entries)
		}
	}
	c.entries[sum] = e
}

// Len is how many answers are kept.
func (c *Cache[V]) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.entries)
}
