package linepay

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"watari/kit/clock"
	"watari/kit/id"
	"watari/sandbox/wallet"
)

// Sign-in as LINE Login has it: OpenID Connect with PKCE, an ID token signed with the secret of
// the channel. PKCE and nonce are optional at LINE; here they are wanted, so that a network that
// leaves them out is noticed.

const (
	loginIssuer = "https://access.line.me"
	loginLife   = time.Hour // of an ID token
	loginMax    = 64 << 10  // bytes of a call
)

// SignIn is the network's channel of LINE Login.
type SignIn struct {
	ChannelID     string `json:"channel_id"`
	ChannelSecret string `json:"channel_secret"`
}

// SignInCredentials makes a channel: what the network keeps, in the form of its file, and what the
// wallet keeps.
func SignInCredentials(string, json.RawMessage) (network, own json.RawMessage, err error) {
	s := SignIn{ChannelID: wallet.Digits(10), ChannelSecret: id.Secret(20)}
	if own, err = json.Marshal(s); err != nil {
		return nil, nil, fmt.Errorf("write the wallet's half: %w", err)
	}
	network, err = json.Marshal(map[string]any{"channel_id": s.ChannelID,
		"channel_secret": s.ChannelSecret, "at_wallet": true})
	return network, own, err
}

// openChannel reads the wallet's half; one that cannot be read lets nobody in.
func openChannel(text json.RawMessage) (s SignIn) {
	if json.Unmarshal(text, &s) != nil || s.ChannelSecret == "" {
		return SignIn{}
	}
	return s
}

// login is what is kept of a question until its code is redeemed.
type login struct {
	Nonce     string `json:"nonce"`
	Challenge string `json:"challenge"`
	Redirect  string `json:"redirect"`
}

// authorise asks a user who comes with a browser.
func (f *Front) authorise(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, state := q.Get("redirect_uri"), q.Get("state")
	switch {
	case f.channel.ChannelID == "" || q.Get("client_id") != f.channel.ChannelID:
		http.Error(w, "there is no such channel", http.StatusBadRequest)
		return
	case !f.wallet.Registered(back):
		http.Error(w, "redirect_uri is not what was registered", http.StatusBadRequest)
		return
	}
	wrong := ""
	switch {
	case q.Get("response_type") != "code":
		wrong = "unsupported_response_type"
	case !strings.Contains(" "+q.Get("scope")+" ", " openid "):
		wrong = "invalid_scope"
	case state == "" || q.Get("nonce") == "" || q.Get("code_challenge_method") != "S256" ||
		len(q.Get("code_challenge")) != 43:
		wrong = "invalid_request"
	}
	if wrong != "" {
		http.Redirect(w, r, wallet.WithQuery(back, "error", wrong, "state", state),
			http.StatusSeeOther)
		return
	}
	own, err := json.Marshal(login{Nonce: q.Get("nonce"), Challenge: q.Get("code_challenge"),
		Redirect: back})
	if err != nil {
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	s, err := f.wallet.AskSignIn(r.Context(), wallet.SignIn{App: wallet.AskerName,
		CodeName: "code", ReturnURL: wallet.WithQuery(back, "state", state), Extra: string(own),
		RefusedURL: wallet.WithQuery(back, "error", "access_denied", "error_description",
			"The resource owner denied the request.", "state", state)})
	if err != nil {
		f.log.Error("linepay: ask for a sign-in", "error", err)
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, f.parts.SignInURL(s.ID), http.StatusSeeOther)
}

// token redeems a code for an ID token.
func (f *Front) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, loginMax)
	if err := r.ParseForm(); err != nil {
		refuseLogin(w, http.StatusBadRequest, "invalid_request")
		return
	}
	form := r.PostForm
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	switch {
	case f.channel.ChannelID == "" || form.Get("client_id") != f.channel.ChannelID,
		!same(form.Get("client_secret"), f.channel.ChannelSecret):
		refuseLogin(w, http.StatusBadRequest, "invalid_client")
		return
	case form.Get("grant_type") != "authorization_code":
		refuseLogin(w, http.StatusBadRequest, "unsupported_grant_type")
		return
	}
	var asked login
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	s, err := f.wallet.TakeSignIn(r.Context(), form.Get("code"), func(s *wallet.SignIn) bool {
		return json.Unmarshal([]byte(s.Extra), &asked) == nil &&
			same(asked.Challenge, challenge) && asked.Redirect == form.Get("redirect_uri")
	})
	switch {
	case errors.Is(err, wallet.ErrNoSignIn):
		refuseLogin(w, http.StatusBadRequest, "invalid_grant")
		return
	case err != nil:
		f.log.Error("linepay: redeem a sign-in", "error", err)
		refuseLogin(w, http.StatusInternalServerError, "server_error")
		return
	}
	now := clock.Now()
	proof, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"iss": loginIssuer,
		"sub": f.sub(s.UserID), "aud": f.channel.ChannelID, "exp": now.Add(loginLife).Unix(),
		"iat": now.Unix(), "nonce": asked.Nonce, "amr": []string{"linesso"}}).
		SignedString([]byte(f.channel.ChannelSecret))
	if err != nil {
		refuseLogin(w, http.StatusInternalServerError, "server_error")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": id.Secret(40),
		"expires_in": 2592000, "id_token": proof, "refresh_token": id.Secret(20),
		"scope": "openid", "token_type": "Bearer"})
}

// sub is the id by which this channel knows a user.
func (f *Front) sub(userID string) string {
	sum := sha256.Sum256([]byte("sub\n" + f.channel.ChannelID + "\n" + userID))
	return fmt.Sprintf("U%x", sum[:16])
}

func refuseLogin(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": code})
}
