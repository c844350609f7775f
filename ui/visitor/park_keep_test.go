package visitor_test

import (
	"bytes"
	"compress/gzip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"watari/kit/i18n"
	"watari/ui/theme"
	"watari/ui/visitor"
	"watari/visit/order"
	"watari/visit/park"
)

// Goal: who is forgotten leaves nothing open behind: what is not paid is given up and its late
// payment goes back, places and numbers go to the next; what is paid still lets in. Method: a
// visitor with one of each.
func TestWhoIsForgottenLeavesNothingOpen(t *testing.T) {
	t.Parallel()
	parks(t, func(t *testing.T, f *fair) {
		b, ctx := f.signedIn(ann), t.Context()
		known, err := f.known.Session(ctx, b.session())
		do(t, err)
		f.takesANumber(b)
		f.waits(b)
		paid := f.buy(b, wish("n.day.adult", "1"))
		held, paying := f.hold(b, wish("n.day.child", "1")), f.hold(b, wish("n.day.child", "2"))
		leg := f.open(b, paying)
		if p := b.get("/visit/settings/forget"); !strings.Contains(p.text,
			"You have 3 bookings that are still to come.") {
			t.Error("what would be lost is not said")
		}
		if p := b.post("/visit/settings/forget", url.Values{"sure": {"yes"}}); p.status != 303 {
			t.Fatalf("forgetting: %d: %s", p.status, p.text)
		}
		for _, at := range []string{held, paying} {
			if o := f.order(at); o.State != order.StateExpired || !o.NotHonoured {
				t.Errorf("%s is %s", at, o.State)
			}
		}
		if n := f.tickets(paid); n != 1 {
			t.Errorf("%d tickets let in", n)
		}
		list, err := f.parks.Waits(ctx, known.ID)
		if err != nil || len(list) != 1 || list[0].State != park.Left {
			t.Errorf("waits: %+v, %v", list, err)
		}
		if held, err := f.queues.Held(ctx, f.park.ID, known.ID); err != nil || held != nil {
			t.Errorf("number: %+v, %v", held, err)
		}
		f.agree(leg)
		if _, err := f.orders.Settle(ctx, f.order(paying).ID); err != nil {
			t.Error(err)
		}
		if all, err := f.orders.Returns(ctx, f.order(paying).ID); err != nil ||
			f.order(paying).State == order.StatePaid ||
			f.order(paying).State == order.StateReturning && len(all) != 1 {
			t.Errorf("a late payment: %s, %+v, %v", f.order(paying).State, all, err)
		}
		again := f.signedIn(ann)
		for _, page := range []string{"/visit", "/visit/tickets", "/visit/receipts"} {
			if p := again.get(page); strings.Contains(p.text, "ord_") {
				t.Errorf("%s shows who was forgotten", page)
			}
		}
		f.verify()
	})
}

// Goal: what can still be used is shown and kept without a connection: a pass long after its first
// day, and a ticket behind however many orders. Method: a pass, half a year, sixty holds.
func TestWhatCanBeUsedIsFound(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	b := f.signedIn(ann)
	pass := f.buy(b, wish("n.year.adult", "1"))
	known, err := f.known.Session(t.Context(), b.session())
	do(t, err)
	for i := range 60 {
		o, err := f.orders.Hold(t.Context(), order.Request{RequestID: "h" + time.Duration(i).String(),
			Seller: park.SellerKind, Place: f.park.ID, VisitorID: known.ID, Channel: park.ByVisitor,
			IssuerID: midori, Lang: i18n.English,
			Items: []order.Item{{Product: "raijin", Slot: "10:00", Day: day, Unit: "adult", Count: 1}}})
		do(t, err)
		do(t, f.orders.Abandon(t.Context(), o.ID, "test"))
	}
	ticket := f.buy(b, wish("n.day.adult", "1"))
	found := func(when string, at ...string) {
		t.Helper()
		for _, page := range []string{"/visit", "/visit/tickets", "/visit/offline.json"} {
			for _, at := range at {
				if !strings.Contains(b.get(page).text, "/visit/tickets/"+f.order(at).ID) {
					t.Errorf("%s: %s does not lead to %s", when, page, at)
				}
			}
		}
	}
	found("before", pass, ticket)
	f.shift.Add(int64(park.At("2026-12-30", 12*60).Sub(f.now())))
	found("after the first day", pass)
	if strings.Contains(b.get("/visit/offline.json").text, f.order(ticket).ID) {
		t.Error("a ticket of a day that is over is kept")
	}
}

