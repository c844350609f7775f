package access

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
	// keptFor is how long it may be used while somebody asks again (A2).
	keptFor = 2 * time.Second
	// maxEntries bounds the cache against a flood of invented keys; about 2 MB.
	maxEntries = 10_000
)

// entry is one answer of the database.
type entry struct {
	caller Caller
	known  bool
	asked  time.Time   // when the database was asked: before it answered
	again  atomic.Bool // somebody is asking again
	noted  atomic.Bool // the use is noted
}

// lookup is one question that several callers wait for.
type lookup struct {
	done chan struct{}
	e    *entry
	err  error
}

// cache keeps answers for two seconds. One caller in a second asks again while the others go on
// with what is there; those who find nothing wait together for one question.
type cache struct {
	load func(context.Context, [sha256.Size]byte) (Caller, bool, error)

	mu      sync.RWMutex
	entries map[[sha256.Size]byte]*entry
	lookups map[[sha256.Size]byte]*lookup
}

// get returns the answer for a key.
func (c *cache) get(ctx context.Context, sum [sha256.Size]byte) (*entry, error) {
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

// ask joins the question that is under way for a key, or puts it.
func (c *cache) ask(ctx context.Context, sum [sha256.Size]byte) (*entry, error) {
	c.mu.Lock()
	l := c.lookups[sum]
	if l == nil {
		l = &lookup{done: make(chan struct{})}
		if c.lookups == nil {
			c.lookups = map[[sha256.Size]byte]*lookup{}
		}
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
func (c *cache) answer(ctx context.Context, sum [sha256.Size]byte, l *lookup) {
	ctx, cancel := context.WithTimeout(ctx, keptFor)
	defer cancel()
	e := &entry{asked: clock.Now()}
	e.caller, e.known, l.err = c.load(ctx, sum)

	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.lookups, sum)
	if l.err == nil {
		l.e = e
		c.keep(sum, e)
	} else if old := c.entries[sum]; old != nil {
		old.again.Store(false)
	}
	close(l.done)
}

// keep puts an answer into the cache and, when that is full, throws out what is old, or else
// everything: a flood of invented keys costs a look-up for each key in use.
func (c *cache) keep(sum [sha256.Size]byte, e *entry) {
	if len(c.entries) >= maxEntries {
		for s, old := range c.entries {
			if e.asked.Sub(old.asked) >= keptFor {
				delete(c.entries, s)
			}
		}
	}
	if c.entries == nil || len(c.entries) >= maxEntries {
		c.entries = map[[sha256.Size]byte]*entry{}
	}
	c.entries[sum] = e
}
