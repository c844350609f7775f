package browser

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"watari/kit/i18n"
)

// opened runs an action that opens a tab and returns that tab.
func opened(t testing.TB, tab context.Context, action chromedp.Action[chromedp.Void],
) context.Context {
	t.Helper()
	fresh := chromedp.WaitNewTarget(tab, func(i *target.Info) bool {
		return i.Type == "page" && strings.HasPrefix(i.URL, "http") // on its way no more
	})
	Do(t, tab, action)
	select {
	case id := <-fresh:
		next, stop := chromedp.NewContext(tab, chromedp.WithTargetID(id))
		t.Cleanup(stop)
		// The tab lives as long as the context of its first use, so that is not a step's.
		if err := chromedp.Do(next); err != nil {
			t.Fatalf("look at the new tab: %v", err)
		}
		return next
	case <-tab.Done():
		t.Fatal("the browser ended")
		return nil
	}
}

// Goal: somebody who knows nothing but the first page takes a payment. Method: follow its three
// steps: the till's button, the phone's button, an amount and the code.
func TestTheFirstPageLeadsToAPayment(t *testing.T) {
	t.Parallel()
	r := Start(t)
	page := r.Tab(t, Desktop())
	Do(t, page, goTo(r.BaseURL+"/"), shows(".steps"))
	Shot(t, page, "start-desk")
	if got := path(t, page); got != "/sandbox" {
		t.Fatalf("the bare address led to %s", got)
	}

	till := opened(t, page, click(".step form .button"))
	holds(t, till, `location.pathname === '/till/'`)
	phone := opened(t, page, click(".step a.button"))
	Do(t, phone, shows("#code .square svg"))
	charge(t, till, "1980", shown(t, phone))
	id := verdict(t, till, "Approved")

	if made := r.read(t, takayama, id); made.State != "captured" {
		t.Errorf("the API tells of %+v", made)
	}
	again := opened(t, page, click(".step form .button"))
	holds(t, again, `location.pathname === '/till/'`)
}

// Goal: the till of any shop is found by what somebody calls it. Method: type into the search
// names in several scripts and see which rows are left; open the last one's till, which speaks the
// language that was chosen here.
func TestTheFirstPageFindsEveryTill(t *testing.T) {
	t.Parallel()
	r := Start(t)
	page := r.Tab(t, Dark())
	Do(t, page, goTo(r.BaseURL+"/sandbox"), named("日本語"),
		shows("#q"))
	holds(t, page, `document.documentElement.lang === 'ja'`)
	all := Read(t, page, chromedp.Evaluate[int](`document.querySelectorAll('.shop').length`))
	if stores := len(r.Sandbox.Stores); all != stores {
		t.Fatalf("%d tills for %d stores", all, stores)
	}
	for _, c := range []struct{ typed, store string }{
		{"ぎふ 茶屋", "S2105"}, {"GIFU tea", "S2105"}, {"기후현 음식점 gassho", "S2105"},
		{"s2105", "S2105"}, {"nowhere", ""}, {"岐阜 さるぼぼ", "S2103"},
	} {
		Do(t, page, chromedp.Evaluate[chromedp.Void](`document.querySelector('#q').select()`),
			press(c.typed))
		found := Read(t, page, chromedp.Evaluate[string](`[...document.querySelectorAll('.shop')]
			.filter((e) => e.offsetParent).map((e) => e.form.action.split('/').pop()).join(' ')`))
		if found != c.store {
			t.Errorf("%q finds %q, want %q", c.typed, found, c.store)
		}
		if c.store == "" {
			Shot(t, page, "start-none")
		}
	}
	Shot(t, page, "start-found")
	till := opened(t, page, click(`li:not([hidden]) .shop`))
	Wait(t, till, "さるぼぼ手づくり館")
}

// Goal: the page fits a phone in every language: nothing sticks out, every target is large enough
// (WCAG 2.2, 2.5.8; this network asks for 44 pixels). Method: measure, in five languages.
func TestTheFirstPageFitsAPhone(t *testing.T) {
	t.Parallel()
	r := Start(t)
	for _, lang := range i18n.Langs() {
		page := r.Tab(t, Language(string(lang)))
		Do(t, page, goTo(r.BaseURL+"/sandbox"), shows("#q"))
		Shot(t, page, "start-"+strings.ToLower(string(lang)))
		Do(t, page, chromedp.Evaluate[chromedp.Void](
			`document.querySelectorAll('details').forEach((d) => { d.open = true })`))
		small := Read(t, page, chromedp.Evaluate[string](`[...document.querySelectorAll(
			'a:not(.skip), button, summary, input')].filter((e) => e.offsetParent &&
			(e.offsetWidth < 44 || e.offsetHeight < 44)).map((e) => e.outerHTML).join('\n')`))
		if small != "" {
			t.Errorf("%s: too small: %s", lang, small)
		}
		wide := Read(t, page, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
		if wide > Width {
			t.Errorf("%s: the page is %d pixels wide on a screen of %d", lang, wide, Width)
		}
	}
}
