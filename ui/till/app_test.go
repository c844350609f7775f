package till_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"watari/kit/i18n"
	"watari/ui/theme"
)

// Goal: a sale whose answer was lost is found a minute later, and one that never arrived is not
// begun then (U7). Method: one sale sent before, one not; both asked for late.
func TestLateSaleIsOnlyLookedFor(t *testing.T) {
	t.Parallel()
	b := newRig(t).till(0, "en")
	code := b.r.code()
	fields := func(request string) []string {
		return []string{"amount", "1980", "code", code, "request", request, "sure", "1", "late", "1"}
	}

	never := b.post("/till/sales", fields(sale2)...).is(200)
	sent := b.post("/till/sales", "amount", "1980", "code", code, "request", sale1)
	found := b.post("/till/sales", fields(sale1)...)

	never.has("h1", "Not charged")
	if got := never.header.Get("Till-Answer"); got != "refusal" {
		t.Errorf("a script goes on asking after the answer %q", got)
	}
	if found.path != sent.path || found.header.Get("Till-Answer") != "payment" {
		t.Errorf("found at %s, want %s", found.path, sent.path)
	}
	if n := len(b.r.wallet.debits); n != 1 {
		t.Errorf("the wallet took %d payments, want 1", n)
	}
}

// Goal: a page of one till never asks for a sale of another (U2, U7). Method: a form of terminal 1
// from a browser that is terminal 2 by now.
func TestSaleOfAnotherTillIsNotMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, second := r.till(0, "en"), r.till(1, "en")
	till := first.get("/till/").is(200).value(".app", "data-till")
	if other := second.get("/till/").value(".app", "data-till"); till == "" || other == till {
		t.Fatalf("the tills are %q and %q", till, other)
	}

	p := second.post("/till/sales", "amount", "1980", "code", r.code(), "request", sale1, "till",
		till).is(http.StatusConflict)

	p.has("h1", "This page is of another till")
	if p.header.Get("Till-Answer") != "" || len(r.wallet.debits) != 0 {
		t.Errorf("answer %q, %d debits", p.header.Get("Till-Answer"), len(r.wallet.debits))
	}
}

// Goal: whatever the cashier missed, the pad says how the last payment ended (U1). Method: the pad
// before, after an approval, after a decline, and on the other till.
func TestPadSaysHowTheLastPaymentEnded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b, other := r.till(0, "en"), r.till(1, "en")
	if n := len(b.get("/till/").all("[data-last]")); n != 0 {
		t.Errorf("%d last payments before the first", n)
	}
	b.sell("1980", sale1)
	b.get("/till/").has("[data-last]", "1,980")
	b.get("/till/waiting").has("[data-last] .badge.good", "Paid")
	r.wallet.set("decline")
	b.sell("500", sale2)
	pad := b.get("/till/")
	pad.has("[data-last] .badge.stop", "Declined")
	if pad.text("[data-last]") == "" || len(pad.all("[data-last]")) != 1 {
		t.Errorf("the pad says %q", pad.text("[data-last]"))
	}
	if n := len(other.get("/till/").all("[data-last]")); n != 0 {
		t.Error("a till tells of another one's payment")
	}
}

// Goal: a browser can install the till: a manifest in its language, named after its shop, whose
// icons are there. Method: the manifest that the page names, with and without a till.
func TestTillCanBeInstalled(t *testing.T) {
	t.Parallel()
	if !theme.Built() {
		t.Log("the bundle is not built: make assets")
		return
	}
	r := newRig(t)
	for who, b := range map[string]*browser{"till": r.till(0, "ja"), "stranger": r.browser("ja")} {
		path := b.get("/till/").value("link[rel=manifest]", "href")
		var app struct {
			Name      string
			ShortName string `json:"short_name"`
			StartURL  string `json:"start_url"`
			Scope     string
			Display   string
			Lang      string
			Icons     []struct{ Src, Sizes, Type, Purpose string }
		}
		p := b.get(path).is(200)
		if err := json.Unmarshal([]byte(p.source), &app); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if app.ShortName != "レジ" || app.StartURL != "/till/" || app.Scope != "/till/" ||
			app.Display != "standalone" || app.Lang != "ja" || len(app.Icons) < 3 ||
			strings.Contains(app.Name, "平田酒造場 三町店 · Till 1") != (who == "till") {
			t.Errorf("%s: %+v", who, app)
		}
		for _, i := range app.Icons {
			if w := asset(i.Src, ""); !strings.HasPrefix(w.Body.String(), "\x89PNG") {
				t.Errorf("icon %s: %d", i.Src, w.Code)
			}
		}
	}
}

