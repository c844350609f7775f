package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"watari/kit/seal"
)

// Goal: what is sealed comes back, and looks as S1 says. Method: texts of several kinds, the
// second sealing of each differs from the first.
func TestSealedTextComesBack(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, 1)

	for _, plain := range []string{"", "2088102147948060", "旅人", strings.Repeat("x", 10_000)} {
		sealed := ring.Seal(plain)
		got, err := ring.Unseal(sealed)

		if err != nil || got != plain {
			t.Errorf("unsealed %.20q, %v; want %.20q", got, err, plain)
		}
		if !strings.HasPrefix(sealed, "v1.") || strings.ContainsAny(sealed, "+/= ") {
			t.Errorf("sealed text %.40q has not the form v1.<base64url>", sealed)
		}
		if ring.Seal(plain) == sealed {
			t.Errorf("the same text sealed twice is the same: the nonce repeats")
		}
	}
}

// Goal: no changed, foreign or torn text is accepted. Method: change every character in turn and
// try malformed texts.
func TestUnsealRefusesWhatItDidNotSeal(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, 1, 2)
	sealed := ring.Seal("2088102147948060")

	for i := range sealed {
		b := []byte(sealed)
		b[i] ^= 1
		if got, err := ring.Unseal(string(b)); !errors.Is(err, seal.ErrSealed) || got != "" {
			t.Errorf("character %d changed: %q, %v", i, got, err)
		}
	}
	for _, text := range []string{"", "v", "v2", "v2.", "v02." + sealed[3:], "v1." + sealed[3:],
		"v3." + sealed[3:], "x" + sealed, sealed[:len(sealed)-1], sealed + "A", sealed + "\n"} {
		if got, err := ring.Unseal(text); !errors.Is(err, seal.ErrSealed) || got != "" {
			t.Errorf("%.40q: %q, %v", text, got, err)
		}
	}
}

// Goal: a key is changed by adding a version. Method: seal with version 1, then open with both.
func TestNewestVersionSealsAndOlderUnseal(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := seal.Create(dir, 1); err != nil {
		t.Fatal(err)
	}
	first, err := seal.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	old := first.Seal("before")
	if err := seal.Create(dir, 2); err != nil {
		t.Fatal(err)
	}

	both, err := seal.Open(dir)

	if err != nil || !slices.Equal(both.Versions(), []int{1, 2}) {
		t.Fatalf("versions %v, %v", both.Versions(), err)
	}
	if got, err := both.Unseal(old); err != nil || got != "before" {
		t.Errorf("old text: %q, %v", got, err)
	}
	if s := both.Seal("after"); !strings.HasPrefix(s, "v2.") {
		t.Errorf("sealed with %.3s, want v2.", s)
	}
	if err := seal.Create(dir, 2); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second version 2: %v, want os.ErrExist (S3)", err)
	}
}

// Goal: keys that others could read or plant are refused, with the command that mends it.
// Method: loosen the mode of the file and of the folder.
func TestOpenRefusesLooseFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	if _, err := seal.Open(dir); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("absent folder: %v, want ErrNoKey", err)
	}
	if err := seal.Create(dir, 1); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "seal-1.key")

	for _, mode := range []os.FileMode{0o640, 0o604, 0o660} {
		chmod(t, file, mode)
		if _, err := seal.Open(dir); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
	chmod(t, file, 0o400)
	chmod(t, dir, 0o770)
	if _, err := seal.Open(dir); err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("folder open to its group: %v", err)
	}
	chmod(t, dir, 0o700)
	if _, err := seal.Open(dir); err != nil {
		t.Errorf("mode 0400: %v", err)
	}
}

// Goal: a damaged key file stops the program instead of sealing with half a key. Method: files
// of other contents.
func TestOpenRefusesWhatIsNoKey(t *testing.T) {
	t.Parallel()

	for name, text := range map[string]string{
		"empty": "", "short": "AAAA", "no Base64": strings.Repeat("!", 44),
		"long": strings.Repeat("A", 60_000),
	} {
		dir := t.TempDir()
		chmod(t, dir, 0o700)
		write(t, filepath.Join(dir, "seal-1.key"), text)
		if _, err := seal.Open(dir); err == nil {
			t.Errorf("%s: accepted", name)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error quotes the file", name)
		}
	}
	if _, err := seal.New(map[int][]byte{0: make([]byte, 32)}); err == nil {
		t.Error("version 0 accepted")
	}
	if _, err := seal.New(map[int][]byte{1: make([]byte, 16)}); err == nil {
		t.Error("key of 16 bytes accepted")
	}
	if _, err := seal.New(nil); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("no keys: %v", err)
	}
}

// Goal: nothing prints a key (S2). Method: every verb, slog and JSON, looking for anything but
// the one word.
func TestKeysAreNeverPrinted(t *testing.T) {
	t.Parallel()
	ring := ringOf(t, 1)
	signers := signersOf(t)
	signer, err := signers.Version(1)
	if err != nil {
		t.Fatal(err)
	}

	for _, v := range []any{ring, *ring, signer, signers} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if got := fmt.Sprintf(verb, v); got != "redacted" {
				t.Errorf("%T with %s: %.60q", v, verb, got)
			}
		}
		if got, err := json.Marshal(v); err != nil || string(got) != `"redacted"` {
			t.Errorf("%T as JSON: %.60q, %v", v, got, err)
		}
		var line bytes.Buffer
		slog.New(slog.NewTextHandler(&line, nil)).Info("key", "value", v)
		if !strings.HasSuffix(line.String(), "value=redacted\n") {
			t.Errorf("%T in a log: %.200q", v, line.String())
		}
	}
}

// Goal: no text makes Unseal panic or give something that was not sealed. Method: whatever the
// fuzzer finds, one sealed text among it.
func FuzzUnsealNeverPanics(f *testing.F) {
	ring := ringOf(f, 1)
	f.Add(ring.Seal("x"))
	f.Add("v1.")
	f.Fuzz(func(t *testing.T, text string) {
		if plain, err := ring.Unseal(text); err == nil && plain != "x" {
			t.Errorf("%q unsealed to %q", text, plain)
		}
	})
}

func ringOf(t testing.TB, versions ...int) *seal.Ring {
	t.Helper()
	keys := map[int][]byte{}
	for _, v := range versions {
		keys[v] = bytes.Repeat([]byte{byte(v)}, seal.KeyBytes)
	}
	ring, err := seal.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func chmod(t testing.TB, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
