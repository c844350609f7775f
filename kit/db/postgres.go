package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// pgConns is the default number of connections of both pools together.
	pgConns = 16
	// pgOldest is the oldest server that is supported: on conflict, unnest with several
	// arrays and identical plans have been there for long, but tests run from here.
	pgOldest = 130000
	// commitTimeout bounds the wait for the answer to a COMMIT, which the caller's context
	// does not end: see D8.
	commitTimeout = 10 * time.Second
	// connectTimeout bounds one attempt to reach the server.
	connectTimeout = 5 * time.Second
)

// The beginnings of transactions. The settings of the session say the rest.
const (
	pgBeginWrite = "begin"
	pgBeginRead  = "begin isolation level repeatable read read only"
)

// pointPlans are the planner's settings of the sessions that write. What a transaction writes
// is found by keys, a batch of rows at a time: one plan, made once, that looks each key up in
// its index. Left alone the planner makes a plan anew for each batch, reads whole tables
// while they are small, and keeps to that when they have grown, until their next ANALYZE.
var pointPlans = map[string]string{
	"plan_cache_mode":  "force_generic_plan",
	"enable_seqscan":   "off",
	"enable_hashjoin":  "off",
	"enable_mergejoin": "off",
	"jit":              "off",
}

// postgres is the PostgreSQL store: a pool for Update and one for View. They are apart so
// that a View inside an Update cannot wait for a connection that only Updates hold.
type postgres struct {
	config  *pgx.ConnConfig
	writers *pgxpool.Pool
	readers *pgxpool.Pool
	once    sync.Once
}

func openPostgres(ctx context.Context, location string, o Options) (*postgres, error) {
	config, err := pgxpool.ParseConfig(location)
	if err != nil {
		return nil, err
	}
	if err := prepareServer(ctx, config.ConnConfig, o); err != nil {
		return nil, err
	}
	n := o.MaxConns
	if n <= 0 {
		n = pgConns
	}
	n = max(n, 2)
	p := &postgres{config: config.ConnConfig.Copy()}
	write, read := config.Copy(), config.Copy()
	write.MaxConns, read.MaxConns = int32(n-n/2), int32(n/2)
	write.MaxConnIdleTime, read.MaxConnIdleTime = 5*time.Minute, 5*time.Minute
	read.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	for name, value := range pointPlans {
		write.ConnConfig.RuntimeParams[name] = value
	}
	if p.writers, err = pgxpool.NewWithConfig(ctx, write); err != nil {
		return nil, err
	}
	if p.readers, err = pgxpool.NewWithConfig(ctx, read); err != nil {
		p.writers.Close()
		return nil, err
	}
	return p, nil
}

// prepareServer looks at the server once, creates the schema and completes the settings
// that every session gets.
func prepareServer(ctx context.Context, c *pgx.ConnConfig, o Options) error {
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectTimeout
	}
	params := c.RuntimeParams
	params["application_name"] = "watari"
	params["client_encoding"] = "UTF8"
	conn, err := pgx.ConnectConfig(ctx, c)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)

	var encoding, durable, version string
	err = conn.QueryRow(ctx, `select current_setting('server_encoding'),
		current_setting('synchronous_commit'), current_setting('server_version_num')`,
	).Scan(&encoding, &durable, &version)
	if err != nil {
		return err
	}
	if encoding != "UTF8" && encoding != "SQL_ASCII" {
		return fmt.Errorf("the encoding of the database is %s, it must be UTF8", encoding)
	}
	var number int
	if _, err := fmt.Sscan(version, &number); err != nil || number < pgOldest {
		return fmt.Errorf("the server has version %s, at least %d is needed", version, pgOldest)
	}
	if o.Schema != "" {
		if err := createSchema(ctx, conn, o); err != nil {
			return err
		}
		params["search_path"] = pgx.Identifier{o.Schema}.Sanitize()
	}
	if durable == "off" {
		params["synchronous_commit"] = "on" // D1, whatever the default of the role
	}
	params["default_transaction_isolation"] = "read committed"
	params["lock_timeout"] = "250ms"
	// A process that stops in the middle of a transaction keeps its locks no longer.
	params["idle_in_transaction_session_timeout"] = "30s"
	return nil
}

func createSchema(ctx context.Context, conn *pgx.Conn, o Options) error {
	var there bool
	err := conn.QueryRow(ctx,
		`select exists (select 1 from pg_namespace where nspname = $1)`, o.Schema).Scan(&there)
	if err != nil || there || o.ReadOnly {
		return err
	}
	_, err = conn.Exec(ctx, "create schema if not exists "+pgx.Identifier{o.Schema}.Sanitize())
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == pgUnique {
		return nil // another node was first
	}
	return err
}

// migrator opens one session that may wait for locks longer than an Update.
func (p *postgres) migrator(context.Context) (*sql.DB, error) {
	c := p.config.Copy()
	c.RuntimeParams["lock_timeout"] = "30s"
	c.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	return stdlib.OpenDB(*c), nil
}

func (p *postgres) close() error {
	p.once.Do(func() {
		p.readers.Close()
		p.writers.Close()
	})
	return nil
}

func (p *postgres) begin(ctx context.Context, write bool) (session, error) {
	s := &pgSession{pool: p.readers, begin: pgBeginRead}
	if write {
		s.pool, s.begin = p.writers, pgBeginWrite
	}
	if err := s.acquire(ctx); err != nil {
		return nil, err
	}
	return s, nil
}