// Goal: nothing personal is kept by caches on the way, nor what was said once by the browser.
// Method: the headers of all pages; a page that says something once, and the same after it.
func TestPagesAreKeptByTheirVisitorOnly(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	b := f.browser()
	b.signIn("/visit/tickets")
	if p := b.get("/visit/tickets"); p.header.Get("Visit-Keep") != "" ||
		!strings.Contains(p.text, `class="note good"`) {
		t.Errorf("what is said once would be kept: %v", p.header)
	}
	if p := b.get("/visit/tickets"); p.header.Get("Visit-Keep") != "yes" ||
		strings.Contains(p.text, `class="note good"`) {
		t.Errorf("said twice, or not kept: %v", p.header)
	}
	if b.get("/visit/map?at=horses").header.Get("Visit-Keep") != "yes" ||
		b.get("/visit/map?at=horses&from=138.781,35.487").header.Get("Visit-Keep") != "" {
		t.Error("the map is not kept, or where the visitor stood is")
	}
	at := f.buy(b, wish("n.day.adult", "1"))
	tag := b.get("/visit").header.Get("Visit-Who")
	for _, page := range []string{"/visit", "/visit/tickets", "/visit/receipts", "/visit/settings",
		"/visit/settings/forget", at, at + "/cancel", at + "/change", buyAt, buyAt + "?day=" + day,
		"/visit/tickets/" + f.order(at).ID, parkAt, parkAt + "/waits", parkAt + "/waits/carousel",
		parkAt + "/quote?day=" + day, "/visit/offline.json", "/visit/nowhere"} {
		p := b.get(page)
		if p.header.Get("Cache-Control") != "no-store" || p.header.Get("Visit-Who") != tag ||
			p.status != 200 && page != "/visit/nowhere" {
			t.Errorf("%s: %d, %v", page, p.status, p.header)
		}
		if strings.Contains(p.text, "vis_") || strings.Contains(p.text, b.session()) {
			t.Errorf("%s names the visitor", page)
		}
	}
}

// Goal: every page is there in five languages, whole: no text is missing, no place in a text is
// left unfilled. Method: all pages of a visitor who has one of everything, read for what no text
// says.
func TestPagesAreWholeInFiveLanguages(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	b := f.signedIn(ann)
	at, held := f.buy(b, wish("n.day.adult", "2", "n.raijin.adult", "1", "s.raijin", "10:00")),
		f.hold(b, wish("n.day.child", "1"))
	f.agree(f.open(b, f.hold(b, wish("n.day.child", "2"))))
	later := f.buy(b, wish("day", next, "n.day.adult", "2"))
	b.post(later+"/cancel", url.Values{"request": {"c"}, "refund": {"6500"}, "line": {"1"}})
	f.takesANumber(b)
	f.waits(b)
	shows := "/visit/tickets/" + f.order(at).ID
	stranger := f.browser()
	for _, lang := range i18n.Langs() {
		for _, k := range []struct {
			b     *browser
			pages []string
		}{{b, []string{"/visit", "/visit/tickets", "/visit/receipts", "/visit/settings",
			"/visit/settings/forget", "/visit/map", "/visit/map?at=horses",
			"/visit/map?queue=carousel&level=1", "/visit/map?at=east&from=138.781,35.4875",
			"/visit/map?at=horses&from=0,0", "/visit/map?at=nowhere&from=x", parkAt + "/map",
			at, held, later, later + "/cancel", later + "/cancel?line=2", later + "/cancel?line=1",
			later + "/change", later + "/change?day=" + day, shows, shows + "/print", buyAt,
			buyAt + "?day=" + day, buyAt + "?day=" + full, buyAt + "?month=2027-02", parkAt,
			parkAt + "/waits", parkAt + "/waits/carousel", "/visit/away"}},
			{stranger, []string{"/visit", "/visit/sign-in", "/visit/settings", "/visit/map", buyAt,
				buyAt + "?day=" + day, parkAt, parkAt + "/waits/carousel"}}} {
			for _, page := range k.pages {
				sign := "?"
				if strings.Contains(page, "?") {
					sign = "&"
				}
				p := k.b.get(page + sign + "lang=" + string(lang))
				text := data.ReplaceAllString(p.text, "")
				if !strings.Contains(text, `<html lang="`+string(lang)+`"`) || p.status != 200 &&
					page != later+"/cancel?line=1" {
					t.Errorf("%s in %s: %d", page, lang, p.status)
				}
				if odd := unfilled.FindString(text); odd != "" {
					t.Errorf("%s in %s says %q", page, lang, odd)
				}
			}
		}
	}
}

