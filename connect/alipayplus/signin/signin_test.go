package signin_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"watari/connect/alipayplus/signin"
	"watari/pay/link"
)

// alipay is Alipay's side of the exchange: it answers with what a test says.
type alipay struct {
	key   *rsa.PrivateKey
	body  string
	asked url.Values
}

func (a *alipay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	a.asked = r.PostForm
	_, _ = w.Write([]byte(a.body))
}

// sign signs the very bytes of a member.
func (a *alipay) sign(t *testing.T, member string) string {
	t.Helper()
	sum := sha256.Sum256([]byte(member))
	raw, err := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Goal: an answer is believed only when Alipay signed its very bytes (A2), a call is signed with
// our key (A1), and keys are read in both forms. Method: a server with a key of its own, answers
// that are right, unsigned, signed otherwise, or changed after they were signed.
func TestOnlyASignedAnswerIsBelieved(t *testing.T) {
	t.Parallel()
	own, theirs := newKey(t), newKey(t)
	private, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&theirs.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	by := signin.Credentials{AppID: "2018110700000001", AtWallet: true,
		PrivateKey: base64.StdEncoding.EncodeToString(private),
		AlipayKey: string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY",
			Bytes: public}))}
	if err := by.Validate(); err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v", by, by, by); strings.Contains(text, by.PrivateKey) {
		t.Error("the key is printed")
	}
	a := &alipay{key: theirs}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	c := signin.New(signin.Config{Credentials: func(string) (signin.Credentials, error) {
		return by, nil
	}})
	trip := link.SignInTrip{IssuerID: "lianhua", BaseURL: server.URL, PageURL: server.URL,
		State: "s", ReturnURL: "https://pay.example/visit/sign-in/back/lianhua"}
	const good = `{"user_id":"2088","open_id":"074a","access_token":"x"}`
	shaped := func(member, sign string) string {
		return fmt.Sprintf(`{"alipay_system_oauth_token_response":%s,"sign":%q}`, member, sign)
	}
	for name, k := range map[string]struct {
		body string
		want error
	}{
		"unsigned":    {shaped(good, ""), link.ErrSignInFailed},
		"not base64":  {shaped(good, "!"), link.ErrSignInFailed},
		"changed":     {shaped(`{"user_id":"2089"}`, a.sign(t, good)), link.ErrSignInFailed},
		"nobody":      {shaped(`{}`, a.sign(t, `{}`)), link.ErrSignInFailed},
		"nothing":     {`{}`, link.ErrSignInFailed},
		"not JSON":    {`<html>`, link.ErrSignInFailed},
		"a used code": {`{"error_response":{"sub_code":"isv.code-invalid"}}`, link.ErrSignInDenied},
		"a wrong key": {`{"error_response":{"sub_code":"isv.x"}}`, link.ErrSignInFailed},
		"a refusal too": {`{"error_response":{},` + shaped(good, a.sign(t, good))[1:],
			link.ErrSignInFailed},
	} {
		a.body = k.body
		if who, err := c.Finish(t.Context(), trip, url.Values{"auth_code": {"c"}}); !errors.Is(err,
			k.want) {
			t.Errorf("%s: %+v, got %v, want %v", name, who, err, k.want)
		}
	}
	a.body = shaped(good, a.sign(t, good))
	for _, back := range []url.Values{{}, {"auth_code": {"c"}, "app_id": {"1"}}} {
		if _, err := c.Finish(t.Context(), trip, back); !errors.Is(err, link.ErrSignInDenied) {
			t.Errorf("%v: %v", back, err)
		}
	}
	who, err := c.Finish(t.Context(), trip, url.Values{"auth_code": {"c"}})
	if err != nil || who != (link.SignInSubject{App: by.AppID, ID: "074a", Customer: "2088"}) {
		t.Errorf("a true answer: %+v, %v", who, err)
	}
	a.checkCall(t, &own.PublicKey)
}

// checkCall looks at the last call as Alipay would (A1).
func (a *alipay) checkCall(t *testing.T, by *rsa.PublicKey) {
	t.Helper()
	signed := "app_id=2018110700000001&charset=utf-8&code=c&format=JSON&" +
		"grant_type=authorization_code&method=alipay.system.oauth.token&sign_type=RSA2&" +
		"timestamp=" + a.asked.Get("timestamp") + "&version=1.0"
	raw, err := base64.StdEncoding.DecodeString(a.asked.Get("sign"))
	sum := sha256.Sum256([]byte(signed))
	if err != nil || rsa.VerifyPKCS1v15(by, crypto.SHA256, sum[:], raw) != nil {
		t.Errorf("the call is not signed as it should be: %v", a.asked)
	}
}
