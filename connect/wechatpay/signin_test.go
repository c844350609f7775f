package wechatpay_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"watari/connect/wechatpay"
	front "watari/sandbox/wechatpay"
)

// The goal is that a browser is sent to the documented address with its parameters.
func TestSignInURLIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	s := wechatpay.SignIn{AppID: "wx1", PageHost: "https://open.example"}

	got := wechatpay.SignInURL(s, "https://shop.example/q/1?a=1&b=2", "st/1")

	want := "https://open.example/connect/oauth2/authorize?appid=wx1&redirect_uri=" +
		url.QueryEscape("https://shop.example/q/1?a=1&b=2") +
		"&response_type=code&scope=snsapi_base&state=st%2F1#wechat_redirect"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := wechatpay.SignInURL(wechatpay.SignIn{}, "", ""); !strings.HasPrefix(got,
		"https://open.weixin.qq.com/") {
		t.Errorf("got %s", got)
	}
}

// The goal is that a code becomes an id or an error, and that errors tell no secret.
func TestWhoIsTellsAnIDOrNoSecret(t *testing.T) {
	t.Parallel()
	status, body := http.StatusOK, ""
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path != "/sns/oauth2/access_token" || q.Get("appid") == "" ||
			q.Get("secret") != "s3cret" || q.Get("code") != "c0de" ||
			q.Get("grant_type") != "authorization_code" {
			t.Errorf("asked %s", r.URL)
		}
		w.WriteHeader(status)
		w.Write([]byte(body))
	}))
	defer api.Close()
	r := newRig(t, front.Deal{})
	if _, err := r.client().SignIn(walletID); err == nil {
		t.Error("signs in without a secret")
	}
	r.creds.AppSecret = "s3cret"
	s, err := r.client().SignIn(walletID)
	r.must(err)
	s.APIHost = api.URL
	body = `{"access_token":"A","expires_in":7200,"openid":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}`
	if id, err := wechatpay.WhoIs(t.Context(), s, "c0de"); err != nil ||
		id != "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" {
		t.Errorf("got %q, %v", id, err)
	}
	for _, x := range []struct {
		status int
		body   string
	}{{200, `{"errcode":40029,"errmsg":"invalid code"}`}, {200, `{"openid":"a b"}`}, {200, `x`},
		{302, body}, {500, body}, {200, `{"openid":""}`}} {
		status, body = x.status, x.body
		id, err := wechatpay.WhoIs(t.Context(), s, "c0de")
		if err == nil || id != "" {
			t.Errorf("HTTP %d %s: got %q", x.status, x.body, id)
		}
	}
	api.Close()
	_, err = wechatpay.WhoIs(t.Context(), s, "c0de")
	if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "c0de") {
		t.Errorf("got %v", err)
	}
}
