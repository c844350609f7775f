package program

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// Binary returns the path of the binary: that of the environment variable WATARI_BIN, which
// `make test` sets to bin/watari, or else one that is built once for this test process.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := ordinary()
	if err != nil {
		t.Fatalf("build the binary: %v", err)
	}
	return path
}

// Crashing returns the path of a binary with the build tag crash: it kills itself at the point
// that the environment variable WATARI_CRASH_AT names, see kit/crash.
func Crashing(t testing.TB) string {
	t.Helper()
	path, err := crashing()
	if err != nil {
		t.Fatalf("build the binary with the tag crash: %v", err)
	}
	return path
}

var ordinary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("WATARI_BIN"); path != "" {
		_, err := os.Stat(path)
		return path, err
	}
	return build("watari", "")
})

var crashing = sync.OnceValues(func() (string, error) { return build("watari-crash", "crash") })

// build makes a binary below .tmp, where the next process finds it up to date. A lock keeps two
// test processes from linking it at once.
func build(name, tags string) (string, error) {
	root, err := root()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Join(root, ".tmp"), 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(filepath.Join(root, ".tmp", "watari.lock"))
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock the build: %w", err)
	}
	path := filepath.Join(root, ".tmp", name)
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-buildvcs=false",
		"-tags="+tags, "-o", path, "./cmd/watari")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
}

// root returns the folder of go.mod, above the test's own.
func root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		if folder == filepath.Dir(folder) {
			return "", errors.New("no go.mod above the test")
		}
		folder = filepath.Dir(folder)
	}
}
