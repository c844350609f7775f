package browser

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// The goal is a till that is an app: it can be installed, starts without a network and says so,
// and loses no result when its tab is killed. The method: one server, a wire that is cut, and for
// each part a shop of its own.
func TestTheTillAsAnApp(t *testing.T) {
	t.Parallel()
	r := Start(t)
	for name, part := range map[string]func(*testing.T, *Rig){
		"it can be installed":                    canBeInstalled,
		"without a network it says so":           startsWithoutANetwork,
		"a killed tab loses no result":           outlivesItsTab,
		"what never arrived is not begun late":   beginsNothingLate,
		"the line says what is true":             saysWhyItIsCutOff,
		"what was missed stands on the pad":      tellsOfTheLastPayment,
		"two tabs ask once about the same sale":  asksOnce,
		"an app without cookies takes a link in": takesALinkIn,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t, r)
		})
	}
}

// ready is true when the service worker answers for the page.
const ready = `navigator.serviceWorker.controller !== null`

// throughAWire opens a till whose wire can be cut, kept by its service worker.
func (r *Rig) throughAWire(t *testing.T, tab context.Context, store string) *wire {
	t.Helper()
	w := r.wire(t)
	link := strings.Replace(r.shop(t, store).TillURL, r.BaseURL, w.URL, 1)
	Do(t, tab, goTo(link), until(ready))
	return w
}

// beside opens another tab of the same person, and returns what closes it.
func beside(t *testing.T, tab context.Context) (context.Context, func()) {
	t.Helper()
	ctx, stop := chromedp.NewContext(tab)
	t.Cleanup(stop)
	settings := tab360()
	if err := chromedp.Do(ctx, settings.actions()...); err != nil {
		t.Fatalf("open a tab beside: %v", err)
	}
	return ctx, stop
}

// tab360 is a small phone.
func tab360() tab { return tab{width: 360, height: 640, mobile: true, language: "en"} }

// canBeInstalled asks the browser whether anything keeps it from offering to install the till.
func canBeInstalled(t *testing.T, r *Rig) {
	till := r.windowed(t).till(t, "S1001")
	Do(t, till, until(ready), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		found, err := cdp.Call(ctx, target, cdppage.GetInstallabilityErrors, cdp.Empty{})
		if err != nil {
			return err
		}
		private := false
		for _, e := range found.InstallabilityErrors {
			// A tab of a test is a private window, which never installs anything.
			if e.ErrorID == "in-incognito" {
				private = true
			} else {
				t.Errorf("not installable: %s %v", e.ErrorID, e.ErrorArguments)
			}
		}
		if !private {
			t.Error("this browser does not look whether it can install a page")
		}
		manifest, err := cdp.Call(ctx, target, cdppage.GetAppManifest, cdppage.GetAppManifestParams{})
		if err != nil {
			return err
		}
		for _, e := range manifest.Errors {
			t.Errorf("manifest: %s", e.Message)
		}
		if !strings.Contains(manifest.Data, r.shop(t, "S1001").Name) {
			t.Errorf("the manifest does not name the shop: %s", manifest.Data)
		}
		return nil
	}))
}

// keptPages are the addresses that the browser's caches hold, but for files of the bundle.
const keptPages = `(async () => {
	const all = []
	for (const name of await caches.keys()) {
		for (const r of await (await caches.open(name)).keys()) all.push(new URL(r.url).pathname)
	}
	return all.filter(p => !p.startsWith('/assets/')).join(' ')
})()`

func startsWithoutANetwork(t *testing.T, r *Rig) {
	till := r.Tab(t, Tolerant())
	wire := r.throughAWire(t, till, "S1002")
	charge(t, till, "1980", r.code(t, 1))
	verdict(t, till, "Approved")

	wire.cut(true)
	Do(t, till, goTo(wire.URL+"/till/day"))
	Wait(t, till, "No connection")
	Wait(t, till, r.shop(t, "S1002").Name)
	Shot(t, till, "till-away")
	if got := words(t, till, "main"); strings.Contains(got, "1,980") {
		t.Errorf("without a network the till shows an answer: %s", got)
	}
	wire.cut(false)
	Do(t, till, has("#day"))
	if got := path(t, till); got != "/till/day" {
		t.Errorf("the till came back to %s", got)
	}
	kept := Read(t, till, chromedp.Evaluate[string](keptPages, chromedp.EvalAwaitPromise))
	if kept != "/till/away" {
		t.Errorf("the browser keeps %q, want only the page without a connection", kept)
	}
}

