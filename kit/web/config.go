package web

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"watari/kit/access"
)

// Limits of a request that Config does not name.
const (
	// DefaultMaxBody is the most bytes in the body of an operation.
	DefaultMaxBody = 64 << 10
	// PageMaxBody is the most bytes in the body of a page or protocol request.
	PageMaxBody = 1 << 20
	// MaxDepth is how deep arrays and objects of a body may be nested.
	MaxDepth = 32
	// maxHeader is the most bytes in the head of a request. net/http adds 4 KiB of its own.
	maxHeader = 32 << 10
)

// Config is what a server is made of. The zero value works, with no keys known.
type Config struct {
	// Title, Version and Description stand in the OpenAPI document.
	Title, Version, Description string
	// Keys recognises callers. Without it every operation that has roles refuses.
	Keys *access.Keys
	// Log gets one line for each problem; nil is slog.Default().
	Log *slog.Logger
	// Ready tells whether the server can work, for /readyz; nil is always. It has 2 s.
	Ready func(context.Context) error
	// Metrics gets the server's figures and is shown at /metrics; nil makes one that has those
	// of the Go runtime and the process as well.
	Metrics *prometheus.Registry
	// Aliases say which type describes another in the OpenAPI document and in strict decoding:
	// for types that have their own JSON form.
	Aliases []Alias
	// ErrorPage draws a problem for browsers; nil is a plain page. It writes status and body.
	ErrorPage func(http.ResponseWriter, *http.Request, *Document)
	// ContentSecurityPolicy of pages; "" is DefaultPolicy.
	ContentSecurityPolicy string

	// MaxConns is the most connections at a time; 0 is MaxConns().
	MaxConns int
	// HeaderTimeout bounds the head of a request, from its first byte; 0 is 5 s.
	HeaderTimeout time.Duration
	// ReadTimeout bounds head and body; 0 is 15 s.
	ReadTimeout time.Duration
	// WriteTimeout bounds the answer, from the end of the head; 0 is 30 s.
	WriteTimeout time.Duration
	// IdleTimeout is how long a connection waits for its next request; 0 is 90 s.
	IdleTimeout time.Duration
	// Grace is how long requests under way may take when the server stops; 0 is 10 s.
	Grace time.Duration
}

// DefaultPolicy lets pages load from this server only, and draw images that they made
// themselves. Scripts are files, never text inside a page.
const DefaultPolicy = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
	"worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'"

// Alias says that one type is described by another.
type Alias struct{ of, as reflect.Type }

// As makes an Alias: T looks like S in JSON.
func As[T, S any]() Alias { return Alias{reflect.TypeFor[T](), reflect.TypeFor[S]()} }

// complete fills in what was left out.
func (c *Config) complete() {
	for _, d := range []struct {
		value *time.Duration
		or    time.Duration
	}{
		{&c.HeaderTimeout, 5 * time.Second},
		{&c.ReadTimeout, 15 * time.Second},
		{&c.WriteTimeout, 30 * time.Second},
		{&c.IdleTimeout, 90 * time.Second},
		{&c.Grace, 10 * time.Second},
	} {
		if *d.value == 0 {
			*d.value = d.or
		}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Title == "" {
		c.Title = "Watari"
	}
	if c.Version == "" {
		c.Version = "0"
	}
	if c.ContentSecurityPolicy == "" {
		c.ContentSecurityPolicy = DefaultPolicy
	}
	if c.ErrorPage == nil {
		c.ErrorPage = plainErrorPage
	}
}
