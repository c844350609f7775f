package payment

import (
	"context"
	"encoding/json"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/link"
)

// consentCols is the order of scanConsent.
const consentCols = `acquirer_no, id, request_id, state, merchant_no, store_no, issuer_no, their_id,
	token, customer, description, return_url, form, created_at_us, concluded_at_us,
	expires_at_us, actor`

func scanConsent(r db.Row) (*Consent, error) {
	c := &Consent{}
	var form string
	var created, concluded, expires int64
	err := r.Scan(&c.AcquirerNo, &c.ID, &c.RequestID, (*string)(&c.State), &c.MerchantNo,
		&c.StoreNo, &c.IssuerNo, &c.TheirID, &c.Token, &c.Customer, &c.Description,
		&c.ReturnURL, &form, &created, &concluded, &expires, &c.Actor)
	if err != nil {
		return nil, err
	}
	if form != "" {
		c.Form = &link.Form{}
		if err := json.Unmarshal([]byte(form), c.Form); err != nil {
			return nil, err
		}
	}
	c.Created = clock.FromMicros(created)
	c.Concluded, c.Expires = fromMicros(concluded), fromMicros(expires)
	return c, nil
}

func formColumn(f *link.Form) (string, error) {
	if f == nil {
		return "", nil
	}
	raw, err := json.Marshal(f)
	return string(raw), err
}

// Keep a new consent.
func insertConsent(ctx context.Context, tx *db.Tx, c *Consent) error {
	_, err := tx.Exec(ctx, `insert into payer_consent (`+consentCols+`) values ($1, $2, $3, $4,
		$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`, c.AcquirerNo, c.ID,
		c.RequestID, string(c.State), c.MerchantNo, c.StoreNo, c.IssuerNo, c.TheirID, c.Token,
		c.Customer, c.Description, c.ReturnURL, "", clock.Micros(c.Created),
		micros(c.Concluded), micros(c.Expires), c.Actor)
	return err
}

// Which consent has this key?
func readConsent(ctx context.Context, tx *db.Tx, key pk) (*Consent, error) {
	return db.One(ctx, tx, scanConsent, `select `+consentCols+` from payer_consent
		where acquirer_no = $1 and id = $2`, key.acquirer, key.id)
}

// Which consent has this key? Nobody else changes it before this transaction ends.
func lockConsent(ctx context.Context, tx *db.Tx, key pk) (*Consent, error) {
	return db.One(ctx, tx, scanConsent, `select `+consentCols+` from payer_consent
		where acquirer_no = $1 and id = $2 /*pg for update */`, key.acquirer, key.id)
}

// Which consent has this key? Nobody changes it before this transaction ends; others may read it.
func shareConsent(ctx context.Context, tx *db.Tx, key pk) (*Consent, error) {
	return db.One(ctx, tx, scanConsent, `select `+consentCols+` from payer_consent
		where acquirer_no = $1 and id = $2 /*pg for share */`, key.acquirer, key.id)
}

// Change what may change of a consent.
func updateConsent(ctx context.Context, tx *db.Tx, c *Consent) error {
	form, err := formColumn(c.Form)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `update payer_consent set state = $3, their_id = $4, token = $5,
			customer = $6, form = $7, concluded_at_us = $8, expires_at_us = $9
		where acquirer_no = $1 and id = $2`, c.AcquirerNo, c.ID, string(c.State), c.TheirID,
		c.Token, c.Customer, form, micros(c.Concluded), micros(c.Expires))
	return allOf(n, 1, "consents", err)
}
