package signin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"watari/connect/wechatpay"
	"watari/kit/check"
	"watari/kit/outbound"
	"watari/pay/link"
)

// Credentials are an official account whose domain for sign-in is this network's.
type Credentials struct {
	AppID     string `json:"app_id"`
	AppSecret string `json:"app_secret"`
	// Anywhere says that the page works outside WeChat's browser too, as in a sandbox.
	Anywhere bool `json:"anywhere,omitempty"`
	// AtWallet says that pages and calls stand at the wallet's own address in the directory and
	// not at WeChat's hosts, as in a sandbox.
	AtWallet bool `json:"at_wallet,omitempty"`
}

// String hides the secret.
func (c Credentials) String() string { return "WeChat account " + c.AppID }

// GoString hides the secret.
func (c Credentials) GoString() string { return c.String() }

// Validate names the first field that cannot be right. It never repeats a value.
func (c Credentials) Validate() error {
	plain := func(s string) bool {
		return s != "" && len(s) <= 128 && !strings.ContainsFunc(s, func(r rune) bool {
			return r <= ' ' || r > '~'
		})
	}
	switch {
	case !plain(c.AppID):
		return errors.New("app_id is not the id of an account")
	case !plain(c.AppSecret):
		return errors.New("app_secret is not a secret of an account")
	}
	return nil
}

// Config is what a Client needs. Credentials is needed; it answers an error for wallets that
// nobody can be signed in with.
type Config struct {
	Credentials func(issuerID string) (Credentials, error)
	HTTP        *http.Client // nil is one of its own
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
	return &Client{c}
}

// Offered is part of link.SignIn (W3).
func (c *Client) Offered(issuerID string) (offered, insideOnly bool) {
	by, err := c.Credentials(issuerID)
	return err == nil, err == nil && !by.Anywhere
}

// account is who we are to WeChat, and where it stands.
func (c *Client) account(t link.SignInTrip) (wechatpay.SignIn, error) {
	by, err := c.Credentials(t.IssuerID)
	if err != nil {
		return wechatpay.SignIn{}, fmt.Errorf("%w: %w", link.ErrSignInFailed, err)
	}
	s := wechatpay.SignIn{AppID: by.AppID, Secret: by.AppSecret, HTTP: c.HTTP}
	if by.AtWallet {
		s.PageHost, s.APIHost = t.PageURL, t.BaseURL
	}
	return s, nil
}

// Start is part of link.SignIn.
func (c *Client) Start(_ context.Context, t link.SignInTrip) (string, error) {
	s, err := c.account(t)
	if err != nil {
		return "", err
	}
	return wechatpay.SignInURL(s, t.ReturnURL, t.State), nil
}

// Finish is part of link.SignIn.
func (c *Client) Finish(
	ctx context.Context, t link.SignInTrip, back url.Values,
) (link.SignInSubject, error) {
	s, err := c.account(t)
	if err != nil {
		return link.SignInSubject{}, err
	}
	code := back.Get("code")
	if code == "" {
		return link.SignInSubject{}, fmt.Errorf("%w: there is no code", link.ErrSignInDenied)
	}
	openID, err := wechatpay.WhoIs(ctx, s, code)
	switch {
	case errors.Is(err, wechatpay.ErrCodeRefused):
		return link.SignInSubject{}, fmt.Errorf("%w: %w", link.ErrSignInDenied, err)
	case err != nil:
		return link.SignInSubject{}, fmt.Errorf("%w: %w", link.ErrSignInFailed, err)
	}
	return link.SignInSubject{App: s.AppID, ID: openID, Customer: openID}, nil
}
