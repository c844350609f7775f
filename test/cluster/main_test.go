package main

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"watari/kit/db/pgtmp"
)

// The goal is a server that the command can use and that is gone afterwards. The method: a command
// that leaves the address in a file and its own exit status.
func TestTheCommandHasAServerWhileItRuns(t *testing.T) {
	t.Parallel()
	note := filepath.Join(t.TempDir(), "address")

	status, err := run(pgtmp.Options{},
		[]string{"sh", "-c", `printf %s "$WATARI_TEST_PG" >"$1"; exit 7`, "sh", note})
	if err != nil || status != 7 {
		t.Fatalf("status %d, error %v; want 7 and none", status, err)
	}

	address, err := os.ReadFile(note)
	if err != nil || len(address) == 0 {
		t.Fatalf("the command was told no address: %v", err)
	}
	location, err := url.Parse(string(address))
	if err != nil {
		t.Fatalf("the address %q: %v", address, err)
	}
	if _, err := os.Stat(location.Query().Get("host")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the server's folder outlives the command: %v", err)
	}
}
