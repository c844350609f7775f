package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"watari/kit/access/people"
	"watari/kit/check"
	"watari/kit/clock"
	"watari/kit/fault"
	"watari/kit/id"
	"watari/kit/outbound"
)

// The problems that this package reports.
var (
	// ErrBank: the bank has no provider here, or there is no such bank.
	ErrBank = fault.Define("single-sign-on-unknown", fault.NotFound,
		"There is no single sign-on for this bank")
	// ErrProvider: the provider does not answer, or not as it should.
	ErrProvider = fault.Define("single-sign-on-failed", fault.Unavailable,
		"The bank's single sign-on does not work now")
	// ErrDenied: the provider, or its answer, says no.
	ErrDenied = fault.Define("single-sign-on-refused", fault.Unauthenticated,
		"The bank's single sign-on did not let you in")
)

// ErrNotInvited is people.ErrNotInvited.
var ErrNotInvited = people.ErrNotInvited

// CallbackPath is where providers send browsers back to: GET, handled by calling Finish.
const CallbackPath = "/account/sso/callback"

// Bounds on providers.
const (
	callTime  = 10 * time.Second
	answerMax = 1 << 20
	// knownFor is how long what a provider says of itself is used without asking again.
	knownFor = time.Hour
	maxNext  = 2000
)

// Config is what a Gate needs.
type Config struct {
	// Dir is the folder of the banks' files; it need not exist.
	Dir    string
	People *people.People
	// PublicURL is where browsers reach the pages, without a trailing slash.
	PublicURL string
	// Bank returns a bank's number and name by its id; not ok for an id of no bank.
	Bank func(ctx context.Context, bankID string) (no int64, name string, ok bool, err error)
	// Private lets providers be at private addresses, over plain HTTP.
	Private bool
	// Logger is told of providers that do not work; nil is slog.Default().
	Logger *slog.Logger
}

// Gate knows the providers of the banks. It is safe for concurrent use.
type Gate struct {
	Config
	client *http.Client

	mu    sync.Mutex
	known map[string]*provider
}

// provider is what was found out about a bank's provider.
type provider struct {
	settings
	*oidc.Provider
	changed time.Time // of the file
	asked   time.Time
}

// New returns a gate.
func New(c Config) *Gate {
	check.That(c.People != nil && c.Bank != nil && c.Dir != "", "oidc: a part is missing")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	client := outbound.New(outbound.Options{HTTP2: true})
	client.Timeout = callTime
	client.Transport = bounded{client.Transport}
	return &Gate{Config: c, client: client, known: map[string]*provider{}}
}

// bounded cuts answers off that are too long.
type bounded struct{ http.RoundTripper }

// RoundTrip is part of http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(res.Body, answerMax), res.Body}
	return res, nil
}

// Bank is one that has a provider.
type Bank struct{ ID, Name string }

// Banks lists those with a provider, by id. A file that cannot be used is logged and left out.
func (g *Gate) Banks(ctx context.Context) (banks []Bank, err error) {
	entries, err := os.ReadDir(g.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the folder of providers: %w", err)
	}
	for _, e := range entries {
		bankID, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		if _, _, err := readSettings(g.Dir, bankID, g.Private); err != nil {
			g.Logger.Error("a bank's single sign-on is not usable", "error", err)
			continue
		}
		_, name, ok, err := g.Bank(ctx, bankID)
		if err != nil {
			return nil, fmt.Errorf("find bank %s: %w", bankID, err)
		}
		if ok {
			banks = append(banks, Bank{bankID, name})
		}
	}
	slices.SortFunc(banks, func(a, b Bank) int { return strings.Compare(a.ID, b.ID) })
	return banks, nil
}

// configured is the file of a bank's provider.
type configured struct {
	settings
	bankID  string
	bankNo  int64
	changed time.Time
}

// find returns a bank's provider as its file says.
//
// Errors: ErrBank, ErrProvider.
func (g *Gate) find(ctx context.Context, bankID string) (c configured, err error) {
	bankNo, _, ok, err := g.Bank(ctx, bankID)
	if err != nil {
		return c, fmt.Errorf("find bank: %w", err)
	}
	s, changed, err := readSettings(g.Dir, bankID, g.Private)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !ok:
		return c, ErrBank.Newf("bank %q has no single sign-on here", bankID)
	case err != nil:
		return c, ErrProvider.Newf("its configuration cannot be read").Because(err)
	}
	return configured{s, bankID, bankNo, changed}, nil
}

// meet returns what a provider says of itself; it is asked once an hour while it works.
//
// Errors: ErrProvider.
func (g *Gate) meet(ctx context.Context, c configured) (*provider, error) {
	g.mu.Lock()
	p := g.known[c.bankID]
	g.mu.Unlock()
	now := clock.Now()
	if p != nil && p.changed.Equal(c.changed) && now.Sub(p.asked) < knownFor {
		return p, nil
	}
	// The provider keeps the context for its later calls, which are not this request's.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), g.client),
		c.Issuer)
	if err != nil {
		return nil, ErrProvider.Newf("it does not say who it is").Because(err)
	}
	p = &provider{settings: c.settings, Provider: found, changed: c.changed, asked: now}
	g.mu.Lock()
	g.known[c.bankID] = p
	g.mu.Unlock()
	return p, nil
}

func (g *Gate) oauth(p *provider) *oauth2.Config {
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret,
		Endpoint: p.Endpoint(), RedirectURL: g.PublicURL + CallbackPath,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}
}

// Start is where a browser goes, and the cookie it takes along: HttpOnly, SameSite=Lax, Secure
// under TLS, Path=/account/sso, ten minutes.
type Start struct {
	URL    string
	Cookie string
}

