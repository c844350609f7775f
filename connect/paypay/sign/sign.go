package sign

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Window is how far the epoch of a request may be from the server's clock.
const Window = 2 * time.Minute

// Names of headers.
const (
	HeaderMerchant = "X-ASSUME-MERCHANT" // on whose behalf
	HeaderRequest  = "X-REQUEST-ID"      // in answers: what to name to support
)

// scheme begins the Authorization header.
const scheme = "hmac OPA-Auth:"

// none stands for the content type and the hash of a request without a body.
const none = "empty"

// nonceMax is the longest nonce that is read, in characters.
const nonceMax = 64

var (
	// ErrHeader says that the Authorization header has another form.
	ErrHeader = errors.New("the Authorization header is not hmac OPA-Auth with five parts")
	// ErrBody says that the header holds another hash than the body has.
	ErrBody = errors.New("the body hash does not fit body and content type")
	// ErrMAC says that the code was made with another secret or over another text.
	ErrMAC = errors.New("the message authentication code does not fit")
	// ErrStale says that the epoch is too far from now.
	ErrStale = errors.New("the epoch is more than two minutes away")
)

// Message is what is signed of a request.
type Message struct {
	Method      string
	Path        string // without query
	ContentType string // of the header, exactly; ignored without a body
	Body        []byte
	Nonce       string // fresh for every request; no colon
	Epoch       int64  // seconds since 1970 UTC
}

// BodyHash returns the hash of a body with its content type, or "empty".
func BodyHash(contentType string, body []byte) string {
	if len(body) == 0 {
		return none
	}
	h := md5.New()
	h.Write([]byte(contentType))
	h.Write(body)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// Content returns the text that the code is made over (S1).
func (m Message) Content() string { return m.content(BodyHash(m.ContentType, m.Body)) }

// content is Content with the hash of the body given.
func (m Message) content(hash string) string {
	contentType := m.ContentType
	if len(m.Body) == 0 {
		contentType = none
	}
	return strings.Join([]string{m.Path, m.Method, m.Nonce, strconv.FormatInt(m.Epoch, 10),
		contentType, hash}, "\n")
}

// mac returns the code of a message whose body has a hash.
func mac(secret string, m Message, hash string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(m.content(hash)))
	return h.Sum(nil)
}

// Sign returns the Authorization header of a message.
func Sign(key, secret string, m Message) string {
	hash := BodyHash(m.ContentType, m.Body)
	return scheme + strings.Join([]string{key,
		base64.StdEncoding.EncodeToString(mac(secret, m, hash)), m.Nonce,
		strconv.FormatInt(m.Epoch, 10), hash}, ":")
}

// Header is an Authorization header, taken apart.
type Header struct {
	Key      string
	MAC      string // base64
	Nonce    string
	Epoch    int64
	BodyHash string
}

// ParseHeader takes an Authorization header apart.
//
// Errors: ErrHeader.
func ParseHeader(text string) (Header, error) {
	rest, ok := strings.CutPrefix(text, scheme)
	parts := strings.Split(rest, ":")
	if !ok || len(parts) != 5 {
		return Header{}, ErrHeader
	}
	epoch, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil || parts[0] == "" || parts[1] == "" || parts[2] == "" || parts[4] == "" ||
		len(parts[2]) > nonceMax || epoch < 0 {
		return Header{}, ErrHeader
	}
	return Header{Key: parts[0], MAC: parts[1], Nonce: parts[2], Epoch: epoch,
		BodyHash: parts[4]}, nil
}

// Verify checks the header of a message. Nonce and Epoch of the message are taken from the header.
// That a nonce is used once is the caller's to see to.
//
// Errors: ErrStale, ErrBody, ErrMAC.
func Verify(secret string, h Header, m Message, now time.Time) error {
	m.Nonce, m.Epoch = h.Nonce, h.Epoch
	if age := now.Sub(time.Unix(h.Epoch, 0)); age.Abs() > Window {
		return ErrStale
	}
	hash := BodyHash(m.ContentType, m.Body)
	if !equal(h.BodyHash, hash) {
		return ErrBody
	}
	got, err := base64.StdEncoding.DecodeString(h.MAC)
	if err != nil || !hmac.Equal(got, mac(secret, m, hash)) {
		return ErrMAC
	}
	return nil
}

// equal compares two texts in a time that does not tell where they differ.
func equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
