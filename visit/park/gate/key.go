package gate

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/visit/park/ticket"
)

// Key is a public key of a park. Tickets are signed with the newest.
type Key struct {
	No     uint16
	Public ed25519.PublicKey
	Made   time.Time
	// Withdrawn is when it was; zero when it was not, see WithdrawKey.
	Withdrawn time.Time
}

const (
	digitsNo = 0
	keysMax  = 1000 // of one park
	keyBytes = 32
	// firstKeys is how many numbers there are for the first key of a park.
	firstKeys = 64_000
)

// firstKey is the number of a park's first key. Parks begin at different numbers, so that a ticket
// of another park is seen to be that, and is not taken for a forgery.
func firstKey(parkID string) uint16 {
	sum := sha256.Sum256([]byte(parkID))
	return 1 + uint16(binary.BigEndian.Uint32(sum[:])%firstKeys)
}

// settled is how old a key is when it is remembered: one that was made just now may be undone with
// its transaction.
const settled = time.Minute

// Keys lists the public keys of a park, the newest last. Tickets of every one of them that was not
// withdrawn are valid.
//
// Errors: park.ErrUnknown.
func (s *Service) Keys(ctx context.Context, parkID string) (ks []Key, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return nil, err
	}
	err = s.view(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		ks, err = keysOf(ctx, tx, p.ID)
		return err
	})
	return ks, err
}

// RotateKey makes the next key of a park. Tickets that were signed before stay valid: see
// WithdrawKey.
//
// Errors: park.ErrUnknown, ErrTooMany.
func (s *Service) RotateKey(ctx context.Context, parkID, actor string) (k Key, err error) {
	p, err := s.cfg.Parks.Find(ctx, parkID)
	if err != nil {
		return Key{}, err
	}
	err = s.update(ctx, p, func(ctx context.Context, tx *db.Tx) ([]event.Event, error) {
		ks, err := keysOf(ctx, tx, p.ID)
		switch {
		case err != nil:
			return nil, err
		case len(ks) >= keysMax:
			return nil, ErrTooMany.Newf("a park has at most %d keys", keysMax)
		}
		next := firstKey(p.ID)
		if len(ks) > 0 {
			next = ks[len(ks)-1].No + 1
		}
		if err := s.makeKey(ctx, tx, p.ID, next); err != nil {
			return nil, err
		}
		if ks, err = keysOf(ctx, tx, p.ID); err != nil {
			return nil, err
		}
		k = ks[len(ks)-1]
		return []event.Event{{Kind: "gate.key_made", Subject: p.ID, Actor: actor,
			Data: said(map[string]any{"no": k.No, "public": hex.EncodeToString(k.Public)})}}, nil
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.public, p.ID)
	return k, err
}

// makeKey writes a key of a park when it has none of that number.
func (s *Service) makeKey(ctx context.Context, tx *db.Tx, parkID string, no uint16) error {
	seed := make([]byte, keyBytes)
	_, err := rand.Read(seed)
	check.That(err == nil, "gate: no random numbers: %v", err)
	public := ""
	if no != digitsNo {
		public = hex.EncodeToString(ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey))
	}
	return insertKey(ctx, tx, parkID, no,
		s.cfg.Ring.Seal(base64.StdEncoding.EncodeToString(seed)), public, clock.Micros(s.now()))
}

// secretOf reads a secret key of a park, and when it was made.
func (s *Service) secretOf(
	ctx context.Context, tx *db.Tx, parkID string, no uint16,
) (seed []byte, made time.Time, err error) {
	k, err := readKey(ctx, tx, parkID, no)
	if err == nil {
		var plain string
		if plain, err = s.cfg.Ring.Unseal(k.sealed); err == nil {
			seed, err = base64.StdEncoding.DecodeString(plain)
		}
	}
	if err == nil && len(seed) != keyBytes {
		err = fmt.Errorf("it has %d bytes", len(seed))
	}
	if err != nil {
		return nil, made, fmt.Errorf("key %d of park %s: %w", no, parkID, err)
	}
	return seed, k.made, nil
}

// signer is the newest key of a park; the first is made here.
func (s *Service) signer(
	ctx context.Context, tx *db.Tx, parkID string,
) (uint16, ed25519.PrivateKey, error) {
	no, err := newestKey(ctx, tx, parkID)
	if err == nil && no == 0 {
		no = firstKey(parkID)
		err = s.makeKey(ctx, tx, parkID, no)
	}
	if err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	key := s.signers[keyID{parkID, no}]
	s.mu.Unlock()
	if key != nil {
		return no, key, nil
	}
	seed, made, err := s.secretOf(ctx, tx, parkID, no)
	if err != nil {
		return 0, nil, err
	}
	key = ed25519.NewKeyFromSeed(seed)
	if s.now().Sub(made) > settled {
		s.mu.Lock()
		s.signers[keyID{parkID, no}] = key
		s.mu.Unlock()
	}
	return no, key, nil
}

// verifiers are the public keys of a park that were not withdrawn; they may be some seconds old.
func (s *Service) verifiers(
	ctx context.Context, tx *db.Tx, parkID string,
) (map[uint16]ed25519.PublicKey, error) {
	now := s.now()
	s.mu.Lock()
	kept := s.public[parkID]
	s.mu.Unlock()
	if age := now.Sub(kept.read); age >= 0 && age < readFor {
		return kept.keys, nil
	}
	ks, err := keysOf(ctx, tx, parkID)
	if err != nil {
		return nil, err
	}
	kept = ringOf{keys: map[uint16]ed25519.PublicKey{}, read: now}
	for _, k := range good(ks) {
		kept.keys[k.No] = k.Public
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.public[parkID] = kept
	return kept.keys, nil
}

// dayKey is the key of the changing digits of a day.
func (s *Service) dayKey(ctx context.Context, tx *db.Tx, parkID, day string) ([]byte, error) {
	s.mu.Lock()
	own := s.digits[parkID]
	s.mu.Unlock()
	if own == nil {
		seed, made, err := s.secretOf(ctx, tx, parkID, digitsNo)
		if err != nil {
			return nil, err
		}
		own = seed
		if s.now().Sub(made) > settled {
			s.mu.Lock()
			s.digits[parkID] = own
			s.mu.Unlock()
		}
	}
	return ticket.DayKey(own, day), nil
}

// ensureKeys makes the first keys of a park.
func (s *Service) ensureKeys(ctx context.Context, parkID string) error {
	var missing bool
	err := s.view(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := countKeys(ctx, tx, parkID)
		missing = n < 2
		return err
	})
	if err != nil || !missing {
		return err
	}
	return s.cfg.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.makeKey(ctx, tx, parkID, digitsNo); err != nil {
			return err
		}
		no, err := newestKey(ctx, tx, parkID)
		if err == nil && no == 0 {
			err = s.makeKey(ctx, tx, parkID, firstKey(parkID))
		}
		return err
	})
}

// said is the data of an event. Maps of plain values always have a JSON form.
func said(m map[string]any) json.RawMessage {
	b, err := json.Marshal(m)
	check.That(err == nil, "gate: an event is no JSON: %v", err)
	return b
}
