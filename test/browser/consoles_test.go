package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
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
// follow every link of their pages, one of each kind; and apply as a shop that its bank has sent a
// link.
func TestEveryPageOfTheConsoles(t *testing.T) {
	t.Parallel()
	r := Start(t)
	r.shopDay(t)
	critic := theCritic(t)
	for _, c := range []struct{ role, lang string }{
		{"operator", "en"}, {"acquirer", "ja"}, {"acquirer-viewer", "ko"},
		{"merchant-owner", "zh-Hans"}, {"merchant-manager", "en"}, {"merchant-cashier", "zh-Hant"},
	} {
		t.Run(c.role+" in "+c.lang, func(t *testing.T) {
			t.Parallel()
			w := walker{rig: r, words: consoleWords(t, c.lang), lang: c.lang, role: c.role,
				links: consoleLinks, least: 4, critic: critic}
			tab := r.signIn(t, c.role, 0, Language(c.lang))
			w.walk(t, tab, path(t, tab), "/account")
		})
	}
	for email, c := range map[string]struct {
		lang  string
		least int
	}{"owner@kogen-park.example": {"ja", 15}, "gate@kogen-park.example": {"zh-Hans", 2}} {
		lang := c.lang
		t.Run(email, func(t *testing.T) {
			t.Parallel()
			tab := r.Tab(t, Language(lang))
			r.enterAs(t, tab, email)
			walker{rig: r, words: consoleWords(t, lang), lang: lang, links: parkLinks,
				least: c.least,
				role:  strings.TrimSuffix(email, ".example"), critic: critic}.walk(t, tab, "/park")
		})
	}
	for _, lang := range []string{"ja", "ko"} {
		t.Run("applicant in "+lang, func(t *testing.T) {
			t.Parallel()
			walker{rig: r, words: consoleWords(t, lang), lang: lang, role: "applicant",
				links: consoleLinks, least: 4, critic: critic}.apply(t, lang == "ko")
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
	"ui/operator", "ui/park"}

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
	links             string // which consoles' links are followed, as a pattern
	least             int    // pages that there are
	critic            *critic
}

// pagesMost bounds a walk: links that differ in ids only count once.
const pagesMost = 60

// walk looks at every page that can be reached from some.
func (w walker) walk(t *testing.T, tab context.Context, next ...string) {
	t.Helper()
	kinds := map[string]bool{}
	for len(next) > 0 && len(kinds) < pagesMost {
		at := next[0]
		next = next[1:]
		if kinds[kindOf(at)] {
			continue
		}
		kinds[kindOf(at)] = true
		w.look(t, tab, at, http.StatusOK)
		for _, href := range Read(t, tab, chromedp.Evaluate[[]string](
			fmt.Sprintf(linksOf, w.links))) {
			if !kinds[kindOf(href)] && !slices.Contains(next, href) {
				next = append(next, href)
			}
		}
	}
	if len(kinds) < max(w.least, 2) {
		t.Errorf("only %d pages were found", len(kinds))
	}
}

// apply has a clerk make a link for one shop or for many, and looks at every page that it leads to:
// before the form is begun, while it is filled in, and where a link leads that is none.
func (w walker) apply(t *testing.T, many bool) {
	clerk := w.rig.signIn(t, "acquirer-clerk", 0, Language(w.lang))
	Do(t, clerk, goTo(w.rig.BaseURL+"/acquirer/applications/invitations"))
	if many {
		Do(t, clerk, click(`label:has([name=open])`))
	}
	Do(t, clerk, click(`form[action$="/invitations"] [type=submit]`))
	const link = `document.querySelector('#made')?.innerHTML.match(/[/]apply[/][a-z0-9]+/)?.[0]`
	holds(t, clerk, link+` !== undefined`)
	at := Read(t, clerk, chromedp.Evaluate[string](link))

	tab := w.rig.Tab(t, Language(w.lang))
	w.look(t, tab, "/apply/nobody", http.StatusNotFound)
	w.look(t, tab, at, http.StatusOK)
	Do(t, tab, click(`.apply .button.main`))
	holds(t, tab, `document.querySelector('.applynav') !== null`)
	step := path(t, tab)
	Do(t, tab, types(`.apply form input[type=text]`, "Wajima Lacquer"),
		click(`.apply form .main`), has(`.apply .note`))
	w.see(t, tab, step+", half filled in")
	w.walk(t, tab, step[:strings.LastIndex(step, "/")])
}

// The consoles whose links a walk follows.
const (
	consoleLinks = "account|merchant|acquirer|operator|apply"
	parkLinks    = "park"
)

// linksOf are the links of a page that lead to pages of some consoles, and download nothing.
const linksOf = `[...document.querySelectorAll('a[href]:not([download])')]
	.map(a => new URL(a.getAttribute('href'), location.href))
	.filter(u => u.origin === location.origin &&
		/^[/](%s)([/]|$)/.test(u.pathname) &&
		!/lang=|[.](csv|pdf|svg|json|jsonl)|export|download|format=|[/]sso[/]|[/]file$/.test(u.href))
	.map(u => u.pathname + u.search)`

var ids = regexp.MustCompile(`/([a-z]{2,4}_[0-9a-z]{10,}|[A-Z]*[0-9]+|[0-9]{4}-[0-9]{2}-[0-9]{2})`)

// secrets are in the addresses of applications.
var secrets = regexp.MustCompile(`^/apply/[^/]+`)

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
	u.Path = secrets.ReplaceAllString(u.Path, "/apply/*")
	return ids.ReplaceAllString(u.Path, "/*") + "?" + strings.Join(names, "&")
}

// look opens one page and judges it.
func (w walker) look(t *testing.T, tab context.Context, at string, want int) {
	t.Helper()
	size(t, tab, Width, Height)
	paint(t, tab, "light")
	Do(t, tab, goTo(w.rig.BaseURL+at), has("main h1, main h2"))
	status := Read(t, tab, chromedp.Evaluate[int](
		`performance.getEntriesByType('navigation')[0].responseStatus`))
	if status != want {
		t.Errorf("%s: status %d, want %d", at, status, want)
		return
	}
	w.see(t, tab, at)
}

// see judges the page that is open, on a phone and at a desk.
func (w walker) see(t *testing.T, tab context.Context, at string) {
	t.Helper()
	name := fmt.Sprintf("%s-%s%s", w.role, w.lang, notInNames.ReplaceAllString(at, "-"))
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
	if whole > tall {
		size(t, tab, Width, whole+Height)
	}
	w.critic.judge(t, tab, at+" as "+w.role)
}
