package wechatpay

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"watari/kit/id"
	"watari/sandbox/wallet"
)

// Sign-in as WeChat has it inside its browser: a page of the scope snsapi_base, and a call that
// redeems the code for the user's openid. The real page asks nobody; this one does, so that
// whoever tries the sandbox sees what happens.

// SignIn is the official account of the network.
type SignIn struct {
	AppID     string `json:"app_id"`
	AppSecret string `json:"app_secret"`
}

// SignInCredentials makes an account with the application id of an agreement, so that payments
// name users as sign-in does: what the network keeps, in the form of its file, and what the wallet
// keeps.
func SignInCredentials(
	_ string, agreement json.RawMessage,
) (network, own json.RawMessage, err error) {
	var a Secrets
	if err := json.Unmarshal(agreement, &a); err != nil {
		return nil, nil, fmt.Errorf("read the agreement: %w", err)
	}
	s := SignIn{AppID: a.AppID, AppSecret: hexadecimal(32)}
	if own, err = json.Marshal(s); err != nil {
		return nil, nil, fmt.Errorf("write the wallet's half: %w", err)
	}
	network, err = json.Marshal(map[string]any{"app_id": s.AppID, "app_secret": s.AppSecret,
		"anywhere": true, "at_wallet": true})
	return network, own, err
}

// application is what the wallet knows of the account; the zero value lets nobody in.
type application = SignIn

// openApplication reads the wallet's half.
func openApplication(text json.RawMessage) (a application) {
	if json.Unmarshal(text, &a) != nil || a.AppSecret == "" {
		return application{}
	}
	return a
}

// The numbers of the protocol's refusals.
const (
	refusedAppID  = 40013
	refusedSecret = 40125
	refusedCode   = 40029
	refusedGrant  = 40002
)

// authorise asks a user who comes with a browser.
func (f *Front) authorise(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, state := q.Get("redirect_uri"), q.Get("state")
	switch {
	case f.app.AppID == "" || q.Get("appid") != f.app.AppID:
		http.Error(w, "there is no such account", http.StatusBadRequest)
		return
	case !f.wallet.Registered(back):
		http.Error(w, "redirect_uri is not what was registered", http.StatusBadRequest)
		return
	case q.Get("response_type") != "code" || q.Get("scope") != "snsapi_base" || state == "" ||
		len(state) > 128 || !alphanumeric(state):
		http.Error(w, "response_type is code, scope snsapi_base, state 1 to 128 letters and digits",
			http.StatusBadRequest)
		return
	}
	s, err := f.wallet.AskSignIn(r.Context(), wallet.SignIn{App: wallet.AskerName,
		CodeName: "code", ReturnURL: wallet.WithQuery(back, "state", state),
		RefusedURL: wallet.WithQuery(back, "state", state)})
	if err != nil {
		f.parts.Log.Error("wechatpay: ask for a sign-in", "error", err)
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, f.parts.SignInURL(s.ID), http.StatusSeeOther)
}

func alphanumeric(s string) bool {
	for _, c := range s {
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return true
}

// accessToken redeems a code. Refusals have status 200 and a number.
func (f *Front) accessToken(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	refusal := 0
	switch {
	case f.app.AppID == "" || q.Get("appid") != f.app.AppID:
		refusal = refusedAppID
	case subtle.ConstantTimeCompare([]byte(q.Get("secret")), []byte(f.app.AppSecret)) != 1:
		refusal = refusedSecret
	case q.Get("grant_type") != "authorization_code":
		refusal = refusedGrant
	}
	var s *wallet.SignIn
	if refusal == 0 {
		var err error
		s, err = f.wallet.TakeSignIn(r.Context(), q.Get("code"), func(*wallet.SignIn) bool {
			return true
		})
		switch {
		case errors.Is(err, wallet.ErrNoSignIn):
			refusal = refusedCode
		case err != nil:
			f.parts.Log.Error("wechatpay: redeem a sign-in", "error", err)
			http.Error(w, "try again", http.StatusInternalServerError)
			return
		}
	}
	says := map[string]any{"errcode": refusal, "errmsg": "refused"}
	if refusal == 0 {
		says = map[string]any{"access_token": id.Secret(40), "expires_in": 7200,
			"refresh_token": id.Secret(40), "openid": f.openID(f.app.AppID, s.UserID),
			"scope": "snsapi_base"}
	}
	w.Header().Set("Content-Type", "text/plain") // as WeChat does
	_ = json.NewEncoder(w).Encode(says)
}