// asset gets a file of the bundle.
func asset(path, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	theme.Handler().ServeHTTP(w, r)
	return w
}

// kept is what a service worker keeps, as it says itself.
type kept struct {
	Name  string
	Files []string
}

// workerOf reads the first line of the service worker.
func workerOf(t *testing.T, b *browser) (kept, int) {
	t.Helper()
	script := b.get("/till/worker.js").is(200)
	line, _, _ := strings.Cut(script.source, "\n")
	var k kept
	if err := json.Unmarshal([]byte(strings.TrimSuffix(
		strings.TrimPrefix(line, "self.watari="), ";")), &k); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return k, len(script.source)
}

// Goal: a browser keeps the shell alone (U6): files of the bundle, and a page that knows neither
// store nor payment. Method: the list of the service worker, and the page as somebody with a till
// gets it, in five languages.
func TestOnlyTheShellIsKept(t *testing.T) {
	t.Parallel()
	if !theme.Built() {
		t.Log("the bundle is not built: make assets")
		return
	}
	r := newRig(t)
	worker, _ := workerOf(t, r.browser("en"))
	if len(worker.Files) < 3 || !strings.HasPrefix(worker.Name, "watari-till-") {
		t.Errorf("the worker keeps %+v", worker)
	}
	for _, path := range worker.Files {
		if w := asset(path, ""); w.Code != http.StatusOK {
			t.Errorf("%s is kept and is not there", path)
		}
	}
	for _, lang := range i18n.Langs() {
		b := r.till(0, string(lang))
		p := b.get("/till/away").is(200)
		for _, secret := range []string{"平田酒造場", "Hirata", "Till 1", "S1"} {
			if strings.Contains(p.source, secret) {
				t.Errorf("%s: the page that is kept says %q", lang, secret)
			}
		}
		if p.text("h1") == "" || p.header.Get("Till-Look") != string(lang)+" auto" {
			t.Errorf("%s: %q, look %q", lang, p.text("h1"), p.header.Get("Till-Look"))
		}
	}
}

// Goal: the first load of the till, the service worker and what it keeps included, is under
// 150 KB. Method: the bytes of the first page and of every address that it and the worker name,
// as they cross the wire.
func TestFirstLoadIsUnder150KB(t *testing.T) {
	t.Parallel()
	if !theme.Built() {
		t.Log("the bundle is not built: make assets")
		return
	}
	b := newRig(t).till(0, "ja")
	b.sell("1980", sale1) // a pad with a payment on it
	page := b.get("/till/").is(200)
	worker, sum := workerOf(t, b)
	sum += len(page.source) + len(b.get("/till/away").source)
	manifest := b.get("/till/manifest.webmanifest").is(200)
	sum += len(manifest.source)
	seen := map[string]bool{}
	found := regexp.MustCompile(`/assets/[0-9a-f]+/[\w.-]+`).FindAllString(
		page.source+manifest.source+strings.Join(worker.Files, " "), -1)
	for _, path := range found {
		if seen[path] {
			continue
		}
		seen[path] = true
		w := asset(path, "gzip")
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
		sum += w.Body.Len()
	}
	const most = 150_000
	if t.Logf("%d files, %d bytes", len(seen)+4, sum); sum > most {
		t.Errorf("%d bytes, want at most %d", sum, most)
	}
}

// Goal: an app that was put on the home screen, without the browser's cookies, is activated from
// inside. Method: the page without a till, a link that was scanned there, and what is no link.
func TestLinkActivatesFromInside(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	form := b.get("/till/").is(http.StatusUnauthorized)
	if action := form.value("form", "action"); action != "/till/activate" {
		t.Fatalf("the form leads to %q", action)
	}
	for _, typed := range []string{"", "251001020123456789012345", "https://x.test/till/activate/",
		"https://x.test/till/activate/../../x", "/till/activate/abc"} {
		b.post("/till/activate", "code", typed).is(http.StatusUnprocessableEntity).
			has(".mistake", "This is not an activation link of a till.")
	}
	pad := b.post("/till/activate", "code", " https://bank.test/till/activate/"+
		r.activation(0)+"?x=1 ").is(200)
	if pad.path != "/till/" {
		t.Errorf("the link led to %s", pad.path)
	}
}
