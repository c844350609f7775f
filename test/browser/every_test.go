package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// tour is a walk over every page that a cashier or a visitor can come to.
type tour struct {
	rig         *Rig
	store       string
	visitor     int
	till, phone context.Context
	stranger    context.Context // a browser that is no till
	look        func(t *testing.T, tab context.Context, name string)

	pending, approved, declined, cancelled string // payments
}

// walk makes a shop's day with a payment of every kind, and looks at every page about it.
func (w *tour) walk(t *testing.T) {
	w.visit(t)
	w.pages(t)
	w.forms(t)
	w.outside(t)
}

// at opens a page of the till and looks at it.
func (w *tour) at(t *testing.T, name, path, ready string) {
	t.Helper()
	Do(t, w.till, goTo(w.rig.BaseURL+path), has(ready))
	w.look(t, w.till, name)
}

// visit looks at the phone while the payments are made.
func (w *tour) visit(t *testing.T) {
	r := w.rig
	w.at(t, "till-pad", "/till/", "amount-pad")
	w.look(t, w.phone, "phone-empty")
	w.approved = r.sell(t, w.store, w.visitor, 1980).ID
	Do(t, w.phone, shows("#done .good"))
	w.look(t, w.phone, "phone-paid")
	w.rest(t)
	w.cancelled = r.sell(t, w.store, w.visitor, 500).ID
	Do(t, w.phone, shows("#done .good"))
	w.rest(t)
	r.api(t, w.store, "POST", "/v1/payments/"+w.cancelled+"/cancel", nil, nil)
	Do(t, w.phone, shows("#done .void"))
	w.look(t, w.phone, "phone-cancelled")
	w.rest(t)

	w.declined = r.sell(t, w.store, w.visitor, 45_000).ID
	Do(t, w.phone, shows("#pin"))
	dial(t, w.phone, "000000")
	Do(t, w.phone, shows("#pin-mistake .mistake"))
	w.look(t, w.phone, "phone-pin")
	Do(t, w.phone, click("#ask .quiet"), shows("#done .stop"))
	w.look(t, w.phone, "phone-failed")
	w.rest(t)
	w.pending = r.sell(t, w.store, w.visitor, 30_000).ID
	Do(t, w.phone, shows("#pin"))
}

// rest closes what the phone tells of a payment.
func (w *tour) rest(t *testing.T) {
	t.Helper()
	Do(t, w.phone, click("#done [data-close]"))
}

// pages looks at what a link leads to. What ends by itself comes first.
func (w *tour) pages(t *testing.T) {
	of := func(id, rest string) string { return "/till/payments/" + id + rest }
	w.at(t, "till-pad-waiting", "/till/", "[data-waits]")
	w.at(t, "till-pending", of(w.pending, "/result"), "till-pending")
	w.at(t, "till-again", "/till/scan?amount=30000", ".verdict.wait")
	w.at(t, "till-cancel-open", of(w.pending, "/cancel"), ".review")
	w.at(t, "till-day", "/till/day", ".rows .badge.wait")
	w.at(t, "till-receipt-open", of(w.pending, ""), ".slip")
	Do(t, w.phone, click("#ask .quiet"), shows("#done .stop"))
	w.rest(t)
	w.at(t, "till-pad-mistake", "/till/scan?amount=0", "[aria-invalid]")
	w.at(t, "till-scan", "/till/scan?amount=1980", "[data-state=ready]")
	w.at(t, "till-approved", of(w.approved, "/result"), ".verdict.good")
	w.at(t, "till-declined", of(w.declined, "/result"), ".verdict.stop")
	w.at(t, "till-cancelled", of(w.cancelled, "/result"), ".verdict.void")
	w.at(t, "till-receipt", of(w.approved, ""), ".slip")
	w.at(t, "till-refund", of(w.approved, "/refund"), ".choices")
	w.at(t, "till-cancel", of(w.approved, "/cancel"), ".review")
	w.at(t, "till-settings", "/till/settings", "[name=theme]")
	w.at(t, "till-day-empty", "/till/day?day=2020-01-01", ".empty")
	w.at(t, "till-nowhere", "/till/no/such/page", "h1")
	w.at(t, "till-not-found", of("pay_0", ""), "h1")
}

