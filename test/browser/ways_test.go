package browser

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"watari/kit/clock"
	"watari/test/program"
)

// The goal is the matrix of docs/protocols.md by hand: each wallet pays in each way by pressing
// what is on the screens, and the till gives back a part, then the rest. Method: a shop a wallet;
// the phone's scanner gets the text of the code, everything else is pressed.
func TestEveryWalletInEveryWayByHand(t *testing.T) {
	t.Parallel()
	r := Start(t)
	stores := []string{"S1501", "S1601", "S1701", "S1801"}
	for i, w := range r.Sandbox.Wallets {
		t.Run(w.Protocol, func(t *testing.T) {
			t.Parallel()
			h := &hand{t: t, r: r, wallet: w, store: stores[i], user: r.user(t, w, 2)}
			h.till, h.phone = r.till(t, h.store), r.Tab(t)
			for _, way := range []struct {
				name string
				pay  func() string
			}{{"wallet code", h.byWalletCode}, {"merchant code", h.byMerchantCode},
				{"order code", h.byOrderCode}, {"entry code", h.byEntryCode},
				{"page", h.byPage}} {
				id := way.pay()
				for n, word := range []string{"captured", "refunded"} {
					Do(t, h.till, goTo(
						r.BaseURL+"/till/payments/"+id+"/refund"))
					if n == 0 {
						refund(t, h.till, "990")
					} else {
						Do(t, h.till, named("Continue"))
					}
					Do(t, h.till, named("Refund JPY 990"))
					verdict(t, h.till, "Refunded")
					if got := r.read(t, h.store, id).State; got != word {
						t.Errorf("%s: after refund %d it is %s", way.name, n+1, got)
					}
				}
			}
		})
	}
}

// hand is a person with a phone in front of a shop's till.
type hand struct {
	t           *testing.T
	r           *Rig
	wallet      program.Wallet
	store       string
	user        program.User
	till, phone context.Context
	last        error // why something could not be pressed
}

// byWalletCode shows the phone's code to the till.
func (h *hand) byWalletCode() string {
	Do(h.t, h.phone, goTo(h.user.PhoneURL), shows(".digits"))
	code := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, Read(h.t, h.phone, reads(".digits")))
	Do(h.t, h.till, goTo(h.r.BaseURL+"/till/scan?amount=1980"),
		shows("#code"), fill("#code", code),
		click(".codeform [type=submit]"))
	return verdict(h.t, h.till, "Approved")
}

// byMerchantCode scans the shop's printed code.
func (h *hand) byMerchantCode() string {
	return h.goOn(h.r.shop(h.t, h.store).StaticQR)
}

// byOrderCode scans the code that the till shows.
func (h *hand) byOrderCode() string {
	Do(h.t, h.till, goTo(h.r.BaseURL+"/till/"))
	return h.goOn(h.r.showQR(h.t, h.till, "1980"))
}

// byEntryCode scans the address of the shop's page.
func (h *hand) byEntryCode() string { return h.goOn(h.r.entry(h.t, h.store)) }

// byPage comes from a web shop.
func (h *hand) byPage() string {
	order := h.r.order(h.t, h.store, 1980, map[string]any{"way": "page",
		"return_url": h.r.BaseURL + "/healthz"})
	Do(h.t, h.phone, goTo(order.CheckoutURL+"?wallet="+h.wallet.ID))
	return h.press(order.CodeText)
}

// goOn pastes a text into the phone's scanner and presses on until it is paid.
func (h *hand) goOn(text string) string {
	h.scan(text)
	return h.press("")
}

func (h *hand) scan(text string) {
	Do(h.t, h.phone, goTo(h.user.PhoneURL+"/scan"),
		shows("#code-text"), fill("#code-text", text),
		click("phone-scan form .main"))
}

// screen says what a page asks for next, which page that is, and its address.
const screen = `(() => {
	const shows = s => [...document.querySelectorAll(s)].some(e => e.offsetParent !== null);
	const asks = () => {
		if (shows('#ask #pin')) return 'pin';
		if (shows('#ask form .main')) return 'ask';
		if (shows('.people a')) return 'who';
		if (shows('amount-pad .keys')) return 'pad';
		if (location.pathname.startsWith('/phone/') && shows('form #amount')) return 'amount';
		if (shows('.wallets [data-wallet]')) return 'wallets';
		if (shows('.code svg')) return 'code';
		return 'nothing';
	}
	return [asks(), performance.timeOrigin, location.href].join(' ');
})()`

// againAfter is how many looks a page may go on asking what was answered before that is done again.
const againAfter = 50

// press presses what a page asks for until the shop's newest payment is captured. order is the text
// of the code that a page shows for another device, when one does.
func (h *hand) press(order string) string {
	h.t.Helper()
	before, same := "", 0
	for end := clock.Now().Add(2 * time.Minute); clock.Now().Before(end); {
		if ps := h.r.payments(h.t, h.store); len(ps) > 0 && ps[0].State == "captured" {
			return ps[0].ID
		}
		time.Sleep(3 * lookEvery)
		now := Read(h.t, h.phone, chromedp.Evaluate[string](screen))
		if now == before && same < againAfter {
			same++ // it is busy with what was pressed
			continue
		}
		before, same = now, 0
		asks := strings.Fields(now)
		h.answer(asks[0], asks[2], order)
	}
	h.t.Fatalf("%s has not paid (%v): %s", h.wallet.ID, h.last, describe(h.t, h.phone))
	return ""
}

// answer presses what a page at some address asks for. The page may have gone on by itself.
func (h *hand) answer(asks, address, order string) {
	h.t.Helper()
	switch asks {
	case "pin":
		for _, digit := range walletPIN {
			h.try(click(fmt.Sprintf(`#ask [data-key="%c"]`, digit)))
		}
	case "ask":
		h.try(click("#ask form .main"))
	case "who":
		h.try(click(fmt.Sprintf(`.people a[href^="/phone/%s/"]`, h.user.ID)))
	case "amount":
		h.try(fill("#amount", "1980"), click("form .main"))
	case "pad":
		for _, digit := range "1980" {
			h.try(click(fmt.Sprintf(`[data-key="%c"]`, digit)))
		}
		h.try(click(".padform .main"))
	case "wallets":
		h.try(click(fmt.Sprintf(`[data-wallet=%q]`, h.wallet.ID)))
	case "code":
		// The wallet that resolves our codes: its phone scans what the page shows.
		h.scan(h.shown(address, order))
	}
}

// shown is the text of the code on a page of an order: the page's own address.
func (h *hand) shown(address, order string) string {
	if order != "" {
		return order
	}
	at, err := url.Parse(address)
	if err != nil {
		h.t.Fatalf("read the page's address: %v", err)
	}
	return h.r.BaseURL + at.Path
}

// tryMax is how long something is tried on a page that may show it no more.
const tryMax = 10 * time.Second

// try does what a page asked for a moment ago. It is not a fault when it asks no more.
func (h *hand) try(actions ...chromedp.Action[chromedp.Void]) {
	ctx, cancel := context.WithTimeout(h.phone, tryMax)
	defer cancel()
	for _, action := range actions {
		if _, err := steady(ctx, action); err != nil {
			h.last = err
			return
		}
	}
}
