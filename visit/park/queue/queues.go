package queue

import (
	"context"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"watari/kit/batch"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/i18n"
	"watari/kit/limit"
)

// Park is what this package knows of a park.
type Park struct {
	// ID is "prk_…"; Slug is its name in addresses.
	ID, Slug string
	// AcquirerNo and MerchantNo say whose it is, StoreNo is the store that sells its tickets.
	AcquirerNo, MerchantNo, StoreNo int64
	Name                            i18n.Text
	// Latitude and Longitude are degrees (WGS 84); both 0 are not told.
	Latitude, Longitude float64
}

// At returns the park with its place from millionths of degrees.
func (p Park) At(latitude, longitude int64) Park {
	p.Latitude, p.Longitude = float64(latitude)/million, float64(longitude)/million
	return p
}

// Hours are when a park is open on a park day.
type Hours struct {
	// Day is "2026-11-23".
	Day         string
	Open, Close time.Time
	// Closed tells that it is closed on this day.
	Closed bool
}

// Point is a place on the ground, in degrees (WGS 84).
type Point struct{ Latitude, Longitude float64 }

// Parks tells of parks.
type Parks interface {
	// Park finds a park by its id or slug; false when there is none.
	Park(ctx context.Context, idOrSlug string) (Park, bool, error)
	// Parks lists every park, by id.
	Parks(ctx context.Context) ([]Park, error)
	// Hours lists the hours of park days, first and last included. A day that is not listed is not
	// known.
	Hours(ctx context.Context, parkID, from, to string) ([]Hours, error)
}

// Config is what Queues are made of. DB, Log and Parks are required.
type Config struct {
	DB    *db.DB
	Log   *event.Log
	Lane  int
	Parks Parks
	// Located tells where the places of a park are, by place id; nil: nobody knows.
	Located func(ctx context.Context, parkID string) (map[string]Point, error)
	// Shut tells which places of a park are closed until further notice, by the code of the
	// place, as its map says; nil: nobody knows.
	Shut func(ctx context.Context, parkID string) (map[string]bool, error)
	// Holders tells which of some visitors hold a ticket that lets into a park today, or have
	// entered with one; nil: everybody is taken for one, also where Virtual.TicketOnly.
	Holders func(ctx context.Context, parkID string, visitorIDs []string) (map[string]bool, error)
	Now     func() time.Time // nil is clock.Now
	Logger  *slog.Logger     // nil is slog.Default
	// Every is how often Run looks; 0 is 10 s. Estimates are kept once a minute.
	Every time.Duration
}

// Queues keeps the queues of parks. One runs on every node. It is safe for concurrent use.
type Queues struct {
	cfg   Config
	hub   hub
	seats *limit.Seats // of those who watch live
	joins *batch.Batcher[Join, joined]

	mu      sync.Mutex
	days    map[string]*parkDay // what was read of a park's day, by park
	boards  map[string]*board   // what Live answered last, by park
	courses map[string]courseKept
	summed  map[string]time.Time // when days were looked at last, by park
}

// New returns Queues on a database that has the tables of Migrations.
func New(c Config) *Queues {
	check.That(c.DB != nil && c.Log != nil && c.Parks != nil,
		"queue: a part of the configuration is missing")
	if c.Now == nil {
		c.Now = clock.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Every == 0 {
		c.Every = 10 * time.Second
	}
	q := &Queues{cfg: c, days: map[string]*parkDay{}, boards: map[string]*board{},
		courses: map[string]courseKept{}, summed: map[string]time.Time{}}
	q.hub.parks, q.hub.poke = map[string]*channel{}, make(chan struct{}, 1)
	q.seats = limit.NewSeats(watchersMax, watchersEach)
	q.joins = batch.New(batch.Config[Join]{}, q.joinAll)
	return q
}

// Close lets those who take a number have their answer, and refuses others.
func (q *Queues) Close() { q.joins.Close() }

// Migrations returns the tables of this package, for db.Migrate.
func Migrations() fs.FS { return files }

// now is the time to the microsecond, as it is kept.
func (q *Queues) now() time.Time { return clock.FromMicros(clock.Micros(q.cfg.Now())) }

// park finds a park by its id or slug.
//
// Errors: ErrUnknown.
func (q *Queues) park(ctx context.Context, idOrSlug string) (Park, error) {
	p, ok, err := q.cfg.Parks.Park(ctx, idOrSlug)
	if err != nil {
		return Park{}, err
	}
	if !ok {
		return Park{}, ErrUnknown.Newf("there is no park %q", idOrSlug)
	}
	return p, nil
}

// shut are the codes of the places of a park that its map says are closed.
func (q *Queues) shut(ctx context.Context, parkID string) (map[string]bool, error) {
	if q.cfg.Shut == nil {
		return nil, nil
	}
	return q.cfg.Shut(ctx, parkID)
}

// holders are those of some visitors who hold a ticket into a park today; nil is all.
func (q *Queues) holders(
	ctx context.Context, parkID string, all []Join, those []int,
) (map[string]bool, error) {
	if q.cfg.Holders == nil {
		return nil, nil
	}
	ids := make([]string, len(those))
	for n, i := range those {
		ids[n] = all[i].VisitorID
	}
	return q.cfg.Holders(ctx, parkID, ids)
}

// view runs a read transaction.
func (q *Queues) view(ctx context.Context, fn func(ctx context.Context, tx *db.Tx) error) error {
	return q.cfg.DB.View(ctx, fn)
}

// update runs a write transaction that appends an event when there is one, and wakes who follows
// events and boards.
func (q *Queues) update(
	ctx context.Context, p Park, fn func(ctx context.Context, tx *db.Tx) ([]event.Event, error),
) error {
	told := false
	err := q.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := beat(ctx, tx, p.ID); err != nil { // first: it locks the park
			return err
		}
		evs, err := fn(ctx, tx)
		if err != nil {
			return err
		}
		for i := range evs {
			evs[i].At = q.now()
			evs[i].AcquirerNo, evs[i].StoreNo = p.AcquirerNo, p.StoreNo
		}
		told = len(evs) > 0
		return q.cfg.Log.Append(ctx, tx, q.cfg.Lane, evs)
	})
	if err != nil {
		return err
	}
	if told {
		q.cfg.Log.Wake()
	}
	q.forget(p.ID)
	q.hub.wake()
	return nil
}

// forget drops what is remembered of a park's board.
func (q *Queues) forget(parkID string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.boards, parkID)
}
