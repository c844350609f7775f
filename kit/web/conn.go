package web

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"watari/kit/clock"
)

// conn is a connection of a Listener. It notes when the first byte of a request arrives and
// whether anything is under way.
type conn struct {
	net.Conn
	l *Listener

	// first is when the first byte of the request under way was read, in nanoseconds after
	// l.start plus one; 0 until then. It is set by the read that fetches the byte and cleared
	// when the answer is out, so bytes of a body never count as the next request.
	first atomic.Int64

	closed sync.Once
	err    error

	// The rest belongs to l.mu: the queue of quiet connections.
	quiet      bool
	since      time.Time
	prev, next *conn
}

// Read is part of net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && c.first.Load() == 0 {
		c.first.Store(int64(clock.Now().Sub(c.l.start)) + 1)
	}
	return n, err
}

// Close is part of net.Conn. The place is free when the descriptor is.
func (c *conn) Close() error {
	c.closed.Do(func() {
		c.err = c.Conn.Close()
		c.l.leave(c)
	})
	return c.err
}

// CloseWrite lets net/http end its half first, so that the other side reads the last answer.
func (c *conn) CloseWrite() error {
	if t, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return t.CloseWrite()
	}
	return nil
}

type connKey struct{}

// withConn gives the requests of a connection their connection.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// firstByte returns when the first byte of a request was read; zero when that is not known.
func firstByte(r *http.Request) time.Time {
	c, ok := r.Context().Value(connKey{}).(*conn)
	if !ok || r.ProtoMajor != 1 {
		return time.Time{}
	}
	first := c.first.Load()
	if first == 0 {
		return time.Time{}
	}
	return c.l.start.Add(time.Duration(first - 1))
}
