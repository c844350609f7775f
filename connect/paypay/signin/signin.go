package signin

import (
	"context"
	"fmt"
	"net/url"

	"watari/connect/paypay"
	"watari/connect/paypay/wire"
	"watari/kit/check"
	"watari/pay/link"
)

// Scope is what a user is asked for: to be known, and not to be debited.
const Scope = "user_profile"

// Config is what a Client needs. Credentials is needed; it answers an error for wallets that
// nobody can be signed in with. Its scopes are not read.
type Config struct {
	Credentials func(issuerID string) (paypay.Credentials, error)
}

// Client signs users in. It is safe for concurrent use.
type Client struct {
	Config
	api *paypay.Client
}

var _ link.SignIn = (*Client)(nil)

// New returns a client. Close it at the end.
func New(c Config) *Client {
	check.That(c.Credentials != nil, "signin: a client without credentials")
	own := func(issuerID string) (paypay.Credentials, error) {
		by, err := c.Credentials(issuerID)
		by.Scopes = []string{Scope}
		return by, err
	}
	return &Client{c, paypay.NewClient(paypay.ClientConfig{Credentials: own})}
}

// Close drops idle connections.
func (c *Client) Close() { c.api.Close() }

// Offered is part of link.SignIn.
func (c *Client) Offered(issuerID string) (offered, insideOnly bool) {
	_, err := c.Credentials(issuerID)
	return err == nil, false
}

// asked is the question of a trip.
func asked(t link.SignInTrip) (link.Endpoint, link.Consent) {
	return link.Endpoint{IssuerID: t.IssuerID, BaseURL: t.BaseURL},
		link.Consent{OurConsentID: t.State,
			ReturnURL: t.ReturnURL + "?" + url.Values{"state": {t.State}}.Encode()}
}

// Start is part of link.SignIn.
func (c *Client) Start(ctx context.Context, t link.SignInTrip) (string, error) {
	to, question := asked(t)
	form, said := c.api.AskConsent(ctx, to, question)
	if form.PageURL == "" {
		return "", fmt.Errorf("%w: %s %.60q", link.ErrSignInFailed, said.Reason, said.Code)
	}
	return form.PageURL, nil
}

// Finish is part of link.SignIn.
func (c *Client) Finish(
	ctx context.Context, t link.SignInTrip, back url.Values,
) (link.SignInSubject, error) {
	by, err := c.Credentials(t.IssuerID)
	if err != nil {
		return link.SignInSubject{}, fmt.Errorf("%w: %w", link.ErrSignInFailed, err)
	}
	token := back.Get(wire.ReturnedToken)
	if token == "" {
		return link.SignInSubject{}, fmt.Errorf("%w: there is no token", link.ErrSignInDenied)
	}
	to, question := asked(t)
	said := c.api.ConsentState(ctx, to, question, map[string]string{wire.ReturnedToken: token})
	if said.Outcome != link.Approved || said.Token == "" {
		return link.SignInSubject{}, fmt.Errorf("%w: %s %.60q", link.ErrSignInDenied, said.Outcome,
			said.Code)
	}
	return link.SignInSubject{App: by.MerchantID, ID: said.Token}, nil
}
