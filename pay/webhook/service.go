package webhook

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/outbound"
	"watari/pay/party"
	"watari/pay/payment"
)

// Payments shows payments as /v1 does; *payment.Service is one.
type Payments interface {
	Find(ctx context.Context, acquirerNo int64, ch payment.Channel, ref payment.Ref) (
		*payment.Payment, error)
	Show(ctx context.Context, p *payment.Payment) (payment.Resource, error)
	FindRefund(ctx context.Context, acquirerNo int64, id string) (*payment.Refund, error)
	Captures(ctx context.Context, acquirerNo int64, paymentID string) (
		[]payment.Capture, error)
}

// Directory knows merchants and their stores; *party.Directory does.
type Directory interface {
	Store(ctx context.Context, storeNo int64) (party.Point, error)
	Merchant(ctx context.Context, no int64) (party.Merchant, error)
}

// Ring seals secrets; *seal.Ring does.
type Ring interface {
	Seal(plain string) string
	Unseal(sealed string) (string, error)
}

// Sizes and times of the work.
const (
	page      = 512                    // events taken at once
	lookEvery = 250 * time.Millisecond // how soon an event is seen
	holdFor   = 45 * time.Second       // longer than one attempt (W5)
	graceFor  = 5 * time.Second        // for an attempt when the process ends
	placesMax = 64                     // endpoints served at once, quick and slow each (W6)
	runMax    = 200                    // messages sent in a row before others have the place
	keepEvery = 5 * time.Second        // how often the place is written when nothing is queued
	sweepIn   = time.Hour
)

// Config is what a Service is made of. The first six fields are required.
type Config struct {
	DB        *db.DB
	Log       *event.Log
	Lane      int
	Ring      Ring
	Payments  Payments
	Directory Directory
	// Local allows plain HTTP and addresses that are not on the public internet (W7).
	Local  bool
	Logger *slog.Logger // nil is slog.Default
	// Pauses are those of the function when nil. Tests shorten them.
	Pauses []time.Duration
	// Look is how often the log is looked at; 0 is 250 ms.
	Look time.Duration
	// Hold is how long a node holds an endpoint; 0 is 45 s.
	Hold time.Duration
	// Places is how many endpoints a node serves at once, quick and slow each; 0 is 64.
	Places int
	// Dial opens connections; nil is the network, guarded unless Local.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Service keeps endpoints and tells them what happens. It is safe for concurrent use; Run runs
// once on every node.
type Service struct {
	Config
	poster *outbound.Poster

	mu      sync.Mutex
	serving map[bool]int    // endpoints that are served now, by whether they are slow
	asking  map[string]bool // endpoints that have been sent a challenge and not answered it

	// These are Run's.
	at       event.Cursor // what was looked at, at or behind what is kept
	placed   bool         // at and written are known
	written  string       // what was kept last
	kept     time.Time    // when
	heard    int64        // the version of audience
	audience audience
	unbuilt  int // looks in a row in which a body could not be made
	swept    time.Time
}

// New makes a Service. It panics when a required field is missing.
func New(c Config) *Service {
	check.That(c.DB != nil && c.Log != nil && c.Ring != nil && c.Payments != nil &&
		c.Directory != nil, "webhook: a part of the configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Pauses == nil {
		c.Pauses = Pauses()
	}
	if c.Look == 0 {
		c.Look = lookEvery
	}
	if c.Hold == 0 {
		c.Hold = holdFor
	}
	if c.Places == 0 {
		c.Places = placesMax
	}
	o := outbound.Options{Guard: outbound.PublicOnly, Dial: c.Dial}
	if c.Local {
		o.Guard = nil
	}
	return &Service{Config: c, poster: outbound.NewPoster(o), serving: map[bool]int{},
		asking: map[string]bool{}, heard: -1}
}

// Close ends idle connections.
func (s *Service) Close() { s.poster.Close() }
