package signup

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/seal"
	"watari/pay/party"
)

// Config is what a Service is made of. All but Logger, Beat and Node are required.
type Config struct {
	DB        *db.DB
	Log       *event.Log
	Lane      int
	Registry  *party.Registry
	Directory *party.Directory
	Ring      *seal.Ring
	Desk      *foureyes.Desk // that Attend was called with
	Logger    *slog.Logger   // nil is slog.Default
	Beat      time.Duration  // how often a running import says that it lives; 0 is 2 s
}

// Service takes merchants in. It is safe for concurrent use. Close waits for imports that run.
type Service struct {
	Config
	busy sync.WaitGroup
	stop context.CancelFunc
	life context.Context
}

// New makes a Service and lets the registry tell it of merchants' statuses. It panics when a
// required field is missing.
func New(c Config) *Service {
	check.That(c.DB != nil && c.Log != nil && c.Registry != nil && c.Directory != nil &&
		c.Ring != nil && c.Desk != nil, "signup: a part of the configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Beat == 0 {
		c.Beat = beat
	}
	s := &Service{Config: c}
	s.life, s.stop = context.WithCancel(context.Background())
	c.Registry.WhenMerchant(s.merchantMoved)
	return s
}

// beat is how often a running import says that it lives.
const beat = 2 * time.Second

// Close stops imports that run, which leaves nothing of them, and waits for them.
func (s *Service) Close() {
	s.stop()
	s.busy.Wait()
}
