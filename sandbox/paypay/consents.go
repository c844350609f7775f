package paypay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/id"
	"watari/sandbox/wallet"
)

const (
	// returnPath is where the page of a consent sends its user, to be sent back to the shop with
	// what came of it.
	returnPath = "/opa/return/"
	// sessionLife is how long a user may take to consent.
	sessionLife = 15 * time.Minute
	// tokenLife is how long a shop may take to read what came of it.
	tokenLife = 10 * time.Minute
)

// asked is the front's own data of a consent.
type asked struct {
	Nonce       string   `json:"nonce"`
	ReferenceID string   `json:"reference_id"`
	RedirectURL string   `json:"redirect_url"`
	Scopes      []string `json:"scopes"`
}

// session makes a page on which a user consents: POST /v1/qr/sessions.
func (f *Front) session(r *http.Request, body []byte) (answer, error) {
	var m wire.SessionRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return answer{}, err
	}
	if isLink(m.Scopes) {
		return f.askLink(r.Context(), m)
	}
	own, err := json.Marshal(asked{Nonce: m.Nonce, ReferenceID: m.ReferenceID,
		RedirectURL: m.RedirectURL, Scopes: m.Scopes})
	if err != nil {
		return answer{}, fmt.Errorf("keep what was asked: %w", err)
	}
	key := id.New("ses", 0)
	_, err = f.wallet.AddConsent(r.Context(), wallet.Consent{ID: key,
		Token: "uaid-" + id.Secret(20), Text: m.ReferenceID, Extra: string(own),
		ReturnURL: f.parts.BaseURL + returnPath + key, Expires: clock.Now().Add(sessionLife)})
	if err != nil {
		return answer{}, err
	}
	return answer{code: wire.Success, created: true,
		data: wire.SessionData{LinkURL: f.parts.ConsentURL(key)}}, nil
}

// goBack sends a user's browser from the page of a consent to the shop, with a token that says what
// came of it.
func (f *Front) goBack(w http.ResponseWriter, r *http.Request) {
	c, err := f.wallet.Consent(r.Context(), r.PathValue("id"))
	if err != nil || c == nil || c.State == wallet.ConsentAsked {
		http.Error(w, "nothing was decided", http.StatusNotFound)
		return
	}
	var a asked
	if err := json.Unmarshal([]byte(c.Extra), &a); err != nil {
		http.Error(w, "nothing was asked", http.StatusNotFound)
		return
	}
	says := sign.Claims{Issuer: "paypay.ne.jp", Expires: clock.Now().Add(tokenLife).Unix(),
		Result: "declined", Nonce: a.Nonce, Reference: a.ReferenceID,
		Audience: json.RawMessage(fmt.Sprintf("%q", f.secrets.MerchantID))}
	if c.State == wallet.ConsentGiven {
		says.Result, says.Consent, says.Profile = sign.ResultSucceeded, c.Token, "*******1234"
	}
	token, err := sign.NewToken(f.secrets.APISecret, says)
	back, bad := url.Parse(a.RedirectURL)
	if err != nil || bad != nil {
		http.Error(w, "there is no way back", http.StatusNotFound)
		return
	}
	q := back.Query()
	q.Set(wire.ReturnedKey, f.secrets.APIKey)
	q.Set(wire.ReturnedToken, token)
	back.RawQuery = q.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// consent tells how a consent stands: GET of PathConsents.
func (f *Front) consent(r *http.Request, _ []byte) (answer, error) {
	token := r.URL.Query().Get(wire.QueryConsentID)
	if token == "" {
		return refuse(wire.MissingRequest), nil
	}
	if is, err := f.isLinked(r.Context(), token); err != nil || is {
		return answer{code: wire.Success, data: wire.ConsentData{ConsentID: token,
			Status: wire.ConsentActive, Scopes: []string{linkScope},
			ExpireAt: clock.Now().Add(consentLife).Unix()}}, err
	}
	c, err := f.wallet.ConsentByToken(r.Context(), token)
	if err != nil {
		return answer{}, err
	}
	if c == nil || c.State != wallet.ConsentGiven {
		return refuse(wire.ConsentInvalid), nil
	}
	var a asked
	_ = json.Unmarshal([]byte(c.Extra), &a) // what is not there stays empty
	return answer{code: wire.Success, data: wire.ConsentData{ConsentID: token,
		Status: wire.ConsentActive, Scopes: a.Scopes, IssuedAt: seconds(c.AtUS),
		ExpireAt: clock.FromMicros(c.AtUS).Add(consentLife).Unix()}}, nil
}

// unlink ends a consent: DELETE below PathConsents.
func (f *Front) unlink(r *http.Request, _ []byte) (answer, error) {
	token, err := idOf(r, "id")
	if err != nil {
		return answer{}, err
	}
	before, err := f.wallet.ConsentByToken(r.Context(), token)
	if err != nil {
		return answer{}, err
	}
	if before == nil || before.State != wallet.ConsentGiven {
		return refuse(wire.ConsentInvalid), nil
	}
	_, err = f.wallet.RevokeConsent(r.Context(), token)
	return answer{code: wire.Success}, err
}
