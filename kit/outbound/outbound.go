package outbound

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// The size of the connection pool of one host, and its times. The idle time is shorter than that
// of common servers, so that a request is hardly ever written into a connection that the other
// side is just closing.
const (
	idleConns = 256
	maxConns  = 1024
	idleTime  = 4 * time.Second
	dialTime  = 3 * time.Second
	headerMax = 64 << 10
)

// Options are what clients differ in.
type Options struct {
	// Guard, when there is one, refuses addresses (IP:PORT) after names were looked up and before
	// they are dialled. One refused address refuses the name.
	Guard func(address string) error
	// Resolver looks names up for Guard; nil is the machine's.
	Resolver *net.Resolver
	// Dial opens connections; nil is the network. Guard does not see what Dial opens.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// HTTP2 speaks HTTP/2 where the other side can, over TLS.
	HTTP2 bool
}

// New returns a client. How long a call may take is its context's business.
func New(o Options) *http.Client {
	dialer := &net.Dialer{Timeout: dialTime, KeepAlive: 30 * time.Second, Resolver: o.Resolver}
	dial := dialer.DialContext
	if o.Guard != nil {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			return o.Guard(address)
		}
		dial = guarded{dialer, o.Guard}.dial
	}
	if o.Dial == nil {
		o.Dial = dial
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: nil, DialContext: o.Dial, DisableCompression: true,
			MaxIdleConnsPerHost: idleConns, MaxConnsPerHost: maxConns,
			IdleConnTimeout: idleTime, TLSHandshakeTimeout: dialTime,
			MaxResponseHeaderBytes: headerMax, ForceAttemptHTTP2: o.HTTP2,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// Read reads a body of at most limit bytes. More is an error, and so is a body that breaks off.
func Read(body io.Reader, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case int64(len(text)) > limit:
		return nil, fmt.Errorf("the answer is over %d bytes", limit)
	}
	return text, nil
}

// WithoutURL drops the address that net/http puts into its errors: one may hold a secret.
func WithoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
