package main

import (
	"os"
	"path/filepath"
	"testing"
)

// The goal is that a killed run leaves nothing in memory, and a running one is left alone. The
// method: a folder that is locked, one whose lock is gone, and one of somebody else.
func TestTheFoldersOfKilledRunsAreSwept(t *testing.T) {
	t.Parallel()
	where := t.TempDir()
	running, lock, err := begin(where)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	killed, gone, err := begin(where)
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close() // as the kernel does
	other := filepath.Join(where, "other")
	write(t, filepath.Join(killed, "x", "watari.db"), "pages")
	write(t, filepath.Join(other, "watari.db"), "pages")

	sweep(where)

	for folder, want := range map[string]bool{running: true, killed: false, other: true} {
		if _, err := os.Stat(folder); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %t", folder, err, want)
		}
	}
	if info, err := os.Stat(running); err != nil || info.Mode().Perm() != 0o777 {
		t.Errorf("%v, %v", info, err)
	}
}
