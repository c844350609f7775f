package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// violation is what axe-core finds wrong with a page.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	}
}

// critic has axe-core judge pages by WCAG 2.2 AA and its own best practices, in the light and in
// the dark, and nothing twice: axe-core takes a second for a long list, and pages of one kind
// differ in their data only. Two elements are of one kind when the style sheets and all that these
// select by are the same, of them and of everything around them; their colours are judged once in
// each scheme, and their size once. Two pages are of one kind when they have elements of the same
// kinds; all else is judged once.
type critic struct {
	axe string // the script

	mu      sync.Mutex
	pages   map[string]bool // kinds of pages that were judged
	colours map[string]bool // scheme and kind of elements whose colours were judged
}

// theCritic judges the pages of all tests: what one of them has shown, another need not show again.
func theCritic(t testing.TB) *critic {
	t.Helper()
	c, err := oneCritic()
	if err != nil {
		t.Fatalf("read axe-core: %v (make assets installs it)", err)
	}
	return c
}

// oneCritic reads the script of axe-core, which is installed with the tools of the pages.
var oneCritic = sync.OnceValues(func() (*critic, error) {
	path := filepath.Join("..", "..", "ui", "web", "node_modules", "axe-core", "axe.min.js")
	script, err := os.ReadFile(path)
	return &critic{axe: string(script), pages: map[string]bool{}, colours: map[string]bool{}}, err
})

// schemes are the colour schemes, in the order in which pages are looked at.
var schemes = []string{"dark", "light"}

// judge fails the test when the page has a serious or critical violation in a scheme. In the end
// it is in the light.
func (c *critic) judge(t *testing.T, tab context.Context, where string) {
	t.Helper()
	for _, scheme := range schemes {
		paint(t, tab, scheme)
		page := Read(t, tab, chromedp.Evaluate[struct {
			Kind     string
			Elements []string
		}](kindsOf+"()"))
		fresh, whole := c.fresh(scheme, page.Kind, page.Elements)
		if len(fresh) == 0 && !whole {
			continue
		}
		list, err := json.Marshal(fresh)
		if err != nil {
			t.Fatalf("list the kinds: %v", err)
		}
		report(t, where+" in the "+scheme, Read(t, tab, c.run(
			fmt.Sprintf(runAxe, kindsOf, list, whole))))
	}
}

// run has axe-core look at a page, which gets its script first. A page that is left meanwhile takes
// the script with it, so the next one gets it again.
func (c *critic) run(look string) chromedp.Action[[]violation] {
	return func(ctx context.Context, target *chromedp.Target) ([]violation, error) {
		there, err := chromedp.Evaluate[bool]("typeof axe !== 'undefined'")(ctx, target)
		if err == nil && !there {
			_, err = chromedp.Evaluate[chromedp.Void](c.axe+"; void 0")(ctx, target)
		}
		if err != nil {
			return nil, err
		}
		return chromedp.Evaluate[[]violation](look, chromedp.EvalAwaitPromise)(ctx, target)
	}
}

// fresh returns the kinds of elements whose colours nobody has judged in a scheme, and whether the
// page is of a new kind too, which is judged in the last scheme. They count as judged from now on.
func (c *critic) fresh(scheme, page string, elements []string) (kinds []string, whole bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, kind := range elements {
		if key := scheme + kind; !c.colours[key] {
			c.colours[key] = true
			kinds = append(kinds, kind)
		}
	}
	if whole = scheme == schemes[len(schemes)-1] && !c.pages[page]; whole {
		c.pages[page] = true
	}
	return kinds, whole
}

// report tells of violations, and fails the test by those that keep people out.
func report(t *testing.T, where string, found []violation) {
	t.Helper()
	for _, v := range found {
		text := fmt.Sprintf("%s: %s: %s: %s", where, v.Impact, v.ID, v.Help)
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

// kindsOf finds the kinds of a page's elements, as hashes of 53 bits: the name and attributes of
// an element, of those around it and of the one before it, without what is only this one's, like
// its address or its text; and whether it says something, and holds a choice or a mistake. For
// each kind it is given it marks the first element.
const kindsOf = `(mark => {
	const hash = text => {
		let a = 0xdeadbeef, b = 0x41c6ce57
		for (let i = 0; i < text.length; i++) {
			const c = text.charCodeAt(i)
			a = Math.imul(a ^ c, 2654435761)
			b = Math.imul(b ^ c, 1597334677)
		}
		a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
		b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
		return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36)
	}
	const alone = new RegExp('^(id|for|name|value|content|href|src|action|title|alt|lang|' +
		'placeholder|aria-(label|labelledby|describedby|controls))$')
	const plain = /^[a-z][a-z _-]{0,60}$/
	const own = e => e.localName + [...e.attributes].map(a => a.name + (!alone.test(a.name) &&
		(a.name === 'class' || plain.test(a.value)) ? '=' + a.value : '')).sort().join(' ') +
		[...e.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== '') +
		(e.querySelector(':checked') !== null) + (e.querySelector('[aria-invalid]') !== null)
	const kinds = new Set()
	const walk = (e, around) => {
		const before = e.previousElementSibling
		const kind = hash(around + '>' + (before ? own(before) : '') + '+' + own(e))
		if (mark?.includes(kind) && !kinds.has(kind)) e.setAttribute('data-judge', '')
		kinds.add(kind)
		if (e.localName !== 'svg') for (const child of e.children) walk(child, kind)
	}
	const styles = [...document.querySelectorAll('link[rel=stylesheet]')].map(e => e.href)
	walk(document.body, hash(own(document.documentElement) + styles.map(
		href => new URL(href).pathname).sort()))
	const all = [...kinds].sort()
	return {Kind: hash(all.join()), Elements: all}
})`

// runAxe has axe-core judge the colours of the first element of some kinds, and, if it is told to,
// how large and how near to each other targets are there, which takes as long as all the rest, and
// everything else about the page.
const runAxe = `((kindsOf, kinds, whole) => {
	kindsOf(kinds)
	axe.configure({rules: [{id: 'color-contrast', selector: '[data-judge]'},
		{id: 'target-size', selector: '[data-judge]'}]})
	return axe.run(document, {resultTypes: ['violations'], preload: false, runOnly: whole ?
		['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] :
		{type: 'rule', values: ['color-contrast']}}).then(found => {
			document.querySelectorAll('[data-judge]').forEach(e => e.removeAttribute('data-judge'))
			return found.violations
		})
})(%s, %s, %t)`

// No page has a serious or critical violation, in the light or in the dark.
func speaksAccessibly(t *testing.T, r *Rig) {
	w := r.tour(t, "S3101", 6)
	for _, tab := range []context.Context{w.till, w.phone, w.stranger} {
		size(t, tab, Width, tall)
	}
	w.look = theCritic(t).judge
	w.walk(t)
}

// tall is a screen on which no page is scrolled: what the bar at the bottom covers just now is not
// hidden for good, which axe-core cannot know.
const tall = 2000

// paint makes a tab prefer light or dark colours.
func paint(t testing.TB, tab context.Context, scheme string) {
	t.Helper()
	Do(t, tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia,
			emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
				{Name: "prefers-reduced-motion", Value: "reduce"},
			}})
		return err
	}), until(fmt.Sprintf("matchMedia('(prefers-color-scheme: %s)').matches", scheme)))
}
