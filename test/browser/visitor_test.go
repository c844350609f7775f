package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The goal is the visitor's app: it comes quickly over a slow link, lets people in with each
// wallet, shows what they paid, and opens without a network. The method: one sandbox, phones of
// 390 × 844 pixels, and for each part a visitor of its own.
func TestTheVisitorsApp(t *testing.T) {
	t.Parallel()
	r := Start(t)
	for name, part := range map[string]func(*testing.T, *Rig){
		"the first page is small":            visitorLoadsLittle,
		"every wallet lets its users in":     walletsLetIn,
		"what was paid in a shop is there":   seesReceipts,
		"a kept page opens without a line":   opensWithoutALine,
		"it works without scripts":           visitsWithoutScripts,
		"nobody is hindered by how it looks": visitorsAreNotHindered,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t, r)
		})
	}
}

// The most that the first page may take.
const (
	visitorRequestsMax = 5
	visitorBytesMax    = 150 << 10
)

// The first page of a stranger, until it is shown and loaded; nothing is asked of another host.
func visitorLoadsLittle(t *testing.T, r *Rig) {
	tab := r.Tab(t)
	asked := make(chan string, 1000)
	err := chromedp.Listen(tab, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			asked <- e.Request.URL
		}
	})
	if err != nil {
		t.Fatalf("listen to the network: %v", err)
	}
	Do(t, tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return err
	}))
	Do(t, tab, goTo(r.BaseURL+"/visit"),
		until(`customElements.get('visit-line') !== undefined`))
	requests := len(asked)
	bytes := Read(t, tab, chromedp.Evaluate[int](`performance.getEntries()
		.reduce((sum, e) => sum + (e.transferSize ?? 0), 0)`))
	t.Logf("%d requests, %d bytes", requests, bytes)
	if requests == 0 || requests > visitorRequestsMax || bytes == 0 || bytes > visitorBytesMax {
		t.Errorf("the first page takes %d requests and %d bytes, want at most %d and %d",
			requests, bytes, visitorRequestsMax, visitorBytesMax)
	}
	Do(t, tab, until(ready))
	for range len(asked) {
		if got := <-asked; !strings.HasPrefix(got, r.BaseURL+"/") {
			t.Errorf("the app asks for %s", got)
		}
	}
}

// letIn signs the n-th user of a wallet in, counted from 1, and comes back to a page of the app.
func (r *Rig) letIn(t *testing.T, tab context.Context, protocol string, n int, next string) {
	t.Helper()
	w := r.wallet(t, protocol)
	var user string
	for _, u := range r.Sandbox.Users {
		if u.Wallet == w.ID {
			if n--; n == 0 {
				user = u.ID
			}
		}
	}
	Do(t, tab, goTo(r.BaseURL+"/visit/sign-in?next="+next),
		click(fmt.Sprintf(`a[href*="/with/%s"]`, w.ID)),
		has(fmt.Sprintf(`a[href*="/phone/%s/"]`, user)),
		click(fmt.Sprintf(`a[href*="/phone/%s/"]`, user)),
		has("#ask button.main"), click("#ask button.main"))
	holds(t, tab, fmt.Sprintf("location.pathname === %q", next))
}

// Each wallet in one language of its users, with pictures of the way.
func walletsLetIn(t *testing.T, r *Rig) {
	for protocol, lang := range map[string]string{"wechatpay": "zh-Hans", "alipayplus": "en",
		"linepay": "zh-Hant", "paypay": "ja"} {
		tab := r.Tab(t, Language(lang))
		Do(t, tab, goTo(r.BaseURL+"/visit"))
		Shot(t, tab, "visit-stranger-"+lang)
		r.letIn(t, tab, protocol, 2, "/visit/settings")
		if got := Read(t, tab, attributes("html"))["lang"]; got != lang {
			t.Errorf("%s: the page is in %s, want %s", protocol, got, lang)
		}
		if got := words(t, tab, "main"); !strings.Contains(got, r.wallet(t, protocol).Name) {
			t.Errorf("%s: the settings say %q", protocol, got)
		}
		Do(t, tab, goTo(r.BaseURL+"/visit"))
		Shot(t, tab, "visit-home-"+lang)
	}
}

// A visitor pays with a code in a shop and finds it in the app, in yen and in their own money.
func seesReceipts(t *testing.T, r *Rig) {
	visitor, phone := r.Tab(t, Language("zh-Hans")), r.phone(t, 9)
	r.letIn(t, visitor, "alipayplus", 9, "/visit/receipts")
	till := r.till(t, "S1201")
	charge(t, till, "1980", shown(t, phone))
	verdict(t, till, "Approved")
	Do(t, visitor, until(`(() => {
		if (document.body.innerText.includes('1,980')) return true
		if (!window.tried) { window.tried = true; setTimeout(() => location.reload(), 300) }
		return false
	})()`))
	got := words(t, visitor, ".receipt")
	for _, part := range []string{r.shop(t, "S1201").Name, "人民币", "1 JPY = "} {
		if !strings.Contains(got, part) {
			t.Errorf("the receipt %q lacks %q", got, part)
		}
	}
	Shot(t, visitor, "visit-receipts-zh-Hans")
}

