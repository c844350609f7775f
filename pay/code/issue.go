package code

import (
	"crypto/rand"
	"crypto/sha256"

	"watari/kit/check"
)

// Lengths of a payment code that is issued here, in digits.
const (
	// Len is the whole code.
	Len = ciiLen + len(bti) + uinLen

	ciiLen = 6
	bti    = "02"
	uinLen = 16
)

// Digest is the SHA-256 of a wallet code: the form in which it is stored (K4).
type Digest [sha256.Size]byte

// Generate returns a fresh payment code of Len digits: the issuer's CII, 02, and 16 random digits
// from the system's generator (53 bits). It panics unless cii is 6 digits: that is configuration,
// which is checked when it is read (ValidCII).
func Generate(cii string) string {
	check.That(ValidCII(cii), "code: CII %q is not %d digits", cii, ciiLen)
	b := make([]byte, 0, Len)
	b = append(b, cii...)
	b = append(b, bti...)
	var random [2 * uinLen]byte
	for len(b) < Len {
		rand.Read(random[:])
		for _, r := range random {
			// 250 is a multiple of ten: the bytes below it make every digit equally likely.
			if r < 250 && len(b) < Len {
				b = append(b, '0'+r%10)
			}
		}
	}
	return string(b)
}

// ValidCII tells whether cii is 6 digits, the code issuer identifier that codes begin with.
func ValidCII(cii string) bool { return len(cii) == ciiLen && digits(cii) }

// Hash returns the digest of a wallet code.
func Hash(text string) Digest { return sha256.Sum256([]byte(text)) }

// Last4 returns the last four characters of a wallet code, all of a shorter one.
func Last4(text string) string { return text[max(0, len(text)-4):] }
