package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The lengths of passwords: at least in characters (NIST SP 800-63B asks for 8 and recommends 15
// for a password alone), at most in bytes, so that nobody makes us hash a book.
const (
	PasswordMin = 12
	PasswordMax = 1024
)

// cost is what a guess costs. The strong one is the second recommended option of RFC 9106,
// section 4: 64 MiB, three passes, four lanes; about a tenth of a second.
type cost struct {
	time, memoryKiB uint32
	threads         uint8
}

var (
	strongCost = cost{3, 64 << 10, 4}
	cheapCost  = cost{1, 1 << 10, 1} // of sandboxes: their passwords are printed in a file
)

const (
	saltBytes = 16
	hashBytes = 32
)

// hashing bounds what passwords cost this process: two at a time, so 128 MiB, and a short queue.
type hashing struct {
	cost  cost
	slots chan struct{}
	queue chan struct{}
	dummy string // compared with when nobody has the address
}

const (
	hashSlots = 2
	hashQueue = 64
	hashWait  = 5 * time.Second
)

func newHashing(cheap bool) *hashing {
	h := &hashing{cost: strongCost, slots: make(chan struct{}, hashSlots),
		queue: make(chan struct{}, hashQueue)}
	if cheap {
		h.cost = cheapCost
	}
	h.dummy = h.cost.phc(make([]byte, saltBytes), make([]byte, hashBytes))
	return h
}

// enter waits for a slot.
//
// Errors: ErrBusy.
func (h *hashing) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, ErrBusy.Newf("too many passwords are being checked")
	}
	defer func() { <-h.queue }()
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, ErrBusy.Newf("too many passwords are being checked").Because(ctx.Err())
	}
}

// hash returns a password in PHC form: "$argon2id$v=19$m=65536,t=3,p=4$salt$hash".
//
// Errors: ErrBusy.
func (h *hashing) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	return h.cost.phc(salt, h.cost.key(password, salt)), nil
}

// matches compares a password with its PHC form; with "" it takes as long and says no.
//
// Errors: ErrBusy; a PHC form that cannot be read.
func (h *hashing) matches(ctx context.Context, phc, password string) (bool, error) {
	known := phc != ""
	if !known {
		phc = h.dummy
	}
	c, salt, want, err := readPHC(phc)
	if err != nil {
		return false, err
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	same := subtle.ConstantTimeCompare(c.key(password, salt), want) == 1
	return same && known, nil
}

func (c cost) key(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, c.time, c.memoryKiB, c.threads, hashBytes)
}

func (c cost) phc(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memoryKiB,
		c.time, c.threads, b.EncodeToString(salt), b.EncodeToString(key))
}

// readPHC is the reverse of phc.
func readPHC(text string) (c cost, salt, key []byte, err error) {
	bad := fmt.Errorf("people: not the PHC form of an argon2id hash")
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return c, nil, nil, bad
	}
	n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memoryKiB, &c.time, &c.threads)
	if err != nil || n != 3 || c.memoryKiB > 1<<20 || c.time > 16 || c.time < 1 || c.threads < 1 {
		return c, nil, nil, bad
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return c, nil, nil, bad
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil ||
		len(key) != hashBytes {
		return c, nil, nil, bad
	}
	return c, salt, key, nil
}

// checkPassword returns a new password as it is hashed (NFKC: the same however the keyboard
// composed it).
//
// Errors: ErrPassword, at the pointer.
func checkPassword(password, emailKey, pointer string) (string, error) {
	refuse := func(text string) (string, error) {
		return "", ErrPassword.Newf("%s", text).At(pointer, text)
	}
	if len(password) > PasswordMax || !utf8.ValidString(password) {
		return refuse(fmt.Sprintf("is longer than %d bytes", PasswordMax))
	}
	plain := norm.NFKC.String(password)
	if utf8.RuneCountInString(plain) < PasswordMin {
		return refuse(fmt.Sprintf("needs at least %d characters", PasswordMin))
	}
	low := strings.ToLower(strings.TrimSpace(plain))
	local, _, _ := strings.Cut(emailKey, "@")
	if low == emailKey || low == local || monotone(low) {
		return refuse("is too easy to guess")
	}
	return plain, nil
}

// monotone tells whether a text is one or two characters again and again.
func monotone(text string) bool {
	kinds := map[rune]bool{}
	for _, r := range text {
		kinds[r] = true
	}
	return len(kinds) <= 2
}

// tried returns a password as it is compared.
func tried(password string) string {
	if len(password) > PasswordMax {
		return ""
	}
	return norm.NFKC.String(password)
}
