package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"watari/test/program"
)

// Rig is a server in its sandbox and a browser to look at it with.
type Rig struct {
	BaseURL string // without a slash at the end
	Sandbox program.Sandbox
	Server  *program.Server

	allocator context.Context // starts the browser
	first     sync.Once
	browser   context.Context // the browser, from the first tab on
	video     string          // what the camera shows, a file in the form YUV4MPEG2
}

// Start runs `watari serve --sandbox` with these further arguments on a fresh data folder and
// prepares a browser. Both end with the test.
func Start(t testing.TB, args ...string) *Rig {
	t.Helper()
	server := program.Serve(t, append([]string{"--sandbox"}, args...)...)
	r := &Rig{BaseURL: server.BaseURL, Sandbox: server.Sandbox(t), Server: server}
	r.prepare(t)
	return r
}

// Open prepares a browser for a server that runs already, for example the second one of two.
func Open(t testing.TB, server *program.Server) *Rig {
	t.Helper()
	r := &Rig{BaseURL: server.BaseURL, Sandbox: server.Sandbox(t), Server: server}
	r.prepare(t)
	return r
}

// prepare says how the browser is to be started. Nothing runs yet.
func (r *Rig) prepare(t testing.TB) {
	t.Helper()
	r.video = filepath.Join(t.TempDir(), "camera.y4m")
	r.Camera(t, "")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium(t)),
		chromedp.NoSandbox, // root, and a page that is our own
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// The suggestions of an address bar are pages too: two processes for each tab.
		chromedp.Flag("disable-features", "Translate,WebUIOmniboxPopup,WebUIOmniboxAimPopup,"+
			"WebUIOmniboxFullPopup"),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("lang", "en"),
		chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", r.video),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	r.allocator = allocator
	t.Cleanup(stop)
}

// start starts the browser, once. It must be done before any tab is used: two first uses of one
// context would start two browsers. It ends with the allocator, that is with the test that made
// the rig and not with the part of it that opened the first tab.
func (r *Rig) start(t testing.TB) {
	t.Helper()
	r.first.Do(func() {
		browser, stop := chromedp.NewContext(r.allocator)
		if err := chromedp.Do(browser); err != nil {
			stop()
			t.Fatalf("start the browser: %v", err)
		}
		context.AfterFunc(r.allocator, stop)
		r.browser = browser
	})
	if r.browser == nil {
		t.Fatal("the browser did not start")
	}
}

// chromium returns the path of the browser.
func chromium(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("WATARI_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium: apt-get install chromium fonts-noto-cjk")
	return ""
}
