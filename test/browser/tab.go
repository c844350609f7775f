package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The size of the screen, in CSS pixels.
const Width, Height = 390, 844

// dots is how many dots a pixel has on each side: two where somebody wants to see the pictures.
// To draw them takes four times the work, which nobody needs who only measures.
var dots = func() float64 {
	if os.Getenv("WATARI_SHOTS") != "" || os.Getenv("WATARI_GALLERY") != "" {
		return 2
	}
	return 1
}()

// stepMax is the longest that one call of Do or Read may take. Pages answer in a fraction of a
// second; the rest is for machines that do other things at the same time.
const stepMax = 90 * time.Second

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
// the test. The first tab starts the browser.
func (r *Rig) Tab(t testing.TB, options ...Option) context.Context {
	t.Helper()
	browser := r.chrome.start(t)
	settings := tab{width: Width, height: Height, mobile: true, language: "en"}
	for _, o := range options {
		o(&settings)
	}
	ctx, stop := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
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
		r.chrome.closing.Go(stop) // a page that listens to its server takes its time
		<-ctx.Done()
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

// Do runs actions in a tab, one after the other, and fails the test when one does. An action whose
// page goes elsewhere under it is begun again on the next one, so none may do harm twice; those
// that press something see to that themselves.
func Do(t testing.TB, tab context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, stepMax)
	defer cancel()
	for _, action := range actions {
		if _, err := steady(ctx, action); err != nil {
			t.Fatalf("%v\n%s", err, describe(t, tab))
		}
	}
}

// Read runs one action in a tab and returns its value. An action that only looks: a page that goes
// elsewhere meanwhile takes the answer with it, and the next one is looked at.
func Read[T any](t testing.TB, tab context.Context, action chromedp.Action[T]) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(tab, stepMax)
	defer cancel()
	value, err := steady(ctx, action)
	if err != nil {
		t.Fatalf("%v\n%s", err, describe(t, tab))
	}
	return value
}

// steady runs an action, and again when its page was left or drawn anew under it.
func steady[T any](ctx context.Context, action chromedp.Action[T]) (T, error) {
	for tries := 1; ; tries++ {
		value, err := chromedp.Run(ctx, action)
		if err == nil || !passes(err) && !(unready(err) && tries < unreadyMost) {
			return value, err
		}
		if err := pause(ctx, fmt.Sprintf("after %d tries", tries), err); err != nil {
			return value, err
		}
	}
}

// The browser's words for what becomes of a command whose page, or the element that it is about,
// goes while the command is under way. It has one number for all that goes wrong.
var (
	pageGone = []string{"Inspected target navigated or closed", "Execution context was destroyed.",
		"Cannot find context with specified id", "Cannot find default execution context",
		"uniqueContextId not found", "Promise was collected", "Not attached to an active page"}
	elementGone = []string{"Could not find node with given id", "No node with given id found",
		"Node with given id does not belong to the document", "Node is detached from document",
		"Could not compute box model.", "Could not compute content quads.",
		"Unable to capture screenshot"}
)

// leftPage tells whether a command got no answer because its page was left for another.
func leftPage(err error) bool {
	var command *cdproto.Error
	return errors.As(err, &command) && slices.Contains(pageGone, command.Message)
}

// passes tells whether an action failed because its page was left for another or drawn anew, or
// because two ways out of a page were taken at once, so that it can be begun again.
func passes(err error) bool {
	var command *cdproto.Error
	if errors.As(err, &command) && slices.Contains(elementGone, command.Message) {
		return true
	}
	var load *chromedp.LoadError
	return leftPage(err) || errors.As(err, &load) && load.ErrorText == "net::ERR_ABORTED"
}

// unreadyMost is how often an action is tried that fails for what the page does not have yet.
const unreadyMost = 100

// unready tells whether an action failed for what is on the page, which may have been only half
// there. When it stays so it is a fault.
func unready(err error) bool {
	var thrown *chromedp.ExceptionError
	return errors.As(err, &thrown) || errors.Is(err, chromedp.ErrJSNull) ||
		errors.Is(err, chromedp.ErrJSUndefined)
}

// pause waits until it is time for another look. It fails, with what was last seen, when there is
// no time for one.
func pause(ctx context.Context, what string, last error) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, errors.Join(ctx.Err(), last))
	case <-time.After(lookEvery):
		return nil
	}
}

// Wait waits until the page shows a text, anywhere in its body.
func Wait(t testing.TB, tab context.Context, text string) {
	t.Helper()
	Do(t, tab, until(fmt.Sprintf("document.body.innerText.includes(%q)", text)))
}

// lookEvery is the pause between two looks at a page.
const lookEvery = 20 * time.Millisecond

// until waits until a JavaScript expression is true, or a promise of that. A page that goes
// elsewhere meanwhile, or has not come yet, is looked at again.
func until(expression string) chromedp.Action[chromedp.Void] {
	look := chromedp.Evaluate[bool](expression, chromedp.EvalAwaitPromise)
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		for {
			is, err := look(ctx, target)
			if is && err == nil {
				return chromedp.Void{}, nil
			}
			if err := pause(ctx, "wait until "+expression, err); err != nil {
				return chromedp.Void{}, err
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
	ctx, cancel := context.WithTimeout(tab, 10*time.Second)
	defer cancel()
	url, err := steady(ctx, chromedp.Evaluate[string]("location.href"))
	if err != nil {
		return "(the tab does not answer: " + err.Error() + ")"
	}
	text, _ := steady(ctx, chromedp.Evaluate[string]("document.body?.innerText ?? ''"))
	text = strings.TrimSpace(text)
	if len(text) > 1000 {
		text = text[:1000] + " …"
	}
	place := ""
	if picture, err := steady(ctx, chromedp.CaptureScreenshot()); err == nil {
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