// forms looks at what a form leads to, and at what only a script shows.
func (w *tour) forms(t *testing.T) {
	refund := w.rig.BaseURL + "/till/payments/" + w.approved + "/refund"
	some := func(amount string) {
		Do(t, w.till, goTo(refund), click("input[value=some]"),
			types("#amount", amount), click(".form .main"))
	}
	some("1981")
	Do(t, w.till, has("#amount[aria-invalid]"))
	w.look(t, w.till, "till-refund-mistake")
	some("990")
	Do(t, w.till, has(".review"))
	w.look(t, w.till, "till-refund-review")
	Do(t, w.till, click(".form .main"), has(".verdict.good"))
	w.look(t, w.till, "till-refunded")
	w.at(t, "till-receipt-refunded", "/till/payments/"+w.approved, ".refunds li")
	Do(t, w.phone, shows("#done .back"))
	w.look(t, w.phone, "phone-refunded")
	w.rest(t)
	Do(t, w.phone, click("summary"), shows("details[open] dl"))
	w.look(t, w.phone, "phone-receipts")

	dear := w.rig.sell(t, w.store, w.visitor, 12_000).ID
	w.at(t, "till-pin", "/till/payments/"+dear+"/cancel", "#pin")
	Do(t, w.till, goTo(w.rig.BaseURL+"/till/"))
	charge(t, w.till, "700", "00000000")
	Do(t, w.till, has(".verdict.stop"))
	w.look(t, w.till, "till-refused")
	Do(t, w.till, chromedp.Evaluate[chromedp.Void](`void (() => {
		for (const e of document.querySelectorAll('#line, #unanswered, #asking [hidden]')) {
			e.hidden = false
		}
		for (const e of document.querySelectorAll('[data-amount]')) e.textContent = '1'
	})()`))
	w.look(t, w.till, "till-line")
	Do(t, w.till, chromedp.Evaluate[chromedp.Void](
		`void document.getElementById('asking').showModal()`))
	w.look(t, w.till, "till-asking")
}

// outside looks at what a browser sees that is no till.
func (w *tour) outside(t *testing.T) {
	w.till = w.stranger
	w.at(t, "till-not-activated", "/till/", "h1")
	link, err := url.Parse(w.rig.shop(t, w.store).TillURL)
	if err != nil {
		t.Fatalf("read the link of a till: %v", err)
	}
	w.at(t, "till-link-used", link.Path, "h1")
	w.at(t, "till-away", "/till/away", "till-away h1")
}

// tour opens what a tour needs.
func (r *Rig) tour(t *testing.T, store string, visitor int, options ...Option) *tour {
	t.Helper()
	return &tour{rig: r, store: store, visitor: visitor, till: r.till(t, store, options...),
		phone: r.phone(t, visitor, options...), stranger: r.Tab(t, options...)}
}

// speaks returns the part that looks at every page in a language, on two sizes of phone.
func speaks(lang, store string, visitor int) func(t *testing.T, r *Rig) {
	return func(t *testing.T, r *Rig) {
		words := english(t, lang)
		w := r.tour(t, store, visitor, Language(lang))
		w.look = func(t *testing.T, tab context.Context, name string) {
			for _, c := range []struct {
				width, height int64
				scheme        string
			}{{narrow, low, "dark"}, {Width, Height, "light"}} {
				size(t, tab, c.width, c.height)
				paint(t, tab, c.scheme)
				s := Read(t, tab, chromedp.Evaluate[shape](fmt.Sprintf(shapeOf, words)))
				s.judge(t, fmt.Sprintf("%s in %s, %d wide", name, lang, c.width), lang, c.width)
				gallery(t, tab, fmt.Sprintf("%s/%s-%s", name, lang, c.scheme))
			}
		}
		w.walk(t)
	}
}

// The smallest phone that pages must fit, in CSS pixels.
const narrow, low = 320, 568

// targetMin is the least width and height of what a finger must hit, in CSS pixels.
const targetMin = 44

// size makes the screen of a tab so large.
func size(t testing.TB, tab context.Context, width, height int64) {
	t.Helper()
	Do(t, tab, chromedp.EmulateViewport(width, height, chromedp.EmulateScale(dots),
		chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch))
}

// shape is what shapeOf finds out about a page.
type shape struct {
	Lang    string
	Width   int64
	Keys    []string // texts that are keys, or have places that nobody filled
	English []string // texts of the English catalogue
	Out     []string // what stands outside the screen, or is cut off
	Small   []string // what is too small for a finger
}