// data is what pages hand to scripts; unfilled is a place that nobody filled, or a key.
var (
	data     = regexp.MustCompile(` data-[a-z-]+="[^"]*"`)
	unfilled = regexp.MustCompile(`\{[a-z_]+\}|[>"\s](?:park|map|forget|signin|home|mine|settings|` +
		`receipt|receipts|error|fault|place|minutes|kind|install|away)(?:\.[a-z_0-9]+)+[<"\s]|` +
		`%!|<nil>|NaN|0001-01-01`)
)

// Goal: a page that answered a form can be loaded again, by its address alone. Method: the
// addresses of forms, asked for without one.
func TestAddressesOfFormsLeadBack(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	b := f.signedIn(ann)
	at := f.hold(b, wish("n.day.adult", "1"))
	for page, want := range map[string]string{at + "/pay": at, at + "/abandon": at,
		parkAt + "/waitlist": parkAt, "/visit/waitlist/wai_1/leave": "/visit/tickets",
		parkAt + "/waits/carousel/join": parkAt + "/waits/carousel", "/visit/sign-out": "/visit",
		"/visit/settings/language": "/visit/settings"} {
		if p := b.get(page); p.status != 303 || p.to != want {
			t.Errorf("%s: %d, to %q", page, p.status, p.to)
		}
	}
	if f.order(at).State != order.StateHeld {
		t.Error("looking gave the order up")
	}
}

// Goal: text that no database takes, or that is absurdly long, is refused as what does not exist or
// cannot be read; it is never a defect. Method: NUL, broken UTF-8 and length in every place of
// addresses and forms.
func TestOddTextIsRefused(t *testing.T) {
	t.Parallel()
	parks(t, func(t *testing.T, f *fair) {
		b := f.signedIn(ann)
		at := f.buy(b, wish("n.day.adult", "1"))
		for _, odd := range []string{"%00", "%ff", "a%00b", "%ed%a0%80", strings.Repeat("x", 5000)} {
			for _, page := range []string{"/visit/orders/" + odd, "/visit/tickets/" + odd,
				"/visit/park/" + odd, "/visit/park/" + odd + "/buy", parkAt + "/waits/" + odd,
				"/visit/sign-in/with/" + odd, "/visit/" + odd} {
				if p := b.get(page); p.status != 404 {
					t.Errorf("%.40s: %d", page, p.status)
				}
			}
			for _, page := range []string{"/visit/receipts?after=" + odd, buyAt + "?day=" + odd,
				buyAt + "?month=" + odd, buyAt + "?voucher=" + odd, at + "/cancel?line=" + odd,
				at + "/change?day=" + odd, "/visit/sign-in?next=" + odd, "/visit?wallet=" + odd,
				"/visit/sign-in/back/" + midori + "?state=" + odd, "/visit?lang=" + odd,
				parkAt + "/quote?n.day.adult=1&day=" + day + "&voucher=" + odd,
				parkAt + "/quote?day=" + day + "&n." + odd + ".adult=1"} {
				if p := b.get(page); p.status >= 500 {
					t.Errorf("%.60s: %d", page, p.status)
				}
			}
			text, err := url.PathUnescape(odd)
			do(t, err)
			for page, form := range map[string]url.Values{buyAt: wish("n.day.adult", "1", "voucher",
				text), buyAt + "?": wish("n."+text+".adult", "1"), buyAt + "?x": wish("n.raijin.adult",
				"1", "s.raijin", text), buyAt + "?y": wish("request", text, "n.day.dog"+text, "1"),
				parkAt + "/waitlist":                {"product": {text}, "day": {full}, "slot": {text}},
				"/visit/waitlist/" + odd + "/leave": {},
				parkAt + "/waits/carousel/leave":    {"number": {text}},
				parkAt + "/waits/" + odd + "/join":  {"party": {text}},
				at + "/cancel":                      {"request": {text}, "refund": {"1"}, "line": {"1"}},
				at + "/change":                      {"request": {text}, "refund": {"0"}, "day": {next}},
				"/visit/settings/language":          {"lang": {text}},
				"/visit/settings/forget":            {"sure": {text}},
				"/visit/tickets/" + odd + "/print":  {"x": {text}},
				"/visit/orders/" + odd + "/abandon": {},
				parkAt + "/waits/carousel/join":     {"party": {"1" + text}},
				"/visit/orders/" + odd + "/pay":     {}} {
				if p := b.post(page, form); p.status >= 500 {
					t.Errorf("%.60s, %.60q: %d", page, form.Encode(), p.status)
				}
			}
		}
		if o := f.order(at); o.State != order.StatePaid || len(o.Live()) != 1 {
			t.Errorf("the order is %+v", o)
		}
	})
}

