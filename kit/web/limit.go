package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"watari/kit/clock"
)

// Bounds on connections.
const (
	// reserve is how many descriptors are kept for the database, wallets and files.
	reserve = 256
	// refusers is how many connections are being told at a time that there is no room.
	refusers = 64
	// mostConns is the default bound where descriptors are plenty: a connection costs about
	// 20 KB, so this is 200 MB.
	mostConns = 10_000
	// quietFor is how long a connection must have been quiet before it may be closed to make
	// room for another.
	quietFor = time.Second
	// refuseTime bounds each half of telling one connection.
	refuseTime = 250 * time.Millisecond
	// retryAccept is the pause after the system itself had no room.
	retryAccept = 50 * time.Millisecond
)

// Listener is a net.Listener that never holds more than so many connections.
type Listener struct {
	net.Listener
	max    int
	start  time.Time
	busy   []byte        // the answer to those who find no room
	tokens chan struct{} // one for each connection that may be refused at a time
	full   func(ListenerStats)

	mu        sync.Mutex
	open      int
	head, end *conn // quiet connections, the longest quiet first
	refused   int64
	evicted   int64
}

// ListenerStats are the figures of a Listener.
type ListenerStats struct {
	// Open is the connections that are open now, Max the most that there may be.
	Open, Max int
	// Refused and Evicted count since the start: connections that were answered 503, and quiet
	// ones that were closed to make room.
	Refused, Evicted int64
}

// Limit bounds the connections of a listener to n; n below 1 means MaxConns().
//
// A connection beyond the bound takes the place of the one that has been quiet the longest, at
// least a second: one that sent nothing yet, or waits between two requests. Where there is none it
// is answered 503 with Retry-After and closed; and where too many are being answered so, it waits
// in the system's queue. So a crowd of idle connections keeps nobody out, the process never runs
// out of descriptors, and nothing spins.
func Limit(ln net.Listener, n int) *Listener {
	if n < 1 {
		n = MaxConns()
	}
	return &Listener{Listener: ln, max: n, start: clock.Now(), busy: busyAnswer(),
		tokens: make(chan struct{}, refusers), full: func(ListenerStats) {}}
}

// MaxConns is the most connections that the process has descriptors for: the soft limit on open
// files less a reserve of 256, at most 10,000.
func MaxConns() int {
	files := openFiles()
	n := files - reserve - refusers
	if n < files/4 {
		n = files / 4 // a tiny limit: leave most of it to the rest of the program
	}
	return max(8, min(n, mostConns))
}

// Stats returns the figures of now.
func (l *Listener) Stats() ListenerStats {
	l.mu.Lock()
	defer l.mu.Unlock()

	return ListenerStats{Open: l.open, Max: l.max, Refused: l.refused, Evicted: l.evicted}
}

// Accept waits for a connection that there is room for.
func (l *Listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if err != nil && outOfFiles(err) {
			l.makeRoom(0)
			time.Sleep(retryAccept)
			continue
		}
		if err != nil {
			return nil, err
		}
		if l.enter() {
			c := &conn{Conn: raw, l: l}
			l.hush(c)
			return c, nil
		}
		l.refuse(raw)
	}
}

// enter takes a place, if need be from a quiet connection.
func (l *Listener) enter() bool {
	l.mu.Lock()
	if l.open < l.max {
		l.open++
		l.mu.Unlock()
		return true
	}
	l.mu.Unlock()
	if !l.makeRoom(quietFor) {
		return false
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.max {
		return false
	}
	l.open++
	return true
}

// makeRoom closes the connection that has been quiet the longest, if that is long enough.
func (l *Listener) makeRoom(quiet time.Duration) bool {
	l.mu.Lock()
	c := l.head
	if c == nil || clock.Now().Sub(c.since) < quiet {
		l.mu.Unlock()
		return false
	}
	l.unlink(c)
	l.evicted++
	l.mu.Unlock()

	c.Close()
	l.full(l.Stats())
	return true
}

// refuse tells a connection that there is no room, aside, unless too many are being told already:
// then it is told here, which lets the others wait in the system's queue.
func (l *Listener) refuse(raw net.Conn) {
	l.mu.Lock()
	l.refused++
	l.mu.Unlock()
	l.full(l.Stats())
	l.tokens <- struct{}{}
	go func() {
		defer func() { <-l.tokens }()
		defer raw.Close()
		// Clients take an answer that comes before their request for a mistake: wait for its
		// first bytes, but not long.
		_ = raw.SetReadDeadline(clock.Now().Add(refuseTime))
		_, _ = raw.Read(make([]byte, 4096))
		_ = raw.SetDeadline(clock.Now().Add(refuseTime))
		if _, err := raw.Write(l.busy); err != nil {
			return
		}
		// Closing with unread bytes would reset the connection, and the answer could be lost.
		if t, ok := raw.(interface{ CloseWrite() error }); ok {
			_ = t.CloseWrite()
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(raw, PageMaxBody))
	}()
}

// state follows what net/http does with a connection.
func (l *Listener) state(c net.Conn, state http.ConnState) {
	own, ok := c.(*conn)
	if !ok {
		return
	}
	switch state {
	case http.StateActive:
		l.mu.Lock()
		l.unlink(own)
		l.mu.Unlock()
	case http.StateIdle:
		own.first.Store(0)
		l.hush(own)
	case http.StateHijacked:
		l.mu.Lock()
		l.unlink(own)
		l.mu.Unlock()
	}
}

// hush puts a connection at the end of the quiet ones.
func (l *Listener) hush(c *conn) {
	now := clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()

	if c.quiet {
		return
	}
	c.quiet, c.since, c.prev, c.next = true, now, l.end, nil
	if l.end != nil {
		l.end.next = c
	} else {
		l.head = c
	}
	l.end = c
}

// unlink takes a connection out of the quiet ones. The caller holds mu.
func (l *Listener) unlink(c *conn) {
	if !c.quiet {
		return
	}
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		l.head = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	} else {
		l.end = c.prev
	}
	c.quiet, c.prev, c.next = false, nil, nil
}

// leave gives the place of a closed connection back.
func (l *Listener) leave(c *conn) {
	l.mu.Lock()
	l.unlink(c)
	l.open--
	l.mu.Unlock()
}

// busyAnswer is the whole answer to a connection that finds no room.
func busyAnswer() []byte {
	doc := document(ErrBusy.Newf("try again in a second"), "")
	body, err := json.Marshal(doc)
	if err != nil {
		panic(errors.New("web: the busy answer has no JSON form"))
	}
	body = append(body, '\n')
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n"+
		"Retry-After: 1\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n%s",
		doc.Status, http.StatusText(doc.Status), problemType, len(body), body)
}
