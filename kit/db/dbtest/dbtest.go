package dbtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"watari/kit/db"
	"watari/kit/db/pgtmp"
)

// Engines are the engines that Each runs on, in its order.
var Engines = []db.Engine{db.SQLite, db.Postgres}

// Each runs fn as the sub-tests "sqlite" and "postgres", one after the other, each with a
// fresh database that has the tables of the sets.
func Each(t *testing.T, sets []fs.FS, fn func(t *testing.T, d *db.DB)) {
	t.Helper()
	for _, e := range Engines {
		t.Run(e.String(), func(t *testing.T) { fn(t, New(t, e, sets...)) })
	}
}

// New returns a fresh database that has the tables of the sets and is closed with the test.
// On SQLite it also works inside a testing/synctest bubble.
func New(t testing.TB, e db.Engine, sets ...fs.FS) *db.DB {
	t.Helper()
	return Open(t, migrated(t, e, sets), db.Options{})
}

// Open opens a location and closes it with the test: for tests of several processes on one
// database, which have a DB each.
func Open(t testing.TB, location string, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), location, o)
	if err != nil {
		t.Fatalf("open %s: %v", location, err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
	})
	return d
}

// Location returns the location of a fresh empty database, for tests that start the program
// and for those that open it more than once.
func Location(t testing.TB, e db.Engine) string {
	t.Helper()
	return migrated(t, e, nil)
}

// Migrated returns the location of a fresh database that has the tables of the sets.
func Migrated(t testing.TB, e db.Engine, sets ...fs.FS) string {
	t.Helper()
	return migrated(t, e, sets)
}

func migrated(t testing.TB, e db.Engine, sets []fs.FS) string {
	t.Helper()
	if e == db.Postgres {
		return shared(t).fresh(t, sets)
	}
	path := filepath.Join(t.TempDir(), "watari.db")
	if len(sets) == 0 {
		return path
	}
	raw, err := liteTemplate(sets)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Cluster starts a PostgreSQL server of its own and stops it with the test.
func Cluster(t testing.TB, o pgtmp.Options) *pgtmp.Cluster {
	t.Helper()
	c, err := pgtmp.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// files is the memory of liteTemplate: hash of the sets to a migrated file.
var files struct {
	mu  sync.Mutex
	raw map[string][]byte
}

// liteTemplate returns the content of a migrated file.
func liteTemplate(sets []fs.FS) ([]byte, error) {
	key, err := hash(sets)
	if err != nil {
		return nil, err
	}
	files.mu.Lock()
	defer files.mu.Unlock()
	if raw, ok := files.raw[key]; ok {
		return raw, nil
	}
	dir, err := os.MkdirTemp("", "watari-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "template.db")
	if err := migrate(path, sets); err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if files.raw == nil {
		files.raw = make(map[string][]byte)
	}
	files.raw[key] = raw
	return raw, nil
}

// migrate makes the tables at a location and closes it.
func migrate(location string, sets []fs.FS) error {
	ctx := context.Background()
	d, err := db.Open(ctx, location, db.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	err = d.Migrate(ctx, sets...)
	if e := d.Close(); err == nil {
		err = e
	}
	return err
}

// hash names sets by the names and contents of their files.
func hash(sets []fs.FS) (string, error) {
	h := sha256.New()
	for _, set := range sets {
		names, err := fs.Glob(set, "sql/*.sql")
		if err != nil {
			return "", err
		}
		for _, name := range names {
			raw, err := fs.ReadFile(set, name)
			if err != nil {
				return "", err
			}
			fmt.Fprintf(h, "%s %d\n%s", name, len(raw), raw)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
