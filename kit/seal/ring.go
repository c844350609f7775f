package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// KeyBytes is the size of a sealing key: AES-256.
const KeyBytes = 32

// MaxVersion is the largest version of a key.
const MaxVersion = 9999

var (
	// ErrNoKey says that a folder holds no key of the kind that was asked for.
	ErrNoKey = errors.New("seal: no key")
	// ErrSealed says that a text was not sealed by this ring, or was changed since.
	ErrSealed = errors.New("seal: not sealed by a key of this ring")
)

// Ring seals and unseals short texts with versions of one key. It is safe for concurrent use.
type Ring struct {
	secret
	newest int
	boxes  map[int]cipher.AEAD
}

// New makes a ring of keys by version, 1 to MaxVersion, each of KeyBytes bytes. The highest
// version seals.
//
// Errors: no key, a version out of range, a key of another size.
func New(keys map[int][]byte) (*Ring, error) {
	if len(keys) == 0 {
		return nil, ErrNoKey
	}

	r := &Ring{boxes: make(map[int]cipher.AEAD, len(keys))}
	for version, key := range keys {
		if version < 1 || version > MaxVersion {
			return nil, fmt.Errorf("seal: key version %d is not in 1..%d", version, MaxVersion)
		}
		if len(key) != KeyBytes {
			return nil, fmt.Errorf("seal: key version %d has %d bytes, not %d",
				version, len(key), KeyBytes)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("make cipher of key version %d: %w", version, err)
		}
		box, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, fmt.Errorf("make cipher of key version %d: %w", version, err)
		}
		r.boxes[version] = box
		r.newest = max(r.newest, version)
	}
	return r, nil
}

// Open reads every seal-<version>.key of a folder.
//
// Errors: ErrNoKey when there is none; a file or folder that is open to others; a file that is no
// key.
func Open(dir string) (*Ring, error) {
	names, err := keyFiles(dir, "seal", ".key")
	if err != nil {
		return nil, err
	}

	keys := make(map[int][]byte, len(names))
	for version, path := range names {
		text, err := readPrivate(path)
		if err != nil {
			return nil, err
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
		if err != nil || len(key) != KeyBytes {
			return nil, fmt.Errorf("seal: %s is not %d bytes in Base64", path, KeyBytes)
		}
		keys[version] = key
	}
	return New(keys)
}

// Create writes a fresh random key of the given version into a folder, which is made with mode
// 0700 when it is absent.
//
// Errors: os.ErrExist when that version is there already (S3).
func Create(dir string, version int) error {
	if version < 1 || version > MaxVersion {
		return fmt.Errorf("seal: key version %d is not in 1..%d", version, MaxVersion)
	}
	key := make([]byte, KeyBytes)
	rand.Read(key)
	text := base64.StdEncoding.EncodeToString(key) + "\n"

	return writePrivate(dir, fmt.Sprintf("seal-%d.key", version), []byte(text))
}

// Versions returns the versions in the ring, oldest first.
func (r *Ring) Versions() []int { return slices.Sorted(maps.Keys(r.boxes)) }

// Seal encrypts plain with the newest key (S1). Sealing the same text twice gives two results.
// The result is about 4/3 of the text and 42 characters long, of [A-Za-z0-9._-].
func (r *Ring) Seal(plain string) string {
	prefix := "v" + strconv.Itoa(r.newest) + "."
	sealed := r.boxes[r.newest].Seal(nil, nil, []byte(plain), []byte(prefix))

	return prefix + base64.RawURLEncoding.EncodeToString(sealed)
}

// Unseal is the reverse of Seal.
//
// Errors: ErrSealed, which says nothing of the text.
func (r *Ring) Unseal(sealed string) (string, error) {
	prefix, body, ok := strings.Cut(sealed, ".")
	if !ok || !strings.HasPrefix(prefix, "v") {
		return "", ErrSealed
	}
	version, err := strconv.Atoi(prefix[1:])
	if err != nil || "v"+strconv.Itoa(version) != prefix {
		return "", ErrSealed
	}
	box := r.boxes[version]
	if box == nil {
		return "", fmt.Errorf("%w: key version %d is not here", ErrSealed, version)
	}
	if strings.ContainsAny(body, "\r\n") {
		return "", ErrSealed // the decoder would pass over line ends
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return "", ErrSealed
	}
	plain, err := box.Open(nil, nil, raw, []byte(prefix+"."))
	if err != nil {
		return "", ErrSealed
	}
	return string(plain), nil
}

// keyFiles finds the files <name>-<version><ext> of a folder, by version. It refuses a folder
// into which others can write: they could add a key of their own.
func keyFiles(dir, name, ext string) (map[int]string, error) {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w in %s", ErrNoKey, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("read key folder: %w", err)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return nil, fmt.Errorf("seal: others can write into %s (mode %04o); run: chmod 700 %s",
			dir, info.Mode().Perm(), dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read key folder: %w", err)
	}

	found := map[int]string{}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), name+"-")
		digits, isKey := strings.CutSuffix(rest, ext)
		version, err := strconv.Atoi(digits)
		if !ok || !isKey || err != nil || strconv.Itoa(version) != digits {
			continue
		}
		if version < 1 || version > MaxVersion {
			return nil, fmt.Errorf("seal: %s has a version that is not in 1..%d",
				filepath.Join(dir, e.Name()), MaxVersion)
		}
		found[version] = filepath.Join(dir, e.Name())
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %s holds no %s-<version>%s", ErrNoKey, dir, name, ext)
	}
	return found, nil
}
