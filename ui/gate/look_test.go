package gate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"watari/kit/qr"
)

// keptBefore makes what the page kept in its first version: a scan that was not uploaded.
const keptBefore = `new Promise((resolve, reject) => {
	const asked = indexedDB.open('watari-gate', 1)
	asked.onupgradeneeded = () => {
		asked.result.createObjectStore('pack')
		asked.result.createObjectStore('scans', { keyPath: 'nonce' })
	}
	asked.onerror = () => reject(asked.error)
	asked.onsuccess = () => {
		const tx = asked.result.transaction(['scans', 'pack'], 'readwrite')
		tx.objectStore('scans').put({ nonce: 'before', text: %q, typed: false, kind: 'entry',
			override: '', at: %d, offset: 0, admitted: true, reason: 'admitted', number: '',
			alone: true, sent: false })
		tx.objectStore('pack').put({ device_id: 'gdv_other', tickets: [[1]] }, 'now')
		tx.oncomplete = () => { asked.result.close(); resolve(true) }
	}
})`

// read is what a script says.
func read[T any](p *phone, script string) T {
	p.t.Helper()
	got, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

// sees holds a text before the camera.
func (p *phone) sees(text string) {
	p.t.Helper()
	p.until(`!document.querySelector('gate-desk').busy`)
	read[any](p, fmt.Sprintf(`document.querySelector('gate-desk').seen(%q), null`, text))
}

// fair fails the test when axe-core finds what keeps people out, in the light and in the dark.
func (p *phone) fair(where string) {
	p.t.Helper()
	script, err := os.ReadFile(filepath.Join("..", "web", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		p.t.Fatalf("read axe-core: %v (make assets installs it)", err)
	}
	for _, scheme := range []string{"dark", "light"} {
		p.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia,
				emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
					{Name: "prefers-color-scheme", Value: scheme},
					{Name: "prefers-reduced-motion", Value: "reduce"},
				}})
			return err
		}))
		p.until("matchMedia('(prefers-color-scheme: " + scheme + ")').matches")
		p.do(chromedp.Evaluate[chromedp.Void](string(script) + "; void 0"))
		found := read[[]struct {
			ID, Help string
			Nodes    []struct{ HTML, FailureSummary string }
		}](p, `axe.run(document, {resultTypes: ['violations']}).then(r => r.violations
			.filter(v => ['serious', 'critical'].includes(v.impact)))`)
		for _, v := range found {
			raw, _ := json.Marshal(v.Nodes)
			p.t.Errorf("%s in the %s: %s: %s\n%s", where, scheme, v.ID, v.Help, raw)
		}
	}
}

// picture writes what the page looks like, when the environment says where to.
func (p *phone) picture(name string) {
	p.t.Helper()
	folder := os.Getenv("WATARI_PICTURES")
	if folder == "" {
		return
	}
	raw, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), raw, 0o644)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// Goal: a family enters with one code, with and without the network; who of them may not is named;
