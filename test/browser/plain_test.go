package browser

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A browser without scripts takes payments by forms alone: one at once, and one that waits for
// the PIN, which the page finds out by asking again.
func worksWithoutScripts(t *testing.T, r *Rig) {
	till, phone := r.Tab(t), r.phone(t, 7)
	Do(t, till, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
	for _, sale := range []struct{ typed, word, end string }{
		{"1,980", "Approved", "Approved"}, {large, "Waiting for the wallet", "Approved"},
	} {
		link := r.shop(t, "S0401").TillURL // again: it leads the till that it activated on
		Do(t, till, goTo(link), types("#amount", sale.typed))
		submit(t, till, ".padform [type=submit]")
		Do(t, till, types("#code", shown(t, phone)))
		submit(t, till, ".codeform [type=submit]")
		verdict(t, till, sale.word)
		if sale.word != sale.end {
			Do(t, phone, shows("#pin"))
			dial(t, phone, walletPIN)
			verdict(t, till, sale.end)
		}
		receipt(t, phone, "Paid")
		Do(t, phone, click("#done [data-close]"))
	}
	if n := len(r.payments(t, "S0401")); n != 2 {
		t.Errorf("the API lists %d payments, want 2", n)
	}
}

// submit presses a button and waits for the page that it leads to.
func submit(t testing.TB, tab context.Context, selector string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, stepMax)
	defer cancel()
	press := leaves(chromedp.Click(css(selector)))
	if _, err := steady(ctx, func(ctx context.Context, _ *chromedp.Target) (any, error) {
		return chromedp.RunResponse(ctx, press)
	}); err != nil {
		t.Fatalf("press %s: %v\n%s", selector, err, describe(t, tab))
	}
}

// A link activates the browser that uses it first, leads that one on later, and no other.
func activatesOnce(t *testing.T, r *Rig) {
	mine, yours := r.till(t, "S0501"), r.Tab(t)
	link := r.shop(t, "S0501").TillURL
	Do(t, mine, goTo(link))
	if got := path(t, mine); got != "/till/" {
		t.Errorf("the till's own link leads it to %s", got)
	}
	for _, c := range []struct {
		url, says string
		status    int64
	}{
		{link, "This link does not work any more", http.StatusNotFound},
		{r.BaseURL + "/till/", "This till is not activated", http.StatusUnauthorized},
		{r.BaseURL + "/till/day", "This till is not activated", http.StatusUnauthorized},
	} {
		answer := Read(t, yours, chromedp.NavigateResponse(c.url))
		if answer.Status != c.status {
			t.Errorf("%s answers %d, want %d", c.url, answer.Status, c.status)
		}
		if got := words(t, yours, "h1"); got != c.says {
			t.Errorf("%s says %q, want %q", c.url, got, c.says)
		}
	}
}

// The most that the first load of the till may take.
const (
	requestsMax = 10
	bytesMax    = 150 << 10
)

// The first load is small, and nothing is ever asked of another host.
func loadsLittle(t *testing.T, r *Rig) {
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
	Do(t, tab, goTo(r.shop(t, "S0601").TillURL),
		until(`customElements.get('till-line') !== undefined`))
	first := len(asked)
	bytes := Read(t, tab, chromedp.Evaluate[int](`performance.getEntries()
		.reduce((sum, e) => sum + (e.transferSize ?? 0), 0)`))
	t.Logf("%d requests, %d bytes", first, bytes)
	if first == 0 || first > requestsMax || bytes == 0 || bytes > bytesMax {
		t.Errorf("the first load takes %d requests and %d bytes, want at most %d and %d",
			first, bytes, requestsMax, bytesMax)
	}

	charge(t, tab, "100", r.code(t, 8))
	verdict(t, tab, "Approved")
	Do(t, tab, named("Receipt"), click(`.tab[data-tab="day"]`), has("#day"),
		click(`.tab[data-tab="settings"]`), has("[name=theme]"),
		goTo(r.BaseURL+"/till/day"))
	for range len(asked) {
		url := <-asked
		own := strings.HasPrefix(url, r.BaseURL+"/") || strings.HasPrefix(url, "data:") ||
			strings.HasPrefix(url, "blob:")
		if !own {
			t.Errorf("the till asks for %s", url)
		}
	}
}

// The choices of the settings stay, also after the page is left.
func choosesLanguageAndLight(t *testing.T, r *Rig) {
	till := r.till(t, "S0701")
	Do(t, till, click(`.tab[data-tab="settings"]`), click("[name=lang][value=ja]"),
		click("[name=theme][value=dark]"))
	submit(t, till, ".form [type=submit]")
	Do(t, till, goTo(r.BaseURL+"/till/"))
	root := Read(t, till, attributes("html"))
	if root["lang"] != "ja" || root["data-theme"] != "dark" {
		t.Errorf("the page has %v, want Japanese in the dark", root)
	}
	ground := Read(t, till, chromedp.Evaluate[string](
		"getComputedStyle(document.documentElement).backgroundColor"))
	if ground != "rgb(19, 21, 25)" {
		t.Errorf("the ground is %s, want the dark paper", ground)
	}
}

// On a slow line two taps in a row lead where the second one goes.
func followsTheLastTap(t *testing.T, r *Rig) {
	till := r.till(t, "S0801")
	Do(t, till, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule,
			network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{
				{Latency: 400, DownloadThroughput: -1, UploadThroughput: -1}}})
		return err
	}))
	Do(t, till, click(`.tab[data-tab="day"]`), click(`.tab[data-tab="settings"]`),
		has("[name=theme]"))
	if got := path(t, till); got != "/till/settings" {
		t.Errorf("the till shows the settings at %s", got)
	}
}