// trip is what is kept while the browser is at the provider.
type trip struct {
	Bank     string `json:"bank"`
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Next     string `json:"next"`
}

// Begin starts a sign-in; next is the path to go to afterwards (O5).
//
// Errors: ErrBank, ErrProvider, people.ErrLocked, people.ErrBusy.
func (g *Gate) Begin(ctx context.Context, bankID, next string, f people.From) (Start, error) {
	c, err := g.find(ctx, bankID)
	if err != nil {
		return Start{}, err
	}
	t := trip{Bank: bankID, State: id.Secret(24), Nonce: id.Secret(24),
		Verifier: oauth2.GenerateVerifier(), Next: ownPath(next)}
	// What an address begins is counted before the provider is asked anything.
	cookie, err := g.People.BeginVouched(ctx, f, t)
	if err != nil {
		return Start{}, err
	}
	p, err := g.meet(ctx, c)
	if err != nil {
		return Start{}, err
	}
	return Start{Cookie: cookie, URL: g.oauth(p).AuthCodeURL(t.State, oidc.Nonce(t.Nonce),
		oauth2.S256ChallengeOption(t.Verifier))}, nil
}

// ownPath returns next if it is a path of this site, else "/" (O5).
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || len(next) > maxNext || u.Scheme != "" || u.Host != "" || u.User != nil ||
		!strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\r\n\t") {
		return "/"
	}
	return next
}

// Finish takes what the provider sent the browser back with. The step's Need is always Nothing
// (O4).
//
// Errors: ErrDenied, ErrProvider, ErrBank, ErrNotInvited, people.ErrTicket.
func (g *Gate) Finish(
	ctx context.Context, cookie string, query url.Values, f people.From,
) (step people.Step, next string, err error) {
	var t trip
	if err := g.People.EndVouched(ctx, cookie, &t); err != nil {
		return step, "", err
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(t.State)) != 1 {
		return step, "", people.ErrTicket.Newf("the answer belongs to another sign-in")
	}
	c, err := g.find(ctx, t.Bank)
	if err != nil {
		return step, "", err
	}
	p, err := g.meet(ctx, c)
	if err != nil {
		return step, "", err
	}
	if iss := query.Get("iss"); iss != "" && iss != p.Issuer {
		return step, "", ErrDenied.Newf("the answer is another provider's")
	}
	if code := query.Get("error"); code != "" {
		return step, "", ErrDenied.Newf("the provider said no").
			Because(fmt.Errorf("provider: %.100q %.300q", code, query.Get("error_description")))
	}
	v, err := g.vouch(ctx, p, t, query.Get("code"))
	if err != nil {
		return step, "", err
	}
	v.ParticipantNo = c.bankNo
	step, err = g.People.SignInVouched(ctx, v, f)
	return step, t.Next, err
}

// claims is what a provider says of a person.
type claims struct {
	Subject  string `json:"sub"`
	Email    string `json:"email"`
	Verified *bool  `json:"email_verified"`
	Name     string `json:"name"`
}

// vouch exchanges the code and reads what the provider says of the person.
//
// Errors: ErrDenied, ErrProvider.
func (g *Gate) vouch(
	ctx context.Context, p *provider, t trip, code string,
) (v people.Vouched, err error) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(ctx, g.client), callTime)
	defer cancel()
	token, err := g.oauth(p).Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return v, refusedOr(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return v, ErrProvider.Newf("its answer has no id_token")
	}
	proof, err := p.Verifier(&oidc.Config{ClientID: p.ClientID, Now: clock.Now}).
		Verify(ctx, raw)
	if err != nil {
		return v, ErrDenied.Newf("the proof does not hold").Because(err)
	}
	if subtle.ConstantTimeCompare([]byte(proof.Nonce), []byte(t.Nonce)) != 1 {
		return v, ErrDenied.Newf("the proof is of another sign-in")
	}
	if proof.AccessTokenHash != "" {
		if err := proof.VerifyAccessToken(token.AccessToken); err != nil {
			return v, ErrDenied.Newf("the proof does not hold").Because(err)
		}
	}
	var c claims
	if err := proof.Claims(&c); err != nil {
		return v, ErrProvider.Newf("its proof cannot be read").Because(err)
	}
	if c.Email == "" {
		if c, err = g.ask(ctx, p, token, proof.Subject); err != nil {
			return v, err
		}
	}
	if c.Email == "" || (c.Verified == nil || !*c.Verified) && !p.TrustEmail {
		return v, ErrDenied.Newf("the provider has not verified your e-mail address")
	}
	return people.Vouched{Issuer: proof.Issuer, Subject: proof.Subject, Email: c.Email,
		Name: c.Name, Domains: p.Domains, DefaultRole: p.DefaultRole}, nil
}

// ask asks a provider that keeps its proofs short.
func (g *Gate) ask(
	ctx context.Context, p *provider, token *oauth2.Token, subject string,
) (c claims, err error) {
	info, err := p.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err == nil && info.Subject != subject {
		return c, ErrDenied.Newf("the provider speaks of somebody else")
	}
	if err == nil {
		err = info.Claims(&c)
	}
	if err != nil {
		return c, ErrProvider.Newf("it does not say who you are").Because(err)
	}
	return c, nil
}

// refusedOr tells a provider's refusal from one that does not work.
func refusedOr(err error) error {
	var said *oauth2.RetrieveError
	if errors.As(err, &said) && said.Response != nil && said.Response.StatusCode < 500 {
		return ErrDenied.Newf("the provider did not take its own code").Because(err)
	}
	return ErrProvider.Newf("it does not answer").Because(err)
}
