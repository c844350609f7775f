package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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

// runAxe has axe-core judge a page by WCAG 2.2 AA and its own best practices.
const runAxe = `axe.run(document, {resultTypes: ['violations'], preload: false,
	runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}).then(found => found.violations)`

// No page has a serious or critical violation, in the light or in the dark.
func speaksAccessibly(t *testing.T, r *Rig) {
	axe := axeCore(t)
	w := r.tour(t, "S3101", 6)
	for _, tab := range []context.Context{w.till, w.phone, w.stranger} {
		size(t, tab, Width, tall)
	}
	w.look = func(t *testing.T, tab context.Context, name string) {
		if !Read(t, tab, chromedp.Evaluate[bool]("typeof axe !== 'undefined'")) {
			Do(t, tab, chromedp.Evaluate[chromedp.Void](axe+"; void 0"))
		}
		for _, scheme := range []string{"dark", "light"} {
			paint(t, tab, scheme)
			gallery(t, tab, name+"/en-"+scheme)
			found := Read(t, tab, chromedp.Evaluate[[]violation](runAxe,
				chromedp.EvalAwaitPromise))
			for _, v := range found {
				where := fmt.Sprintf("%s, %s: %s: %s", name, scheme, v.ID, v.Help)
				for _, n := range v.Nodes {
					where += "\n" + n.HTML + "\n" + n.FailureSummary
				}
				if slices.Contains([]string{"serious", "critical"}, v.Impact) {
					t.Error(where)
				} else {
					t.Log(v.Impact, where)
				}
			}
		}
	}
	w.walk(t)
}

// tall is a screen on which no page is scrolled: what the bar at the bottom covers just now is not
// hidden for good, which axe-core cannot know.
const tall = 2000

// axeCore is the script of axe-core, which is installed with the tools of the pages.
func axeCore(t testing.TB) string {
	t.Helper()
	path := filepath.Join("..", "..", "ui", "web", "node_modules", "axe-core", "axe.min.js")
	script, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read axe-core: %v (make assets installs it)", err)
	}
	return string(script)
}

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
