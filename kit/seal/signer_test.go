package seal_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/seal"
)

// Goal: a signature is what the other side verifies with the public half. Method: sign, verify
// with the standard library, and refuse what is no SHA-256 digest.
func TestSignatureVerifiesWithThePublicKey(t *testing.T) {
	t.Parallel()
	signer, err := signersOf(t).Version(1)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("POST /aps/api/v1/payments/pay"))

	signature, err := signer.Sign(digest[:])

	if err != nil || len(signature) != 256 {
		t.Fatalf("%d bytes, %v; want 256", len(signature), err)
	}
	err = rsa.VerifyPKCS1v15(signer.Public(), crypto.SHA256, digest[:], signature)
	if err != nil {
		t.Errorf("verify: %v", err)
	}
	if _, err := signer.Sign(digest[:31]); err == nil {
		t.Error("a digest of 31 bytes was signed")
	}
}

// Goal: versions overlap, and the newest that is valid signs. Method: two versions with times,
// asked for at, before and after each border.
func TestCurrentIsTheNewestValidVersion(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	create(t, dir, "bank-a", 1, day(1), day(20))
	create(t, dir, "bank-a", 2, day(10), day(30))
	create(t, dir, "bank-b", 7, time.Time{}, time.Time{})

	signers, err := seal.OpenSigners(dir, "bank-a")

	if err != nil || !slices.Equal(signers.Versions(), []int{2, 1}) {
		t.Fatalf("versions %v, %v", signers.Versions(), err)
	}
	for _, c := range []struct {
		at   time.Time
		want int
	}{
		{day(1).Add(-1), 0}, {day(1), 1}, {day(10).Add(-1), 1}, {day(10), 2}, {day(20), 2},
		{day(30).Add(-1), 2}, {day(30), 0},
	} {
		got := 0
		signer, err := signers.Current(c.at)
		if err == nil {
			got = signer.Version()
		} else if !errors.Is(err, seal.ErrNotValid) {
			t.Errorf("at %v: %v", c.at, err)
		}
		if got != c.want {
			t.Errorf("at %v: version %d, want %d", c.at, got, c.want)
		}
	}
	from, until, ok := signers.Validity(1)
	if !ok || !from.Equal(day(1)) || !until.Equal(day(20)) {
		t.Errorf("validity of version 1: %v, %v, %v", from, until, ok)
	}
	if _, err := signers.Version(3); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("version 3: %v, want ErrNoKey", err)
	}
	if _, err := seal.OpenSigners(dir, "bank"); !errors.Is(err, seal.ErrNoKey) {
		t.Errorf("another name: %v, want ErrNoKey", err)
	}
}

// Goal: only an RSA key of the right size in PKCS #8, readable by its owner alone, is taken, and
// no error quotes the file. Method: files that miss one of these each.
func TestOpenSignersRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	text := pkcs8(t, good, nil)

	for name, c := range map[string]struct {
		text string
		mode os.FileMode
	}{
		"readable by the group": {text, 0o640},
		"1024 bits":             {pkcs8(t, short, nil), 0o600},
		"elliptic curve":        {pkcs8(t, curve, nil), 0o600},
		"two blocks":            {text + text, 0o600},
		"PKCS #1": {string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY",
			Bytes: x509.MarshalPKCS1PrivateKey(good)})), 0o600},
		"no PEM":       {"secret words", 0o600},
		"no time":      {pkcs8(t, good, map[string]string{"Valid-From": "today"}), 0o600},
		"until before": {pkcs8(t, good, endsBeforeItBegins()), 0o600},
	} {
		dir := t.TempDir()
		chmod(t, dir, 0o700)
		path := filepath.Join(dir, "k-1.pem")
		write(t, path, c.text)
		chmod(t, path, c.mode)

		_, err := seal.OpenSigners(dir, "k")

		if err == nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), "secret words") {
			t.Errorf("%s: the error quotes the file: %v", name, err)
		}
	}
	for _, name := range []string{"", "..", "a/b", "A", strings.Repeat("a", 65)} {
		if _, err := seal.OpenSigners(t.TempDir(), name); err == nil {
			t.Errorf("name %q accepted", name)
		}
	}
}

func endsBeforeItBegins() map[string]string {
	return map[string]string{
		"Valid-From": "2026-11-22T00:00:00Z", "Valid-Until": "2026-11-21T00:00:00Z",
	}
}

func pkcs8(t testing.TB, key any, headers map[string]string) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block := &pem.Block{Type: "PRIVATE KEY", Headers: headers, Bytes: der}
	return string(pem.EncodeToMemory(block))
}

func create(t testing.TB, dir, name string, version int, from, until time.Time) {
	t.Helper()
	if _, err := seal.CreateSigner(dir, name, version, from, until); err != nil {
		t.Fatal(err)
	}
}

func signersOf(t testing.TB) *seal.Signers {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	create(t, dir, "k", 1, time.Time{}, time.Time{})
	signers, err := seal.OpenSigners(dir, "k")
	if err != nil {
		t.Fatal(err)
	}
	return signers
}