// Goal: names that operators or wallets write are text, wherever they stand. Method: names with
// markup, on every page that shows them.
func TestNamesAreNoMarkup(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	const evil = `"><script>alert(1)</script>'{{x}}`
	f.product(park.Product{Code: "evil", Kind: park.DayTicket, Name: called(evil), Sort: 0,
		About: called(evil), Pools: []string{"gate"}, Rotating: true}, 100, 100)
	p, err := f.parks.Find(t.Context(), f.park.ID)
	do(t, err)
	p.Name = called(evil)
	_, err = f.parks.ChangePark(t.Context(), p, "test")
	do(t, err)
	b := f.signedIn(ann)
	at := f.buy(b, wish("n.evil.adult", "1"))
	for _, page := range []string{"/visit", "/visit/tickets", "/visit/receipts", at, at + "/cancel",
		at + "/change", "/visit/tickets/" + f.order(at).ID, buyAt + "?day=" + day, parkAt,
		parkAt + "/waits", parkAt + "/quote?day=" + day + "&n.evil.adult=1&voucher=" +
			url.QueryEscape(evil), buyAt + "?voucher=" + url.QueryEscape(evil),
		"/visit/sign-in?next=" + url.QueryEscape("/visit/"+evil),
		"/visit/nowhere/" + url.PathEscape(evil)} {
		if p := b.get(page); strings.Contains(p.text, "<script>alert") ||
			strings.Contains(p.text, `""><`) {
			t.Errorf("%s: markup of somebody else", page)
		}
	}
}

// Goal: the first page takes at most five requests and 150 KB, for who is new and who has tickets,
// and buying and showing tickets stay small (A4). Method: what a browser asks for, as it is sent.
func TestPagesAreSmall(t *testing.T) {
	t.Parallel()
	if !theme.Built() {
		t.Fatal("the bundle is not built: make assets")
	}
	f := onePark(t)
	stranger, b := f.browser(), f.signedIn(ann)
	at := f.buy(b, wish("n.day.adult", "4", "n.day.child", "4"))
	for _, k := range []struct {
		b              *browser
		page           string
		requests, most int
	}{{stranger, "/visit", 5, 150 << 10}, {b, "/visit", 5, 150 << 10},
		{stranger, "/visit/sign-in", 5, 150 << 10}, {b, buyAt + "?day=" + day, 7, 200 << 10},
		{b, "/visit/tickets/" + f.order(at).ID, 7, 200 << 10}} {
		requests, bytes := f.weight(k.b, k.page)
		t.Logf("%s: %d requests, %d bytes", k.page, requests, bytes)
		if requests > k.requests || bytes > k.most {
			t.Errorf("%s takes %d requests and %d bytes, want at most %d and %d", k.page, requests,
				bytes, k.requests, k.most)
		}
	}
}

// asked finds what a page lets a browser ask for.
var asked = regexp.MustCompile(`<(?:link|script|img)[^>]+(?:href|src)="([^"]+)"[^>]*>`)

// weight is how many requests a page takes, and how many bytes are sent: what compresses is
// counted as the server sends it.
func (f *fair) weight(b *browser, at string) (requests, size int) {
	f.t.Helper()
	p := b.get(at)
	requests, size = 1, len(p.text)
	for _, m := range asked.FindAllStringSubmatch(p.text, -1) {
		if strings.Contains(m[0], "apple-touch-icon") {
			continue // only when the app is put on a home screen
		}
		if !strings.HasPrefix(m[1], "/") || strings.HasPrefix(m[1], "//") {
			f.t.Errorf("%s asks for %s", at, m[1])
		}
		requests++
		size += f.sent(b, m[1])
	}
	return requests, size
}

