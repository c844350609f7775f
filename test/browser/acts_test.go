package browser

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// What follows asks the page itself and not the browser's copy of its elements, which is one step
// behind while the page's own script draws it anew.

// goTo goes to an address and waits until its page is loaded, or one that it leads to by itself.
// What the tab was fetching meanwhile is dropped. When that was a page which the tab was on its way
// to, either of the two may win, and Do begins again.
func goTo(url string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		events := make(chan any, 1000)
		listening, stop := context.WithCancel(ctx)
		defer stop()
		if err := chromedp.Listen(listening, func(event any) {
			switch event.(type) {
			case *cdppage.EventLifecycleEvent, *network.EventLoadingFailed:
				select {
				case events <- event:
				default:
				}
			}
		}); err != nil {
			return err
		}
		going, err := cdp.Call(ctx, target, cdppage.Navigate, cdppage.NavigateParams{URL: url})
		switch {
		case err != nil:
			return err
		case going.ErrorText != "":
			return &chromedp.LoadError{ErrorText: going.ErrorText}
		case going.LoaderID == "": // another place in the same page
			return nil
		}
		if err := loaded(ctx, events, going.LoaderID); err != nil {
			return fmt.Errorf("open %s: %w", url, err)
		}
		return nil
	})
}

// loaded waits until the page of a loader has been loaded, or one that has taken its place.
func loaded(ctx context.Context, events <-chan any, loader cdp.LoaderID) error {
	var frame cdp.FrameID // where the page is, once it has come
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case event := <-events:
			switch e := event.(type) {
			case *network.EventLoadingFailed:
				if string(e.RequestID) == string(loader) && e.Canceled {
					return &chromedp.LoadError{ErrorText: e.ErrorText}
				}
			case *cdppage.EventLifecycleEvent:
				if e.LoaderID == loader {
					frame = e.FrameID
				}
				if e.Name == "load" && e.FrameID == frame {
					return nil
				}
			}
		}
	}
}

// has waits until the page has an element.
func has(selector string) chromedp.Action[chromedp.Void] {
	return until(fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
}

// shows waits until the first element that fits takes up room on the page.
func shows(selector string) chromedp.Action[chromedp.Void] {
	return until(fmt.Sprintf(`(e => Boolean(e && (e.offsetWidth || e.offsetHeight ||
		e.getClientRects().length)))(document.querySelector(%q))`, selector))
}

// found waits until an expression is something, and returns it.
func found[T any](expression string) chromedp.Action[T] {
	return func(ctx context.Context, target *chromedp.Target) (T, error) {
		for {
			value, err := chromedp.Evaluate[*T](expression)(ctx, target)
			if err == nil && value != nil {
				return *value, nil
			}
			if err := pause(ctx, "wait for "+expression, err); err != nil {
				var none T
				return none, err
			}
		}
	}
}

// reads is the text of an element, as soon as there is one.
func reads(selector string) chromedp.Action[string] {
	return found[string](fmt.Sprintf(`document.querySelector(%q)?.textContent`, selector))
}

// attributes are those of an element, as soon as there is one.
func attributes(selector string) chromedp.Action[map[string]string] {
	return found[map[string]string](fmt.Sprintf(`(e => e && Object.fromEntries([...e.attributes]
		.map(a => [a.name, a.value])))(document.querySelector(%q))`, selector))
}

// fill gives a field a value at once, as a password manager does.
func fill(selector, value string) chromedp.Action[chromedp.Void] {
	return until(fmt.Sprintf(`(e => {
		if (!e) return false
		e.value = %q
		e.dispatchEvent(new Event('input', {bubbles: true}))
		e.dispatchEvent(new Event('change', {bubbles: true}))
		return true
	})(document.querySelector(%q))`, value, selector))
}

// types presses keys in a field, after what it holds already. A field that was drawn anew meanwhile
// and lost some of them gets them again.
func types(selector, keys string) chromedp.Action[chromedp.Void] {
	field := fmt.Sprintf(`(document.querySelector(%q))`, selector)
	focus := found[string](`(e => {
		if (!e?.checkVisibility()) return null
		e.focus()
		return document.activeElement === e ? e.value : null
	})` + field)
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		for {
			before, err := focus(ctx, target)
			if err != nil {
				return err
			}
			if _, err := chromedp.KeyEvent(keys)(ctx, target); err != nil {
				return err
			}
			after, err := chromedp.Evaluate[string](`(e => e?.value ?? '')`+field)(ctx, target)
			if err != nil {
				return err
			}
			if strings.HasSuffix(letters(after), letters(keys)) {
				return nil
			}
			if err := pause(ctx, fmt.Sprintf("type %q into %s: it holds %q", keys, selector, after),
				nil); err != nil {
				return err
			}
			if _, err := fill(selector, before)(ctx, target); err != nil {
				return err
			}
		}
	})
}

// letters leaves letters and digits: fields group what is typed.
func letters(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return c
		}
		return -1
	}, text)
}

// leaves runs an action that leads to another page, which may take away the answer.
func leaves(action chromedp.Action[chromedp.Void]) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := action(ctx, target); err != nil && !leftPage(err) {
			return err
		}
		return nil
	})
}

// press types keys wherever the focus is.
func press(keys string) chromedp.Action[chromedp.Void] { return leaves(chromedp.KeyEvent(keys)) }
