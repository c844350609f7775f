package phone_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/sandbox/phone"
	"watari/sandbox/wallet"
)

// browser is a browser that stops at every redirect.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// visit gets an address, or posts a form to it, and returns where it leads and what it shows.
func (v *device) visit(b *http.Client, path string, form url.Values) (int, string, string) {
	v.t.Helper()
	var resp *http.Response
	var err error
	if form == nil {
		resp, err = b.Get(v.server.URL + path)
	} else {
		resp, err = b.PostForm(v.server.URL+path, form)
	}
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header.Get("Location"), string(body)
}

// open makes an order.
func (v *device) open(c wallet.Charge) {
	v.t.Helper()
	if _, err := v.wallet.Open(v.t.Context(), c); err != nil {
		v.t.Fatal(err)
	}
}

// Goal: a scanned code leads to its question, to the amount that it lacks, or to the address that
// it is, with the wallet's name; what cannot be paid is said on the page. Method: each of them by
// forms alone.
func TestScannedCodeLeadsOn(t *testing.T) {
	t.Parallel()
	each(t, time.Minute, func(t *testing.T, v *device) {
		b := browser(t)
		v.open(order("o1"))
		v.open(order("taken"))
		if _, err := v.wallet.Take(t.Context(), "taken", "bob"); err != nil {
			t.Fatal(err)
		}
		if status, _, page := v.visit(b, "/phone/ann/scan", nil); status != 200 ||
			!strings.Contains(page, `name="code_text"`) {
			t.Errorf("scan page: %d", status)
		}
		for text, want := range map[string]string{"o1": "/phone/ann/ask/o1",
			" o1 ":                       "/phone/ann/ask/o1",
			"https://shop.example/q/1?x": "https://shop.example/q/1?wallet=weilai&x="} {
			status, to, _ := v.visit(b, "/phone/ann/scan", url.Values{"code_text": {text}})
			if status != http.StatusSeeOther || to != want {
				t.Errorf("%q: %d to %q, want %q", text, status, to, want)
			}
		}
		for text, want := range map[string]string{"nonsense": "cannot pay this code",
			"taken": "Somebody else"} {
			status, _, page := v.visit(b, "/phone/ann/scan?lang=en",
				url.Values{"code_text": {text}})
			if status != http.StatusUnprocessableEntity || !strings.Contains(page, want) {
				t.Errorf("%q: %d without %q", text, status, want)
			}
		}

		status, _, page := v.visit(b, "/phone/ann/scan", url.Values{"code_text": {"shop"}})
		if status != 200 || !strings.Contains(page, `name="amount"`) ||
			!strings.Contains(page, "囲炉裏屋") {
			t.Errorf("amount page: %d", status)
		}
		amount := func(typed string) url.Values {
			return url.Values{"code_text": {"shop"}, "currency": {"JPY"}, "amount": {typed}}
		}
		for _, typed := range []string{"", "0", "-1", "12.5", "lots"} {
			if status, _, page := v.visit(b, "/phone/ann/scan", amount(typed)); status !=
				http.StatusUnprocessableEntity || !strings.Contains(page, `name="amount"`) {
				t.Errorf("amount %q: %d", typed, status)
			}
		}
		if status, to, _ := v.visit(b, "/phone/ann/scan", amount("１,９８０")); status !=
			http.StatusSeeOther || to != "/phone/ann/ask/typed" {
			t.Errorf("amount: %d to %q", status, to)
		}
		p, err := v.wallet.Payment(t.Context(), "typed")
		if err != nil || p.Order() != money.MustNew(1980, "JPY") || p.UserID != "ann" {
			t.Errorf("typed order: %+v, %v", p, err)
		}
	})
}

