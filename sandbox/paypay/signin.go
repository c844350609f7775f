package paypay

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// Sign-in as PayPay has it: an account link of the scope user_profile. The id of a link is the
// same whenever one user links with one merchant, and stands until it is unlinked.

const (
	// linkScope lets a merchant know a user, and nothing else.
	linkScope = "user_profile"
	// linkedPath is where the page of a link sends its user, to be sent back with what came of it.
	linkedPath = "/opa/linked/"
)

// SignInCredentials is the agreement that there is for payments, without what only they need.
func SignInCredentials(
	_ string, agreement json.RawMessage,
) (network, own json.RawMessage, err error) {
	s, err := read(agreement)
	if err != nil {
		return nil, nil, err
	}
	network, err = json.Marshal(s)
	return network, json.RawMessage(`{}`), err
}

// isLink tells whether a session is for knowing a user only.
func isLink(scopes []string) bool { return len(scopes) == 1 && scopes[0] == linkScope }

// askLink makes the page of a link.
func (f *Front) askLink(ctx context.Context, m wire.SessionRequest) (answer, error) {
	back, err := url.Parse(m.RedirectURL)
	if err != nil {
		return refuse(wire.InvalidRequest), nil
	}
	bare := *back
	bare.RawQuery = ""
	if !f.wallet.Registered(bare.String()) {
		return refuse(wire.InvalidRequest), nil
	}
	own, err := json.Marshal(asked{Nonce: m.Nonce, ReferenceID: m.ReferenceID,
		RedirectURL: m.RedirectURL, Scopes: m.Scopes})
	if err != nil {
		return answer{}, fmt.Errorf("keep what was asked: %w", err)
	}
	s, err := f.wallet.AskSignIn(ctx, wallet.SignIn{App: wallet.AskerName, CodeName: "answer",
		Extra: string(own), ReturnURL: f.parts.BaseURL + linkedPath + "given",
		RefusedURL: f.parts.BaseURL + linkedPath + "refused?" +
			url.Values{"back": {m.RedirectURL}}.Encode()})
	if err != nil {
		return answer{}, err
	}
	return answer{code: wire.Success, created: true,
		data: wire.SessionData{LinkURL: f.parts.SignInURL(s.ID)}}, nil
}

// linked sends a user's browser from the page of a link to the shop, with a token that says what
// came of it.
func (f *Front) linked(w http.ResponseWriter, r *http.Request) {
	says := sign.Claims{Issuer: "paypay.ne.jp", Expires: clock.Now().Add(tokenLife).Unix(),
		Result: "declined", Audience: json.RawMessage(fmt.Sprintf("%q", f.secrets.MerchantID))}
	to := r.URL.Query().Get("back")
	if r.PathValue("id") == "given" {
		var a asked
		s, err := f.wallet.TakeSignIn(r.Context(), r.URL.Query().Get("answer"),
			func(s *wallet.SignIn) bool { return json.Unmarshal([]byte(s.Extra), &a) == nil })
		if err != nil {
			http.Error(w, "nothing was decided", http.StatusNotFound)
			return
		}
		says.Result, says.Consent = sign.ResultSucceeded, f.linkOf(s.UserID)
		says.Nonce, says.Reference, says.Profile = a.Nonce, a.ReferenceID, "*******1234"
		to = a.RedirectURL
	}
	back, err := url.Parse(to)
	if err != nil {
		http.Error(w, "there is no way back", http.StatusNotFound)
		return
	}
	bare := *back
	bare.RawQuery = ""
	token, err := sign.NewToken(f.secrets.APISecret, says)
	if err != nil || !f.wallet.Registered(bare.String()) {
		http.Error(w, "there is no way back", http.StatusNotFound)
		return
	}
	q := back.Query()
	q.Set(wire.ReturnedKey, f.secrets.APIKey)
	q.Set(wire.ReturnedToken, token)
	back.RawQuery = q.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// linkPrefix begins the id of a link.
const linkPrefix = "uaid-link-"

// linkOf is the id of a user's link with this merchant.
func (f *Front) linkOf(userID string) string {
	h := hmac.New(sha256.New, []byte(f.secrets.APISecret))
	h.Write([]byte("link\n" + userID))
	return linkPrefix + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).
		EncodeToString(h.Sum(nil)[:15]))
}

// isLinked tells whether an id is that of a link that stands.
func (f *Front) isLinked(ctx context.Context, token string) (bool, error) {
	if !strings.HasPrefix(token, linkPrefix) {
		return false, nil
	}
	users, err := f.wallet.Users(ctx)
	if err != nil {
		return false, err
	}
	for _, u := range users {
		if f.linkOf(u.ID) == token {
			return f.wallet.LetIn(ctx, wallet.AskerName, u.ID)
		}
	}
	return false, nil
}
