package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// page is a small site that says how it was asked.
func page(w http.ResponseWriter, r *http.Request) {
	seen, _ := r.Cookie("seen")
	http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprintf(w, `<!doctype html><html><head>
<meta name="viewport" content="width=device-width"></head>
<body><p id="language">%s</p><p id="cookie">%v</p><p lang="ja">渡り</p></body></html>`,
		r.Header.Get("Accept-Language"), seen != nil)
}

// rigOf is a Rig for a test's own site instead of the program's.
func rigOf(t *testing.T, browser func(*Rig, testing.TB)) *Rig {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(page))
	t.Cleanup(site.Close)
	r := &Rig{BaseURL: site.URL}
	browser(r, t)
	return r
}

// The goal is tabs that are phones of different people. The method: two tabs of one browser on a
// page that sets a cookie and repeats the language it was asked for.
func TestTabsAreSeparatePhones(t *testing.T) {
	t.Parallel()
	r := rigOf(t, (*Rig).share)

	mine, yours := r.Tab(t), r.Tab(t, Language("ja"), Dark())
	Do(t, mine, goTo(r.BaseURL))
	Do(t, yours, goTo(r.BaseURL))

	if got := text(t, yours, "cookie"); got != "false" {
		t.Errorf("the second tab has the cookies of the first: %s", got)
	}
	if got := text(t, yours, "language"); !strings.HasPrefix(got, "ja") {
		t.Errorf("the second tab asks for %q, want Japanese", got)
	}
	if got := text(t, mine, "language"); !strings.HasPrefix(got, "en") {
		t.Errorf("the first tab asks for %q, want English", got)
	}
	width := Read(t, mine, chromedp.Evaluate[int]("window.innerWidth"))
	if width != Width {
		t.Errorf("a tab is %d pixels wide, want %d", width, Width)
	}
	for tab, want := range map[string]bool{"mine": false, "yours": true} {
		ctx := mine
		if tab == "yours" {
			ctx = yours
		}
		got := Read(t, ctx, chromedp.Evaluate[bool](
			"matchMedia('(prefers-color-scheme: dark)').matches"))
		if got != want {
			t.Errorf("%s prefers dark colours: %t", tab, got)
		}
	}
}

// darkShare opens the camera and returns the share of dark pixels in percent.
const darkShare = `(async () => {
	const stream = await navigator.mediaDevices.getUserMedia({video: true})
	const video = document.createElement('video')
	video.muted = true
	video.srcObject = stream
	await video.play()
	const canvas = document.createElement('canvas')
	canvas.width = video.videoWidth
	canvas.height = video.videoHeight
	const pen = canvas.getContext('2d')
	pen.drawImage(video, 0, 0)
	const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data
	let dark = 0
	for (let i = 0; i < pixels.length; i += 4) if (pixels[i] < 100) dark++
	stream.getTracks().forEach(track => track.stop())
	return Math.round(dark * 400 / pixels.length)
})()`

// The goal is a camera that shows what a test holds before it, also when the browser runs already.
// The method: count the dark pixels before and after a code is held up.
func TestTheCameraShowsWhatIsHeldUp(t *testing.T) {
	t.Parallel()
	r := rigOf(t, (*Rig).alone)
	tab := r.Tab(t)
	Do(t, tab, goTo(r.BaseURL))
	look := chromedp.Evaluate[int](darkShare, chromedp.EvalAwaitPromise)

	wall := Read(t, tab, look)
	r.Camera(t, "281012345678901234567890")
	code := Read(t, tab, look)
	r.Camera(t, "")
	again := Read(t, tab, look)

	if wall != 0 || again != 0 {
		t.Errorf("a blank wall has %d and %d percent of dark pixels", wall, again)
	}
	if code < 10 || code > 40 {
		t.Errorf("a code has %d percent of dark pixels, want 10 to 40", code)
	}
}

// The goal is pages that do not fail in silence. The method: judge what a page could write.
func TestAPageThatThrowsFailsItsTest(t *testing.T) {
	t.Parallel()
	cases := []struct {
		message  chromedp.ConsoleMessage
		tolerant bool
		fails    bool
	}{
		{chromedp.ConsoleMessage{Type: chromedp.ConsoleException, Text: "boom"}, false, true},
		{chromedp.ConsoleMessage{Type: chromedp.ConsoleException, Text: "boom"}, true, false},
		{chromedp.ConsoleMessage{Type: chromedp.ConsoleError, Text: "bad"}, false, true},
		{chromedp.ConsoleMessage{Type: chromedp.ConsoleError, Source: "network"}, false, false},
		{chromedp.ConsoleMessage{Type: chromedp.ConsoleError, Source: "security"}, false, true},
		{chromedp.ConsoleMessage{Type: chromedp.ConsoleLog, Text: "hello"}, false, false},
	}
	for _, c := range cases {
		var witness recorder

		(&tab{tolerant: c.tolerant}).judge(&witness, c.message)

		if witness.failed != c.fails {
			t.Errorf("%s from %q: failed %t", c.message, c.message.Source, witness.failed)
		}
	}
}

// recorder is a test that only notes whether it failed.
type recorder struct {
	testing.TB
	failed bool
}

func (r *recorder) Errorf(string, ...any) { r.failed = true }

func text(t *testing.T, tab context.Context, id string) string {
	t.Helper()
	return Read(t, tab, reads("#"+id))
}
