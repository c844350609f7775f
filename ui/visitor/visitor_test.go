package visitor_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/ui/theme"
	"watari/ui/visitor"
)

// Goal: a stranger finds the app, and is asked for a wallet where one is needed. Method: the pages
// without a session, with their headers; an address of nobody; a page in each language.
func TestStrangersFindTheApp(t *testing.T) {
	t.Parallel()
	b := open(t, nil).browser()
	home := b.get("/visit")
	if home.status != 200 || home.header.Get("Visit-Keep") != "yes" ||
		home.header.Get("Visit-Who") != "nobody" || !strings.Contains(home.text, "/visit/sign-in") {
		t.Errorf("home: %d, %v", home.status, home.header)
	}
	csp := home.header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'self'", "form-action 'self'",
		"frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(csp, part) {
			t.Errorf("the policy %q lacks %q", csp, part)
		}
	}
	for _, path := range []string{"/visit/receipts", "/visit/tickets", "/visit/settings/forget"} {
		p := b.get(path + "?x=1")
		if p.status != 303 || p.to != "/visit/sign-in?next="+url.QueryEscape(path+"?x=1") {
			t.Errorf("%s: %d, to %q", path, p.status, p.to)
		}
	}
	for _, path := range []string{"/visit/map", "/visit/settings", "/visit/sign-in",
		"/visit/away"} {
		if p := b.get(path); p.status != 200 {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	for _, path := range []string{"/visit/nowhere", "/visit/sign-in/with/nobody"} {
		if p := b.get(path); p.status != 404 || !strings.Contains(p.text, "<h1") {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	for _, lang := range i18n.Langs() {
		p := b.get("/visit?lang=" + string(lang))
		if !strings.Contains(p.text, `<html lang="`+string(lang)+`"`) {
			t.Errorf("%s: another language", lang)
		}
	}
}

// Goal: a visitor signs in by their wallet, comes back to where they were, and signs out. Method:
// the whole way through the pages, with the cookies as a browser gets them.
func TestSigningInAndOut(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	b := r.browser()
	back := b.signIn("/visit/receipts?after=x")
	if back.status != 303 || back.to != "/visit/receipts?after=x" {
		t.Fatalf("came back: %d, to %q: %s", back.status, back.to, back.text)
	}
	for _, c := range back.header.Values("Set-Cookie") {
		if !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") {
			t.Errorf("cookie %q", c)
		}
	}
	p := b.get(back.to)
	if p.status != 200 || p.header.Get("Visit-Who") == "nobody" ||
		strings.Contains(p.text, "vis_") {
		t.Errorf("receipts: %d, %v", p.status, p.header)
	}
	if p := b.get("/visit/sign-in?next=/visit/settings"); p.to != "/visit/settings" {
		t.Errorf("signing in again: %d, to %q", p.status, p.to)
	}
	if p := b.get("/visit/settings"); !strings.Contains(p.text, "Midori Pay") {
		t.Errorf("settings do not name the wallet")
	}
	if p := b.post("/visit/sign-out", nil, "Sec-Fetch-Site", "cross-site"); p.status != 403 {
		t.Errorf("another site signed somebody out: %d", p.status)
	}
	if p := b.post("/visit/sign-out", nil); p.status != 303 || p.to != "/visit" {
		t.Errorf("signing out: %d, to %q", p.status, p.to)
	}
	if p := b.get("/visit/receipts"); p.status != 303 {
		t.Errorf("after signing out: %d", p.status)
	}
}

// Goal: what an attacker sends a browser does not sign it in, out, or away (V2, V4). Method: the
// answer of the attacker's own sign-in in the victim's browser; an answer twice; one of another
// wallet; a link of another site; addresses to go on to.
func TestAttackersDoNotSignAnybodyIn(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	attacker, victim := r.browser(), r.browser()
	answer := attacker.post(attacker.leave("/visit"), url.Values{"answer": {"give"}}).to
	for name, b := range map[string]*browser{"without a trip": r.browser(), "on a trip": victim} {
		if b == victim {
			b.leave("/visit")
		}
		p := b.get(answer)
		if p.status != 409 || strings.Contains(strings.Join(p.header.Values("Set-Cookie"), " "),
			"watari_visitor=w") {
			t.Errorf("%s: %d, %v", name, p.status, p.header.Values("Set-Cookie"))
		}
		if p := b.get("/visit/receipts"); p.status != 303 {
			t.Errorf("%s: signed in", name)
		}
	}
	if p := attacker.get(strings.Replace(answer, "/back/"+midori, "/back/lianhua", 1)); p.status !=
		409 {
		t.Errorf("at another wallet's address: %d", p.status)
	}
	if p := attacker.get(answer); p.status != 409 {
		t.Errorf("after a wrong try: %d", p.status)
	}
	for _, site := range []string{"cross-site", "same-site"} {
		p := victim.get("/visit/sign-in/with/"+midori, "Sec-Fetch-Site", site)
		if p.status != 303 || p.to != "/visit/sign-in" {
			t.Errorf("a link of another site: %d, to %q", p.status, p.to)
		}
	}
	for _, next := range []string{"https://evil.example/", "//evil.example", "/\\evil.example",
		"/account", "/visit/sign-in/with/" + midori} {
		if p := r.browser().signIn(next); p.to != "/visit" {
			t.Errorf("%q leads to %q", next, p.to)
		}
	}
	refused := victim.post(victim.leave("/visit"), url.Values{"answer": {"refuse"}})
	if p := victim.get(refused.to); p.status != 403 || !strings.Contains(p.text, `role="alert"`) {
		t.Errorf("a no: %d", p.status)
	}
}

// Goal: a visitor is forgotten when they are sure, and the language follows them. Method: the forms
// of the settings.
func TestSettings(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	b := r.browser()
	b.signIn("/visit")
	p := b.post("/visit/settings/language", url.Values{"lang": {"ja"}})
	if p.status != 303 || !strings.Contains(b.get(p.to).text, `<html lang="ja"`) {
		t.Errorf("language: %d", p.status)
	}
	other := r.browser()
	other.signIn("/visit")
	if p := other.get("/visit"); !strings.Contains(p.text, `<html lang="ja"`) {
		t.Error("the language does not follow the visitor")
	}
	if p := b.post("/visit/settings/language", url.Values{"lang": {"xx"}}); p.status != 400 {
		t.Errorf("no language: %d", p.status)
	}
	if p := b.post("/visit/settings/forget", url.Values{}); p.status != 422 {
		t.Errorf("not sure: %d", p.status)
	}
	if p := b.post("/visit/settings/forget", url.Values{"sure": {"yes"}}); p.status != 303 {
		t.Errorf("sure: %d", p.status)
	}
	for _, b := range []*browser{b, other} {
		if p := b.get("/visit/receipts"); p.status != 303 {
			t.Errorf("still signed in: %d", p.status)
		}
	}
}

// service is a park as the first page sees it.
type service struct{ err error }

func (s service) Kind() string { return "park" }

func (s service) Near(context.Context, i18n.Lang, time.Time) ([]visitor.Place, error) {
	return []visitor.Place{{Href: "/visit/park/fuji", Kind: "park", Open: true,
		Name: i18n.Text{"ja": "富士高原", "en": "Fuji Highland"}, Rides: 11, Of: 12,
		Shortest: &visitor.Queue{Name: i18n.Text{"en": "Carousel"}, Minutes: 10,
			AtMost: true}}}, s.err
}

func (s service) Upcoming(context.Context, string, time.Time) ([]visitor.Booking, error) {
	return []visitor.Booking{
		{Href: "/visit/later", Title: i18n.Text{"en": "Night pass"}, Day: "2026-12-24"},
		{Href: "/visit/next", Title: i18n.Text{"en": "Day pass"}, Day: "2026-12-23", Left: 3,
			Count: 4}}, s.err
}

// About is part of visitor.Rates.
func (s service) About(_ context.Context, _ int64, a money.Amount) (money.Amount, bool) {
	return money.MustNew(a.Minor()*20, "TWD"), true
}

// Goal: the first page shows what is near and what is next, and a service that cannot be asked
// takes nothing else with it. Method: a service that works, and one that does not.
func TestHomeShowsWhatIsNearAndNext(t *testing.T) {
	t.Parallel()
	r := open(t, func(c *visitor.Config) {
		c.Places = []visitor.Places{service{}, service{err: errors.New("down")}}
		c.Bookings = []visitor.Bookings{service{}}
		c.Rates = service{}
	})
	b := r.browser()
	if p := b.get("/visit?lang=en"); !strings.Contains(p.text, "Fuji Highland") ||
		!strings.Contains(p.text, "Carousel") || !strings.Contains(p.text, "10 min or less") ||
		!strings.Contains(p.text, "cannot be shown now") {
		t.Errorf("a stranger's home: %s", p.text)
	}
	b.signIn("/visit")
	p := b.get("/visit")
	at := strings.Index(p.text, "nextup")
	if at < 0 || !strings.Contains(p.text[at:], "/visit/next") ||
		!strings.Contains(p.text, "3 of 4 still to enter") {
		t.Errorf("home: %s", p.text)
	}
	if p := b.get("/visit/tickets"); strings.Count(p.text, `class="row"`) != 2 {
		t.Errorf("tickets: %s", p.text)
	}
}

// Goal: a browser can keep the app: it is described, its worker knows the files, and what is kept
// is named for who is signed in. Method: the manifest, the worker, the list; the bundle is small.
func TestTheAppCanBeKept(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	b := r.browser()
	var m struct{ Scope, StartURL, Name string }
	p := b.get("/visit/manifest.webmanifest")
	if err := json.Unmarshal([]byte(p.text), &m); err != nil || m.Scope != "/visit" ||
		p.header.Get("Content-Type") != "application/manifest+json" {
		t.Errorf("manifest: %s, %v", p.text, err)
	}
	var list struct{ Keep []string }
	if err := json.Unmarshal([]byte(b.get("/visit/offline.json").text), &list); err != nil ||
		len(list.Keep) == 0 || list.Keep[0] != "/visit" {
		t.Errorf("kept: %v, %v", list, err)
	}
	if !theme.Built() {
		t.Log("the bundle is not built: make assets")
		return
	}
	p = b.get("/visit/worker.js")
	if p.header.Get("Service-Worker-Allowed") != "/visit" ||
		!strings.Contains(p.text, theme.Asset("visitor.js")) {
		t.Errorf("worker: %v", p.header)
	}
	const most = 40 << 10 // the rest of 150 KB is for pages
	if n := len(theme.Content("visitor.js")) + len(theme.Content("visitor-style.css")); n > most {
		t.Errorf("the bundle of every page has %d bytes, want at most %d", n, most)
	}
}

// Goal: one address cannot keep the app busy (limits). Method: more posts than a minute allows, by
// an address that a proxy names; others go on.
func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	b := open(t, nil).browser()
	last := 0
	for range 700 {
		if last = b.post("/visit/sign-out", nil, "X-Forwarded-For",
			"198.51.100.7").status; last == http.StatusTooManyRequests {
			break
		}
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("700 posts in a minute: %d", last)
	}
	if p := b.post("/visit/sign-out", nil, "X-Forwarded-For", "198.51.100.8"); p.status != 303 {
		t.Errorf("somebody else: %d", p.status)
	}
	big := url.Values{"lang": {strings.Repeat("x", visitor.BodyMax+1)}}
	if p := b.post("/visit/settings/language", big); p.status != 413 {
		t.Errorf("a large form: %d", p.status)
	}
}
