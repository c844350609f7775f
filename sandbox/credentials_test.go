package sandbox_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"watari/sandbox"
)

// credentials reads what the network knows of its agreements, by wallet.
func credentials(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	for _, w := range sandbox.Wallets() {
		path := filepath.Join(folder, "wallets", w.ID+".json")
		text, err := os.ReadFile(path)
		if w.Signs() {
			if err == nil {
				t.Errorf("%s signs with a key and has a file of credentials", w.ID)
			}
			continue
		}
		if err != nil || !json.Valid(text) {
			t.Fatalf("credentials at %s: %v", w.ID, err)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("credentials at %s: mode %v, want 0600 (%v)", w.ID, info.Mode().Perm(), err)
		}
		found[w.ID] = text
	}
	return found
}

// Goal: B5 and B6: every process finds the same credentials in its own data folder, and a lost
// file comes back the same. Method: seed, lose a file, seed again; then, where the database is
// shared, from another folder.
func TestCredentialsAreTheSameForEveryProcess(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		p := s.seeded()
		first := credentials(t, s.folder)
		if len(first) == 0 {
			t.Fatal("no wallet has credentials")
		}
		for id := range first {
			if err := os.Remove(filepath.Join(s.folder, "wallets", id+".json")); err != nil {
				t.Fatal(err)
			}
			break
		}
		if err := sandbox.Seed(t.Context(), p.network, p.store); err != nil {
			t.Fatal(err)
		}
		folders := []string{s.folder}
		if s.database != "" {
			folders = append(folders, t.TempDir())
			far, err := sandbox.OpenStore(t.Context(), folders[1], s.database)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := far.Close(); err != nil {
					t.Error(err)
				}
			}()
			if err := sandbox.Seed(t.Context(), p.network, far); err != nil {
				t.Fatal(err)
			}
		}
		for _, folder := range folders {
			for id, text := range credentials(t, folder) {
				if !bytes.Equal(text, first[id]) {
					t.Errorf("%s: other credentials than the first process wrote", id)
				}
			}
		}
	})
}

// Goal: B1: each wallet has its own books, and none is in the sandbox's own file. Method: the
// files of an installation on SQLite.
func TestEveryWalletHasItsOwnBooks(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, s *site) {
		s.seeded()
		for _, w := range sandbox.Wallets() {
			_, err := os.Stat(filepath.Join(s.folder, "sandbox-"+w.ID+".db"))
			if own := err == nil; own != (s.database == "") {
				t.Errorf("%s: a file of books: %v", w.ID, own)
			}
		}
	})
}
