package fx

import (
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/db"
	"watari/kit/foureyes"
)

// Config is how long things last. A zero field has its default.
type Config struct {
	// Life is how long a quote is good for new payments: 10 minutes.
	Life time.Duration
	// Publications is how many publications after its own make a rate too old: 2, so that one
	// missed import does not stop payments.
	Publications int
	// Grace is how long after a publication the import may take: 2 hours.
	Grace time.Duration
	// Keep is how many days of a file, the newest, are looked at: 90. The rest is read and
	// checked, and not stored.
	Keep int
	// RepeatLastDay lets rates never age and files be of any day: for the sandbox, whose file
	// ends somewhere in the past.
	RepeatLastDay bool
	// Source is written beside each imported rate: "ecb".
	Source string
	// Desk is where rates wait for a second person; the board takes its kind there. Nil: one of
	// the board's own, which writes no events.
	Desk *foureyes.Desk
}

// Board keeps the rates and quotes of one node. It is safe for concurrent use.
type Board struct {
	db   *db.DB
	cfg  Config
	desk *foureyes.Desk

	mu    sync.Mutex
	slots map[pair]*slot
}

// New returns a board on d, which must have this package's tables.
func New(d *db.DB, cfg Config) *Board {
	check.That(d != nil, "fx: a board needs a database")
	check.That(cfg.Life >= 0 && cfg.Publications >= 0 && cfg.Grace >= 0 && cfg.Keep >= 0,
		"fx: config %+v is out of range", cfg)
	if cfg.Life == 0 {
		cfg.Life = 10 * time.Minute
	}
	if cfg.Publications == 0 {
		cfg.Publications = 2
	}
	if cfg.Grace == 0 {
		cfg.Grace = 2 * time.Hour
	}
	if cfg.Keep == 0 {
		cfg.Keep = 90
	}
	if cfg.Source == "" {
		cfg.Source = "ecb"
	}
	if cfg.Desk == nil {
		cfg.Desk = foureyes.New(d, nil, 0)
	}
	b := &Board{db: d, cfg: cfg, desk: cfg.Desk, slots: map[pair]*slot{}}
	b.desk.Handle(ChangeKind, b.change)
	return b
}
