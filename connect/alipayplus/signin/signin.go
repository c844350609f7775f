package signin

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/outbound"
	"watari/pay/link"
)

// Where users are asked, and where the code is redeemed.
const (
	pageHost = "https://openauth.alipay.com"
	callHost = "https://openapi.alipay.com"
	pagePath = "/oauth2/publicAppAuthorize.htm"
	callPath = "/gateway.do"
)

// Names in the protocol.
const (
	scopeBase  = "auth_base"
	methodName = "alipay.system.oauth.token"
	memberGood = "alipay_system_oauth_token_response"
	memberBad  = "error_response"
)

const (
	answerMax = 64 << 10 // bytes
	codeMax   = 256      // characters
)

// Config is what a Client needs. Credentials is needed; it answers an error for wallets that
// nobody can be signed in with.
type Config struct {
	Credentials func(issuerID string) (Credentials, error)
	HTTP        *http.Client     // nil is one of its own
	Now         func() time.Time // nil is clock.Now
}

// Client signs users in. It is safe for concurrent use.
type Client struct{ Config }

var _ link.SignIn = (*Client)(nil)

// New returns a client.
func New(c Config) *Client {
	check.That(c.Credentials != nil, "signin: a client without credentials")
	if c.HTTP == nil {
		c.HTTP = outbound.New(outbound.Options{})
	}
	if c.Now == nil {
		c.Now = clock.Now
	}
	return &Client{c}
}

// Offered is part of link.SignIn.
func (c *Client) Offered(issuerID string) (offered, insideOnly bool) {
	_, err := c.Credentials(issuerID)
	return err == nil, false
}

// keys are those of a wallet's application.
func (c *Client) keys(issuerID string) (keys, error) {
	by, err := c.Credentials(issuerID)
	if err != nil {
		return keys{}, fmt.Errorf("%w: %w", link.ErrSignInFailed, err)
	}
	k, err := by.open()
	if err != nil {
		return keys{}, fmt.Errorf("%w: %w", link.ErrSignInFailed, err)
	}
	return k, nil
}

// Start is part of link.SignIn.
func (c *Client) Start(_ context.Context, t link.SignInTrip) (string, error) {
	k, err := c.keys(t.IssuerID)
	if err != nil {
		return "", err
	}
	host := pageHost
	if k.AtWallet {
		host = t.PageURL
	}
	q := url.Values{"app_id": {k.AppID}, "scope": {scopeBase}, "state": {t.State},
		"redirect_uri": {t.ReturnURL}}
	return host + pagePath + "?" + q.Encode(), nil
}

// Finish is part of link.SignIn.
func (c *Client) Finish(
	ctx context.Context, t link.SignInTrip, back url.Values,
) (link.SignInSubject, error) {
	k, err := c.keys(t.IssuerID)
	if err != nil {
		return link.SignInSubject{}, err
	}
	code := back.Get("auth_code")
	switch app := back.Get("app_id"); {
	case code == "" || len(code) > codeMax:
		return link.SignInSubject{}, fmt.Errorf("%w: there is no auth_code", link.ErrSignInDenied)
	case app != "" && app != k.AppID:
		return link.SignInSubject{}, fmt.Errorf("%w: the code is another application's",
			link.ErrSignInDenied)
	}
	host := callHost
	if k.AtWallet {
		host = t.BaseURL
	}
	body, err := c.call(ctx, k, host, code)
	if err != nil {
		return link.SignInSubject{}, err
	}
	return k.read(body)
}

// call redeems a code.
func (c *Client) call(ctx context.Context, k keys, host, code string) ([]byte, error) {
	form := map[string]string{"app_id": k.AppID, "method": methodName, "format": "JSON",
		"charset": "utf-8", "sign_type": "RSA2", "version": "1.0",
		"timestamp":  c.Now().In(clock.CST).Format(time.DateTime),
		"grant_type": "authorization_code", "code": code}
	sum := sha256.Sum256([]byte(signed(form)))
	signature, err := rsa.SignPKCS1v15(rand.Reader, k.own, crypto.SHA256, sum[:])
	if err != nil {
		return nil, fmt.Errorf("%w: sign the call: %w", link.ErrSignInFailed, err)
	}
	body := url.Values{"sign": {base64.StdEncoding.EncodeToString(signature)}}
	for name, value := range form {
		body.Set(name, value)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, host+callPath+"?charset=utf-8",
		strings.NewReader(body.Encode()))
	if err != nil {
		return nil, fmt.Errorf("%w: the address cannot be called", link.ErrSignInFailed)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
	res, err := c.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", link.ErrSignInFailed, outbound.WithoutURL(err))
	}
	defer res.Body.Close()
	text, err := outbound.Read(res.Body, answerMax)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", link.ErrSignInFailed, err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: HTTP %d", link.ErrSignInFailed, res.StatusCode)
	}
	return text, nil
}

// signed is the text that a call is signed over (A1).
func signed(form map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if form[name] != "" {
			parts = append(parts, name+"="+form[name])
		}
	}
	return strings.Join(parts, "&")
}

// read believes an answer or not (A2).
func (k keys) read(body []byte) (link.SignInSubject, error) {
	var no link.SignInSubject
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return no, fmt.Errorf("%w: the answer is not JSON", link.ErrSignInFailed)
	}
	if bad, refused := all[memberBad]; refused {
		var said struct {
			SubCode string `json:"sub_code"`
		}
		_ = json.Unmarshal(bad, &said)
		if strings.HasPrefix(said.SubCode, "isv.code-") {
			return no, fmt.Errorf("%w: %s", link.ErrSignInDenied, said.SubCode)
		}
		return no, fmt.Errorf("%w: refused, %.60q", link.ErrSignInFailed, said.SubCode)
	}
	good := bytes.TrimSpace(all[memberGood])
	var signature string
	_ = json.Unmarshal(all["sign"], &signature)
	raw, err := base64.StdEncoding.DecodeString(signature)
	sum := sha256.Sum256(good)
	if err != nil || len(good) == 0 ||
		rsa.VerifyPKCS1v15(k.theirs, crypto.SHA256, sum[:], raw) != nil {
		return no, fmt.Errorf("%w: the answer is not signed by Alipay", link.ErrSignInFailed)
	}
	var who struct {
		UserID string `json:"user_id"`
		OpenID string `json:"open_id"`
	}
	if err := json.Unmarshal(good, &who); err != nil || who.UserID+who.OpenID == "" {
		return no, fmt.Errorf("%w: the answer names nobody", link.ErrSignInFailed)
	}
	is := link.SignInSubject{App: k.AppID, ID: who.OpenID, Customer: who.UserID}
	if is.ID == "" {
		is.ID = who.UserID
	}
	return is, nil
}
