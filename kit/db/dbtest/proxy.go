package dbtest

import (
	"bytes"
	"cmp"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// Proxy stands between a DB and a PostgreSQL server and can lose a connection at the worst
// moment: after the server has committed, before the answer arrives.
type Proxy struct {
	location        string
	network, server string
	cut             atomic.Bool
}

// NewProxy listens in front of the server of a location that Location or Migrated gave.
func NewProxy(t testing.TB, location string) *Proxy {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	p := &Proxy{network: "tcp", server: net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "5432"))}
	if dir := q.Get("host"); dir != "" {
		p.network = "unix"
		p.server = filepath.Join(dir, ".s.PGSQL."+cmp.Or(q.Get("port"), "5432"))
	}
	dir, err := os.MkdirTemp("", "wp") // short: a socket's path has 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go p.serve(l)
	q.Set("host", dir)
	q.Set("port", "5432")
	u.Host = ""
	u.RawQuery = q.Encode()
	p.location = u.String()
	return p
}

// Location returns the location through the proxy.
func (p *Proxy) Location() string { return p.location }

// CutNextCommit lets the next COMMIT reach the server and loses its answer and the
// connection.
func (p *Proxy) CutNextCommit() { p.cut.Store(true) }

func (p *Proxy) serve(l net.Listener) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		go p.pass(client)
	}
}

func (p *Proxy) pass(client net.Conn) {
	defer client.Close()
	server, err := net.Dial(p.network, p.server)
	if err != nil {
		return
	}
	defer server.Close()
	var mute atomic.Bool
	go func() {
		buf := make([]byte, 64<<10)
		for {
			n, err := client.Read(buf)
			// A simple query: the letter Q, four bytes of length, the text.
			if bytes.Contains(buf[:n], []byte("commit\x00")) && p.cut.CompareAndSwap(true, false) {
				mute.Store(true)
			}
			if _, e := server.Write(buf[:n]); err != nil || e != nil {
				server.Close()
				return
			}
		}
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := server.Read(buf)
		if mute.Load() || err == io.EOF {
			return // the server has answered: it is done there
		}
		if _, e := client.Write(buf[:n]); err != nil || e != nil {
			return
		}
	}
}
