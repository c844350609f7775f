package seal

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sizes of an RSA key, in bits.
const (
	minBits = 2048
	maxBits = 4096
)

// Headers of a PEM block that bound the use of its key.
const (
	headerFrom  = "Valid-From"
	headerUntil = "Valid-Until"
)

// ErrNotValid says that no version of a key may be used at a time.
var ErrNotValid = errors.New("seal: no key version is valid at this time")

// Signer is one version of a private key. It is safe for concurrent use. A key in a file is one
// implementation; a hardware module is another.
type Signer interface {
	// Sign signs a SHA-256 digest (32 bytes) with RSASSA-PKCS1-v1_5 (RFC 8017, 8.2). It takes
	// about a millisecond of one core at 2048 bits, a third of it with libcrypto.
	Sign(digest []byte) ([]byte, error)
	// Public returns the public half.
	Public() *rsa.PublicKey
	// Version is the version that messages name.
	Version() int
}

// fileSigner is a private key in memory. What signs with it is chosen when the program is built.
type fileSigner struct {
	secret
	engine interface {
		sign(digest []byte) ([]byte, error)
	}
	public      *rsa.PublicKey
	version     int
	from, until time.Time // zero is open
}

// NewSigner makes a Signer of a private key that is in memory already.
//
// Errors: a key that is not 2048 to 4096 bits, or whose parts do not fit together; in a build with
// libcrypto, one that cannot sign with it.
func NewSigner(key *rsa.PrivateKey, version int) (Signer, error) {
	return newSigner(key, version)
}

func newSigner(key *rsa.PrivateKey, version int) (*fileSigner, error) {
	if bits := key.N.BitLen(); bits < minBits || bits > maxBits {
		return nil, fmt.Errorf("seal: RSA key has %d bits, not %d to %d", bits, minBits, maxBits)
	}
	if err := key.Validate(); err != nil {
		return nil, errors.New("seal: the parts of the RSA key do not fit together")
	}
	e, err := newEngine(key)
	if err != nil {
		return nil, err
	}
	return &fileSigner{engine: e, public: &key.PublicKey, version: version}, nil
}

// Sign signs a SHA-256 digest.
func (s *fileSigner) Sign(digest []byte) ([]byte, error) {
	if len(digest) != sha256.Size {
		return nil, fmt.Errorf("seal: digest has %d bytes, not %d", len(digest), sha256.Size)
	}
	signature, err := s.engine.sign(digest)
	if err != nil {
		return nil, errors.New("seal: RSA signing did not work")
	}
	return signature, nil
}

// Public returns the public half.
func (s *fileSigner) Public() *rsa.PublicKey { return s.public }

// Version returns the version.
func (s *fileSigner) Version() int { return s.version }

// validAt tells whether the key may be used at t: from the first moment until before the last.
func (s *fileSigner) validAt(t time.Time) bool {
	return (s.from.IsZero() || !t.Before(s.from)) && (s.until.IsZero() || t.Before(s.until))
}

// Signers is every version of the key of one name.
type Signers struct {
	secret
	versions []*fileSigner // newest first
}

// OpenSigners reads every <name>-<version>.pem of a folder. name is lower-case letters, digits,
// hyphens and underscores.
//
// Errors: ErrNoKey when there is none; a file or folder that is open to others; a file that holds
// no RSA private key of 2048 to 4096 bits in PKCS #8.
func OpenSigners(dir, name string) (*Signers, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	files, err := keyFiles(dir, name, ".pem")
	if err != nil {
		return nil, err
	}

	all := &Signers{}
	for version := MaxVersion; version > 0; version-- {
		path := files[version]
		if path == "" {
			continue
		}
		text, err := readPrivate(path)
		if err != nil {
			return nil, err
		}
		s, err := parseSigner(text, version)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		all.versions = append(all.versions, s)
	}
	return all, nil
}

