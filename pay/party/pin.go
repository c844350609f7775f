package party

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"watari/kit/db"
)

const (
	// pinRounds makes one guess cost about 20 ms; a PIN has few digits, so guesses at the
	// till must be counted besides (pay/risk).
	pinRounds  = 100_000
	pinSaltLen = 16
	pinKeyLen  = 32
	pinScheme  = "pbkdf2-sha256"
	pinMin     = 4
	pinMax     = 12
)

// HashPIN returns a manager's PIN in the form that Store.ManagerPINHash holds (R10). Errors:
// ErrInvalid unless pin is 4 to 12 digits.
func HashPIN(pin string) (string, error) {
	var f form
	if len(pin) < pinMin || len(pin) > pinMax || strings.Trim(pin, "0123456789") != "" {
		f.bad("/pin", "must be 4 to 12 digits")
		return "", f.result()
	}
	salt := make([]byte, pinSaltLen)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("draw salt: %w", err)
	}
	key, err := pbkdf2.Key(sha256.New, pin, salt, pinRounds, pinKeyLen)
	if err != nil {
		return "", fmt.Errorf("derive PIN key: %w", err)
	}
	return strings.Join([]string{pinScheme, strconv.Itoa(pinRounds), hex.EncodeToString(salt),
		hex.EncodeToString(key)}, "$"), nil
}

// CheckPIN says whether pin is the store's manager's. A store without a PIN knows none.
func (s Store) CheckPIN(pin string) bool {
	parts := strings.Split(s.ManagerPINHash, "$")
	if len(parts) != 4 || parts[0] != pinScheme || len(pin) > pinMax {
		return false
	}
	rounds, err := strconv.Atoi(parts[1])
	if err != nil || rounds < 1 {
		return false
	}
	salt, err := hex.DecodeString(parts[2])
	if err != nil {
		return false
	}
	want, err := hex.DecodeString(parts[3])
	if err != nil {
		return false
	}
	got, err := pbkdf2.Key(sha256.New, pin, salt, rounds, pinKeyLen)
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1
}

// PINNeeded says whether a refund of that many yen needs the manager's PIN.
func (s Store) PINNeeded(minor int64) bool {
	return s.ManagerPINHash != "" && minor > s.PINAboveMinor
}

// SetPIN keeps a new manager's PIN of a store, as HashPIN made it; "" removes it.
// Errors: ErrStoreUnknown.
func (r *Registry) SetPIN(
	ctx context.Context, tx *db.Tx, actor string, storeNo int64, hash string,
) error {
	return r.editStore(ctx, tx, actor, storeNo, func(s *Store) error {
		s.ManagerPINHash = hash
		return nil
	})
}
