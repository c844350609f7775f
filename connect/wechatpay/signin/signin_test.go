package signin_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"watari/connect/wechatpay/signin"
	"watari/pay/link"
)

const secret = "0123456789abcdef0123456789abcdef"

// account is a client with the credentials that a test says, for one wallet.
func account(by signin.Credentials) *signin.Client {
	return signin.New(signin.Config{Credentials: func(id string) (signin.Credentials, error) {
		if id != "lianhua" {
			return signin.Credentials{}, fs.ErrNotExist
		}
		return by, nil
	}})
}

// Goal: a browser is sent to WeChat with what binds the answer to its trip and with no secret, and
// only one inside WeChat (W3). Method: the address, and what is offered, with credentials of the
// real account and of a sandbox's.
func TestTripIsBound(t *testing.T) {
	t.Parallel()
	by := signin.Credentials{AppID: "wx0123456789abcdef", AppSecret: secret}
	trip := link.SignInTrip{IssuerID: "lianhua", BaseURL: "http://wallet.example",
		PageURL: "http://wallet.example", State: "state0123456789",
		ReturnURL: "https://pay.example/visit/sign-in/back/lianhua"}
	for _, k := range []struct {
		anywhere, atWallet bool
		host               string
	}{{false, false, "open.weixin.qq.com"}, {true, true, "wallet.example"}} {
		by.Anywhere, by.AtWallet = k.anywhere, k.atWallet
		c := account(by)
		if offered, inside := c.Offered("lianhua"); !offered || inside == k.anywhere {
			t.Errorf("%+v: offered %t, inside only %t", k, offered, inside)
		}
		to, err := c.Start(t.Context(), trip)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(to)
		if err != nil || u.Host != k.host || u.Query().Get("state") != trip.State ||
			u.Query().Get("redirect_uri") != trip.ReturnURL ||
			u.Query().Get("scope") != "snsapi_base" || u.Query().Get("appid") != by.AppID ||
			u.Fragment != "wechat_redirect" || strings.Contains(to, secret) {
			t.Errorf("%+v: sent to %s, %v", k, to, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", by, by, by); strings.Contains(text, secret) {
		t.Error("the secret is printed")
	}
	if offered, _ := account(by).Offered("other"); offered {
		t.Error("a wallet without an account is offered")
	}
}

// Goal: only a code that WeChat takes names somebody, a no is told from a wallet that does not
// work, and neither tells the secret or the code. Method: answers of every kind.
func TestOnlyWeChatNamesItsUser(t *testing.T) {
	t.Parallel()
	status, body := 0, ""
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(api.Close)
	c := account(signin.Credentials{AppID: "wx1", AppSecret: secret, AtWallet: true})
	trip := link.SignInTrip{IssuerID: "lianhua", BaseURL: api.URL}
	code := url.Values{"code": {"c0de"}}
	for _, k := range []struct {
		status int
		body   string
		back   url.Values
		want   error
	}{
		{200, `{"openid":"o1"}`, url.Values{}, link.ErrSignInDenied},
		{200, `{"openid":"o1"}`, url.Values{"code": {strings.Repeat("c", 600)}},
			link.ErrSignInDenied},
		{200, `{"errcode":40029}`, code, link.ErrSignInDenied},
		{200, `{"errcode":40163}`, code, link.ErrSignInDenied},
		{200, `{"errcode":40125}`, code, link.ErrSignInFailed},
		{200, `{"openid":"<script>"}`, code, link.ErrSignInFailed},
		{200, `{}`, code, link.ErrSignInFailed}, {200, `<html>`, code, link.ErrSignInFailed},
		{500, `{"openid":"o1"}`, code, link.ErrSignInFailed},
	} {
		status, body = k.status, k.body
		who, err := c.Finish(t.Context(), trip, k.back)
		if !errors.Is(err, k.want) || who != (link.SignInSubject{}) ||
			strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "c0de") {
			t.Errorf("%d %s: %+v, %v", k.status, k.body, who, err)
		}
	}
	status, body = 200, `{"openid":"o1"}`
	who, err := c.Finish(t.Context(), trip, code)
	if err != nil || who != (link.SignInSubject{App: "wx1", ID: "o1", Customer: "o1"}) {
		t.Errorf("a code that is good: %+v, %v", who, err)
	}
	trip.IssuerID = "other"
	if _, err := c.Finish(t.Context(), trip, code); !errors.Is(err, link.ErrSignInFailed) {
		t.Errorf("another wallet: %v", err)
	}
}

// Goal: an account that cannot be right is named by its field, without its value. Method: one wrong
// in each way.
func TestCredentialsAreChecked(t *testing.T) {
	t.Parallel()
	for field, by := range map[string]signin.Credentials{
		"app_id":     {AppID: "wx 1", AppSecret: secret},
		"app_secret": {AppID: "wx1", AppSecret: secret + "\n"},
	} {
		err := by.Validate()
		if err == nil || !strings.Contains(err.Error(), field) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := (signin.Credentials{AppID: "wx1", AppSecret: secret}).Validate(); err != nil {
		t.Error(err)
	}
}
