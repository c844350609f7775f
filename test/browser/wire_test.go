package browser

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// wire stands between a browser and the server, and can be cut.
type wire struct {
	URL string // the server's address through the wire, without a slash at the end

	server string
	mu     sync.Mutex
	isCut  bool
	conns  map[net.Conn]struct{}
}

// wire lays a wire to the rig's server.
func (r *Rig) wire(t testing.TB) *wire {
	t.Helper()
	server, err := url.Parse(r.BaseURL)
	if err != nil {
		t.Fatalf("read the server's address: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("lay a wire: %v", err)
	}
	w := &wire{URL: "http://" + listener.Addr().String(), server: server.Host,
		conns: map[net.Conn]struct{}{}}
	t.Cleanup(func() {
		_ = listener.Close()
		w.cut(true)
	})
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(near)
		}
	}()
	return w
}

// carry takes what comes on one connection to the server and back.
func (w *wire) carry(near net.Conn) {
	far, err := net.Dial("tcp", w.server)
	if err != nil {
		_ = near.Close()
		return
	}
	w.mu.Lock()
	w.conns[near], w.conns[far] = struct{}{}, struct{}{}
	cut := w.isCut
	w.mu.Unlock()
	if !cut {
		go w.copy(far, near)
		w.copy(near, far)
	}
	w.close(near, far)
}

func (w *wire) copy(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	w.close(to, from)
}

func (w *wire) close(conns ...net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
		delete(w.conns, c)
	}
}

// cut breaks all connections and lets none through, or mends the wire.
func (w *wire) cut(is bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = is
	if is {
		for c := range w.conns {
			_ = c.Close()
		}
	}
}
