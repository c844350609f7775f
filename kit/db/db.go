package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"watari/kit/check"
	"watari/kit/clock"
)

// Engine says which database a DB works on.
type Engine int

// The two engines.
const (
	// SQLite is the embedded engine, a file.
	SQLite Engine = iota + 1
	// Postgres is a PostgreSQL server.
	Postgres
)

// String returns "sqlite" or "postgres".
func (e Engine) String() string {
	switch e {
	case SQLite:
		return "sqlite"
	case Postgres:
		return "postgres"
	}
	return "unknown"
}

// Options change how a location is opened. The zero value is right for the server.
type Options struct {
	// Schema is the PostgreSQL schema to work in, created if absent; empty: public.
	// SQLite has none and ignores it.
	Schema string
	// ReadOnly opens nothing for writing: Update and Migrate return an error, and a SQLite
	// file must exist.
	ReadOnly bool
	// MaxConns bounds the connections: readers on SQLite (0: 8), all on PostgreSQL (0: 16,
	// at least 2), half of them for Update.
	MaxConns int
	// Fatal is called when the database file cannot be synced (D7) and must not return.
	// nil: log and exit with status 74 (EX_IOERR).
	Fatal func(error)
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	opts   Options
	store  store
}

// store is what an engine provides.
type store interface {
	// begin starts a transaction; the session is given back by commit or rollback.
	begin(ctx context.Context, write bool) (session, error)
	// migrator opens a database/sql handle for migrations.
	migrator(ctx context.Context) (*sql.DB, error)
	close() error
}

// session is one transaction on an engine.
type session interface {
	exec(ctx context.Context, q string, args []any) (int64, error)
	query(ctx context.Context, q string, args []any, each func(Row) error) (int64, error)
	bulk(ctx context.Context, b *bulk, each func(Row) error) (int64, error)
	// commit ends the transaction; after an error it is rolled back. Either way the
	// session is over.
	commit(ctx context.Context) error
	rollback()
}

// Open opens the database at location: a postgres:// URL, or else the path of a SQLite
// file, which is created with mode 0600 when it is absent (its folder must exist).
func Open(ctx context.Context, location string, o Options) (*DB, error) {
	if o.Fatal == nil {
		o.Fatal = exit
	}
	d := &DB{engine: SQLite, opts: o}
	var err error
	if IsPostgres(location) {
		d.engine = Postgres
		d.store, err = openPostgres(ctx, location, o)
	} else {
		d.store, err = openSQLite(ctx, location, o)
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return d, nil
}

// IsPostgres says whether Open would take location for the URL of a PostgreSQL server.
func IsPostgres(location string) bool {
	return strings.HasPrefix(location, "postgres://") ||
		strings.HasPrefix(location, "postgresql://")
}

// exit ends the process: see D7.
func exit(err error) {
	slog.Error("the database cannot be synced to disk, the process ends", "error", err)
	os.Exit(74)
}

// Engine returns the engine of d.
func (d *DB) Engine() Engine { return d.engine }

// Close waits for running transactions and closes all connections.
func (d *DB) Close() error { return d.store.close() }

// mark is the context key under which a transaction of DB d is found.
type mark struct{ d *DB }

func (d *DB) current(ctx context.Context) *Tx {
	t, _ := ctx.Value(mark{d}).(*Tx)
	return t
}

// Update runs fn in a transaction that writes and commits it durably (D1). When fn returns
// an error or panics everything is rolled back. fn may run several times (D3). ctx bounds
// waiting and is checked between statements; without a deadline a run is given 30 seconds
// on PostgreSQL, so that a silent network cannot hold it for ever. It panics inside another
// transaction of d (D4).
//
// Errors: those of fn, unchanged; the engine's, see IsUnique and its siblings; an error for
// which IsRetry holds after eight runs or ten seconds; one for which IsMaybeCommitted holds (D8).
func (d *DB) Update(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	check.That(d.current(ctx) == nil, "db: Update inside a transaction of the same database")
	if d.opts.ReadOnly {
		return errors.New("database is open for reading only")
	}
	var err error
	started := clock.Now()
	for attempt := range maxAttempts {
		if err = pause(ctx, attempt); err != nil {
			return err
		}
		err = d.attempt(ctx, fn)
		if err == nil || !IsRetry(err) || clock.Now().Sub(started) > retryFor {
			break
		}
	}
	if err != nil && isSyncFailure(err) {
		d.opts.Fatal(err)
	}
	return err
}

// attempt is one run of an Update.
func (d *DB) attempt(ctx context.Context, fn func(context.Context, *Tx) error) error {
	if _, ok := ctx.Deadline(); !ok && d.engine == Postgres {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, updateTimeout)
		defer cancel()
	}
	s, err := d.store.begin(ctx, true)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	t := &Tx{engine: d.engine, s: s}
	open := true
	defer func() {
		if open { // fn panicked
			t.done = true
			s.rollback()
		}
	}()

	err = fn(context.WithValue(ctx, mark{d}, t), t)
	if err == nil {
		err = t.broken
	}
	if err == nil {
		err = ctx.Err()
	}
	open, t.done = false, true
	if err != nil {
		s.rollback()
		return err
	}
	return s.commit(ctx)
}

// View runs fn in a read-only transaction: every statement sees the same committed state,
// and a write is an error. Inside another View of d it joins that one (D4).
//
// Errors: those of fn, unchanged, and the engine's.
func (d *DB) View(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if t := d.current(ctx); t != nil && t.readOnly {
		return fn(ctx, t)
	}
	s, err := d.beginView(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	t := &Tx{engine: d.engine, s: s, readOnly: true}
	defer func() {
		t.done = true
		s.rollback()
	}()
	if err := fn(context.WithValue(ctx, mark{d}, t), t); err != nil {
		return err
	}
	return t.broken
}

// viewTries is how often a read is begun. Nothing has been read by then, so it may be tried again.
const viewTries = 3

// beginView begins a read; a file that is busy just then is tried again.
func (d *DB) beginView(ctx context.Context) (session, error) {
	for try := 1; ; try++ {
		s, err := d.store.begin(ctx, false)
		if err == nil || try == viewTries || ctx.Err() != nil || !IsRetry(err) {
			return s, err
		}
	}
}
