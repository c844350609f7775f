package batch

import (
	"context"
	"errors"
	"sync"

	"watari/kit/check"
)

// Errors of Do.
var (
	// ErrBusy is returned at once when Queue items wait already.
	ErrBusy = errors.New("batch: the queue is full")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("batch: closed")
)

// Defaults of Config.
const (
	// DefaultMax is the default number of items in a batch.
	DefaultMax = 256
	// DefaultQueue is the default number of items that wait.
	DefaultQueue = 4096
)

// Config says how items are collected. Zero fields take the defaults.
type Config[C any] struct {
	// Max is the largest number of items in a batch.
	Max int
	// Queue is the largest number of items that wait; the ones that run do not count.
	Queue int
	// Workers is the number of batches that run at the same time, default 1. More than one
	// helps where a batch waits for a server, not on SQLite.
	Workers int
	// Key returns what an item must not share a batch with another about (B2); "" is no
	// key. nil: no item has one.
	Key func(C) string
	// Whole says whether an error of a batch concerns all its items, so that cutting it is
	// pointless or wrong, as with a commit in doubt (B5). nil: none does.
	Whole func(error) bool
}

// Stats are totals since New.
type Stats struct {
	// Batches is the number of batches that were taken from the queue.
	Batches int64
	// Items is the number of items in them.
	Items int64
}

// Batcher collects items of type C and answers them with R. It is safe for concurrent use.
type Batcher[C, R any] struct {
	cfg Config[C]
	run func(context.Context, []C) ([]R, error)

	mu      sync.Mutex
	ready   []*item[C, R]            // may run now, in order
	behind  map[string][]*item[C, R] // wait for another of their key
	waiting int                      // items in ready and behind
	workers int
	closed  bool
	idle    sync.Cond // workers == 0
	stats   Stats
}

// item is one call.
type item[C, R any] struct {
	c    C
	key  string
	r    R
	err  error
	done chan struct{}
}

// New makes a Batcher. run is called with 1 to Max items and returns as many results in the
// same order, or an error and no effect.
func New[C, R any](
	cfg Config[C], run func(ctx context.Context, items []C) ([]R, error),
) *Batcher[C, R] {
	check.That(run != nil, "batch: run is nil")
	if cfg.Max <= 0 {
		cfg.Max = DefaultMax
	}
	if cfg.Queue <= 0 {
		cfg.Queue = DefaultQueue
	}
	if cfg.Workers <= 0 {
		cfg.Workers = 1
	}
	b := &Batcher[C, R]{cfg: cfg, run: run, behind: make(map[string][]*item[C, R])}
	b.idle.L = &b.mu
	return b
}

// Do queues c and waits for its result. When ctx ends first Do returns its error, but c runs
// all the same (B3); when it has ended already c is not queued.
//
// Errors: ErrBusy, ErrClosed, ctx's, a check.Defect for a panic, those of run.
func (b *Batcher[C, R]) Do(ctx context.Context, c C) (R, error) {
	var zero R
	if err := ctx.Err(); err != nil {
		return zero, err
	}
	it := &item[C, R]{c: c, done: make(chan struct{})}
	if b.cfg.Key != nil {
		it.key = b.cfg.Key(c)
	}
	if err := b.enqueue(it); err != nil {
		return zero, err
	}
	select {
	case <-it.done:
		return it.r, it.err
	case <-ctx.Done():
		return zero, ctx.Err()
	}
}

// Close refuses new items and waits until those that were taken have their answer.
func (b *Batcher[C, R]) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for b.workers > 0 {
		b.idle.Wait()
	}
}

// Stats returns the totals so far.
func (b *Batcher[C, R]) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stats
}

func (b *Batcher[C, R]) enqueue(it *item[C, R]) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrClosed
	}
	if b.waiting >= b.cfg.Queue {
		return ErrBusy
	}
	b.waiting++
	if it.key != "" {
		if list, taken := b.behind[it.key]; taken {
			b.behind[it.key] = append(list, it)
			return nil
		}
		b.behind[it.key] = nil // taken until release
	}
	b.ready = append(b.ready, it)
	if b.workers < b.cfg.Workers {
		b.workers++
		go b.work()
	}
	return nil
}

// work runs batches until nothing is ready.
func (b *Batcher[C, R]) work() {
	for {
		items := b.take()
		if items == nil {
			return
		}
		b.attempt(items)
		b.release(items)
	}
}

// take removes the next batch from the queue, or ends the worker.
func (b *Batcher[C, R]) take() []*item[C, R] {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := min(len(b.ready), b.cfg.Max)
	if n == 0 {
		b.workers--
		b.idle.Broadcast()
		return nil
	}
	items := make([]*item[C, R], n)
	copy(items, b.ready)
	rest := copy(b.ready, b.ready[n:])
	clear(b.ready[rest:])
	b.ready = b.ready[:rest]
	b.waiting -= n
	b.stats.Batches++
	b.stats.Items += int64(n)
	return items
}

// release makes the next item of each key ready.
func (b *Batcher[C, R]) release(items []*item[C, R]) {
	if b.cfg.Key == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range items {
		if it.key == "" {
			continue
		}
		list := b.behind[it.key]
		if len(list) == 0 {
			delete(b.behind, it.key)
			continue
		}
		b.ready = append(b.ready, list[0])
		list[0] = nil
		b.behind[it.key] = list[1:]
	}
}

// attempt runs items, in halves after a failure (B4), and answers them.
func (b *Batcher[C, R]) attempt(items []*item[C, R]) {
	results, err := b.call(items)
	if err == nil {
		for i, it := range items {
			it.r = results[i]
			close(it.done)
		}
		return
	}
	if len(items) > 1 && (b.cfg.Whole == nil || !b.cfg.Whole(err)) {
		half := len(items) / 2
		b.attempt(items[:half])
		b.attempt(items[half:])
		return
	}
	for _, it := range items {
		it.err = err
		close(it.done)
	}
}

// call runs the function and turns a panic into a defect.
func (b *Batcher[C, R]) call(items []*item[C, R]) (results []R, err error) {
	cs := make([]C, len(items))
	for i, it := range items {
		cs[i] = it.c
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		results = nil
		if v := recover(); v != nil {
			err = check.Recovered(v)
			return
		}
		err = check.Recovered("batch: the function left its goroutine")
	}()
	results, err = b.run(context.Background(), cs)
	if err == nil {
		check.That(len(results) == len(items),
			"batch: %d results for %d items", len(results), len(items))
	}
	returned = true
	return results, err
}
