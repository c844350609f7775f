package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The goal is that small shops join: a bank's clerk puts an applicant live, its owner takes a
// payment on a phone and gives half of it back, and the operator of the network finds it. The
// method: three people, one after the other, by clicking only; only the visitor's wallet is asked
// for its code in another way.
func TestAShopJoinsAndIsPaid(t *testing.T) {
	t.Parallel()
	r := Start(t)
	for i, lang := range []string{"ja", "en"} {
		t.Run(lang, func(t *testing.T) {
			w := journey{r, lang, 1980 + int64(i)*20}
			invitation := w.bank(t)
			payment := w.owner(t, invitation)
			w.operator(t, payment)
		})
	}
	r.verify(t)
}

// journey is one shop's way, in one language.
type journey struct {
	rig  *Rig
	lang string
	yen  int64
}

// shot keeps a picture of a step.
func (w journey) shot(t *testing.T, tab context.Context, name string) {
	t.Helper()
	if w.lang == "ja" {
		Shot(t, tab, "journey-"+name)
		return
	}
	Shot(t, tab, "journey-"+name+"-"+w.lang)
}

// visit goes to an address as a link does: what the page was fetching meanwhile is dropped, which
// the browser would take for a failure of an address that was typed.
func (w journey) visit(t *testing.T, tab context.Context, path string) {
	t.Helper()
	Do(t, tab, leaves(chromedp.Evaluate[chromedp.Void](`void location.assign('`+path+`')`)))
	holds(t, tab, `location.pathname === '`+path+`' && document.readyState === 'complete'`)
}

