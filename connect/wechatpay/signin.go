package wechatpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"watari/connect/wechatpay/wire"
	"watari/kit/check"
	"watari/kit/outbound"
)

// Where users are signed in.
const (
	signInHost = "https://open.weixin.qq.com"
	whoIsHost  = "https://api.weixin.qq.com"
)

// SignIn is what finds out who a user inside WeChat's browser is, without asking the user
// (OAuth, scope snsapi_base). Client.SignIn makes one.
type SignIn struct {
	AppID, Secret string
	// PageHost and APIHost are WeChat's own when empty; no trailing slash.
	PageHost, APIHost string
	HTTP              *http.Client // required for WhoIs
}

// SignIn returns what signs the users of a wallet in. Its hosts may be changed.
//
// Errors: credentials that cannot be found or read, or that have no app_secret. In institution
// mode with a sub-merchant's own app the secret is that app's.
func (c *Client) SignIn(issuerID string) (SignIn, error) {
	keys, err := c.keys.of(issuerID)
	if err != nil {
		return SignIn{}, err
	}
	if keys.AppSecret == "" {
		return SignIn{}, errors.New("the credentials have no app_secret")
	}
	return SignIn{AppID: keys.payerApp(), Secret: keys.AppSecret, HTTP: c.http}, nil
}

// SignInURL returns the address to which a user's browser is sent. It comes back to returnURL with
// the parameters code and state. state is the caller's proof that the answer belongs to the
// question: unguessable, at most 128 letters and digits, and compared on return.
func SignInURL(s SignIn, returnURL, state string) string {
	return firstOf(s.PageHost, signInHost) + "/connect/oauth2/authorize?appid=" +
		url.QueryEscape(s.AppID) + "&redirect_uri=" + url.QueryEscape(returnURL) +
		"&response_type=code&scope=snsapi_base&state=" + url.QueryEscape(state) +
		"#wechat_redirect"
}

// ErrCodeRefused says that WeChat did not take a code: it is none, or was used, or is too old.
var ErrCodeRefused = errors.New("the sign-in code is refused")

// codeRefusals are the numbers by which WeChat says so.
var codeRefusals = []int64{40029, 40163, 41008, 42003}

// WhoIs turns the code that a browser brought back into the user's id (openid), for Prepare.Payer.
// A code works once, for five minutes.
//
// Errors: ErrCodeRefused; everything else that is not an id. They hold neither the code nor the
// secret.
func WhoIs(ctx context.Context, s SignIn, code string) (string, error) {
	check.That(s.HTTP != nil, "wechatpay: WhoIs without an HTTP client")
	if code == "" || len(code) > 512 {
		return "", fmt.Errorf("%w: it is none", ErrCodeRefused)
	}
	q := url.Values{"appid": {s.AppID}, "secret": {s.Secret}, "code": {code},
		"grant_type": {"authorization_code"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet,
		firstOf(s.APIHost, whoIsHost)+"/sns/oauth2/access_token?"+q.Encode(), nil)
	if err != nil {
		return "", errors.New("the address cannot be called")
	}
	res, err := s.HTTP.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask who signed in: %w", outbound.WithoutURL(err))
	}
	defer res.Body.Close()
	body, err := bounded(res.Body)
	if err != nil {
		return "", err
	}
	var who struct {
		OpenID string `json:"openid"`
		Code   int64  `json:"errcode"`
	}
	switch err := wire.Decode(body, &who); {
	case res.StatusCode != http.StatusOK:
		return "", fmt.Errorf("the answer is HTTP %d", res.StatusCode)
	case err != nil:
		return "", err
	case slices.Contains(codeRefusals, who.Code):
		return "", fmt.Errorf("%w: %d", ErrCodeRefused, who.Code)
	case who.OpenID == "" || len(who.OpenID) > 128 || !isToken(who.OpenID):
		return "", fmt.Errorf("nobody is signed in, code %d", who.Code)
	}
	return who.OpenID, nil
}
