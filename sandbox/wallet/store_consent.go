package wallet

import (
	"context"

	"watari/kit/clock"
	"watari/kit/db"
)

const consentCols = `id, token, user_id, state, shop, consent_text, return_url, extra, expires_us,
	at_us`

func scanConsent(r db.Row) (*Consent, error) {
	var c Consent
	var expires int64
	err := r.Scan(&c.ID, &c.Token, &c.UserID, &c.State, &c.Shop, &c.Text, &c.ReturnURL, &c.Extra,
		&expires, &c.AtUS)
	if expires > 0 {
		c.Expires = clock.FromMicros(expires)
	}
	return &c, err
}

// insertConsent writes a consent unless its id is taken.
func insertConsent(ctx context.Context, tx *db.Tx, c *Consent) error {
	expires := int64(0)
	if !c.Expires.IsZero() {
		expires = clock.Micros(c.Expires)
	}
	_, err := tx.Exec(ctx, `insert into sim_consent (`+consentCols+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing`,
		c.ID, c.Token, c.UserID, string(c.State), c.Shop, c.Text, c.ReturnURL, c.Extra, expires,
		c.AtUS)
	return err
}

// loadConsent and loadConsentByToken find a consent and lock it; nil when it is not there.
func loadConsent(ctx context.Context, tx *db.Tx, id string) (*Consent, error) {
	return orNil(db.One(ctx, tx, scanConsent, `select `+consentCols+` from sim_consent
		where id = $1 /*pg for update */`, id))
}

func loadConsentByToken(ctx context.Context, tx *db.Tx, token string) (*Consent, error) {
	return orNil(db.One(ctx, tx, scanConsent, `select `+consentCols+` from sim_consent
		where token = $1 /*pg for update */`, token))
}

// readConsent and readConsentByToken are the same without the lock, for View.
func readConsent(ctx context.Context, tx *db.Tx, id string) (*Consent, error) {
	return orNil(db.One(ctx, tx, scanConsent, `select `+consentCols+` from sim_consent
		where id = $1`, id))
}

func readConsentByToken(ctx context.Context, tx *db.Tx, token string) (*Consent, error) {
	return orNil(db.One(ctx, tx, scanConsent, `select `+consentCols+` from sim_consent
		where token = $1`, token))
}

// saveConsent writes what can change. The row is locked.
func saveConsent(ctx context.Context, tx *db.Tx, c *Consent) error {
	_, err := tx.Exec(ctx, `update sim_consent set user_id = $2, state = $3, at_us = $4
		where id = $1`, c.ID, c.UserID, string(c.State), c.AtUS)
	return err
}