// sent is how many bytes of a file are sent.
func (f *fair) sent(b *browser, at string) int {
	f.t.Helper()
	if !strings.HasPrefix(at, theme.Prefix) {
		return len(b.get(at).text)
	}
	plain := theme.Content(lastOf(at))
	if len(plain) == 0 {
		f.t.Errorf("there is no %s", at)
	}
	var w bytes.Buffer
	z := gzip.NewWriter(&w)
	_, err := z.Write(plain)
	do(f.t, err)
	do(f.t, z.Close())
	return w.Len()
}

// Goal: a wallet that sends its user back twice does not scold who is signed in, and who said no
// comes to where they wanted to go when they say yes after all, in the language that they chose
// before. Method: the same answer twice; a no, then the page that follows.
func TestWaysBackFromAWallet(t *testing.T) {
	t.Parallel()
	r := open(t, nil)
	b := r.browser()
	answer := b.post(b.leave("/visit/receipts"), url.Values{"answer": {"give"}}).to
	if p := b.get(answer); p.status != 303 || p.to != "/visit/receipts" {
		t.Fatalf("first: %d, to %q", p.status, p.to)
	}
	if p := b.get(answer); p.status != 303 || p.to != "/visit" {
		t.Errorf("second: %d, to %q", p.status, p.to)
	}
	other := r.browser()
	other.get("/visit?lang=ko")
	no := other.post(other.leave("/visit/receipts?after=1"), url.Values{"answer": {"refuse"}}).to
	p := other.get(no)
	if p.status != 403 || !strings.Contains(p.text, `<html lang="ko"`) ||
		!strings.Contains(p.text, "/with/"+midori+"?next="+
			url.QueryEscape("/visit/receipts?after=1")) {
		t.Errorf("after a no: %d: %s", p.status, p.text)
	}
	if back := other.signIn("/visit/receipts?after=1"); back.to != "/visit/receipts?after=1" ||
		!strings.Contains(other.get(back.to).text, `<html lang="ko"`) {
		t.Errorf("after a yes: %q", back.to)
	}
}

// Goal: cookies are for this site, for programs of the browser they are not, and under TLS they go
// nowhere else, also when the proxy that ends TLS does not say so. Method: the cookie of a trip.
func TestCookiesAreSecureUnderTLS(t *testing.T) {
	t.Parallel()
	r := open(t, func(c *visitor.Config) { c.PublicURL = "https://pay.example" })
	for _, k := range []struct {
		headers []string
		secure  bool
	}{{nil, false}, {[]string{"X-Forwarded-Proto", "https"}, true},
		{[]string{"Host", "pay.example"}, true}, {[]string{"Host", "pay.example.evil"}, false}} {
		p := r.browser().get("/visit/sign-in/with/"+midori, k.headers...)
		c := strings.Join(p.header.Values("Set-Cookie"), "\n")
		if !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") ||
			!strings.Contains(c, "Path=/visit/sign-in") || strings.Contains(c, "Secure") != k.secure {
			t.Errorf("with %v: %s", k.headers, c)
		}
	}
}

// Goal: two people with one phone are never one (V3): who signs in ends the session before, and
// nothing of it is shown. Method: Ann, then Bob, then Ann's secret on another phone.
func TestWhoSignsInEndsTheSessionBefore(t *testing.T) {
	t.Parallel()
	f := onePark(t)
	b := f.signedIn(ann)
	at, secret, tag := f.hold(b, wish("n.day.adult", "1")), b.session(),
		b.get("/visit").header.Get("Visit-Who")
	b.user = bob
	b.signIn("/visit")
	if p := b.get("/visit"); p.header.Get("Visit-Who") == tag || b.session() == secret ||
		strings.Contains(p.text, f.order(at).ID) {
		t.Errorf("Bob sees Ann's page: %v", p.header)
	}
	if p := f.browser().get("/visit/receipts", "Cookie", visitor.SessionCookie+"="+
		secret); p.status != 303 {
		t.Errorf("Ann's session lives on: %d", p.status)
	}
	planted := f.browser()
	planted.get("/visit", "Cookie", visitor.SessionCookie+"=wv_"+strings.Repeat("0", 52))
	planted.signIn("/visit")
	if s := planted.session(); s == "wv_"+strings.Repeat("0", 52) || s == "" {
		t.Errorf("a planted session is kept: %q", s)
	}
}
