package browser

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
)

// css finds the first element that fits.
type css = chromedp.CSS

// click taps on the first visible element that a CSS selector finds.
func click(selector string) chromedp.Action[chromedp.Void] {
	return tap(fmt.Sprintf(`[...document.querySelectorAll(%q)]`, selector))
}

// named taps on the first visible button or link that says a text.
func named(text string) chromedp.Action[chromedp.Void] {
	return tap(fmt.Sprintf(`[...document.querySelectorAll('a, button')].filter(
		e => e.textContent.replace(/\s+/g, ' ').includes(%q))`, text))
}

// point is where a finger goes.
type point struct {
	X, Y  float64
	Found bool
}

// tap waits for an element, taps where it stands, and does it again when something else was hit:
// a screen that is just being swapped moves what stands on it.
func tap(elements string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		var tried []error
		for {
			at, err := chromedp.Evaluate[point](fmt.Sprintf(aim, elements),
				chromedp.EvalAwaitPromise)(ctx, target)
			if err == nil && at.Found {
				_, err = chromedp.MouseClickXY(at.X, at.Y)(ctx, target)
				if err != nil && !leftPage(err) {
					return chromedp.Void{}, err
				}
				// In a page that came of it nobody aims.
				hit, err := chromedp.Evaluate[bool]("window.aimed !== true")(ctx, target)
				if err != nil || hit {
					return chromedp.Void{}, nil
				}
			}
			tried = append(tried[:0], err)
			select {
			case <-ctx.Done():
				return chromedp.Void{}, fmt.Errorf("tap on %s: %w (%v)", elements, ctx.Err(), tried)
			case <-time.After(lookEvery):
			}
		}
	}
}

// aim finds the place of the first visible element that stands still and that nothing covers, and
// has the page forget the aim when the element, or what has taken its place, is hit.
const aim = `(async () => {
	const nowhere = {X: 0, Y: 0, Found: false}
	const all = () => %s
	const e = all().find(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled)
	if (!e) return nowhere
	e.scrollIntoView({block: 'nearest', behavior: 'instant'})
	const frame = () => new Promise(next => {
		requestAnimationFrame(next)
		setTimeout(next, 200)
	})
	const was = e.getBoundingClientRect()
	await frame()
	await frame()
	const box = e.getBoundingClientRect()
	const x = box.left + box.width / 2, y = box.top + box.height / 2
	const top = document.elementFromPoint(x, y)
	const free = top && (e.contains(top) || top.contains(e) && top.matches('label'))
	if (!free || was.left !== box.left || was.top !== box.top) {
		if (!free) e.scrollIntoView({block: 'center', behavior: 'instant'})
		return nowhere
	}
	window.aimed = true
	document.addEventListener('click', event => {
		if (all().some(e => e.contains(event.target))) window.aimed = false
	}, {once: true, capture: true})
	return {X: x, Y: y, Found: true}
})()`