func (s shape) judge(t *testing.T, where, lang string, width int64) {
	t.Helper()
	if s.Lang != lang {
		t.Errorf("%s: the page says that it is in %q", where, s.Lang)
	}
	if s.Width > width {
		t.Errorf("%s: the page is %d wide", where, s.Width)
	}
	for what, list := range map[string][]string{"not translated": s.Keys, "English": s.English,
		"outside the screen": s.Out, "too small": s.Small} {
		if len(list) > 0 {
			t.Errorf("%s: %s: %s", where, what, strings.Join(list, " | "))
		}
	}
}

// shapeOf looks at every text and every element of a page. It is given the English texts that
// the page must not say.
const shapeOf = `(list => {
	const english = new Set(list)
	const found = {Lang: document.documentElement.lang, Keys: [], English: [], Out: [], Small: [],
		Width: document.documentElement.scrollWidth}
	const clipped = e => e && /^inset/.test(getComputedStyle(e).clipPath)
	const visible = e => e.checkVisibility({visibilityProperty: true}) &&
		!e.closest('.unseen, .skip') && !clipped(e.closest('thead'))
	const name = e => e.outerHTML.slice(0, 90).replace(/\s+/g, ' ')
	const say = text => {
		text = text.trim().replace(/\s+/g, ' ')
		if (/^[a-z]+(_[a-z]+)*([.][a-z_-]+)+$/.test(text) || /[{][a-z_]+[}]/.test(text)) {
			found.Keys.push(text)
		}
		if (english.has(text)) found.English.push(text)
	}
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	while (texts.nextNode()) {
		const node = texts.currentNode
		if (!node.parentElement.closest('[translate=no], code')) say(node.textContent)
	}
	say(document.title)
	const right = document.documentElement.clientWidth
	const scrolls = e => e && (/auto|scroll/.test(getComputedStyle(e).overflowX) ||
		scrolls(e.parentElement))
	for (const e of document.body.querySelectorAll('*')) {
		for (const a of ['aria-label', 'placeholder', 'title', 'alt', 'data-say', 'data-long']) {
			if (e.hasAttribute(a)) say(e.getAttribute(a))
		}
		if (!visible(e) || e.closest('svg')) continue
		const box = e.getBoundingClientRect(), style = getComputedStyle(e)
		if (box.width > 0 && (box.right > right + 1 || box.left < -1) &&
			!scrolls(e.parentElement)) found.Out.push(name(e))
		const cut = style.overflowX === 'hidden' && style.textOverflow !== 'ellipsis'
		const holds = e.matches('button, .button, .badge, .key')
		if ((cut || holds) && e.scrollWidth > e.clientWidth + 1) found.Out.push(name(e))
		if (e.matches('a, button, select, summary, label.choice, input:not([type=hidden])') &&
			!e.closest('p, label.choice > *, .veil, td, th, dd') && !e.matches('label input') &&
			(box.width < 43.5 || box.height < 43.5)) found.Small.push(name(e))
	}
	const go = document.querySelector('.padform .main')?.getBoundingClientRect()
	const tabs = document.querySelector('.tabs')?.getBoundingClientRect()
	if (go && !document.querySelector('.waits') && go.bottom > (tabs?.top ?? innerHeight)) {
		found.Out.push('the button of the pad')
	}
	return found
})(%s)`

// english lists the English texts that are said otherwise in a language, as JSON.
func english(t testing.TB, lang string) string {
	t.Helper()
	texts := []string{}
	for _, folder := range []string{"ui/till", "ui/checkout", "sandbox/phone"} {
		var mine, theirs map[string]string
		catalogue(t, filepath.Join(folder, "lang", "en.json"), &mine)
		catalogue(t, filepath.Join(folder, "lang", lang+".json"), &theirs)
		for key, text := range mine {
			if theirs[key] != text {
				texts = append(texts, text)
			}
		}
	}
	list, err := json.Marshal(texts)
	if err != nil {
		t.Fatalf("list the texts: %v", err)
	}
	return string(list)
}

func catalogue(t testing.TB, path string, texts *map[string]string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", path))
	if err == nil {
		err = json.Unmarshal(content, texts)
	}
	if err != nil {
		t.Fatalf("read the catalogue: %v", err)
	}
}

// gallery writes a picture of a page into the folder of WATARI_GALLERY, for somebody who looks
// through all of them. Without that variable it does nothing.
func gallery(t testing.TB, tab context.Context, name string) {
	t.Helper()
	if folder := os.Getenv("WATARI_GALLERY"); folder != "" {
		write(t, filepath.Join(folder, name+".png"), Read(t, tab, chromedp.FullScreenshot(100)))
	}
}
