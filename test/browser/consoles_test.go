package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// The goal is consoles whose every page can be read and used by everybody: nothing sticks out of a
// phone, targets fit a finger, no text is missing, axe-core finds nothing serious, nothing throws,
// in the light and in the dark. The method: sign in as each kind of person that the sandbox has and
// follow every link of their pages, one of each kind.
func TestEveryPageOfTheConsoles(t *testing.T) {
	t.Parallel()
	r := Start(t)
	r.shopDay(t)
	for _, c := range []struct{ role, lang string }{
		{"operator", "en"}, {"acquirer", "ja"}, {"acquirer-viewer", "ko"},
		{"merchant-owner", "zh-Hans"}, {"merchant-manager", "en"}, {"merchant-cashier", "zh-Hant"},
	} {
		t.Run(c.role+" in "+c.lang, func(t *testing.T) {
			t.Parallel()
			walker{rig: r, words: consoleWords(t, c.lang), lang: c.lang, role: c.role}.walk(t)
		})
	}
}

// shopDay makes payments, so that lists are not empty.
func (r *Rig) shopDay(t testing.TB) {
	t.Helper()
	for _, amount := range []int64{1980, 640, 12_000} {
		r.sell(t, takayama, 1, amount)
	}
}

// consoleFolders are those whose pages stand in the consoles' frame.
var consoleFolders = []string{"ui/console", "ui/account", "ui/merchant", "ui/acquirer",
	"ui/operator"}

// consoleWords lists the English texts that the consoles say otherwise in a language.
func consoleWords(t testing.TB, lang string) string {
	t.Helper()
	texts := []string{}
	for _, folder := range consoleFolders {
		var mine, theirs map[string]string
		catalogue(t, filepath.Join(folder, "lang", "en.json"), &mine)
		catalogue(t, filepath.Join(folder, "lang", lang+".json"), &theirs)
		for key, text := range mine {
			if theirs[key] != text && lang != "en" {
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

// walker follows the links of one person's pages.
type walker struct {
	rig               *Rig
	role, lang, words string
}

// pagesMost bounds a walk: links that differ in ids only count once.
const pagesMost = 60

// walk looks at every page that can be reached.
func (w walker) walk(t *testing.T) {
	tab := w.rig.signIn(t, w.role, 0, Language(w.lang))
	next := []string{path(t, tab), "/account"}
	kinds := map[string]bool{}
	axe := axeCore(t)
	for len(next) > 0 && len(kinds) < pagesMost {
		at := next[0]
		next = next[1:]
		if kinds[kindOf(at)] {
			continue
		}
		kinds[kindOf(at)] = true
		w.look(t, tab, at, axe)
		for _, href := range Read(t, tab, chromedp.Evaluate[[]string](linksOf)) {
			if !kinds[kindOf(href)] && !slices.Contains(next, href) {
				next = append(next, href)
			}
		}
	}
	if len(kinds) < 4 {
		t.Errorf("only %d pages were found", len(kinds))
	}
}

// linksOf are the links of a page that lead to pages of consoles, and download nothing.
const linksOf = `[...document.querySelectorAll('a[href]:not([download])')]
	.map(a => new URL(a.getAttribute('href'), location.href))
	.filter(u => u.origin === location.origin &&
		/^[/](account|merchant|acquirer|operator)([/]|$)/.test(u.pathname) &&
		!/lang=|[.](csv|pdf|svg|json|jsonl)|export|download|format=|[/]sso[/]/.test(u.href))
	.map(u => u.pathname + u.search)`

var ids = regexp.MustCompile(`/([a-z]{2,4}_[0-9a-z]{10,}|[A-Z]*[0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2})`)

// kindOf is an address without what is only this one's: ids, days, the values of its query.
func kindOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	var names []string
	for name := range u.Query() {
		names = append(names, name)
	}
	slices.Sort(names)
	return ids.ReplaceAllString(u.Path, "/*") + "?" + strings.Join(names, "&")
}

// look judges one page, on a phone and at a desk.
func (w walker) look(t *testing.T, tab context.Context, at, axe string) {
	t.Helper()
	size(t, tab, Width, Height)
	paint(t, tab, "light")
	Do(t, tab, chromedp.Navigate(w.rig.BaseURL+at), chromedp.WaitReady(css("main h1, main h2")))
	name := fmt.Sprintf("%s-%s%s", w.role, w.lang, notInNames.ReplaceAllString(at, "-"))
	status := Read(t, tab, chromedp.Evaluate[int](
		`performance.getEntriesByType('navigation')[0].responseStatus`))
	if status != 200 {
		t.Errorf("%s: status %d", at, status)
		return
	}
	for _, c := range []struct {
		width, height int64
		scheme        string
	}{{Width, Height, "light"}, {narrow, low, "dark"}, {1280, 800, "dark"}} {
		size(t, tab, c.width, c.height)
		paint(t, tab, c.scheme)
		s := Read(t, tab, chromedp.Evaluate[shape](fmt.Sprintf(shapeOf, w.words)))
		s.judge(t, fmt.Sprintf("%s as %s in %s, %d wide", at, w.role, w.lang, c.width), w.lang,
			c.width)
		gallery(t, tab, fmt.Sprintf("%s-%d", name, c.width))
	}
	// On a screen of this height nothing is half below the edge, which axe-core takes for covered.
	size(t, tab, Width, tall)
	whole := Read(t, tab, chromedp.Evaluate[int64](`document.documentElement.scrollHeight`))
	size(t, tab, Width, max(tall, whole+Height))
	w.judge(t, tab, at+" in the dark", axe, runContrast)
	paint(t, tab, "light")
	w.judge(t, tab, at+" in the light", axe, runAxe)
}

// runContrast has axe-core judge only what light and dark can change.
const runContrast = `axe.run(document, {resultTypes: ['violations'], preload: false,
	runOnly: {type: 'rule', values: ['color-contrast']}}).then(found => found.violations)`

// judge has axe-core look at the page.
func (w walker) judge(t *testing.T, tab context.Context, where, axe, run string) {
	t.Helper()
	if !Read(t, tab, chromedp.Evaluate[bool]("typeof axe !== 'undefined'")) {
		Do(t, tab, chromedp.Evaluate[chromedp.Void](axe+"; void 0"))
	}
	for _, v := range Read(t, tab, chromedp.Evaluate[[]violation](run,
		chromedp.EvalAwaitPromise)) {
		text := fmt.Sprintf("%s as %s: %s: %s: %s", where, w.role, v.Impact, v.ID, v.Help)
		for _, n := range v.Nodes[:min(3, len(v.Nodes))] {
			text += "\n" + n.HTML + "\n" + n.FailureSummary
		}
		if slices.Contains([]string{"serious", "critical"}, v.Impact) {
			t.Error(text)
		} else {
			t.Log(text)
		}
	}
}
