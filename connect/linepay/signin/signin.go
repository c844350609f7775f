package signin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/outbound"
	"watari/pay/link"
)

// Where users are asked, where the code is redeemed, and who issues tokens.
const (
	pageHost  = "https://access.line.me"
	callHost  = "https://api.line.me"
	pagePath  = "/oauth2/v2.1/authorize"
	tokenPath = "/oauth2/v2.1/token"
	issuer    = "https://access.line.me"
)

const (
	answerMax = 64 << 10 // bytes
	codeMax   = 512      // characters
	leeway    = 30 * time.Second
)

// Credentials are a channel of LINE Login.
type Credentials struct {
	ChannelID     string `json:"channel_id"`
	ChannelSecret string `json:"channel_secret"`
	// AtWallet says that pages and calls stand at the wallet's own address in the directory and
	// not at LINE's hosts, as in a sandbox.
	AtWallet bool `json:"at_wallet,omitempty"`
}

// String hides the secret.
func (c Credentials) String() string { return "LINE channel " + c.ChannelID }

// GoString hides the secret.
func (c Credentials) GoString() string { return c.String() }

// Validate names the first field that cannot be right. It never repeats a value.
func (c Credentials) Validate() error {
	switch {
	case c.ChannelID == "" || strings.Trim(c.ChannelID, "0123456789") != "":
		return errors.New("channel_id is not the number of a channel")
	case len(c.ChannelSecret) < 16 || len(c.ChannelSecret) > 128:
		return errors.New("channel_secret is not a secret of a channel")
	}
	return nil
}

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

// channel is who we are to LINE.
func (c *Client) channel(issuerID string) (Credentials, error) {
	by, err := c.Credentials(issuerID)
	if err != nil {
		return by, fmt.Errorf("%w: %w", link.ErrSignInFailed, err)
	}
	return by, nil
}

// Start is part of link.SignIn.
func (c *Client) Start(_ context.Context, t link.SignInTrip) (string, error) {
	by, err := c.channel(t.IssuerID)
	if err != nil {
		return "", err
	}
	host := pageHost
	if by.AtWallet {
		host = t.PageURL
	}
	sum := sha256.Sum256([]byte(t.Verifier))
	q := url.Values{"response_type": {"code"}, "client_id": {by.ChannelID},
		"redirect_uri": {t.ReturnURL}, "state": {t.State}, "scope": {"openid"},
		"nonce": {t.Nonce}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}}
	if t.Lang != "" {
		q.Set("ui_locales", t.Lang)
	}
	return host + pagePath + "?" + q.Encode(), nil
}

// Finish is part of link.SignIn.
func (c *Client) Finish(
	ctx context.Context, t link.SignInTrip, back url.Values,
) (link.SignInSubject, error) {
	by, err := c.channel(t.IssuerID)
	if err != nil {
		return link.SignInSubject{}, err
	}
	if why := back.Get("error"); why != "" {
		return link.SignInSubject{}, fmt.Errorf("%w: %.60q", link.ErrSignInDenied, why)
	}
	code := back.Get("code")
	if code == "" || len(code) > codeMax {
		return link.SignInSubject{}, fmt.Errorf("%w: there is no code", link.ErrSignInDenied)
	}
	proof, err := c.redeem(ctx, by, t, code)
	if err != nil {
		return link.SignInSubject{}, err
	}
	return c.read(by, t, proof)
}

// redeem turns a code into an ID token (L2).
func (c *Client) redeem(
	ctx context.Context, by Credentials, t link.SignInTrip, code string,
) (string, error) {
	host := callHost
	if by.AtWallet {
		host = t.BaseURL
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {t.ReturnURL}, "client_id": {by.ChannelID},
		"client_secret": {by.ChannelSecret}, "code_verifier": {t.Verifier}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, host+tokenPath,
		strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("%w: the address cannot be called", link.ErrSignInFailed)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.HTTP.Do(req)
	if err != nil {
		return "", fmt.Errorf("%w: %w", link.ErrSignInFailed, outbound.WithoutURL(err))
	}
	defer res.Body.Close()
	body, err := outbound.Read(res.Body, answerMax)
	if err != nil {
		return "", fmt.Errorf("%w: %w", link.ErrSignInFailed, err)
	}
	var said struct {
		IDToken string `json:"id_token"`
		Error   string `json:"error"`
	}
	err = json.Unmarshal(body, &said)
	switch {
	case res.StatusCode == http.StatusBadRequest && err == nil && said.Error == "invalid_grant":
		return "", fmt.Errorf("%w: %s", link.ErrSignInDenied, said.Error)
	case res.StatusCode != http.StatusOK:
		return "", fmt.Errorf("%w: HTTP %d, %.60q", link.ErrSignInFailed, res.StatusCode,
			said.Error)
	case err != nil || said.IDToken == "":
		return "", fmt.Errorf("%w: the answer has no id_token", link.ErrSignInFailed)
	}
	return said.IDToken, nil
}

// claims are what an ID token says.
type claims struct {
	jwt.RegisteredClaims
	Nonce string `json:"nonce"`
}

// read believes an ID token or not (L1).
func (c *Client) read(
	by Credentials, t link.SignInTrip, proof string,
) (link.SignInSubject, error) {
	var says claims
	_, err := jwt.ParseWithClaims(proof, &says, func(*jwt.Token) (any, error) {
		return []byte(by.ChannelSecret), nil
	}, jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer(issuer),
		jwt.WithAudience(by.ChannelID), jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(leeway), jwt.WithTimeFunc(c.Now))
	switch {
	case err != nil:
		return link.SignInSubject{}, fmt.Errorf("%w: the proof does not hold: %w",
			link.ErrSignInFailed, err)
	case subtle.ConstantTimeCompare([]byte(says.Nonce), []byte(t.Nonce)) != 1:
		return link.SignInSubject{}, fmt.Errorf("%w: the proof is of another sign-in",
			link.ErrSignInDenied)
	case says.Subject == "":
		return link.SignInSubject{}, fmt.Errorf("%w: the proof names nobody",
			link.ErrSignInFailed)
	}
	return link.SignInSubject{App: by.ChannelID, ID: says.Subject}, nil
}