// The tab goes while the sale has no answer; the next one asks by itself and shows the result.
func outlivesItsTab(t *testing.T, r *Rig) {
	const store = "S1101"
	person, phone := r.Tab(t, Tolerant()), r.phone(t, 2)
	first, kill := beside(t, person)
	wire := r.throughAWire(t, first, store)
	enter(t, first, "1980")
	Do(t, first, fill("#code", shown(t, phone)))
	wire.cut(true)
	Do(t, first, click(".codeform [type=submit]"), shows("#asking[open]"))
	request := asked(t, first)
	kill()

	second, _ := beside(t, person)
	Do(t, second, goTo(wire.URL+"/till/"))
	Wait(t, second, "Without an answer")
	Shot(t, second, "till-away-sale")
	wire.cut(false)
	verdict(t, second, "Approved")
	receipt(t, phone, "Paid")
	if list := r.payments(t, store); len(list) != 1 || list[0].State != "captured" {
		t.Errorf("the API lists %+v, want one captured payment", list)
	}
	if again := asked(t, second); again != "" || request == "" {
		t.Errorf("the till asked under %q and still keeps %q", request, again)
	}
}

func beginsNothingLate(t *testing.T, r *Rig) {
	const store = "S1102"
	till := r.till(t, store)
	code := r.code(t, 3)
	Do(t, till, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`void (() => {
		const { till } = document.querySelector('[data-till]').dataset
		const request = 'late0123456789abcdefghjkmn'
		localStorage.setItem('watari.sale.' + request, JSON.stringify({ till, request,
			amount: '¥1,980', at: Date.now() - 61000,
			body: new URLSearchParams({ amount: '1980', code: %q, request, till }).toString() }))
	})()`, code)), chromedp.Reload())
	verdict(t, till, "Not charged")
	if n := len(r.payments(t, store)); n != 0 {
		t.Errorf("the API lists %d payments, want none", n)
	}
	Do(t, till, named("Start over"), has("amount-pad"), chromedp.Reload(),
		has("amount-pad"))
	if again := asked(t, till); again != "" {
		t.Errorf("the till still keeps %q", again)
	}
}

// says is true when the line under the head is in a state.
func says(state string) string {
	return fmt.Sprintf(`(line => !line.hidden && line.dataset.line === %q)(
		document.getElementById('line'))`, state)
}

func saysWhyItIsCutOff(t *testing.T, r *Rig) {
	till := r.Tab(t, Tolerant())
	wire := r.throughAWire(t, till, "S1201")
	wire.cut(true)
	Do(t, till, until(says("down")), until(`document.querySelector('[data-since]').textContent
		.trim() !== '0:00'`))
	wire.cut(false)
	Do(t, till, until(says("back")), until(joined))
	online(t, till, false)
	Do(t, till, until(says("offline")))
	Shot(t, till, "till-no-network")
	online(t, till, true)
	Do(t, till, until(joined))
}

func tellsOfTheLastPayment(t *testing.T, r *Rig) {
	const store = "S1202"
	till := r.till(t, store)
	charge(t, till, "1980", r.code(t, 4))
	id := verdict(t, till, "Approved")
	Do(t, till, chromedp.Evaluate[chromedp.Void]("void localStorage.clear()"),
		goTo(r.BaseURL+"/till/"), click("[data-last]"), has(".slip"))
	if got := path(t, till); got != "/till/payments/"+id {
		t.Errorf("the last payment leads to %s, want %s", got, id)
	}
}

// asksOnce leaves a sale in one tab while another one of the same till opens.
func asksOnce(t *testing.T, r *Rig) {
	person := r.Tab(t, Tolerant())
	first, _ := beside(t, person)
	wire := r.throughAWire(t, first, "S1301")
	second, _ := beside(t, person)
	Do(t, second, goTo(wire.URL+"/till/"), has("amount-pad"))
	enter(t, first, "1980")
	Do(t, first, fill("#code", r.code(t, 5)))
	wire.cut(true)
	Do(t, first, click(".codeform [type=submit]"), shows("#asking[open]"))
	Do(t, second, chromedp.Evaluate[chromedp.Void](
		"void window.dispatchEvent(new StorageEvent('storage'))"))
	if Read(t, second, chromedp.Evaluate[bool]("document.getElementById('asking').open")) {
		t.Error("the other tab asks as well")
	}
	wire.cut(false)
	verdict(t, first, "Approved")
	if n := len(r.payments(t, "S1301")); n != 1 {
		t.Errorf("the API lists %d payments, want 1", n)
	}
}

func takesALinkIn(t *testing.T, r *Rig) {
	app := r.Tab(t)
	Do(t, app, goTo(r.BaseURL+"/till/"), click(".activate summary"),
		shows("#code"))
	Shot(t, app, "till-activate")
	Do(t, app, fill("#code", r.shop(t, "S1302").TillURL),
		click(".codeform [type=submit]"), has("amount-pad"))
	if got := words(t, app, ".where strong"); got != r.shop(t, "S1302").Name {
		t.Errorf("the app is the till of %q", got)
	}
}
