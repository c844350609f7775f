package gate_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"watari/visit/park/gate"
)

// phone is a browser with the page of the gate.
type phone struct {
	t   *testing.T
	ctx context.Context
}

func newPhone(t *testing.T, more ...chromedp.ExecAllocatorOption) *phone {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.Flag("use-fake-ui-for-media-stream", true),
		chromedp.Flag("use-fake-device-for-media-stream", true))
	options = append(options, more...)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	p := &phone{t, ctx}
	p.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2)))
	return p
}

func (p *phone) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// until waits for what a script says.
func (p *phone) until(script string) {
	p.t.Helper()
	for range 300 {
		ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](script))
		if err == nil && ok {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Fatalf("never: %s", script)
}

// types checks a code and wants a verdict, by the network or alone.
func (p *phone) types(code, want string, alone bool) {
	p.t.Helper()
	p.until(`!document.querySelector('gate-desk').busy`)
	p.do(chromedp.SetValue(chromedp.CSS("#code"), code),
		chromedp.Evaluate[chromedp.Void](`document.querySelector('[data-next]').click();
			document.querySelector('form[data-typed]').requestSubmit()`))
	p.until(fmt.Sprintf(`(v => !v.hidden && v.querySelector('[data-word]').textContent === %q &&
		v.querySelector('[data-alone]').hidden === %t)(document.querySelector('[data-verdict]'))`,
		want, !alone))
}

// Goal: without a network the page decides by what it took along, also after the browser was
// started anew, and tells the network what it did as soon as there is one.
// Method: a real browser whose server stops answering.
func TestPageWithoutANetwork(t *testing.T) {
	t.Parallel()
	r, link := serve(t)
	_, ts := r.buy(item("once", "adult", 3), item("night", "adult", 1))
	p := newPhone(t)
	p.do(chromedp.Navigate(r.base + link + "?lang=en"))
	p.do(chromedp.Navigate(r.base + "/gate/?lang=en"))
	p.until(`document.querySelector('gate-desk')?.desk?.tickets.size === 4`)
	p.until(`navigator.serviceWorker?.controller != null`)
	p.types(ts[0].Code(), "Welcome in", false)
	p.types(ts[0].Code(), "Already used", false)
	p.until(`caches.match('/gate/').then(k => { window.kept = Boolean(k) }) && window.kept`)
	r.down.Store(true)
	p.types(ts[1].Code(), "Welcome in", true)
	p.types(ts[1].Code(), "Already used", true)
	p.types(ts[0].Code(), "Already used", true)
	p.types(ts[3].Code(), "Too early", true)
	p.do(chromedp.Navigate(r.base + "/gate/"))
	p.until(`document.querySelector('gate-desk')?.desk?.scans.length === 6`)
	p.types(ts[1].Code(), "Already used", true)
	r.down.Store(false)
	p.do(chromedp.Evaluate[chromedp.Void](`window.dispatchEvent(new Event('online'))`))
	p.until(`document.querySelector('gate-desk').desk.waiting().length === 0`)
	ls, err := r.Looks(context.Background(), r.park.ID, "", day)
	r.do("list scans", err)
	offline := 0
	for _, l := range ls {
		if l.Offline {
			offline++
		}
	}
	if len(ls) != 7 || offline != 5 {
		t.Errorf("%d scans are kept, %d of them decided by the page; want 7 and 5", len(ls), offline)
	}
	for _, one := range r.mine(ts[1].OrderID)[:2] {
		if one.State != gate.Used || one.Entries != 1 {
			t.Errorf("ticket %d is %s after %d entries", one.Line, one.State, one.Entries)
		}
	}
}

// mine are the tickets of an order.
func (r *rig) mine(orderID string) []gate.Ticket {
	r.t.Helper()
	ts, err := r.TicketsOf(context.Background(), orderID)
	r.do("read tickets", err)
	return ts
}
