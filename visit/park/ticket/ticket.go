package ticket

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"watari/kit/check"
)

// Sizes of the layout in doc.go.
const (
	version     = 1
	payloadLen  = 28
	totalLen    = payloadLen + ed25519.SignatureSize
	domain      = "watari ticket\x00"
	maxMinutes  = 1<<32 - 1
	flagChanges = 1
	classShift  = 1
	classMask   = 7
)

// TextLen is how many characters a ticket's text has, without the changing digits.
const TextLen = totalLen / 2 * 3

var (
	// ErrForm says that a text is no ticket of this layout.
	ErrForm = errors.New("not a ticket")
	// ErrKey says that a ticket was signed with a key that is not the park's.
	ErrKey = errors.New("signed by a key that is not known here")
	// ErrSignature says that a ticket was changed, or never signed.
	ErrSignature = errors.New("the signature does not hold")
	// ErrDigits says that the changing digits are missing, wrong or too old.
	ErrDigits = errors.New("the digits that change are missing or too old")
)

// ID is the random number of a ticket, 64 bits.
type ID [8]byte

// NewID returns a random one.
func NewID() (id ID) {
	_, err := rand.Read(id[:])
	check.That(err == nil, "ticket: no random numbers: %v", err)
	return id
}

// String returns id as 16 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID reads what String wrote.
func ParseID(s string) (id ID, err error) {
	if len(s) != 2*len(id) {
		return id, fmt.Errorf("%q is no ticket number", s)
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil || id.String() != s {
		return ID{}, fmt.Errorf("%q is no ticket number", s)
	}
	return id, nil
}

// Class is the age class of who enters with a ticket, 0 to 7, as its park numbers them.
type Class uint8

// Claim is what a ticket says.
type Claim struct {
	Key     uint16 // number of the key that signs it, from 1
	Ticket  ID
	Product uint32 // number of the product in its park, from 1
	Slot    uint32 // number of the slot, 0 for the whole day
	// NotBefore and NotAfter are whole minutes, from 1970 to the year 10136.
	NotBefore, NotAfter time.Time
	Changes             bool // it must be shown with the changing digits
	Class               Class
}

// Sign returns the text of a ticket. A claim out of the ranges that its fields name is a defect.
func Sign(key ed25519.PrivateKey, c Claim) string {
	b := c.payload()
	return encode45(append(b, ed25519.Sign(key, signed(b))...))
}

func signed(payload []byte) []byte { return append([]byte(domain), payload...) }

func (c Claim) payload() []byte {
	b := make([]byte, payloadLen, totalLen)
	b[0] = version
	binary.BigEndian.PutUint16(b[1:], c.Key)
	copy(b[3:11], c.Ticket[:])
	binary.BigEndian.PutUint32(b[11:], c.Product)
	binary.BigEndian.PutUint32(b[15:], c.Slot)
	binary.BigEndian.PutUint32(b[19:], minutes(c.NotBefore))
	binary.BigEndian.PutUint32(b[23:], minutes(c.NotAfter))
	check.That(c.Class <= classMask && !c.NotAfter.Before(c.NotBefore),
		"ticket: a claim with class %d, valid %s to %s", c.Class, c.NotBefore, c.NotAfter)
	b[27] = byte(c.Class) << classShift
	if c.Changes {
		b[27] |= flagChanges
	}
	return b
}

func minutes(t time.Time) uint32 {
	n := t.Unix() / 60
	check.That(n >= 0 && n <= maxMinutes && t.Unix()%60 == 0 && t.Nanosecond() == 0,
		"ticket: %s is no whole minute that fits", t)
	return uint32(n)
}

// Parse reads a text without looking at its signature: nothing that it says may be believed (K1).
// The digits behind a text that changes are returned as they stand; "" when there are none.
//
// Errors: ErrForm.
func Parse(text string) (c Claim, digits string, err error) {
	c, _, digits, err = parse(text)
	return c, digits, err
}

func parse(text string) (c Claim, raw []byte, digits string, err error) {
	switch len(text) {
	case TextLen:
	case TextLen + digitsLen:
		text, digits = text[:TextLen], text[TextLen:]
	default:
		return c, nil, "", ErrForm
	}
	b, ok := decode45(text)
	if !ok || b[0] != version || b[27]>>(classShift+3) != 0 || !digitsOK(digits) {
		return c, nil, "", ErrForm
	}
	c = Claim{Key: binary.BigEndian.Uint16(b[1:]), Ticket: ID(b[3:11]),
		Product: binary.BigEndian.Uint32(b[11:]), Slot: binary.BigEndian.Uint32(b[15:]),
		NotBefore: fromMinutes(binary.BigEndian.Uint32(b[19:])),
		NotAfter:  fromMinutes(binary.BigEndian.Uint32(b[23:])),
		Changes:   b[27]&flagChanges != 0, Class: Class(b[27] >> classShift & classMask)}
	return c, b, digits, nil
}

func fromMinutes(n uint32) time.Time { return time.Unix(int64(n)*60, 0).UTC() }

// Verify reads a text and its signature, with the public keys of one park by their numbers. It
// says who signed it, not whether the ticket is valid now, was revoked, or changes as it should.
//
// Errors: ErrForm, ErrKey, ErrSignature.
func Verify(keys map[uint16]ed25519.PublicKey, text string) (Claim, string, error) {
	c, raw, digits, err := parse(text)
	if err != nil {
		return Claim{}, "", err
	}
	key, ok := keys[c.Key]
	switch {
	case !ok:
		return Claim{}, "", ErrKey
	case !ed25519.Verify(key, signed(raw[:payloadLen]), raw[payloadLen:]):
		return Claim{}, "", ErrSignature
	}
	return c, digits, nil
}
