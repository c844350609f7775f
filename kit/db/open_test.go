package db_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// Goal: the file belongs to its owner alone, and a location that cannot work is told at
// once. Method: modes, a missing folder, a file that is no database, a wrong server.
func TestOpenTellsWhatCannotWork(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, tables...)
	add(t, d, "a", 0)
	path := filepath.Join(t.TempDir(), "with space?#%.db")
	add(t, func() *db.DB {
		d := dbtest.Open(t, path, db.Options{})
		if err := d.Migrate(t.Context(), tables...); err != nil {
			t.Fatal(err)
		}
		return d
	}(), "a", 0)
	for _, name := range []string{path, path + "-wal"} {
		if st, err := os.Stat(name); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, st, err)
		}
	}
	garbage := filepath.Join(t.TempDir(), "garbage")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, location := range []string{"", filepath.Join(t.TempDir(), "none", "x.db"), garbage,
		"postgres:///x?host=/nowhere", "postgres://user@localhost:1/x?connect_timeout=1"} {
		if d, err := db.Open(t.Context(), location, db.Options{}); err == nil {
			d.Close()
			t.Errorf("%q was opened", location)
		}
	}
}

// Goal: reading works with the writer up, stopped or killed, and never writes. Method: a
// read-only handle beside the writer, on copies of its files as a kill leaves them, and
// after its end.
func TestReadOnlyWorksUpStoppedAndKilled(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, e, tables...)
			writer, err := db.Open(t.Context(), location, db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			add(t, writer, "a", 0)
			look := func(location string) {
				t.Helper()
				d := dbtest.Open(t, location, db.Options{ReadOnly: true})
				if n := count(t, d, "item"); n != 1 {
					t.Errorf("%d rows", n)
				}
				err := d.Update(t.Context(), func(context.Context, *db.Tx) error { return nil })
				if err == nil || d.Migrate(t.Context(), tables...) == nil {
					t.Error("a read-only database was written")
				}
			}
			look(location)
			if e == db.SQLite {
				dir := t.TempDir()
				for _, end := range []string{"", "-wal"} {
					raw, err := os.ReadFile(location + end)
					if err == nil {
						err = os.WriteFile(filepath.Join(dir, "watari.db"+end), raw, 0o600)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				look(filepath.Join(dir, "watari.db"))
			}
			if err := writer.Close(); err != nil {
				t.Fatal(err)
			}
			look(location)
		})
	}
	_, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "none.db"), db.Options{ReadOnly: true})
	if err == nil {
		t.Error("a missing file was opened for reading")
	}
}

// Goal: a closed database says so. Method: use after Close, Close twice.
func TestClosedDatabaseSaysSo(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		d, err := db.Open(t.Context(), dbtest.Location(t, e), db.Options{})
		if err != nil {
			t.Fatal(err)
		}
		nothing := func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `select 1`)
			return err
		}
		if err := errors.Join(d.Update(t.Context(), nothing), d.Close(), d.Close()); err != nil {
			t.Error(err)
		}
		if d.Update(t.Context(), nothing) == nil || d.View(t.Context(), nothing) == nil {
			t.Errorf("%v was used after Close", e)
		}
	}
}

// Goal: a failed fsync ends the process with status 74 (D7). Method: a child process in
// which the descriptor of the log is replaced by /dev/null, which takes writes and refuses
// fsync; it must not reach its last line.
func TestSyncFailureEndsTheProcess(t *testing.T) {
	t.Parallel()
	const env = "WATARI_TEST_SYNC_FAILURE"
	if location := os.Getenv(env); location != "" {
		failSync(t, location)
		os.Exit(0)
	}
	location := dbtest.Migrated(t, db.SQLite, tables...)
	cmd := exec.Command(os.Args[0], "-test.run=^TestSyncFailureEndsTheProcess$")
	cmd.Env = append(os.Environ(), env+"="+location)

	out, err := cmd.CombinedOutput()

	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok || exit.ExitCode() != 74 || !strings.Contains(string(out), "cannot be synced") {
		t.Fatalf("got %v\n%s", err, out)
	}
	if n := count(t, dbtest.Open(t, location, db.Options{}), "item"); n != 1 {
		t.Errorf("%d rows after the restart, want the one of before", n)
	}
}

func failSync(t *testing.T, location string) {
	d := dbtest.Open(t, location, db.Options{})
	add(t, d, "before", 0)
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	null, err := syscall.Open("/dev/null", syscall.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		if name, err := os.Readlink(l); err == nil && strings.HasSuffix(name, "-wal") {
			fd := 0
			for _, c := range filepath.Base(l) {
				fd = fd*10 + int(c-'0')
			}
			if err := syscall.Dup3(null, fd, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into item (id) values ('lost')`)
		return err
	})
	t.Errorf("Update returned %v", err)
}