// Current returns the newest version that may be used at t.
//
// Errors: ErrNotValid.
func (s *Signers) Current(t time.Time) (Signer, error) {
	for _, v := range s.versions {
		if v.validAt(t) {
			return v, nil
		}
	}
	return nil, ErrNotValid
}

// Version returns one version, whether it may be used now or not.
//
// Errors: ErrNoKey.
func (s *Signers) Version(n int) (Signer, error) {
	for _, v := range s.versions {
		if v.version == n {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%w of version %d", ErrNoKey, n)
}

// Versions returns the versions, newest first.
func (s *Signers) Versions() []int {
	all := make([]int, len(s.versions))
	for i, v := range s.versions {
		all[i] = v.version
	}
	return all
}

// Validity returns from (inclusive) and until (exclusive) when a version may be used; a zero time
// is open. ok is false when there is no such version.
func (s *Signers) Validity(version int) (from, until time.Time, ok bool) {
	for _, v := range s.versions {
		if v.version == version {
			return v.from, v.until, true
		}
	}
	return time.Time{}, time.Time{}, false
}

// CreateSigner makes an RSA-2048 key and writes it as <name>-<version>.pem into a folder, which
// is made with mode 0700 when it is absent. A zero from or until is open. It takes a tenth of a
// second or more.
//
// Errors: os.ErrExist when that version is there already (S3).
func CreateSigner(dir, name string, version int, from, until time.Time) (Signer, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if version < 1 || version > MaxVersion {
		return nil, fmt.Errorf("seal: key version %d is not in 1..%d", version, MaxVersion)
	}
	key, err := rsa.GenerateKey(rand.Reader, minBits)
	if err != nil {
		return nil, fmt.Errorf("make RSA key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, errors.New("seal: the RSA key has no PKCS #8 form")
	}

	block := &pem.Block{Type: "PRIVATE KEY", Bytes: der, Headers: map[string]string{}}
	if !from.IsZero() {
		block.Headers[headerFrom] = from.UTC().Format(time.RFC3339Nano)
	}
	if !until.IsZero() {
		block.Headers[headerUntil] = until.UTC().Format(time.RFC3339Nano)
	}
	file := fmt.Sprintf("%s-%d.pem", name, version)
	if err := writePrivate(dir, file, pem.EncodeToMemory(block)); err != nil {
		return nil, err
	}
	s, err := newSigner(key, version)
	if err != nil {
		return nil, err
	}
	s.from, s.until = from, until
	return s, nil
}

// parseSigner reads one PEM block. Errors of the decoders are left out: they may quote the key.
func parseSigner(text []byte, version int) (*fileSigner, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" || strings.TrimSpace(string(rest)) != "" {
		return nil, errors.New("seal: not one PEM block PRIVATE KEY (PKCS #8)")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("seal: the PEM block holds no PKCS #8 private key")
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("seal: the private key is not RSA")
	}
	s, err := newSigner(key, version)
	if err != nil {
		return nil, err
	}
	if s.from, err = headerTime(block, headerFrom); err != nil {
		return nil, err
	}
	if s.until, err = headerTime(block, headerUntil); err != nil {
		return nil, err
	}
	if !s.from.IsZero() && !s.until.IsZero() && !s.from.Before(s.until) {
		return nil, fmt.Errorf("seal: %s is not before %s", headerFrom, headerUntil)
	}
	return s, nil
}

// headerTime reads a time from a PEM header; zero when the header is absent.
func headerTime(block *pem.Block, header string) (time.Time, error) {
	text := block.Headers[header]
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("seal: %s is not an RFC 3339 time", header)
	}
	return t, nil
}

// checkName keeps names of keys inside their folder.
func checkName(name string) error {
	bad := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_'
	}
	if name == "" || len(name) > 64 || strings.ContainsFunc(name, bad) {
		return fmt.Errorf("seal: key name %q is not 1 to 64 of [a-z0-9_-]", name)
	}
	return nil
}
