package park

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/pay/party"
	"watari/visit/order"
)

//go:embed sql/*.sql
var files embed.FS

// Migrations returns the tables of this package, for db.Migrate.
func Migrations() fs.FS { return files }

// Orders are what this package needs of *order.Service.
type Orders interface {
	Amend(ctx context.Context, orderID string, expectRefund int64, requestID, actor string,
		change order.Change) (*order.Order, error)
	CloseAll(ctx context.Context, tx *db.Tx, m order.Mass) (order.Mass, error)
	MassStatus(ctx context.Context, id string) (order.Mass, error)
}

// Config is what a Service is made of. DB, Log and Directory are required.
type Config struct {
	DB        *db.DB
	Log       *event.Log
	Lane      int
	Directory *party.Directory
	// Orders are needed for changes of date and closures; they know this Service as a seller, so
	// they are handed over with Use when they are made after it.
	Orders Orders
	// Issuer makes tickets. Without one nothing is sold.
	Issuer Issuer
	Now    func() time.Time // nil is clock.Now
	Logger *slog.Logger     // nil is slog.Default
	// OfferFor is how long the waiting list keeps places; 0 is OfferFor.
	OfferFor time.Duration
	// Every is how often Run looks for what is due; 0 is 5 s.
	Every time.Duration
}

// Service sells for parks. It is safe for concurrent use. It is an order.Seller.
type Service struct {
	cfg    Config
	purged time.Time // when old counts were forgotten last; Run's own

	mu         sync.Mutex
	catalogues map[string]*catalogue // by park
	issuers    map[string]int64      // numbers of wallets by their ids, which never change
}

// New makes a Service. It panics when a required field is missing.
func New(c Config) *Service {
	check.That(c.DB != nil && c.Log != nil && c.Directory != nil,
		"park: a part of the configuration is missing")
	if c.Now == nil {
		c.Now = clock.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.OfferFor == 0 {
		c.OfferFor = OfferFor
	}
	if c.Every == 0 {
		c.Every = 5 * time.Second
	}
	return &Service{cfg: c, catalogues: map[string]*catalogue{}, issuers: map[string]int64{}}
}

// Use hands over the orders and who makes tickets, when they are made after the Service. Call it
// before anything is sold; nil leaves what is there.
func (s *Service) Use(o Orders, i Issuer) {
	if o != nil {
		s.cfg.Orders = o
	}
	if i != nil {
		s.cfg.Issuer = i
	}
}

// now is the time to the microsecond, as it is kept.
func (s *Service) now() time.Time { return clock.FromMicros(clock.Micros(s.cfg.Now())) }
