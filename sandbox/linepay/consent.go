package linepay

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"watari/connect/linepay/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// regKey is the key of the consent that a transaction asked for, 15 characters. It is made of the
// transaction and the channel's secret, so that either leads to the consent.
func (f *Front) regKey(id string) string {
	h := hmac.New(sha256.New, []byte(f.secrets.ChannelSecret))
	h.Write([]byte("regKey" + id))
	return "RK" + strings.ToUpper(hex.EncodeToString(h.Sum(nil)))[:13]
}

// requestConsent asks a user for a consent, which costs nothing.
func (f *Front) requestConsent(ctx context.Context, m *wire.Request, id string,
	asked money.Amount, back, product string,
) (answer, error) {
	if !asked.IsZero() {
		return parameter("amount of a request for a consent is not zero"), nil
	}
	old, err := f.wallet.Consent(ctx, m.OrderID)
	if err != nil {
		return answer{}, err
	}
	used, err := f.wallet.Payment(ctx, m.OrderID)
	if err != nil {
		return answer{}, err
	}
	if old != nil || used != nil {
		return refuse(wire.CodeSameOrder), nil
	}
	c, err := f.wallet.AddConsent(ctx, wallet.Consent{ID: m.OrderID, Token: f.regKey(id),
		Shop: product, Text: product, ReturnURL: back, Expires: clock.Now().Add(requestLife)})
	switch {
	case err != nil:
		return answer{}, err
	case c.Token != f.regKey(id):
		return refuse(wire.CodeSameOrder), nil
	}
	return done(reserved(id, f.parts.ConsentURL(m.OrderID))), nil
}

// requested is the consent that a transaction asked for, nil when it asked for none.
func (f *Front) requested(ctx context.Context, id string) (*wallet.Consent, error) {
	if !wire.ID(id).Valid() {
		return nil, nil
	}
	return f.wallet.ConsentByToken(ctx, f.regKey(id))
}

// checkRequested says how a request for a consent stands.
func (f *Front) checkRequested(ctx context.Context, id string) (answer, error) {
	c, err := f.requested(ctx, id)
	if err != nil {
		return answer{}, err
	}
	if c == nil {
		return refuse(wire.CodeNoRecord), nil
	}
	_, confirmed := f.agreed.Load(id)
	switch {
	case confirmed || c.State == wallet.ConsentRevoked:
		return refuse(wire.CodeCompleted), nil
	case c.State == wallet.ConsentRefused,
		c.State == wallet.ConsentAsked && clock.Now().After(c.Expires):
		return refuse(wire.CodeGone), nil
	case c.State == wallet.ConsentGiven:
		return refuse(wire.CodeAgreed), nil
	}
	return refuse(wire.CodeOK), nil
}

// confirmConsent tells the key of a consent, once.
func (f *Front) confirmConsent(ctx context.Context, id string, m wire.Sum) (answer, error) {
	c, err := f.requested(ctx, id)
	switch {
	case err != nil:
		return answer{}, err
	case c == nil:
		return refuse(wire.CodeNoRecord), nil
	case !same(m, money.MustNew(0, f.secrets.Currency)):
		return refuse(wire.CodeOtherAmount), nil
	case c.State != wallet.ConsentGiven:
		return refuse(wire.CodeNotAgreed), nil
	}
	if _, confirmed := f.agreed.LoadOrStore(id, true); confirmed {
		return refuse(wire.CodeSameTransaction), nil
	}
	return done(&wire.Paid{TransactionID: wire.ID(id), OrderID: c.ID,
		Date: wire.FormatTime(clock.Now()), RegKey: c.Token}), nil
}

// stands returns the code of a consent: CodeOK when it can be charged.
func stands(c *wallet.Consent) wire.Code {
	switch {
	case c == nil || c.State == wallet.ConsentAsked || c.State == wallet.ConsentRefused:
		return wire.CodeNoConsent
	case c.State == wallet.ConsentRevoked:
		return wire.CodeConsentOver
	}
	return wire.CodeOK
}

// charge debits the user who gave a consent.
func (f *Front) charge(r *http.Request, body []byte) (answer, error) {
	var m wire.PlainPay
	if bad := read(body, &m); bad != nil {
		return *bad, nil
	}
	asked, bad := f.plain(m.OrderID, m.Currency, m.Amount)
	switch {
	case bad != nil:
		return *bad, nil
	case asked.IsZero():
		return refuse(wire.CodeNoAmount), nil
	case m.ProductName == "":
		return parameter("productName is missing"), nil
	}
	key := r.PathValue("regKey")
	c, err := f.wallet.ConsentByToken(r.Context(), key)
	if err != nil {
		return answer{}, err
	}
	if code := stands(c); code != wire.CodeOK {
		return refuse(code), nil
	}
	id := transaction()
	charge, err := f.chargeOf(m.OrderID, id, asked, m.ProductName,
		m.Capture != nil && !*m.Capture)
	if err != nil {
		return refuse(wire.CodeAmount), nil
	}
	charge.Token, charge.Extra = key, about{Product: m.ProductName}.keep()
	s, err := f.wallet.Pay(r.Context(), charge)
	if err != nil {
		return answer{}, err
	}
	a := charged(s, id)
	if full, made := a.info.(*wire.Paid); made { // this answer names no order and no parts
		a.info = &wire.Paid{TransactionID: full.TransactionID, Date: full.Date,
			HeldUntil: full.HeldUntil}
	}
	return a, nil
}

func (f *Front) checkConsent(r *http.Request, _ []byte) (answer, error) {
	c, err := f.wallet.ConsentByToken(r.Context(), r.PathValue("regKey"))
	return refuse(stands(c)), err
}

func (f *Front) expireConsent(r *http.Request, _ []byte) (answer, error) {
	key := r.PathValue("regKey")
	c, err := f.wallet.ConsentByToken(r.Context(), key)
	if err != nil {
		return answer{}, err
	}
	if code := stands(c); code != wire.CodeOK {
		return refuse(code), nil
	}
	if _, err := f.wallet.RevokeConsent(r.Context(), key); err != nil {
		return answer{}, err
	}
	return done(nil), nil
}
