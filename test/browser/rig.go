package browser

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

	*chrome
	camera bool // the browser is this rig's alone, so that it may hold things before its camera
}

// Start runs `watari serve --sandbox` with these further arguments on a fresh data folder, which
// ends with the test, and has its pages looked at with the browser that all rigs share.
func Start(t testing.TB, args ...string) *Rig {
	t.Helper()
	return Open(t, program.Serve(t, append([]string{"--sandbox"}, args...)...))
}

// StartWithCamera is like Start, with a browser of its own: what is held before the camera is seen
// by all tabs of a browser.
func StartWithCamera(t testing.TB, args ...string) *Rig {
	t.Helper()
	server := program.Serve(t, append([]string{"--sandbox"}, args...)...)
	r := &Rig{BaseURL: server.BaseURL, Sandbox: server.Sandbox(t), Server: server}
	r.alone(t)
	return r
}

// Open looks at a server that runs already, for example the second one of two.
func Open(t testing.TB, server *program.Server) *Rig {
	t.Helper()
	r := &Rig{BaseURL: server.BaseURL, Sandbox: server.Sandbox(t), Server: server}
	r.share(t)
	return r
}

// shared is the browser of all rigs without a camera of their own. To start a browser takes as much
// as a short test. It is there as long as one of them is.
var shared struct {
	mu   sync.Mutex
	rigs int
	*chrome
}

// share gives a rig the browser of all, until the test ends.
func (r *Rig) share(t testing.TB) {
	t.Helper()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.chrome == nil {
		shared.chrome = newChrome(t, chromium(t, allOnes...))
	}
	shared.rigs++
	r.chrome = shared.chrome
	t.Cleanup(func() {
		shared.mu.Lock()
		defer shared.mu.Unlock()
		if shared.rigs--; shared.rigs == 0 {
			shared.stop()
			shared.chrome = nil
		}
	})
}

// alone gives a rig a browser of its own, until the test ends.
func (r *Rig) alone(t testing.TB) {
	t.Helper()
	r.chrome, r.camera = newChrome(t, chromium(t, allOnes...)), true
	t.Cleanup(r.stop)
}

// chrome is a browser.
type chrome struct {
	path  string // of the program
	video string // what the camera shows, a file in the form YUV4MPEG2, in a folder of its own

	allocator context.Context // starts the browser
	end       func()          // ends it, and waits for that
	mu        sync.Mutex
	browser   context.Context // the browser, from the first tab on
	closing   sync.WaitGroup  // tabs
}

// newChrome says how a browser is to be started, with a blank wall before its camera. Nothing runs
// yet.
func newChrome(t testing.TB, path string) *chrome {
	t.Helper()
	folder, err := os.MkdirTemp("", "watari-camera")
	if err != nil {
		t.Fatalf("make a folder for the camera: %v", err)
	}
	c := &chrome{path: path, video: filepath.Join(folder, "camera.y4m")}
	c.film(t, blank())
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
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
		chromedp.Flag("use-file-for-fake-video-capture", c.video),
	)
	c.allocator, c.end = chromedp.NewExecAllocator(context.Background(), options...)
	return c
}

// start returns the browser, which it starts when it is not there, or has crashed. It must be done
// before any tab is used: two first uses of one context would start two browsers. The browser ends
// with the allocator, that is with the test that made the rig and not with the part of it that
// opened the first tab.
func (c *chrome) start(t testing.TB) context.Context {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.browser != nil {
		select {
		case <-chromedp.FromContext(c.browser).Browser.LostConnection:
		default:
			return c.browser
		}
	}
	browser, stop := chromedp.NewContext(c.allocator)
	if err := chromedp.Do(browser); err != nil {
		stop()
		t.Fatalf("start the browser: %v", err)
	}
	context.AfterFunc(c.allocator, stop)
	c.browser = browser
	return browser
}

// stop ends the browser once its tabs are closed.
func (c *chrome) stop() {
	c.closing.Wait()
	c.end()
	_ = os.RemoveAll(filepath.Dir(c.video))
}

// windowed looks at the same server with a browser of its own that has windows and menus too, for
// what only such a one does.
func (r *Rig) windowed(t testing.TB) *Rig {
	t.Helper()
	path := chromium(t, windowedOnes...)
	if path == r.path {
		return r
	}
	own := *r
	own.chrome = newChrome(t, path)
	t.Cleanup(own.stop)
	return &own
}

const windowless = "chromium-headless-shell"

// The names of the browser. The one without windows does the same with a page for two thirds of the
// work; where it is not installed the other one does.
var (
	windowedOnes = []string{"chromium", "chromium-browser", "google-chrome"}
	allOnes      = append([]string{windowless}, windowedOnes...)
)

// chromium returns the path of the first of some browsers that is there.
func chromium(t testing.TB, names ...string) string {
	t.Helper()
	path := os.Getenv("WATARI_CHROMIUM")
	if path != "" && (filepath.Base(path) != windowless || slices.Contains(names, windowless)) {
		return path
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium: apt-get install chromium fonts-noto-cjk")
	return ""
}
