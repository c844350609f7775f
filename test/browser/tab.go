package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The size of the screen, in CSS pixels, and how many dots a pixel has in pictures.
const (
	Width, Height = 390, 844
	dots          = 2
)

// stepMax is the longest that one call of Do or Read may take. Pages answer in a fraction of a
// second; the rest is for machines that do other things at the same time.
const stepMax = 45 * time.Second

// Option is a property of a tab.
type Option func(*tab)

type tab struct {
	width, height int64
	mobile        bool
	language      string
	dark          bool
	tolerant      bool
}

// Language makes the tab ask for pages in this language, for example "ja" or "zh-Hans".
func Language(tag string) Option { return func(t *tab) { t.language = tag } }

// Dark makes the tab prefer dark colours.
func Dark() Option { return func(t *tab) { t.dark = true } }

// Desktop makes the tab a window of 1280 × 800 pixels without touch, for pages used at a desk.
func Desktop() Option {
	return func(t *tab) { t.width, t.height, t.mobile = 1280, 800, false }
}

// Tolerant lets the page write errors to its console: for tests of what happens offline.
func Tolerant() Option { return func(t *tab) { t.tolerant = true } }

// Tab opens a tab with cookies of its own and returns its context for chromedp. It closes with
// the test. The first tab of a Rig starts the browser.
func (r *Rig) Tab(t testing.TB, options ...Option) context.Context {
	t.Helper()
	r.start(t)
	settings := tab{width: Width, height: Height, mobile: true, language: "en"}
	for _, o := range options {
		o(&settings)
	}
	ctx, stop := chromedp.NewContext(r.browser, chromedp.WithNewBrowserContext())
	if err := chromedp.Do(ctx, settings.actions()...); err != nil {
		stop()
		t.Fatalf("open a tab: %v", err)
	}
	watched := make(chan struct{})
	messages := chromedp.Console(ctx)
	go func() {
		defer close(watched)
		for m, err := range messages {
			if err != nil {
				return
			}
			settings.judge(t, m)
		}
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the page at the end: %s", describe(t, ctx))
		}
		stop()
		<-watched
	})
	return ctx
}

// actions makes the tab what the settings say.
func (s *tab) actions() []chromedp.Action[chromedp.Void] {
	view := []chromedp.EmulateViewportOption{chromedp.EmulateScale(dots)}
	if s.mobile {
		view = append(view, chromedp.EmulatePortrait, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	return []chromedp.Action[chromedp.Void]{
		chromedp.EmulateViewport(s.width, s.height, view...),
		chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			agent, err := chromedp.Evaluate[string]("navigator.userAgent")(ctx, target)
			if err != nil {
				return err
			}
			_, err = cdp.Call(ctx, target, emulation.SetUserAgentOverride,
				emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: s.language})
			if err != nil {
				return err
			}
			_, err = cdp.Call(ctx, target, emulation.SetEmulatedMedia,
				emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
					{Name: "prefers-color-scheme", Value: scheme},
					{Name: "prefers-reduced-motion", Value: "reduce"}, // pictures hold still
				}})
			return err
		}),
	}
}

// judge fails the test when a page throws, reports an error, or breaks its own policy. Answers
// with a status like 422 are written to the browser's log too; they are not the page's fault.
func (s *tab) judge(t testing.TB, m chromedp.ConsoleMessage) {
	page := m.IsException() || m.Type == chromedp.ConsoleError && m.Source == ""
	policy := m.Source == "security"
	if (page || policy) && !s.tolerant {
		t.Errorf("the page says: %s (%s:%d)", m, m.URL, m.Line+1)
	}
}

// Do runs actions in a tab, one after the other, and fails the test when one does.
func Do(t testing.TB, tab context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, stepMax)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatalf("%v\n%s", err, describe(t, tab))
	}
}

// Read runs one action in a tab and returns its value. An action that only looks: a page that goes
// elsewhere meanwhile takes the answer with it, and the next one is looked at.
func Read[T any](t testing.TB, tab context.Context, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, stepMax)
	defer cancel()
	for {
		value, err := chromedp.Run(ctx, action)
		if err == nil {
			return value
		}
		if !leftPage(err) || ctx.Err() != nil {
			t.Fatalf("%v\n%s", err, describe(t, tab))
		}
		time.Sleep(lookEvery)
	}
}

// leftPage tells whether a command got no answer because its page was left for another. The browser
// has one number for all that goes wrong with a command, so its words decide.
func leftPage(err error) bool {
	var e *cdproto.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Message {
	case "Inspected target navigated or closed", "Execution context was destroyed.",
		"Cannot find context with specified id":
		return true
	}
	return false
}

// Wait waits until the page shows a text, anywhere in its body.
func Wait(t testing.TB, tab context.Context, text string) {
	t.Helper()
	Do(t, tab, until(fmt.Sprintf("document.body.innerText.includes(%q)", text)))
}

// lookEvery is the pause between two looks at a page.
const lookEvery = 20 * time.Millisecond

// until waits until a JavaScript expression is true. A page that goes elsewhere meanwhile, or has
// not come yet, is looked at again.
func until(expression string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		for {
			is, err := chromedp.Evaluate[bool](expression)(ctx, target)
			if is && err == nil {
				return chromedp.Void{}, nil
			}
			select {
			case <-ctx.Done():
				return chromedp.Void{}, fmt.Errorf("wait until %s: %w", expression,
					errors.Join(ctx.Err(), err))
			case <-time.After(lookEvery):
			}
		}
	}
}

// Shot writes a picture of what the tab shows to name.png in the folder of WATARI_SHOTS. Without
// that variable it does nothing.
func Shot(t testing.TB, tab context.Context, name string) {
	t.Helper()
	folder := os.Getenv("WATARI_SHOTS")
	if folder == "" {
		return
	}
	picture := Read(t, tab, chromedp.CaptureScreenshot())
	write(t, filepath.Join(folder, name+".png"), picture)
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9]+`)

// describe says where a tab is and what it reads there, and leaves a picture in .tmp/failures.
func describe(t testing.TB, tab context.Context) string {
	ctx, cancel := context.WithTimeout(tab, 5*time.Second)
	defer cancel()
	url, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return "(the tab does not answer: " + err.Error() + ")"
	}
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	text = strings.TrimSpace(text)
	if len(text) > 1000 {
		text = text[:1000] + " …"
	}
	place := ""
	if picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		name := strings.Trim(notInNames.ReplaceAllString(t.Name(), "-"), "-")
		place = filepath.Join("..", "..", ".tmp", "failures", name+".png")
		write(t, place, picture)
	}
	return fmt.Sprintf("%s (picture: %s)\n%s", url, place, text)
}

func write(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Errorf("make the folder: %v", err)
		return
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Errorf("write the picture: %v", err)
	}
}