// Goal: who comes to the wallet's own page from a shop is asked whose phone it is once, then for
// the payment, and goes back to the shop. Method: a browser without and with its cookie; yes, no,
// and an order of somebody else.
func TestArrivalFromAShopGoesBackThere(t *testing.T) {
	t.Parallel()
	each(t, time.Minute, func(t *testing.T, v *device) {
		b := browser(t)
		for _, id := range []string{"yes", "no"} {
			c := order(id)
			c.ReturnURL, c.CancelURL = "https://shop.example/done", "https://shop.example/no"
			v.open(c)
		}
		status, _, page := v.visit(b, "/pay/yes", nil)
		if status != 200 || !strings.Contains(page, `href="/phone/ann/ask/yes"`) ||
			!strings.Contains(page, `href="/phone/bob/ask/yes"`) {
			t.Errorf("whose phone: %d %s", status, page)
		}
		status, _, page = v.visit(b, "/phone/ann/ask/yes?lang=en", nil)
		for _, part := range []string{"囲炉裏屋", "84.64", "1,980", "0.0427464521", `class="of-weilai"`} {
			if !strings.Contains(page, part) {
				t.Errorf("question: %d without %q", status, part)
			}
		}
		if strings.Contains(page, `id="pin"`) {
			t.Error("a small payment is asked for a PIN")
		}
		if _, to, _ := v.visit(b, "/pay/no", nil); to != "/phone/ann/ask/no" {
			t.Errorf("the browser that is ann's phone is led to %q", to)
		}
		v.visit(b, "/phone/ann/ask/no", nil)

		own := func(id string) url.Values {
			p, err := v.wallet.Payment(t.Context(), id)
			if err != nil || p == nil {
				t.Fatalf("%s: %v", id, err)
			}
			return url.Values{"payment_id": {p.PaymentID}, "request_id": {id}}
		}
		for id, c := range map[string][2]string{"yes": {"confirm", "https://shop.example/done"},
			"no": {"reject", "https://shop.example/no"}} {
			if _, to, _ := v.visit(b, "/phone/ann/"+c[0], own(id)); to != "/phone/ann/ask/"+id {
				t.Errorf("%s: answered to %q", id, to)
			}
			if _, to, _ := v.visit(b, "/phone/ann/ask/"+id, nil); to != c[1] {
				t.Errorf("%s: back to %q, want %q", id, to, c[1])
			}
		}
		v.open(order("link")) // the link says where to go back, as WeChat Pay's redirect_url
		v.visit(b, "/pay/link?redirect_url=https%3A%2F%2Fshop.example%2Flink", nil)
		v.visit(b, "/phone/ann/ask/link", nil)
		v.visit(b, "/phone/ann/confirm", own("link"))
		if _, to, _ := v.visit(b, "/phone/ann/ask/link", nil); to != "https://shop.example/link" {
			t.Errorf("the way back of the link: %q", to)
		}
		if status, _, page := v.visit(b, "/phone/ann/ask/yes?stay=1&lang=en", nil); status != 200 ||
			!strings.Contains(page, "Back to the shop") {
			t.Errorf("outcome: %d", status)
		}
		for _, path := range []string{"/phone/bob/ask/yes", "/phone/bob/ask/never"} {
			if status, _, page := v.visit(b, path, nil); status != http.StatusNotFound ||
				strings.Contains(page, "84.64") {
				t.Errorf("%s: %d", path, status)
			}
		}
	})
}