// there waits until a page shows something: its address changes before what it shows.
func (w journey) there(t *testing.T, tab context.Context, selector string) {
	t.Helper()
	holds(t, tab, fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
}

// bank is the clerk: they read an application, screen and approve it, print the stand and make
// the owner's link, which is returned.
func (w journey) bank(t *testing.T) (invitation string) {
	tab := w.rig.signIn(t, "acquirer-clerk", 0, Desktop(), Language(w.lang))
	w.shot(t, tab, "bank")
	Do(t, tab, click(`a[href="/acquirer/applications"]`))
	w.there(t, tab, `main a[href*="/acquirer/applications/app_"]`)
	w.shot(t, tab, "applications")
	application := Read(t, tab, chromedp.Evaluate[string](`[...new Set([...document
		.querySelectorAll('main a[href*="/acquirer/applications/app_"]')]
		.map(a => a.getAttribute('href')))].sort()[0]`))
	w.visit(t, tab, application)
	Do(t, tab, click(`form[action$="/review"] [type=submit]`))
	holds(t, tab, `document.querySelector('form[action$="/screening"]') !== null`)
	Do(t, tab, click(`label:has([name=outcome][value=clear])`),
		types("#f-note", "no match in either list"),
		click(`form[action$="/screening"] [type=submit]`))
	holds(t, tab, `document.querySelector('[popovertarget=approve]') !== null`)
	w.shot(t, tab, "application")
	Do(t, tab, click(`[popovertarget=approve]`),
		types(`#approve [name=mdr_ppm]`, "2.95"))
	w.shot(t, tab, "approve")
	Do(t, tab, click(`#approve form [type=submit]`))
	w.there(t, tab, `main a[href$="a6.pdf"]`)
	w.shot(t, tab, "handover")
	stand := Read(t, tab, chromedp.Evaluate[string](`fetch(document.querySelector(
		'main a[href$="a6.pdf"]').href).then(r => r.blob()).then(b => b.slice(0, 5).text())`,
		chromedp.EvalAwaitPromise))
	if stand != "%PDF-" {
		t.Errorf("the stand begins with %q", stand)
	}
	Do(t, tab, fill(`form[action$="/handover/owner"] [name=email]`,
		"owner-"+w.lang+"@noodles.example"),
		click(`form[action$="/handover/owner"] [type=submit]`))
	holds(t, tab, `document.body.innerHTML.includes('/account/invitation/wi_')`)
	return Read(t, tab, chromedp.Evaluate[string](`document.documentElement.innerHTML
		.match(/\/account\/invitation\/wi_[a-z0-9]+/)[0]`))
}

// owner accepts the invitation on a phone, opens the till there, takes a payment, gives half of it
// back, and sees what is left in today's takings. The id of the payment is returned.
func (w journey) owner(t *testing.T, invitation string) (payment string) {
	tab := w.rig.Tab(t, Language(w.lang))
	Do(t, tab, goTo(w.rig.BaseURL+invitation),
		fill("#f-name", "宮川 一郎"),
		fill("#f-password", "a long enough sentence"), click(".door .main"))
	w.there(t, tab, `main a[href="/merchant/tills"]`)
	w.shot(t, tab, "merchant-empty")
	Do(t, tab, click(`main a[href="/merchant/tills"]`))
	holds(t, tab, `document.querySelector('form[action$="/open"]') !== null`)
	w.shot(t, tab, "tills")
	Do(t, tab, click(`form[action$="/open"] [type=submit]`))
	holds(t, tab, `location.pathname === '/till/' &&
		document.querySelector('[data-key="1"]') !== null`)
	for _, digit := range fmt.Sprint(w.yen) {
		Do(t, tab, click(fmt.Sprintf(`[data-key="%c"]`, digit)))
	}
	Do(t, tab, click(".pad .main, .keys .main, form .button.main"))
	holds(t, tab, `document.querySelector('#code') !== null`)
	Do(t, tab, types("#code", w.rig.code(t, 1)),
		click(".codeform [type=submit]"))
	holds(t, tab, `document.querySelector('#verdict-word') !== null`)
	w.shot(t, tab, "paid")
	payment = Read(t, tab, chromedp.Evaluate[string](
		`document.getElementById('screen').dataset.payment`))

	w.visit(t, tab, "/merchant")
	holds(t, tab, `document.querySelector('main a[href*="`+payment+`"]') !== null`)
	w.shot(t, tab, "merchant-today")
	Do(t, tab, click(`main a[href*="`+payment+`"]`))
	holds(t, tab, `document.querySelector('main a[href$="/refund"]') !== null`)
	Do(t, tab, click(`main a[href$="/refund"]`))
	holds(t, tab, `document.querySelector('[name=part]') !== null`)
	Do(t, tab, click(`label:has([name=part]:not([value=all]))`),
		types("#f-amount", fmt.Sprint(w.yen/2)))
	w.shot(t, tab, "refund")
	Do(t, tab, click(`main form [type=submit]`))
	holds(t, tab, `document.querySelector('form[action$="/refunds"]') !== null`)
	Do(t, tab, click(`form[action$="/refunds"] [type=submit]`))
	holds(t, tab, `document.querySelector('form[action$="/refunds"]') === null &&
		document.querySelector('main').innerText.includes('`+grouped(w.yen/2)+`')`)
	w.shot(t, tab, "refunded")
	w.visit(t, tab, "/merchant/takings")
	holds(t, tab, `document.querySelector('main').innerText.includes('`+grouped(w.yen/2)+`')`)
	w.shot(t, tab, "takings")
	return payment
}

// operator finds the payment by its amount and reads how it went.
func (w journey) operator(t *testing.T, payment string) {
	tab := w.rig.signIn(t, "operator", 0, Desktop(), Language(w.lang))
	w.shot(t, tab, "operator")
	Do(t, tab, click(`a[href="/operator/payments"]`))
	holds(t, tab, `document.querySelector('[name=amount]') !== null`)
	Do(t, tab, types(`[name=amount]`, fmt.Sprint(w.yen)), press("\r"))
	holds(t, tab, `location.search.includes('amount=`+fmt.Sprint(w.yen)+`')`)
	w.there(t, tab, `main a[href*="`+payment+`"]`)
	found := Read(t, tab, chromedp.Evaluate[int](`new Set([...document
		.querySelectorAll('main a[href*="/operator/payments/pay_"]')].map(a => a.href)).size`))
	if found != 1 {
		t.Errorf("%d payments of JPY %d, want one", found, w.yen)
	}
	w.shot(t, tab, "explorer")
	Do(t, tab, click(`main a[href*="`+payment+`"]`))
	w.there(t, tab, `main .timeline, main ol`)
	holds(t, tab, `document.querySelector('main').innerText.includes('`+grouped(w.yen/2)+`')`)
	w.shot(t, tab, "timeline")
	text := Read(t, tab, chromedp.Evaluate[string](`document.querySelector('main').innerText`))
	for _, want := range []string{"CNY", grouped(w.yen), grouped(w.yen / 2)} {
		if !strings.Contains(text, want) {
			t.Errorf("the payment's page lacks %q", want)
		}
	}
}

// grouped writes yen as the pages do, without the currency.
func grouped(yen int64) string {
	if yen < 1000 {
		return fmt.Sprint(yen)
	}
	return fmt.Sprintf("%d,%03d", yen/1000, yen%1000)
}
