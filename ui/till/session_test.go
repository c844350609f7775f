package till_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"watari/kit/db"
	"watari/pay/party"
)

// elsewhere is a till of another store of the same bank.
func (r *rig) elsewhere() *browser {
	r.t.Helper()
	r.must(r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		s, err := r.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: r.store.MerchantNo,
			ID: "S2", Name: "Other", Prefecture: "21", MCC: "5921"})
		if err != nil {
			return err
		}
		r.terminals[1], err = r.reg.AddTerminal(ctx, tx, "test", party.Terminal{StoreNo: s.No,
			ID: "T9", Label: "Till 9", CanRefund: true})
		return err
	}))
	return r.till(1, "en")
}

// Goal: a till works only after its link was opened, once. Method: without, with, and a second
// browser with the same link; and looking ahead does not use it up.
func TestActivationLinkWorksOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b, thief := r.browser("en"), r.browser("en")
	for _, path := range []string{"/till/", "/till/day", "/till/live", "/till/payments/x"} {
		b.get(path).is(401).has("h1", "not activated")
	}

	link := "/till/activate/" + r.activation(0)
	head, err := http.NewRequest(http.MethodHead, b.base+link, nil)
	r.must(err)
	b.do(head).is(204)
	ahead, err := http.NewRequest(http.MethodGet, b.base+link, nil)
	r.must(err)
	ahead.Header.Set("Sec-Purpose", "prefetch")
	b.do(ahead).is(204)

	p := b.get(link).is(200)
	if p.path != "/till/" {
		t.Errorf("the link leads to %s", p.path)
	}
	thief.get(link).is(404).has("h1", "does not work any more")
	if got := b.get(link).is(200).path; got != "/till/" {
		t.Errorf("the till's own used link leads to %s", got)
	}
	b.get("/till/activate/nonsense").is(200) // it has a session already
}

// Goal: the session's cookie cannot be read by scripts nor sent by other sites. Method: its
// attributes, over HTTP and behind a proxy that ends TLS.
func TestSessionCookieIsProtected(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, proto := range []string{"http", "https"} {
		b := r.browser("en")
		b.CheckRedirect = func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}
		req, err := http.NewRequest(http.MethodGet, b.base+"/till/activate/"+r.activation(0), nil)
		r.must(err)
		req.Header.Set("X-Forwarded-Proto", proto)
		p := b.do(req).is(303)
		cookie := p.header.Get("Set-Cookie")
		for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/till"} {
			if !strings.Contains(cookie, want) {
				t.Errorf("%s: the cookie %q lacks %s", proto, cookie, want)
			}
		}
		if got := strings.Contains(cookie, "Secure"); got != (proto == "https") {
			t.Errorf("%s: Secure is %t", proto, got)
		}
	}
}

// Goal: another site cannot act in the cashier's name. Method: a form that names its origin.
func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	at := b.paid("1980", sale1)
	for _, path := range []string{"/till/sales", at + "/refunds", at + "/cancel",
		"/till/settings"} {
		req, err := http.NewRequest(http.MethodPost, b.base+path,
			strings.NewReader("amount=100&request="+refund1))
		b.r.must(err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		b.do(req).is(403).has("h1", "did not come from the till")
	}
	b.get(at).has(".slip .badge", "Paid")
}

// Goal: a form that is too large is refused with a page. Method: a body over the limit.
func TestLargeFormsAreRefused(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	b.post("/till/sales", "amount", "100", "code", strings.Repeat("1", 100_000), "request", sale1).
		is(400).has("h1", "could not be read")
}

// Goal: language and light are kept by the till. Method: the settings form, then another page.
func TestSettingsAreKept(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	b.post("/till/settings", "lang", "ko", "theme", "dark").is(200).has("h1", "설정")
	p := b.get("/till/").is(200)
	if p.value("html", "lang") != "ko" || p.value("html", "data-theme") != "dark" {
		t.Errorf("the page is %s, %s", p.value("html", "lang"), p.value("html", "data-theme"))
	}
	b.post("/till/settings", "lang", "xx", "theme", "purple").is(200).has("h1", "설정")
	b.post("/till/settings", "theme", "auto").is(200)
	if got := b.get("/till/").value("html", "data-theme"); got != "" {
		t.Errorf("following the system is %q", got)
	}
}

// Goal: a page that is not there says so. Method: a path of nothing.
func TestUnknownPagesSaySo(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	b.get("/till/nothing").is(404).has("h1", "There is no such page")
	b.get("/till/payments/pay_nothing").is(404).has("h1", "no such payment")
	if p := b.get("/till/sales").is(200); p.path != "/till/" {
		t.Errorf("the sales form's address leads to %s", p.path)
	}
}