// everybody can read the page; what an older page kept is uploaded; a device that was lost stops.
// Method: a real browser.
func TestFamilyAtTheGate(t *testing.T) {
	t.Parallel()
	r, link := serve(t)
	_, ts := r.buy(item("once", "adult", 2), item("once", "child", 2))
	_, more := r.buy(item("once", "adult", 1), item("night", "child", 2))
	_, old := r.buy(item("once", "adult", 1))
	p := newPhone(t)
	p.do(chromedp.Navigate(r.base + "/gate/?lang=en"))
	p.fair("a browser that is no device")
	p.picture("gate-activation")
	read[bool](p, fmt.Sprintf(keptBefore, old[0].Text, r.now().UnixMilli()))
	p.do(chromedp.Navigate(r.base + link + "?lang=en"))
	p.do(chromedp.Navigate(r.base + "/gate/?lang=en"))
	p.until(`document.querySelector('gate-desk')?.desk?.tickets.size === 8`)
	p.until(`document.querySelector('gate-desk').desk.waiting().length === 0`)
	p.until(`navigator.serviceWorker?.controller != null`)
	p.fair("the gate")
	p.picture("gate")
	p.sees(r.shown(ts...))
	p.until(`document.querySelector('[data-word]').textContent === 'Welcome in'`)
	p.until(`document.querySelector('[data-party]').textContent === '4 of 4 may enter'`)
	if n := read[int](p, `document.querySelectorAll('[data-people] .in').length`); n != 4 {
		t.Errorf("%d people stand in the verdict", n)
	}
	p.fair("a family may enter")
	p.picture("gate-family")
	r.down.Store(true)
	p.sees(r.shown(more...))
	p.until(`document.querySelector('[data-word]').textContent === '1 of 3 may enter'`)
	p.do(chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-override]').click()`))
	p.fair("some of them may not")
	p.picture("gate-some")
	// While staff choose why, the camera changes nothing.
	p.sees(r.shown(ts[0]))
	read[any](p, `document.querySelector('[data-because]').click(), null`)
	p.until(`document.querySelectorAll('[data-people] .in').length === 2`)
	r.down.Store(false)
	p.do(chromedp.Evaluate[chromedp.Void](`window.dispatchEvent(new Event('online'))`))
	p.until(`document.querySelector('gate-desk').desk.waiting().length === 0`)
	r.count(1+4+3+2, 1+4+1+2, nil)
	ctx := context.Background()
	ds, err := r.Devices(ctx, r.park.ID)
	r.do("list devices", err)
	r.do("end it", r.EndDevice(ctx, r.park.ID, ds[0].ID, "test"))
	p.sees(r.shown(ts[0]))
	p.until(`document.querySelector('form[action="/gate/activate"]') !== null`)
	if kept := read[bool](p, `caches.match('/gate/').then(Boolean)`); kept {
		t.Error("the page of a lost device is kept")
	}
	if left := read[int](p, `new Promise((resolve, reject) => {
		const asked = indexedDB.open('watari-gate')
		asked.onsuccess = () => {
			const all = asked.result.transaction(['pack', 'tickets'])
			const packs = all.objectStore('pack').count()
			const tickets = all.objectStore('tickets').count()
			all.oncomplete = () => resolve(packs.result + tickets.result)
		}
		asked.onerror = () => reject(asked.error)
	})`); left != 0 {
		t.Errorf("a lost device keeps %d parts of its pack", left)
	}
	if looks, err := r.Looks(ctx, r.park.ID, "", day); err != nil || len(looks) != 10 {
		t.Errorf("%d scans, %v: the lost device's last was kept", len(looks), err)
	}
}

// film writes what a plain camera sees of a code that fills two thirds of its picture, as a video
// in the YUV4MPEG2 format; it returns the file.
func film(t *testing.T, text string) string {
	t.Helper()
	const w, h = 640, 480
	symbol, err := qr.QR(text)
	if err != nil {
		t.Fatal(err)
	}
	picture := bytes.Repeat([]byte{235}, w*h)
	side, _ := symbol.Size()
	scale := h * 2 / 3 / side
	for y := range side * scale {
		for x := range side * scale {
			if symbol.Dark(x/scale, y/scale) {
				picture[((h-side*scale)/2+y)*w+(w-side*scale)/2+x] = 16
			}
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "YUV4MPEG2 W%d H%d F20:1 Ip A1:1 C420jpeg\nFRAME\n", w, h)
	b.Write(picture)
	b.Write(bytes.Repeat([]byte{128}, w*h/2))
	file := filepath.Join(t.TempDir(), "camera.y4m")
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// Goal: the camera of a cheap phone reads the code of a family, and of the largest that one code
// shows. Method: a browser whose camera sees it in 640 by 480 dots.
func TestCameraReadsAFamily(t *testing.T) {
	t.Parallel()
	r, link := serve(t)
	for _, n := range []int64{4, 6} {
		_, ts := r.buy(item("once", "adult", n))
		p := newPhone(t, chromedp.Flag("use-file-for-fake-video-capture", film(t, r.shown(ts...))))
		if n != 4 {
			_, secret, err := r.AddDevice(context.Background(), r.park.ID, r.gate.ID, "Phone", "test")
			r.do("add a device", err)
			link = "/gate/activate/" + secret
		}
		p.do(chromedp.Navigate(r.base + link + "?lang=en"))
		p.until(fmt.Sprintf(`document.querySelector('[data-party]')?.textContent ===
			'%d of %d may enter'`, n, n))
	}
}