// A page that was kept is shown, with its time, while there is no line; what was kept for one
// visitor is gone when they sign out; and the rest says that there is no connection.
func opensWithoutALine(t *testing.T, r *Rig) {
	tab := r.Tab(t, Tolerant())
	r.letIn(t, tab, "alipayplus", 10, "/visit")
	wire := r.wire(t)
	// Cookies are the same on all ports of a host, so the visitor is signed in there too.
	Do(t, tab, goTo(wire.URL+"/visit/receipts"), until(ready),
		goTo(wire.URL+"/visit/receipts"))
	kept := func(path string, is bool) string {
		return fmt.Sprintf(`caches.match(location.origin + %q).then(it => Boolean(it) === %t)`,
			path, is)
	}
	for _, path := range []string{"/visit", "/visit/receipts", "/visit/away"} {
		holds(t, tab, kept(path, true))
	}
	wire.cut(true)
	Do(t, tab, goTo(wire.URL+"/visit/receipts"),
		until(`document.documentElement.dataset.kept !== undefined`))
	if got := words(t, tab, ".line"); !strings.Contains(got, "No connection") ||
		!strings.Contains(words(t, tab, "h1"), "Receipts") {
		t.Errorf("without a line the page says %q", got)
	}
	Shot(t, tab, "visit-kept")
	Do(t, tab, goTo(wire.URL+"/visit/settings"))
	Wait(t, tab, "This page needs a connection")
	Shot(t, tab, "visit-away")
	wire.cut(false)
	holds(t, tab, `document.querySelector('visit-away') === null`)
	Do(t, tab, goTo(wire.URL+"/visit/settings"),
		click(`form[action="/visit/sign-out"] button`))
	holds(t, tab, "location.pathname === '/visit'")
	holds(t, tab, kept("/visit/receipts", false))
}

// A browser without scripts is let in and finds its way.
func visitsWithoutScripts(t *testing.T, r *Rig) {
	tab := r.Tab(t)
	plain(t, tab)
	w := r.wallet(t, "linepay")
	Do(t, tab, goTo(r.BaseURL+"/visit/receipts"))
	for _, link := range []string{fmt.Sprintf(`a[href*="/with/%s"]`, w.ID),
		fmt.Sprintf(`a[href*="/phone/%s-03/"]`, w.ID)} {
		Do(t, tab, goTo(Read(t, tab, found[string](
			fmt.Sprintf(`document.querySelector(%q)?.href`, link)))))
	}
	submit(t, tab, "#ask form .main")
	holds(t, tab, `location.pathname === '/visit/receipts'`)
}

// grow makes a phone as tall as its page: what lies half under the tabs is scrolled to before it is
// touched.
func grow(t *testing.T, tab context.Context) {
	t.Helper()
	set := func(height int64) {
		Do(t, tab, chromedp.EmulateViewport(Width, height, chromedp.EmulateScale(dots),
			chromedp.EmulateMobile))
	}
	set(tall) // what is as tall as a part of the screen grows with it
	whole := Read(t, tab, chromedp.Evaluate[int64]("document.documentElement.scrollHeight"))
	if whole > tall {
		set(whole + Height)
	}
}

// visitorPages are those of the frame.
var visitorPages = []string{"/visit", "/visit/tickets", "/visit/map", "/visit/receipts",
	"/visit/settings", "/visit/settings/forget", "/visit/away", "/visit/nowhere"}

// Every page in three languages, by day and by night: nothing sticks out at 320 pixels, and
// axe-core finds nothing.
func visitorsAreNotHindered(t *testing.T, r *Rig) {
	c := theCritic(t)
	for lang, more := range map[string][]Option{"zh-Hans": nil, "ja": {Dark()}, "en": nil} {
		tab := r.Tab(t, append(more, Language(lang), Tolerant())...)
		Do(t, tab, goTo(r.BaseURL+"/visit/sign-in"))
		c.judge(t, tab, "/visit/sign-in in "+lang)
		r.letIn(t, tab, "wechatpay", 4, "/visit")
		for _, path := range visitorPages {
			Do(t, tab, goTo(r.BaseURL+path),
				chromedp.EmulateViewport(320, 640, chromedp.EmulateScale(dots),
					chromedp.EmulateMobile))
			wide := Read(t, tab, chromedp.Evaluate[int]("document.documentElement.scrollWidth"))
			if wide > 320 {
				t.Errorf("%s in %s is %d pixels wide on a phone of 320", path, lang, wide)
			}
			grow(t, tab)
			c.judge(t, tab, path+" in "+lang)
		}
	}
}
