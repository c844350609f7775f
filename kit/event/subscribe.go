package event

import (
	"context"
	"log/slog"
	"time"

	"watari/kit/db"
)

const (
	// pollEvery is how often the heads of the lanes are looked at for what other nodes
	// wrote. SQLite has one process, which wakes itself.
	pollEvery = 200 * time.Millisecond
	// retryAfter is the pause after a failed look.
	retryAfter = time.Second
	// subBuffer is how far a subscriber may lag behind.
	subBuffer = 256
	// tailPage is how many events are read at a time.
	tailPage = 512
)

// sub is one subscriber.
type sub struct {
	f  Filter
	ch chan Event
}

// tail is the goroutine that reads new events for all subscribers.
type tail struct {
	stop context.CancelFunc
	wake chan struct{}
}

// Subscribe returns the events that pass the filter and are committed after it returns;
// some that were committed just before may come too. Events of this process come as soon as
// Wake is called, those of other nodes on PostgreSQL within about 200 ms.
//
// The channel is closed when ctx ends, when it could not be set up, or when the receiver
// lags 256 events behind: then it subscribes again and reads what it missed with Read.
func (l *Log) Subscribe(ctx context.Context, f Filter) <-chan Event {
	s := &sub{f: f, ch: make(chan Event, subBuffer)}
	l.mu.Lock()
	running := l.tail != nil
	if running {
		l.subs[s] = struct{}{}
	}
	l.mu.Unlock()
	if !running {
		// The head is read without the lock. Whoever starts the tail meanwhile starts it
		// from an earlier place than "after Subscribe returns", which is all we promise.
		from, err := l.Head(ctx)
		if err != nil {
			close(s.ch)
			return s.ch
		}
		l.mu.Lock()
		l.subs[s] = struct{}{}
		if l.tail == nil {
			l.start(from)
		}
		l.mu.Unlock()
	}
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.drop(s)
	})
	return s.ch
}

// Wake tells subscribers of this process that events were committed. It never waits.
func (l *Log) Wake() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tail != nil {
		select {
		case l.tail.wake <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// start runs the tail. The caller holds the lock.
func (l *Log) start(from Cursor) {
	ctx, cancel := context.WithCancel(context.Background())
	t := &tail{stop: cancel, wake: make(chan struct{}, 1)}
	l.tail = t
	go l.follow(ctx, t, from)
}

// drop closes a subscriber, and stops the tail after the last. The caller holds the lock.
func (l *Log) drop(s *sub) {
	if _, ok := l.subs[s]; !ok {
		return
	}
	delete(l.subs, s)
	close(s.ch)
	if len(l.subs) == 0 {
		l.tail.stop()
		l.tail = nil
	}
}

// follow reads what is new and hands it out until ctx ends.
func (l *Log) follow(ctx context.Context, t *tail, at Cursor) {
	var tick <-chan time.Time
	if l.d.Engine() == db.Postgres {
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		evs, next, err := l.Read(ctx, at, Filter{}, tailPage)
		var again <-chan time.Time
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			slog.Warn("events cannot be read for subscribers", "error", err)
			again = time.After(retryAfter)
		default:
			at = next
			l.hand(t, evs)
		}
		if len(evs) == tailPage {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-t.wake:
		case <-tick:
		case <-again:
		}
	}
}

// hand gives events to the subscribers whose filter they pass, and drops those who lag.
func (l *Log) hand(t *tail, evs []Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for s := range l.subs {
		if l.tail != t { // dropped with its last subscriber, others belong to a new one
			return
		}
		for i := range evs {
			if !s.f.match(&evs[i]) {
				continue
			}
			select {
			case s.ch <- evs[i]:
				continue
			default:
			}
			l.drop(s)
			break
		}
	}
}
