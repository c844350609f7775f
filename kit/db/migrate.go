package db

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"

	"watari/kit/clock"
)

// migration is one file, chosen for the engine.
type migration struct {
	name    string // file name without the engine and .sql
	version int64
	hash    string // SHA-256 of the text as written, hex
	text    string // rewritten for the engine
}

var fileName = regexp.MustCompile(`^([0-9]{12})_([a-z0-9_]+?)(\.sqlite|\.postgres)?\.sql$`)

// recordTable remembers what ran here. goose has its own table of numbers; this one has the
// names and hashes that operators and the check for edited files need.
const recordTable = `create table if not exists schema_file (
	name text primary key, sha256 text not null, applied_at_us bigint not null)`

// Migrate brings the tables up to date: the files sql/*.sql of all sets, merged and sorted
// by name, each in one transaction together with its record. Running it again does nothing.
// Several nodes may call it at the same time.
//
// A file is named sql/202611221000_<domain>_<what>.sql and has one part, "-- +goose Up". It
// is written in the words of PostgreSQL, tables ending in ") STRICT;" or ") STRICT, WITHOUT
// ROWID;". For SQLite bigint and boolean become integer, bytea blob and double precision
// real; for PostgreSQL the table options go and text columns get the collation "C" (D6).
// What cannot be shared has a pair of files ending in .sqlite.sql and .postgres.sql.
//
// A file that two sets bring with the same text is one file (Sets).
//
// Errors: a file that was edited after it ran here is refused, as is a name that says
// nothing or two names with the same beginning; others are the engine's.
func (d *DB) Migrate(ctx context.Context, sets ...fs.FS) error {
	if d.opts.ReadOnly {
		return errors.New("database is open for reading only")
	}
	files, err := collect(d.engine, sets)
	if err != nil || len(files) == 0 {
		return err
	}
	h, err := d.store.migrator(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	err = d.migrate(ctx, h, files)
	if e := h.Close(); err == nil {
		err = e
	}
	if err != nil && isSyncFailure(err) {
		d.opts.Fatal(err)
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (d *DB) migrate(ctx context.Context, h *sql.DB, files []migration) (err error) {
	if d.engine == Postgres {
		unlock, err := d.lockMigrations(ctx, h)
		if err != nil {
			return err
		}
		defer unlock()
	}
	if _, err := h.ExecContext(ctx, recordTable); err != nil {
		return err
	}
	applied, err := recorded(ctx, h)
	if err != nil {
		return err
	}
	pending := 0
	for _, f := range files {
		switch applied[f.name] {
		case f.hash:
		case "":
			pending++
		default:
			return fmt.Errorf("%s was edited after it ran here, restore its text", f.name)
		}
	}
	if pending == 0 {
		return nil
	}
	return up(ctx, d.engine, h, files)
}

// lockMigrations makes other nodes wait: two that create the same table at the same time
// would both fail. The lock belongs to the session and goes with it.
func (d *DB) lockMigrations(ctx context.Context, h *sql.DB) (func(), error) {
	sum := fnv.New64a()
	sum.Write([]byte("watari migrate " + d.opts.Schema))
	c, err := h.Conn(ctx)
	if err != nil {
		return nil, err
	}
	id := int64(sum.Sum64())
	if _, err := c.ExecContext(ctx, `select pg_advisory_lock($1)`, id); err != nil {
		c.Close()
		return nil, err
	}
	return func() {
		_, _ = c.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, id)
		c.Close()
	}, nil
}

func recorded(ctx context.Context, h *sql.DB) (map[string]string, error) {
	rows, err := h.QueryContext(ctx, `select name, sha256 from schema_file order by name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := make(map[string]string)
	for rows.Next() {
		var name, hash string
		if err := rows.Scan(&name, &hash); err != nil {
			return nil, err
		}
		all[name] = hash
	}
	return all, rows.Err()
}

// up hands the files to goose, which keeps the order and the transactions.
func up(ctx context.Context, e Engine, h *sql.DB, files []migration) error {
	steps := make([]*goose.Migration, len(files))
	for i, f := range files {
		steps[i] = goose.NewGoMigration(f.version, &goose.GoFunc{RunTx: f.run}, nil)
	}
	dialect := goose.DialectSQLite3
	if e == Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, h, nil,
		goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true),
		// A domain that comes later may have files that sort before those of others.
		goose.WithAllowOutofOrder(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// run executes the file and records it. Another process may have been faster: its record is
// seen here, inside the transaction.
func (f *migration) run(ctx context.Context, tx *sql.Tx) error {
	var n int
	err := tx.QueryRowContext(ctx,
		`select count(*) from schema_file where name = $1`, f.name).Scan(&n)
	if err != nil || n > 0 {
		return err
	}
	if _, err := tx.ExecContext(ctx, f.text); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	_, err = tx.ExecContext(ctx,
		`insert into schema_file (name, sha256, applied_at_us) values ($1, $2, $3)`,
		f.name, f.hash, clock.Micros(clock.Now()))
	return err
}

// collect reads the files of all sets for an engine, sorted by name.
func collect(e Engine, sets []fs.FS) ([]migration, error) {
	var all []migration
	for _, set := range sets {
		names, err := fs.Glob(set, "sql/*.sql")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			f, ok, err := read(e, set, name)
			if err != nil {
				return nil, fmt.Errorf("migration %s: %w", name, err)
			}
			if ok {
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, func(a, b migration) int { return strings.Compare(a.name, b.name) })
	all = slices.CompactFunc(all, func(a, b migration) bool {
		return a.name == b.name && a.hash == b.hash
	})
	for i := 1; i < len(all); i++ {
		if all[i-1].version == all[i].version {
			return nil, fmt.Errorf("migrations %s and %s begin alike, give one a later number",
				all[i-1].name, all[i].name)
		}
	}
	return all, nil
}

// read reads one file; false when it is for the other engine.
func read(e Engine, set fs.FS, name string) (migration, bool, error) {
	m := fileName.FindStringSubmatch(path.Base(name))
	if m == nil {
		return migration{}, false, errors.New("the name must be 202611221000_domain_what.sql")
	}
	if m[3] != "" && m[3] != "."+e.String() {
		return migration{}, false, nil
	}
	raw, err := fs.ReadFile(set, name)
	if err != nil {
		return migration{}, false, err
	}
	text := string(raw)
	if !strings.Contains(text, "-- +goose Up") || strings.Contains(text, "+goose Down") {
		return migration{}, false, errors.New("the file must have one part, -- +goose Up")
	}
	sum := sha256.Sum256(raw)
	return migration{
		name:    m[1] + "_" + m[2],
		version: version(m[1], m[2]),
		hash:    hex.EncodeToString(sum[:]),
		text:    rewrite(e, text),
	}, true, nil
}

// version makes the number that goose sorts by from the time in a name and the first five
// letters that follow, so that two domains may use the same minute.
func version(number, rest string) int64 {
	v, _ := strconv.ParseInt(number, 10, 64) // twelve digits
	for i := range 5 {
		d := int64(0)
		if i < len(rest) && rest[i] >= 'a' && rest[i] <= 'z' {
			d = int64(rest[i]-'a') + 1
		}
		v = v*27 + d
	}
	return v
}
