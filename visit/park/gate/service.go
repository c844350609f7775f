package gate

import (
	"context"
	"crypto/ed25519"
	"embed"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/id"
	"watari/kit/seal"
	"watari/visit/park"
)

//go:embed sql/*.sql
var files embed.FS

// Migrations returns the tables of this package, for db.Migrate.
func Migrations() fs.FS { return files }

// Parks tells of parks and what they sell. *park.Service is one.
type Parks interface {
	// Find returns a park by its id or slug. Errors: park.ErrUnknown.
	Find(ctx context.Context, idOrSlug string) (park.Park, error)
	// Products lists what a park sells, without what has ended.
	Products(ctx context.Context, parkID string) ([]park.Product, error)
}

// Config is what a Service is made of. DB, Log, Ring and Parks are required.
type Config struct {
	DB     *db.DB
	Log    *event.Log
	Lane   int
	Ring   *seal.Ring
	Parks  Parks
	Now    func() time.Time // nil is clock.Now
	Logger *slog.Logger     // nil is slog.Default
}

// Service makes tickets and scans them. One runs on every node. It is safe for concurrent use.
type Service struct {
	cfg Config

	mu      sync.Mutex
	signers map[keyID]ed25519.PrivateKey
	digits  map[string][]byte // by park
	public  map[string]ringOf // by park
	sold    map[string]soldOf // by park
}

// keyID names a key of a park.
type keyID struct {
	park string
	no   uint16
}

// ringOf is the public keys of a park, as they were read.
type ringOf struct {
	keys map[uint16]ed25519.PublicKey
	read time.Time
}

// soldOf is the products of a park by their codes, as they were read.
type soldOf struct {
	park     park.Park
	products map[string]park.Product
	read     time.Time
}

// readFor is how long public keys and products are believed.
const readFor = 5 * time.Second

// New makes a Service. It panics when a required field is missing.
func New(c Config) *Service {
	check.That(c.DB != nil && c.Log != nil && c.Ring != nil && c.Parks != nil,
		"gate: a part of the configuration is missing")
	if c.Now == nil {
		c.Now = clock.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Service{cfg: c, signers: map[keyID]ed25519.PrivateKey{},
		digits: map[string][]byte{}, public: map[string]ringOf{}, sold: map[string]soldOf{}}
}

// now is the time to the microsecond, as it is kept.
func (s *Service) now() time.Time { return clock.FromMicros(clock.Micros(s.cfg.Now())) }

func (s *Service) view(ctx context.Context, fn func(ctx context.Context, tx *db.Tx) error) error {
	return s.cfg.DB.View(ctx, fn)
}

// update runs a write transaction and appends the events that it returns, as the park's.
func (s *Service) update(
	ctx context.Context, p park.Park, fn func(ctx context.Context, tx *db.Tx) ([]event.Event, error),
) error {
	told := false
	err := s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		evs, err := fn(ctx, tx)
		if err != nil {
			return err
		}
		for i := range evs {
			evs[i].At, evs[i].AcquirerNo, evs[i].StoreNo = s.now(), p.AcquirerNo, p.StoreNo
		}
		if told = len(evs) > 0; !told {
			return nil
		}
		return s.cfg.Log.Append(ctx, tx, s.cfg.Lane, evs)
	})
	if err == nil && told {
		s.cfg.Log.Wake()
	}
	return err
}

// shard is the number of the acquirer in the ids of a park's things.
func shard(parkID string) int {
	n, _ := id.Shard(parkID)
	return n
}

// selling is a park with its products; it may be some seconds old.
func (s *Service) selling(ctx context.Context, parkID string) (soldOf, error) {
	now := s.now()
	s.mu.Lock()
	kept, ok := s.sold[parkID]
	s.mu.Unlock()
	if ok && now.Sub(kept.read) < readFor {
		return kept, nil
	}
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return soldOf{}, err
	}
	all, err := s.cfg.Parks.Products(ctx, p.ID)
	if err != nil {
		return soldOf{}, err
	}
	kept = soldOf{park: p, products: map[string]park.Product{}, read: now}
	for _, one := range all {
		kept.products[one.Code] = one
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sold[p.ID] = kept
	return kept, nil
}
