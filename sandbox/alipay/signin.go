package alipay

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/id"
	"watari/sandbox/wallet"
)

// Sign-in as Alipay's open platform has it: a page that asks, and a gateway that redeems the code
// for the user's id. The gateway believes a call that the application signed within ten minutes.

const (
	keyBits      = 2048
	callMax      = 64 << 10 // bytes
	callFresh    = 10 * time.Minute
	methodToken  = "alipay.system.oauth.token"
	scopeBase    = "auth_base"
	codeRefusal  = "isv.code-invalid"
	signRefusal  = "isv.invalid-signature"
	paramRefusal = "isv.invalid-parameter"
)

// SignIn are the two halves of an application's keys.
type SignIn struct {
	AppID  string `json:"app_id"`
	AppKey string `json:"app_key"`     // the application's public key, SPKI in Base64
	OwnKey string `json:"private_key"` // the wallet's private key, PKCS #8 in Base64
}

// SignInCredentials makes an application: what the network keeps, in the form of its file, and
// what the wallet keeps.
func SignInCredentials(string, json.RawMessage) (network, own json.RawMessage, err error) {
	app, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, nil, fmt.Errorf("make the application's key: %w", err)
	}
	mine, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, nil, fmt.Errorf("make the wallet's key: %w", err)
	}
	var texts [4]string
	for i, key := range []any{app, &app.PublicKey, mine, &mine.PublicKey} {
		if texts[i], err = oneLine(key); err != nil {
			return nil, nil, err
		}
	}
	s := SignIn{AppID: "2018" + wallet.Digits(12), AppKey: texts[1], OwnKey: texts[2]}
	if own, err = json.Marshal(s); err != nil {
		return nil, nil, fmt.Errorf("write the wallet's half: %w", err)
	}
	network, err = json.Marshal(map[string]any{"app_id": s.AppID, "private_key": texts[0],
		"alipay_public_key": texts[3], "at_wallet": true})
	return network, own, err
}

// oneLine writes a key as one line of Base64.
func oneLine(key any) (string, error) {
	var der []byte
	var err error
	switch k := key.(type) {
	case *rsa.PrivateKey:
		der, err = x509.MarshalPKCS8PrivateKey(k)
	default:
		der, err = x509.MarshalPKIXPublicKey(k)
	}
	if err != nil {
		return "", fmt.Errorf("write a key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(der), nil
}

// application is what the wallet knows of the network's application; the zero value knows none.
type application struct {
	id     string
	theirs *rsa.PublicKey
	own    *rsa.PrivateKey
}

// openApplication reads the wallet's half; one that cannot be read lets nobody in.
func openApplication(text json.RawMessage) (a application) {
	var s SignIn
	if json.Unmarshal(text, &s) != nil {
		return a
	}
	theirs, err1 := base64.StdEncoding.DecodeString(s.AppKey)
	own, err2 := base64.StdEncoding.DecodeString(s.OwnKey)
	public, err3 := x509.ParsePKIXPublicKey(theirs)
	private, err4 := x509.ParsePKCS8PrivateKey(own)
	if errors.Join(err1, err2, err3, err4) != nil {
		return a
	}
	var ok1, ok2 bool
	a.theirs, ok1 = public.(*rsa.PublicKey)
	a.own, ok2 = private.(*rsa.PrivateKey)
	if ok1 && ok2 {
		a.id = s.AppID
	}
	return a
}

// authorise asks a user who comes with a browser.
func (f *Front) authorise(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, state := q.Get("redirect_uri"), q.Get("state")
	switch {
	case f.app.id == "" || q.Get("app_id") != f.app.id:
		http.Error(w, "there is no such application", http.StatusBadRequest)
		return
	case !f.wallet.Registered(back):
		http.Error(w, "redirect_uri is not what was registered", http.StatusBadRequest)
		return
	case q.Get("scope") != scopeBase || state == "" || len(state) > 100:
		http.Error(w, "scope is auth_base, and state has 1 to 100 signs", http.StatusBadRequest)
		return
	}
	s, err := f.wallet.AskSignIn(r.Context(), wallet.SignIn{App: wallet.AskerName,
		CodeName: "auth_code", ReturnURL: wallet.WithQuery(back, "app_id", f.app.id, "scope",
			scopeBase, "state", state), RefusedURL: wallet.WithQuery(back, "state", state)})
	if err != nil {
		f.log.Error("wallet: ask for a sign-in", "error", err)
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, f.parts.SignInURL(s.ID), http.StatusSeeOther)
}

// gateway redeems a code.
func (f *Front) gateway(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, callMax)
	if err := r.ParseForm(); err != nil || f.app.id == "" {
		f.refuseCall(w, paramRefusal)
		return
	}
	form := r.PostForm
	for _, values := range form {
		if len(values) != 1 {
			f.refuseCall(w, paramRefusal)
			return
		}
	}
	at, err := time.ParseInLocation(time.DateTime, form.Get("timestamp"), clock.CST)
	switch {
	case err != nil, clock.Now().Sub(at).Abs() > callFresh, form.Get("app_id") != f.app.id,
		form.Get("method") != methodToken, form.Get("sign_type") != "RSA2",
		form.Get("charset") != "utf-8", form.Get("version") != "1.0",
		form.Get("grant_type") != "authorization_code":
		f.refuseCall(w, paramRefusal)
		return
	case !f.app.signed(form):
		f.refuseCall(w, signRefusal)
		return
	}
	s, err := f.wallet.TakeSignIn(r.Context(), form.Get("code"), func(*wallet.SignIn) bool {
		return true
	})
	switch {
	case errors.Is(err, wallet.ErrNoSignIn):
		f.refuseCall(w, codeRefusal)
		return
	case err != nil:
		f.log.Error("wallet: redeem a sign-in", "error", err)
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	f.answerCall(w, map[string]string{"access_token": id.Secret(20), "expires_in": "1296000",
		"re_expires_in": "2592000", "refresh_token": id.Secret(20), "user_id": s.UserID})
}

// signed tells whether a call is the application's.
func (a application) signed(form map[string][]string) bool {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if name != "sign" && form[name][0] != "" {
			parts = append(parts, name+"="+form[name][0])
		}
	}
	signature, err := base64.StdEncoding.DecodeString(strings.Join(form["sign"], ""))
	sum := sha256.Sum256([]byte(strings.Join(parts, "&")))
	return err == nil && rsa.VerifyPKCS1v15(a.theirs, crypto.SHA256, sum[:], signature) == nil
}

// answerCall writes a signed answer.
func (f *Front) answerCall(w http.ResponseWriter, says map[string]string) {
	text, err := json.Marshal(says)
	if err != nil {
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	sum := sha256.Sum256(text)
	signature, err := rsa.SignPKCS1v15(rand.Reader, f.app.own, crypto.SHA256, sum[:])
	if err != nil {
		http.Error(w, "try again", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_, _ = fmt.Fprintf(w, `{"alipay_system_oauth_token_response":%s,"sign":%q}`, text,
		base64.StdEncoding.EncodeToString(signature))
}

// refuseCall writes a refusal, as the gateway does: with status 200.
func (f *Front) refuseCall(w http.ResponseWriter, subCode string) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_, _ = fmt.Fprintf(w, `{"error_response":{"code":"40002","msg":"Invalid Arguments",`+
		`"sub_code":%q,"sub_msg":%q}}`, subCode, subCode)
}