// Goal: a consent is asked with the PIN, given once, and leads back. Method: wrong PIN, right PIN,
// again; a no.
func TestConsentIsAskedOnItsPage(t *testing.T) {
	t.Parallel()
	each(t, time.Minute, func(t *testing.T, v *device) {
		b := browser(t)
		for _, id := range []string{"yes", "no"} {
			if _, err := v.wallet.AddConsent(t.Context(), wallet.Consent{ID: id, Shop: "囲炉裏屋",
				Text: "Bikes", ReturnURL: "https://shop.example/" + id}); err != nil {
				t.Fatal(err)
			}
		}
		v.visit(b, "/phone/ann", nil)
		if _, to, _ := v.visit(b, "/consent/yes", nil); to != "/phone/ann/consent/yes" {
			t.Errorf("led to %q", to)
		}
		if status, _, page := v.visit(b, "/phone/ann/consent/yes", nil); status != 200 ||
			!strings.Contains(page, "Bikes") {
			t.Errorf("page: %d", status)
		}
		answer := func(id, what, pin string) (int, string) {
			status, to, _ := v.visit(b, "/phone/ann/consent/"+id,
				url.Values{"answer": {what}, "pin": {pin}})
			return status, to
		}
		if status, _ := answer("yes", "give", "000000"); status != http.StatusUnprocessableEntity {
			t.Errorf("wrong PIN: %d", status)
		}
		if _, to := answer("yes", "give", phone.PIN); to != "https://shop.example/yes" {
			t.Errorf("given: to %q", to)
		}
		if _, to := answer("no", "refuse", ""); to != "https://shop.example/no" {
			t.Errorf("refused: to %q", to)
		}
		for id, state := range map[string]wallet.ConsentState{"yes": wallet.ConsentGiven,
			"no": wallet.ConsentRefused} {
			if c, err := v.wallet.Consent(t.Context(), id); err != nil || c.State != state {
				t.Errorf("%s: %+v, %v", id, c, err)
			}
		}
		if status, _, page := v.visit(b, "/phone/ann/consent/yes?lang=en", nil); status != 200 ||
			!strings.Contains(page, "over") {
			t.Errorf("again: %d", status)
		}
		if status, _, _ := v.visit(b, "/phone/ann/consent/never", nil); status !=
			http.StatusNotFound {
			t.Errorf("no such consent: %d", status)
		}
	})
}

// Goal: every page of the phone has its words in five languages, its fields their labels, and
// loads nothing from elsewhere. Method: the HTML of each page, the wallets' looks in turn.
func TestSmallPagesAreAccessible(t *testing.T) {
	t.Parallel()
	s := phone.Pages()
	for i, lang := range i18n.Langs() {
		look := phone.LookOf([]string{"lianhua", "weilai", "pochi", "midori"}[i%4], "Brand", "ja")
		one := full(t, lang)
		user := one.User
		reading := phone.Reading{Lang: lang, Look: look, User: user, Base: "/phone/u1",
			Text: "x", Problem: "problem.other", Code: "C"}
		amount := reading
		amount.Currency, amount.Problem = "JPY", "problem.amount"
		ending := phone.Ending{Lang: lang, Look: look, User: user, Base: "/phone/u1",
			Receipt: &one.Receipts[0], Shop: "/x"}
		gone := ending
		gone.Receipt, gone.Message = nil, "consent.gone"
		for name, c := range map[string]phone.Component{"scan": s.Scan(reading),
			"amount": s.Scan(amount), "question": s.Question(one),
			"visit":   s.Visit(phone.Arrival{Lang: lang, Look: look, Users: []phone.User{user}}),
			"outcome": s.Outcome(ending), "gone": s.Outcome(gone),
			"consent": s.Consent(phone.Leave{Lang: lang, Look: look, User: user,
				Base: "/phone/u1", ID: "k", Shop: "S", Text: "T", WrongPIN: true})} {
			page := drawn(t, c)
			if len(find(page, "h1")) == 0 && len(find(page, "h2")) == 0 {
				t.Errorf("%s %s: no heading", lang, name)
			}
			checkNames(t, string(lang)+" "+name, page)
		}
	}
}

// checkNames fails the test where something has no name, or a text no words.
func checkNames(t *testing.T, what string, page *html.Node) {
	t.Helper()
	labels := map[string]bool{}
	for _, n := range find(page, "label") {
		labels[attr(n, "for")] = true
	}
	for _, n := range find(page, "input, textarea, select") {
		inLabel := n.Parent.Data == "label" && words(n.Parent) != ""
		if attr(n, "type") != "hidden" && !labels[attr(n, "id")] && !inLabel {
			t.Errorf("%s: the field %q has no label", what, attr(n, "name"))
		}
	}
	for _, n := range find(page, "a, button") {
		if words(n) == "" && attr(n, "aria-label") == "" {
			t.Errorf("%s: a %s has no name", what, n.Data)
		}
	}
	text := words(page)
	for _, raw := range []string{"{", "scan.", "problem.", "visit.", "consent.", "result."} {
		if strings.Contains(text, raw) {
			t.Errorf("%s: a text has no words: %q in it", what, raw)
		}
	}
}
