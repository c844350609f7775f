package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/pay/link/guard"
	"watari/pay/party"
)

// Check looks for conditions of some kinds. Kinds are all that it can find: when Look answers,
// standing alerts of these kinds that it did not find end (W2).
type Check struct {
	Kinds []Kind
	Look  func(ctx context.Context) ([]Condition, error)
}

// Stats is what a guard knows of the wallets; *guard.Guard does.
type Stats interface{ Stats() []guard.Stat }

// Config is what a Watch is made of. DB, Log, Directory and Guard are required.
type Config struct {
	DB        *db.DB
	Log       *event.Log
	Lane      int
	Directory *party.Directory
	Guard     Stats
	Checks    []Check
	Logger    *slog.Logger  // nil is slog.Default
	Every     time.Duration // how often it looks; 0 is 10 s
}

// Watch keeps health and alerts. One runs on every node. It is safe for concurrent use.
type Watch struct {
	cfg Config

	looking sync.Mutex // one look at a time

	mu   sync.Mutex
	last map[laneOf]guard.Stat // what the guard had counted at the last sample
	at   event.Cursor
	read bool   // at was read from the table
	kept string // the place that was written last, while looking is held
}

// laneOf names a lane of a wallet.
type laneOf struct {
	issuerNo int64
	lane     guard.Lane
}

// New returns a Watch on a database that has the tables of Migrations.
func New(c Config) *Watch {
	check.That(c.DB != nil && c.Log != nil && c.Directory != nil && c.Guard != nil,
		"watch: a part of the configuration is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Every == 0 {
		c.Every = 10 * time.Second
	}
	return &Watch{cfg: c, last: map[laneOf]guard.Stat{}}
}

// Migrations returns the tables of this package, for db.Migrate.
func Migrations() fs.FS { return files }

// List returns alerts, the newest first.
func (w *Watch) List(ctx context.Context, f Filter) (found []Alert, err error) {
	err = w.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		found, err = list(ctx, tx, f)
		return err
	})
	return found, err
}

// Counts returns how many alerts have not ended, by severity and state.
func (w *Watch) Counts(ctx context.Context) (Tally, error) {
	all, err := w.List(ctx, Filter{Live: true, Limit: liveMax})
	t := Tally{Open: map[Severity]int64{}}
	for _, a := range all {
		if a.State == Open {
			t.Open[a.Severity]++
		} else {
			t.Acknowledged++
		}
	}
	return t, err
}

// Tally is how many alerts there are.
type Tally struct {
	Open         map[Severity]int64
	Acknowledged int64
}

// liveMax is how many live alerts one look takes.
const liveMax = 2000

// Find returns an alert. Errors: ErrUnknown.
func (w *Watch) Find(ctx context.Context, alertID string) (a Alert, err error) {
	err = w.cfg.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		a, err = find(ctx, tx, alertID)
		return err
	})
	return a, err
}

// NoteMax is the longest note, in bytes.
const NoteMax = 1000

// Acknowledge says that somebody looks after an alert.
//
// Errors: ErrUnknown, ErrEnded, ErrTaken.
func (w *Watch) Acknowledge(
	ctx context.Context, alertID string, by foureyes.Person, note string,
) (Alert, error) {
	return w.decide(ctx, alertID, by, note, acknowledge)
}

// End says that a person is done with an alert of a lasting kind.
//
// Errors: ErrUnknown, ErrEnded, ErrStanding.
func (w *Watch) End(
	ctx context.Context, alertID string, by foureyes.Person, note string,
) (Alert, error) {
	return w.decide(ctx, alertID, by, note, end)
}

// decide takes the word of a person.
func (w *Watch) decide(
	ctx context.Context, alertID string, by foureyes.Person, note string, s step,
) (a Alert, err error) {
	name := strings.TrimSpace(by.Name)
	check.That(name != "" && len(note) <= NoteMax, "watch: a decision without a name")
	err = w.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if a, err = locked(ctx, tx, alertID); err != nil {
			return err
		}
		was := a.State
		to, ok := steps.Next(was, s)
		switch {
		case was == Ended:
			return ErrEnded.Newf("it ended at %s", a.Ended.Format(time.RFC3339))
		case !ok:
			return ErrTaken.Newf("%s looks after it", a.AcknowledgedBy)
		case s == end && !a.Kind.Lasting():
			return ErrStanding.Newf("acknowledge it instead")
		}
		now := clock.FromMicros(clock.Micros(clock.Now()))
		a.State = to
		if note != "" {
			a.Note = note
		}
		if s == acknowledge {
			a.AcknowledgedBy, a.Acknowledged = name, now
		} else {
			a.EndedBy, a.Ended = name, now
		}
		if err := update(ctx, tx, a, was); err != nil {
			return err
		}
		return w.tell(ctx, tx, []move{{a, was, s}}, actorOf(by))
	})
	if err != nil {
		return a, fmt.Errorf("%s alert: %w", s, err)
	}
	w.cfg.Log.Wake()
	return a, nil
}

func actorOf(p foureyes.Person) string {
	if p.Actor != "" {
		return p.Actor
	}
	return "person:" + strings.TrimSpace(p.Name)
}

// errLost says that another node was faster; the next look sees what it did.
var errLost = errors.New("another node moved the alert")
