package seal

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

// maxKeyFile is the most that a key file may hold: an RSA-4096 key in PEM is 3.3 KB.
const maxKeyFile = 16 << 10

// readPrivate reads a key file after looking, at the open file, that only its owner can read it.
func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	defer f.Close()

	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("seal: %s is not a regular file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("seal: others can read %s (mode %04o); run: chmod 600 %s",
			path, info.Mode().Perm(), path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if len(text) > maxKeyFile {
		return nil, fmt.Errorf("seal: %s is over %d bytes, so it is no key", path, maxKeyFile)
	}
	return text, nil
}

// writePrivate puts a key file in place with mode 0600, durably, all or nothing, and never over
// another (S3): a hard link fails when its name exists, a rename would not.
func writePrivate(dir, name string, text []byte) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make key folder: %w", err)
	}
	tmp, err := os.CreateTemp(dir, ".new-*") // CreateTemp gives mode 0600
	if err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()

	if _, err := tmp.Write(text); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	if err := os.Link(tmp.Name(), filepath.Join(dir, name)); err != nil {
		return fmt.Errorf("write key: %w", err)
	}
	return syncDir(dir)
}

// syncDir makes a new name in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync key folder: %w", err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync key folder: %w", err)
	}
	return nil
}

// secret makes whatever embeds it unprintable (S2).
type secret struct{}

const redacted = "redacted"

// String returns "redacted".
func (secret) String() string { return redacted }

// GoString returns "redacted".
func (secret) GoString() string { return redacted }

// Format writes "redacted" for every verb.
func (secret) Format(f fmt.State, _ rune) { io.WriteString(f, redacted) }

// LogValue returns "redacted".
func (secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "redacted".
func (secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
