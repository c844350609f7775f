package sign

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"watari/connect/alipayplus/wire"
)

// Algorithm is the only one there is.
const Algorithm = "RSA256"

// Names of the headers that carry a signature. Case does not matter when they are read.
const (
	HeaderSignature    = "Signature"
	HeaderClient       = "Client-Id"
	HeaderRequestTime  = "Request-Time"
	HeaderResponseTime = "Response-Time"
)

// Why a signature is not accepted.
var (
	// ErrHeader: the signature header is missing or cannot be read.
	ErrHeader = errors.New("the signature header cannot be read")
	// ErrVersion: the header names no key version.
	ErrVersion = errors.New("the signature header names no keyVersion")
	// ErrVerify: the signature is well formed and not of this text by this key.
	ErrVerify = errors.New("the signature does not verify")
	// ErrStale: the time of the message is too far from ours.
	ErrStale = errors.New("the time of the message is too far from ours")
)

// Signer is one version of a private key; a seal.Signer is one.
type Signer interface {
	// Sign signs a SHA-256 digest with RSASSA-PKCS1-v1_5.
	Sign(digest []byte) ([]byte, error)
	// Version is what the header says as keyVersion.
	Version() int
}

// Message is what a signature is made over. At is the time as it stands in the header (S2).
type Message struct {
	Method, Path, ClientID, At string
	Body                       []byte
}

// Content returns the exact bytes that are signed.
func (m Message) Content() []byte {
	var b bytes.Buffer
	b.Grow(len(m.Method) + len(m.Path) + len(m.ClientID) + len(m.At) + len(m.Body) + 4)
	b.WriteString(m.Method)
	b.WriteByte(' ')
	b.WriteString(m.Path)
	b.WriteByte('\n')
	b.WriteString(m.ClientID)
	b.WriteByte('.')
	b.WriteString(m.At)
	b.WriteByte('.')
	b.Write(m.Body)
	return b.Bytes()
}

// Header is a signature header, taken apart.
type Header struct {
	Algorithm string // RSA256, also when the header names none
	Version   int    // 0 and up; -1 when the header names none
	Value     string // the signature as it was written
}

// headerMax is the longest header that is read, in bytes: a 4096-bit signature has 700.
const headerMax = 4096

// ParseHeader reads a signature header (S4).
//
// Errors: ErrHeader, with the reason.
func ParseHeader(s string) (Header, error) {
	if s == "" {
		return Header{}, fmt.Errorf("%w: it is missing", ErrHeader)
	}
	if len(s) > headerMax {
		return Header{}, fmt.Errorf("%w: it is over %d bytes", ErrHeader, headerMax)
	}
	h := Header{Algorithm: Algorithm, Version: -1}
	seen := map[string]bool{}
	for item := range strings.SplitSeq(s, ",") {
		name, value, found := strings.Cut(item, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !found {
			continue
		}
		if seen[name] {
			return Header{}, fmt.Errorf("%w: it names an item twice", ErrHeader)
		}
		seen[name] = true
		if err := h.set(name, value); err != nil {
			return Header{}, err
		}
	}
	if h.Value == "" {
		return Header{}, fmt.Errorf("%w: it has no signature= item", ErrHeader)
	}
	return h, nil
}

func (h *Header) set(name, value string) error {
	switch name {
	case "algorithm":
		if !strings.EqualFold(value, Algorithm) {
			return fmt.Errorf("%w: its algorithm is not %s", ErrHeader, Algorithm)
		}
	case "keyversion":
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return fmt.Errorf("%w: its keyVersion is not a whole number", ErrHeader)
		}
		h.Version = int(n)
	case "signature":
		h.Value = value
	}
	return nil
}

// FormatHeader writes a signature header (S3, S4).
func FormatHeader(version int, signature []byte) string {
	return fmt.Sprintf("algorithm=%s,keyVersion=%d,signature=%s", Algorithm, version,
		url.QueryEscape(base64.StdEncoding.EncodeToString(signature)))
}

// Bytes returns the signature bytes of a value in any of the forms of S3.
//
// Errors: ErrHeader.
func Bytes(value string) ([]byte, error) {
	if strings.Contains(value, "%") {
		plain, err := url.PathUnescape(value) // a + stays a +
		if err != nil {
			return nil, fmt.Errorf("%w: its signature is not URL-escaped Base64", ErrHeader)
		}
		value = plain
	}
	value = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(value, "="))
	raw, err := base64.RawStdEncoding.DecodeString(value)
	if err != nil || len(raw) == 0 {
		return nil, fmt.Errorf("%w: its signature is not Base64", ErrHeader)
	}
	return raw, nil
}

// Sign returns the signature header of a message. It costs about a millisecond of one core, so it
// is never called under a lock.
func Sign(by Signer, m Message) (string, error) {
	digest := sha256.Sum256(m.Content())
	signature, err := by.Sign(digest[:])
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return FormatHeader(by.Version(), signature), nil
}

// Verify checks the value of a signature header against a message.
//
// Errors: ErrHeader when the value is no Base64, ErrVerify.
func Verify(key *rsa.PublicKey, m Message, value string) error {
	signature, err := Bytes(value)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(m.Content())
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) != nil {
		return ErrVerify
	}
	return nil
}

// Skew is how far the time of a message may be from ours when nothing else is configured. The
// protocol's documents give no window.
const Skew = 5 * time.Minute

// Fresh is the replay guard: at may be at most window before or after now. A time in none of the
// known forms passes, because it is opaque (S2); ids that are used once for ever do the rest.
//
// Errors: ErrStale.
func Fresh(at string, now time.Time, window time.Duration) error {
	t, ok := wire.ParseTime(at)
	if !ok {
		return nil
	}
	if d := now.Sub(t); d > window || d < -window {
		return fmt.Errorf("%w: %s, at most %s is allowed", ErrStale,
			d.Round(time.Second), window)
	}
	return nil
}
