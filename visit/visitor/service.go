package visitor

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"watari/kit/access/recent"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/seal"
	"watari/pay/link"
	"watari/pay/party"
)

// Migrations are this package's tables.
//
//go:embed sql/*.sql
var Migrations embed.FS

// Directory knows the wallets. party.Directory is one.
type Directory interface {
	Wallets(ctx context.Context) ([]party.Wallet, error)
	ByID(ctx context.Context, id string) (party.Participant, error)
}

// Config is what a Service is made of. The first six fields are needed.
type Config struct {
	DB        *db.DB
	Log       *event.Log
	Lane      int
	Ring      *seal.Ring
	Directory Directory
	// SignIns let users of wallets in, by the connector of the wallet.
	SignIns map[string]link.SignIn
	// PageURL is where browsers find a wallet whose own address is base; nil is base itself.
	PageURL func(base string) string
	// Counts are what goes on counting for who is forgotten and comes back; nil is nothing.
	Counts Counts
	Logger *slog.Logger     // nil is slog.Default
	Now    func() time.Time // nil is clock.Now
}

const (
	// SessionsMax is how many browsers one visitor may be signed in with.
	SessionsMax = 20
	// TripsMax is about how many browsers may be at their wallets at once.
	TripsMax = 100_000
	// NameMax is the longest name that is kept, in characters.
	NameMax = 60
	// callTime is how long a wallet may take to say who came back.
	callTime = 10 * time.Second
)

// Service knows the visitors of a database that has Migrations. It is safe for concurrent use.
type Service struct {
	Config
	cache *recent.Cache[seat]
	moved time.Time // when the place was last moved for nobody; of Run alone
	begun atomic.Bool
	trips atomic.Int64 // that are under way, about

	mu   sync.Mutex
	key  []byte           // of the hashes; nil until it was read
	seen map[string]int64 // visitors by when they were seen, not yet written
}

// New returns a Service.
func New(c Config) *Service {
	check.That(c.DB != nil && c.Log != nil && c.Ring != nil && c.Directory != nil &&
		c.SignIns != nil, "visitor: a part of the configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Now == nil {
		c.Now = clock.Now
	}
	if c.PageURL == nil {
		c.PageURL = func(base string) string { return base }
	}
	s := &Service{Config: c, seen: map[string]int64{}}
	s.cache = recent.New(s.load)
	return s
}

// change writes, and tells those who follow the events.
func (s *Service) change(
	ctx context.Context, what string, fn func(context.Context, *db.Tx) error,
) error {
	if err := s.DB.Update(ctx, fn); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	s.Log.Wake()
	return nil
}

// note appends an event about a visitor. It names them by id alone.
func (s *Service) note(ctx context.Context, tx *db.Tx, kind, visitorID string) error {
	return s.Log.Append(ctx, tx, s.Lane, []event.Event{{At: s.Now(), Kind: kind,
		Subject: visitorID, Actor: "visitor:" + visitorID}})
}
