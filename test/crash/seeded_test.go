package crash

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/test/program"
)

// seeded is what worlds begin with: what `watari sandbox` makes of an empty store, once for each
// engine. A world gets a copy, with the members' keys and all the network knows, but without an
// identity and addresses of wallets: its own sandbox makes those as if it had been stopped before
// it had any. To make the keys anew takes longer than all the rest.
type seeded struct {
	mu     sync.Mutex
	folder map[db.Engine]string
	made   []string // all folders, also those of which nothing came
}

var templates = seeded{folder: map[db.Engine]string{}}

// clean removes the folders.
func (s *seeded) clean() {
	for _, folder := range s.made {
		_ = os.RemoveAll(folder)
	}
}

// world returns the arguments that name a fresh copy: --data and --database.
func (s *seeded) world(t *testing.T, engine db.Engine) []string {
	t.Helper()
	args := []string{"--data=" + t.TempDir()}
	if engine == db.Postgres {
		location := dbtest.Filled(t, "sandbox", func(location string) error {
			s.seed(t, engine, location)
			return nil
		})
		args = append(args, "--database="+location)
	}
	copyFolder(t, s.seed(t, engine, ""), args[0][len("--data="):])
	return args
}

// seed returns the folder of what an engine's worlds begin with, which it makes when there is none.
// database is empty, or "".
func (s *seeded) seed(t *testing.T, engine db.Engine, database string) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if folder := s.folder[engine]; folder != "" {
		return folder
	}
	folder, err := os.MkdirTemp("", "watari-seeded-")
	if err != nil {
		t.Fatal(err)
	}
	s.made = append(s.made, folder)
	args, own := []string{"--data=" + folder}, filepath.Join(folder, "sandbox.db")
	if database != "" {
		args, own = append(args, "--database="+database), database
	}
	first := program.Start(t, program.Options{Binary: program.Crashing(t), Command: "sandbox",
		Args: args})
	if status := first.Stop(t); status != 0 {
		t.Fatalf("watari sandbox ended with status %d", status)
	}
	d, err := db.Open(context.Background(), own, db.Options{Schema: "watari_sandbox"})
	if err == nil {
		err = d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `delete from sim_setting
				where name = 'identity' or name like 'port:%'`)
			return err
		})
		if e := d.Close(); err == nil {
			err = e
		}
	}
	if err != nil {
		t.Fatalf("make the seeded sandbox nobody's: %v", err)
	}
	s.folder[engine] = folder
	return folder
}

// copyFolder copies files with their modes.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, path)
		if err != nil || rest == "." {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, rest), 0o700)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rest), text, 0o600)
	})
	if err != nil {
		t.Fatalf("copy the seeded sandbox: %v", err)
	}
}
