package signin_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"watari/connect/linepay/signin"
	"watari/kit/clock"
	"watari/pay/link"
)

const (
	channel = "1654321098"
	secret  = "0123456789abcdef0123456789abcdef"
)

// line is LINE's side of the exchange: it answers with what a test says.
type line struct {
	status int
	body   string
	asked  url.Values
}

func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	l.asked = r.PostForm
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(l.status)
	_, _ = w.Write([]byte(l.body))
}

func open(t *testing.T) (*line, *signin.Client, link.SignInTrip) {
	t.Helper()
	l := &line{status: http.StatusOK}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	c := signin.New(signin.Config{Credentials: func(id string) (signin.Credentials, error) {
		if id != "midori" {
			return signin.Credentials{}, fs.ErrNotExist
		}
		return signin.Credentials{ChannelID: channel, ChannelSecret: secret, AtWallet: true}, nil
	}})
	return l, c, link.SignInTrip{IssuerID: "midori", BaseURL: server.URL, PageURL: server.URL,
		State: "state0123456789", Nonce: "nonce0123456789", Verifier: strings.Repeat("v", 43),
		ReturnURL: "https://pay.example/visit/sign-in/back/midori"}
}

// token is an ID token that is right but for what change does to it.
func token(t *testing.T, method jwt.SigningMethod, key any, change func(jwt.MapClaims)) string {
	t.Helper()
	now := clock.Now()
	says := jwt.MapClaims{"iss": "https://access.line.me", "sub": "U0123", "aud": channel,
		"exp": now.Add(time.Hour).Unix(), "iat": now.Unix(), "nonce": "nonce0123456789"}
	if change != nil {
		change(says)
	}
	text, err := jwt.NewWithClaims(method, says).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func answer(idToken string) string {
	text, _ := json.Marshal(map[string]string{"id_token": idToken, "access_token": "x"})
	return string(text)
}

// Goal: an ID token is believed only when everything about it is right (L1). Method: one that is,
// and one wrong in each way, the algorithms "none" and RS256 included.
func TestOnlyATrueTokenIsBelieved(t *testing.T) {
	t.Parallel()
	l, c, trip := open(t)
	set := func(name string, value any) func(jwt.MapClaims) {
		return func(m jwt.MapClaims) { m[name] = value }
	}
	drop := func(name string) func(jwt.MapClaims) {
		return func(m jwt.MapClaims) { delete(m, name) }
	}
	past, future := clock.Now().Add(-time.Hour).Unix(), clock.Now().Add(time.Hour).Unix()
	hs := jwt.SigningMethodHS256
	good := token(t, hs, []byte(secret), nil)
	for name, proof := range map[string]string{
		"unsigned":        token(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil),
		"another secret":  token(t, hs, []byte("another secret of 32 characters!"), nil),
		"another method":  token(t, jwt.SigningMethodHS512, []byte(secret), nil),
		"another issuer":  token(t, hs, []byte(secret), set("iss", "https://evil.example")),
		"another channel": token(t, hs, []byte(secret), set("aud", "999")),
		"another nonce":   token(t, hs, []byte(secret), set("nonce", "x")),
		"no nonce":        token(t, hs, []byte(secret), drop("nonce")),
		"over":            token(t, hs, []byte(secret), set("exp", past)),
		"never over":      token(t, hs, []byte(secret), drop("exp")),
		"of the future":   token(t, hs, []byte(secret), set("iat", future)),
		"nobody":          token(t, hs, []byte(secret), drop("sub")),
		"cut":             good[:len(good)-2],
		"text":            "x.y.z",
	} {
		l.body = answer(proof)
		who, err := c.Finish(t.Context(), trip, url.Values{"code": {"c"}})
		if err == nil || !errors.Is(err, link.ErrSignInDenied) &&
			!errors.Is(err, link.ErrSignInFailed) {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
	l.body = answer(good)
	who, err := c.Finish(t.Context(), trip, url.Values{"code": {"c"}})
	if err != nil || who != (link.SignInSubject{App: channel, ID: "U0123"}) {
		t.Errorf("a true token: %+v, %v", who, err)
	}
	if l.asked.Get("code_verifier") != trip.Verifier || l.asked.Get("client_secret") != secret ||
		l.asked.Get("redirect_uri") != trip.ReturnURL {
		t.Errorf("the code was redeemed with %v", l.asked)
	}
}

// Goal: a no is told from a wallet that does not work, and neither tells a secret. Method: answers
// of every kind, and a server that is gone.
func TestRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	l, c, trip := open(t)
	for _, k := range []struct {
		status int
		body   string
		back   url.Values
		want   error
	}{
		{200, "", url.Values{"error": {"access_denied"}}, link.ErrSignInDenied},
		{200, "", url.Values{}, link.ErrSignInDenied},
		{200, "", url.Values{"code": {strings.Repeat("c", 600)}}, link.ErrSignInDenied},
		{400, `{"error":"invalid_grant"}`, url.Values{"code": {"c"}}, link.ErrSignInDenied},
		{400, `{"error":"invalid_client"}`, url.Values{"code": {"c"}}, link.ErrSignInFailed},
		{500, ``, url.Values{"code": {"c"}}, link.ErrSignInFailed},
		{200, `not JSON`, url.Values{"code": {"c"}}, link.ErrSignInFailed},
		{200, `{"access_token":"x"}`, url.Values{"code": {"c"}}, link.ErrSignInFailed},
		{200, strings.Repeat(" ", 100<<10), url.Values{"code": {"c"}}, link.ErrSignInFailed},
	} {
		l.status, l.body = k.status, k.body
		_, err := c.Finish(t.Context(), trip, k.back)
		if !errors.Is(err, k.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%d %.40s %.40v: got %v, want %v", k.status, k.body, k.back, err, k.want)
		}
	}
	trip.BaseURL = "http://127.0.0.1:1"
	if _, err := c.Finish(t.Context(), trip, url.Values{"code": {"c"}}); !errors.Is(err,
		link.ErrSignInFailed) || strings.Contains(err.Error(), "127.0.0.1:1/") {
		t.Errorf("nobody there: %v", err)
	}
	if offered, _ := c.Offered("other"); offered {
		t.Error("a wallet without a channel is offered")
	}
}

// Goal: a browser is sent to LINE with everything that binds the answer to this trip. Method: the
// address.
func TestTripIsBound(t *testing.T) {
	t.Parallel()
	_, c, trip := open(t)
	to, err := c.Start(t.Context(), trip)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if q.Get("state") != trip.State || q.Get("nonce") != trip.Nonce ||
		q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 ||
		q.Get("redirect_uri") != trip.ReturnURL || q.Get("scope") != "openid" ||
		strings.Contains(to, trip.Verifier) || strings.Contains(to, secret) {
		t.Errorf("sent to %s", to)
	}
}
