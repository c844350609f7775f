package visitor

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"watari/kit/db"
	"watari/kit/id"
)

// What secrets begin with, so that somebody who finds one knows what it is.
const (
	sessionPrefix = "wv_"
	tripPrefix    = "wg_"
	secretBytes   = 32
	secretLen     = 3 + 52
)

// newSecret makes a secret of 256 bits.
func newSecret(prefix string) string { return prefix + id.Secret(secretBytes) }

// formed tells whether a text can be one of ours, before anything is looked up.
func formed(secret, prefix string) bool {
	return len(secret) == secretLen && secret[:len(prefix)] == prefix
}

// hashOf is what is kept of a secret. Secrets are long and random: a plain hash hides them.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// hashKey returns the key of the hashes; the first who needs it makes it (V1).
func (s *Service) hashKey(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil {
		return s.key, nil
	}
	fresh := make([]byte, sha256.Size)
	if _, err := rand.Read(fresh); err != nil {
		return nil, fmt.Errorf("make the key of the hashes: %w", err)
	}
	text := s.Ring.Seal(base64.StdEncoding.EncodeToString(fresh))
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		kept, err := readKey(ctx, tx)
		if errors.Is(err, db.ErrNoRows) {
			err = addKey(ctx, tx, text)
			if err == nil {
				kept, err = readKey(ctx, tx)
			}
		}
		if err != nil {
			return err
		}
		text = kept
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the key of the hashes: %w", err)
	}
	plain, err := s.Ring.Unseal(text)
	if err != nil {
		return nil, fmt.Errorf("open the key of the hashes: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(plain)
	if err != nil || len(key) != sha256.Size {
		return nil, errors.New("the key of the hashes is not one")
	}
	s.key = key
	return key, nil
}

// keyed is a keyed hash of what names somebody at a wallet. The parts are told apart by their
// lengths, so that no two lists of parts are one text.
func keyed(key []byte, what string, issuerNo int64, parts ...string) string {
	m := hmac.New(sha256.New, key)
	write := func(s string) {
		m.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
	}
	write(what)
	write(strconv.FormatInt(issuerNo, 10))
	for _, p := range parts {
		write(p)
	}
	return hex.EncodeToString(m.Sum(nil))
}

// subjectHash recognises a user of a wallet by the id that sign-in gives.
func subjectHash(key []byte, issuerNo int64, app, subject string) string {
	return keyed(key, "subject", issuerNo, app, subject)
}

// customerHash recognises one by the id that payments give; "" when they give none.
func customerHash(key []byte, issuerNo int64, customer string) string {
	if customer == "" {
		return ""
	}
	return keyed(key, "customer", issuerNo, customer)
}
