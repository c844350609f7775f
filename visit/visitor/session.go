package visitor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"watari/kit/access/recent"
	"watari/kit/db"
	"watari/kit/i18n"
)

// seat is a session with its visitor.
type seat struct {
	Visitor
	until time.Time
}

// load asks the database whose a session is.
func (s *Service) load(ctx context.Context, sum recent.Sum) (found seat, known bool, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		found, err = findSeat(ctx, tx, hex.EncodeToString(sum[:]), s.Now())
		if errors.Is(err, db.ErrNoRows) {
			return nil
		}
		known = err == nil
		return err
	})
	if err != nil || !known {
		return seat{}, false, err
	}
	found.IssuerID, err = s.issuerID(ctx, found.IssuerNo)
	return found, err == nil, err
}

// issuerID names a wallet, also one that is not open any more.
func (s *Service) issuerID(ctx context.Context, no int64) (string, error) {
	all, err := s.Directory.Wallets(ctx)
	if err != nil {
		return "", fmt.Errorf("list the wallets: %w", err)
	}
	for _, w := range all {
		if w.Issuer.No == no {
			return w.Issuer.ID, nil
		}
	}
	return "", nil
}

// Session returns whose session a secret is. It reads the database at most about once a second for
// each session and writes nothing (V3).
//
// Errors: ErrSignedOut; others are the database's.
func (s *Service) Session(ctx context.Context, secret string) (Visitor, error) {
	if !formed(secret, sessionPrefix) {
		return Visitor{}, ErrSignedOut.Newf("there is no session")
	}
	e, err := s.cache.Get(ctx, sha256.Sum256([]byte(secret)))
	if err != nil {
		return Visitor{}, fmt.Errorf("look up a session: %w", err)
	}
	now := s.Now()
	if !e.Known || !now.Before(e.Value.until) {
		return Visitor{}, ErrSignedOut.Newf("the session is not known or has ended")
	}
	if e.Noted.CompareAndSwap(false, true) {
		s.mu.Lock()
		s.seen[e.Value.ID] = micros(now)
		s.mu.Unlock()
	}
	return e.Value.Visitor, nil
}

// SignOut ends a session. An unknown one is no error.
func (s *Service) SignOut(ctx context.Context, secret string) error {
	if !formed(secret, sessionPrefix) {
		return nil
	}
	defer s.cache.Forget(sha256.Sum256([]byte(secret)))
	return s.change(ctx, "sign out", func(ctx context.Context, tx *db.Tx) error {
		return endSession(ctx, tx, hashOf(secret))
	})
}

// SetLang keeps the language that a visitor chose.
//
// Errors: ErrUnknown; a language that is none of ours is ignored.
func (s *Service) SetLang(ctx context.Context, visitorID, lang string) error {
	known, ok := i18n.Parse(lang)
	if !ok {
		return nil
	}
	defer s.cache.Clear()
	return s.change(ctx, "keep a language", func(ctx context.Context, tx *db.Tx) error {
		n, err := setLang(ctx, tx, visitorID, string(known))
		if err == nil && n == 0 {
			return ErrUnknown.Newf("no visitor %s", visitorID)
		}
		return err
	})
}

// Find returns a visitor by id.
//
// Errors: ErrUnknown.
func (s *Service) Find(ctx context.Context, visitorID string) (v Visitor, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		v, err = readVisitor(ctx, tx, visitorID)
		return err
	})
	if errors.Is(err, db.ErrNoRows) {
		return v, ErrUnknown.Newf("no visitor %s", visitorID)
	}
	if err != nil {
		return v, fmt.Errorf("find a visitor: %w", err)
	}
	v.IssuerID, err = s.issuerID(ctx, v.IssuerNo)
	return v, err
}

// Forget erases what is known of a visitor (V6, V7). Who is not known is no error.
func (s *Service) Forget(ctx context.Context, visitorID string) error {
	defer s.cache.Clear()
	key, err := s.hashKey(ctx)
	if err != nil {
		return err
	}
	return s.change(ctx, "forget a visitor", func(ctx context.Context, tx *db.Tx) error {
		v, err := readVisitor(ctx, tx, visitorID)
		if errors.Is(err, db.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = s.pass(ctx, tx, key, &v, true)
		}
		if err != nil {
			return err
		}
		n, err := eraseVisitor(ctx, tx, visitorID)
		if err != nil || n == 0 {
			return err
		}
		return s.note(ctx, tx, "visitor.forgotten", visitorID)
	})
}

// flush writes who was seen since the last time, and removes what is over.
func (s *Service) flush(ctx context.Context) error {
	s.mu.Lock()
	seen := s.seen
	s.seen = map[string]int64{}
	s.mu.Unlock()
	trips := int64(0)
	err := s.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if err = noteSeen(ctx, tx, seen); err != nil {
			return err
		}
		if err = removeOver(ctx, tx, s.Now()); err != nil {
			return err
		}
		trips, err = countTrips(ctx, tx)
		return err
	})
	s.trips.Store(trips)
	if err != nil {
		return fmt.Errorf("note who was seen: %w", err)
	}
	return nil
}

// noteEvery is how often who was seen is written.
const noteEvery = time.Minute

// Run reads on for receipts and writes now and then who was seen, until ctx ends. It runs on every
// node.
func (s *Service) Run(ctx context.Context) {
	look, note := time.NewTicker(lookEvery), time.NewTicker(noteEvery)
	defer look.Stop()
	defer note.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			if err := s.flush(last); err != nil {
				s.Logger.Warn("who visited is not kept", "error", err)
			}
			return
		case <-note.C:
			err = s.flush(ctx)
		case <-look.C:
			err = s.follow(ctx)
		}
		if err != nil && ctx.Err() == nil {
			s.Logger.Warn("visitors: tried again soon", "error", err)
		}
	}
}

// lookEvery is how often events are looked at.
const lookEvery = 500 * time.Millisecond
