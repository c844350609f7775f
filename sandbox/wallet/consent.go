package wallet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
)

// ConsentState is how a standing consent stands.
type ConsentState string

// The states of a consent.
const (
	ConsentAsked   ConsentState = "asked"
	ConsentGiven   ConsentState = "given"
	ConsentRefused ConsentState = "refused"
	ConsentRevoked ConsentState = "revoked"
)

// Consent is a user's leave to be charged later without being asked each time.
type Consent struct {
	ID        string // the network's name of it, unique for ever
	Token     string // what a charge names; unique, minted by the front when it asks
	UserID    string // "" until a user gave or refused it
	State     ConsentState
	Shop      string
	Text      string // what the charges will be for
	ReturnURL string // where the wallet's page sends its user afterwards
	Extra     string // the front's own data
	Expires   time.Time
	AtUS      int64 // when it was asked, and then given, refused or revoked
}

// ErrNoConsent says that there is no such consent to answer (any more).
var ErrNoConsent = errors.New("the wallet has no such consent to answer")

// AddConsent keeps a consent that the network asks for; again is the same one, as it stands.
// State, UserID and AtUS of c are not read, except that a UserID with the state ConsentGiven
// makes one that stands at once.
func (w *Wallet) AddConsent(ctx context.Context, c Consent) (*Consent, error) {
	c.AtUS = clock.Micros(clock.Now())
	if c.State != ConsentGiven || c.UserID == "" {
		c.State, c.UserID = ConsentAsked, ""
	}
	if c.Token == "" {
		c.Token = id.New("wct", 0)
	}
	var is *Consent
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertConsent(ctx, tx, &c); err != nil {
			return err
		}
		var err error
		is, err = loadConsent(ctx, tx, c.ID)
		return err
	})
	return is, err
}

// Consent returns a consent by the network's name of it, or nil.
func (w *Wallet) Consent(ctx context.Context, id string) (*Consent, error) {
	return w.findConsent(ctx, readConsent, id)
}

// ConsentByToken returns a consent by its token, or nil.
func (w *Wallet) ConsentByToken(ctx context.Context, token string) (*Consent, error) {
	return w.findConsent(ctx, readConsentByToken, token)
}

func (w *Wallet) findConsent(ctx context.Context,
	find func(context.Context, *db.Tx, string) (*Consent, error), key string,
) (*Consent, error) {
	var c *Consent
	err := w.db.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = find(ctx, tx, key)
		return err
	})
	return c, err
}

// GiveConsent is a user's yes, with the PIN. The network is told (NoticeConsent).
//
// Errors: ErrNoConsent, ErrWrongPIN, ErrNoUser.
func (w *Wallet) GiveConsent(ctx context.Context, userID, id, pin string) (*Consent, error) {
	if pin != PIN {
		return nil, ErrWrongPIN
	}
	return w.decide(ctx, userID, id, ConsentGiven)
}

// RefuseConsent is a user's no.
//
// Errors: ErrNoConsent, ErrNoUser.
func (w *Wallet) RefuseConsent(ctx context.Context, userID, id string) (*Consent, error) {
	return w.decide(ctx, userID, id, ConsentRefused)
}

func (w *Wallet) decide(ctx context.Context, userID, key string, to ConsentState,
) (*Consent, error) {
	var c *Consent
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		now := clock.Now()
		if _, err := loadUser(ctx, tx, userID); errors.Is(err, db.ErrNoRows) {
			return fmt.Errorf("%w: %s", ErrNoUser, userID)
		} else if err != nil {
			return err
		}
		c, err = loadConsent(ctx, tx, key)
		if err != nil {
			return err
		}
		if c == nil || c.State != ConsentAsked ||
			!c.Expires.IsZero() && now.After(c.Expires) {
			return ErrNoConsent
		}
		c.UserID, c.State, c.AtUS = userID, to, clock.Micros(now)
		if err := saveConsent(ctx, tx, c); err != nil {
			return err
		}
		return insertNotice(ctx, tx, notice{id: id.New("wnt", 0), kind: NoticeConsent,
			subject: c.ID, madeUS: clock.Micros(now), nextAtUS: clock.Micros(now)})
	})
	if err != nil {
		return nil, err
	}
	w.changed(userID)
	return c, nil
}

// RevokeConsent ends a consent and returns it as it stands; nil when there is none of the token.
func (w *Wallet) RevokeConsent(ctx context.Context, token string) (*Consent, error) {
	var c *Consent
	err := w.update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = loadConsentByToken(ctx, tx, token)
		if err != nil || c == nil || c.State == ConsentRevoked {
			return err
		}
		c.State, c.AtUS = ConsentRevoked, clock.Micros(clock.Now())
		return saveConsent(ctx, tx, c)
	})
	return c, err
}
