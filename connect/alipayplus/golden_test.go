package alipayplus_test

import (
	"os"
	"path/filepath"
	"testing"
)

// compareGolden compares a message with testdata/<name>.json, or writes the file when the
// environment variable WATARI_UPDATE is 1.
func compareGolden(t testing.TB, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name+".json")
	if os.Getenv("WATARI_UPDATE") == "1" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatalf("write golden file: %v", err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read golden file: %v", err)
	}
	if string(got) != string(want) {
		t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
	}
}
