package webtest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"watari/kit/web"
)

// Start serves s on a free port until the test ends and returns its address without a slash at the
// end. Requests that are under way when the test ends are waited for.
func Start(t testing.TB, s *web.Server) (baseURL string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	run(t, s, ln)
	return "http://" + ln.Addr().String()
}

// StartMemory serves s in memory until the test ends and returns a client that reaches it under
// any host name. Inside a bubble of testing/synctest both must be used there only.
func StartMemory(t testing.TB, s *web.Server) *http.Client {
	t.Helper()
	ln := NewMemory()
	run(t, s, ln)
	client := ln.Client()
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// run serves until the test ends.
func run(t testing.TB, s *web.Server, ln net.Listener) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, ln) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

// Memory is a listener whose connections are pipes in memory.
type Memory struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// NewMemory makes a listener in memory.
func NewMemory() *Memory {
	return &Memory{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Accept is part of net.Listener.
func (m *Memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.done:
		return nil, net.ErrClosed
	}
}

// Close is part of net.Listener.
func (m *Memory) Close() error {
	m.once.Do(func() { close(m.done) })
	return nil
}

// Addr is part of net.Listener.
func (m *Memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "memory"} }

// Dial connects.
func (m *Memory) Dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case m.conns <- there:
		return here, nil
	case <-m.done:
		return nil, errors.New("webtest: the listener is closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Client returns a client all of whose requests go to this listener.
func (m *Memory) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return m.Dial(ctx)
		},
		IdleConnTimeout: time.Minute,
	}}
}
