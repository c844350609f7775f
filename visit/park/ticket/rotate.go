package ticket

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"time"
)

const (
	digitsLen = 6
	digitsMod = 1_000_000
)

// Step is how long the same digits are shown.
const Step = 30 * time.Second

// DayKey is the key of one park day, YYYY-MM-DD, from the park's own key of 32 bytes.
func DayKey(park []byte, day string) []byte { return mac(park, "day", []byte(day)) }

// Secret is what the digits of one ticket are made from, 32 bytes.
func Secret(dayKey []byte, id ID) []byte { return mac(dayKey, "ticket", id[:]) }

func mac(key []byte, what string, b []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(what))
	h.Write([]byte{0})
	h.Write(b)
	return h.Sum(nil)
}

// Digits are those of a moment: RFC 6238 with HMAC-SHA-256, six digits, steps of 30 s.
func Digits(secret []byte, at time.Time) string { return digitsOf(secret, stepOf(at)) }

func stepOf(at time.Time) int64 { return at.Unix() / int64(Step.Seconds()) }

func digitsOf(secret []byte, step int64) string {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(step))
	h := hmac.New(sha256.New, secret)
	h.Write(b[:])
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", digitsLen, n%digitsMod)
}

// CheckDigits returns nil when digits are those of now, or of one step before or after (K3).
//
// Errors: ErrDigits.
func CheckDigits(secret []byte, digits string, now time.Time) error {
	good := 0
	for _, d := range []int64{-1, 0, 1} {
		good |= subtle.ConstantTimeCompare([]byte(digitsOf(secret, stepOf(now)+d)), []byte(digits))
	}
	if good == 1 {
		return nil
	}
	return ErrDigits
}

func digitsOK(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
