package linepay_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"watari/connect/linepay"
	"watari/kit/fault"
	"watari/pay/link"
)

// errNone is how the core says that it has no such payment.
var errNone = fault.Define("linepay-test-none", fault.NotFound, "There is none")

// pokes is a core that keeps what it is poked with.
type pokes struct {
	got []string
	err error
}

func (p *pokes) Notify(context.Context, int64, link.Notice) error {
	return errors.New("LINE Pay has no notices")
}

func (p *pokes) Poke(_ context.Context, issuerNo int64, id string) error {
	if issuerNo != 9 {
		return errors.New("another issuer")
	}
	p.got = append(p.got, id)
	return p.err
}

func comeBack(p *pokes, method, target string) *http.Response {
	s := linepay.NewServer(linepay.ServerConfig{Receiver: p, Origin: "https://pay.example",
		Logger: slog.New(slog.DiscardHandler),
		Issuers: func(_ context.Context, id string) (int64, error) {
			if id != "midori" {
				return 0, errNone.Newf("no issuer")
			}
			return 9, nil
		}})
	mux := http.NewServeMux()
	s.Mount(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w.Result()
}

const (
	home    = "/wallets/linepay/midori/return?request=leg_1&orderId=leg_1&transactionId=2026"
	homeTo  = home + "&to="
	aPage   = "https://pay.example/pay/abc?x=1"
	aTarget = homeTo + "https%3A%2F%2Fpay.example%2Fpay%2Fabc%3Fx%3D1"
)

// The goal is that a user who comes back makes us ask LINE Pay and lands on our page. Method: the
// address that Prepare would have made, with what LINE Pay adds.
func TestReturnAsksAndGoesOn(t *testing.T) {
	t.Parallel()
	p := &pokes{}
	res := comeBack(p, http.MethodGet, aTarget)
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != aPage {
		t.Errorf("got %d to %q", res.StatusCode, res.Header.Get("Location"))
	}
	if len(p.got) != 1 || p.got[0] != "leg_1" {
		t.Errorf("asked about %q", p.got)
	}
	if res := comeBack(p, http.MethodGet, home); res.StatusCode != http.StatusOK {
		t.Errorf("without a page to go to: got %d", res.StatusCode)
	}
	// What we cannot ask now the schedule asks; the user is not kept.
	p.err = errors.New("busy")
	if res := comeBack(p, http.MethodGet, aTarget); res.StatusCode != http.StatusSeeOther {
		t.Errorf("while we are busy: got %d", res.StatusCode)
	}
	p.err = errNone.Newf("none")
	if res := comeBack(p, http.MethodGet, aTarget); res.StatusCode != http.StatusNotFound {
		t.Errorf("for an id that is not known: got %d", res.StatusCode)
	}
	other := strings.Replace(aTarget, "midori", "another", 1)
	if res := comeBack(p, http.MethodGet, other); res.StatusCode != http.StatusNotFound {
		t.Errorf("for an issuer that is not known: got %d", res.StatusCode)
	}
}

// The goal is that nobody is sent elsewhere by an address of ours. Method: a table of tricks.
func TestReturnLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"https://evil.example/", "http://pay.example/", "//evil.example/",
		"/pay/abc", "javascript:alert(1)", "https://pay.example@evil.example/",
		"https://pay.example.evil.example/", "https://pay.example:444/", "https:pay.example/x",
		"https://pay.example\\@evil.example/", "https://pay.example/\r\nX: y", ""} {
		p := &pokes{}
		res := comeBack(p, http.MethodGet, homeTo+url.QueryEscape(to))
		if res.StatusCode != http.StatusBadRequest || res.Header.Get("Location") != "" {
			t.Errorf("%q: got %d to %q", to, res.StatusCode, res.Header.Get("Location"))
		}
		if len(p.got) != 0 {
			t.Errorf("%q: asked about %q", to, p.got)
		}
	}
}

// The goal is that what is not a return asks nothing. Method: a table of addresses.
func TestMalformedReturnsAreRefused(t *testing.T) {
	t.Parallel()
	const at = "/wallets/linepay/midori/return"
	for name, c := range map[string]struct {
		method, target string
		want           int
	}{
		"no id":            {"GET", at, 400},
		"two ids":          {"GET", at + "?orderId=leg_1&orderId=leg_2", 400},
		"ids that differ":  {"GET", at + "?orderId=leg_1&request=leg_2", 400},
		"a strange id":     {"GET", at + "?orderId=LEG-1", 400},
		"a long id":        {"GET", at + "?orderId=" + strings.Repeat("a", 65), 400},
		"no number":        {"GET", at + "?orderId=leg_1&transactionId=1x", 400},
		"a broken query":   {"GET", at + "?orderId=%zz", 400},
		"another method":   {"POST", at + "?orderId=leg_1", 405},
		"no issuer":        {"GET", "/wallets/linepay/", 404},
		"another page":     {"GET", "/wallets/linepay/midori/other?orderId=leg_1", 404},
		"something deeper": {"GET", at + "/x?orderId=leg_1", 404},
	} {
		p := &pokes{}
		if res := comeBack(p, c.method, c.target); res.StatusCode != c.want {
			t.Errorf("%s: got %d, want %d", name, res.StatusCode, c.want)
		}
		if len(p.got) != 0 {
			t.Errorf("%s: asked about %q", name, p.got)
		}
	}
}
