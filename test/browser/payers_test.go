package browser

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"watari/test/program"
)

// payer is a walk over every page that a payer can come to, and the till's screen of an order.
type payer struct {
	rig       *Rig
	store     string
	tab, till context.Context
	look      func(t *testing.T, tab context.Context, name string)
}

// at opens an address and looks at it when it is there.
func (p *payer) at(t *testing.T, name, address, ready string) {
	t.Helper()
	Do(t, p.tab, goTo(address), has(ready))
	p.look(t, p.tab, name)
}

func (p *payer) walk(t *testing.T) {
	r := p.rig
	order := r.order(t, p.store, 1980, nil)
	p.at(t, "pay-order", order.CodeText, ".wallets")
	Do(t, p.tab, click(".other summary"), shows(".code svg"))
	p.look(t, p.tab, "pay-order-code")
	p.at(t, "pay-order-one", order.CodeText+"?wallet="+r.Sandbox.Wallets[0].ID, ".wallets .main")
	p.at(t, "pay-entry", r.entry(t, p.store), "amount-pad")
	p.at(t, "pay-unknown", r.BaseURL+"/q/unknown", "h1")
	p.code(t, order)
	p.ended(t)
	p.orders(t)
}

// code looks at an order that waits for its payer in a wallet.
func (p *payer) code(t *testing.T, order made) {
	r := p.rig
	w := r.Sandbox.Wallets[0]
	Do(t, p.tab, goTo(order.CodeText),
		click(fmt.Sprintf(`[data-wallet=%q]`, w.ID)), has(".going .code svg"))
	p.look(t, p.tab, "pay-code")
	// The wallet's own page is not looked at here: its user comes back at once.
	line := r.wallet(t, "linepay")
	Do(t, p.tab, goTo(order.CodeText),
		click(fmt.Sprintf(`[data-wallet=%q]`, line.ID)))
	holds(t, p.tab, fmt.Sprintf(`!location.href.startsWith(%q)`, r.BaseURL))
	p.at(t, "pay-waiting", order.CodeText, ".going .next")
	p.at(t, "pay-choose-again", order.CodeText+"?choose=1", ".wallets")
	r.scan(t, line, 4, order.CodeText, nil)
	p.at(t, "pay-paid", order.CodeText, ".verdict.good")
}

// ended looks at orders that take no payment any more.
func (p *payer) ended(t *testing.T) {
	r := p.rig
	paid := r.order(t, p.store, 980, nil)
	r.scan(t, r.Sandbox.Wallets[0], 4, paid.CodeText, nil)
	r.settled(t, r.Sandbox.Wallets[0], paid)
	p.at(t, "pay-already", paid.CodeText, ".verdict.good")
	gone := r.order(t, p.store, 980, nil)
	r.api(t, p.store, http.MethodPost, "/v1/payments/"+gone.ID+"/cancel", map[string]any{}, nil)
	p.at(t, "pay-cancelled", gone.CodeText, ".verdict.void")
	p.refused(t, r.wallet(t, "wechatpay"))
}

// refused looks at an order whose wallet says no.
func (p *payer) refused(t *testing.T, w program.Wallet) {
	r := p.rig
	order := r.order(t, p.store, 600_000, nil) // more than the wallet may pay at once
	Do(t, p.tab, goTo(order.CodeText),
		click(fmt.Sprintf(`[data-wallet=%q]`, w.ID)), has(".note"))
	p.look(t, p.tab, "pay-refused")
}

// orders looks at the till's screens of an order.
func (p *payer) orders(t *testing.T) {
	Do(t, p.till, goTo(p.rig.BaseURL+"/till/"))
	p.look(t, p.till, "till-pad-two-ways")
	p.rig.showQR(t, p.till, "1980")
	p.look(t, p.till, "till-order")
	Do(t, p.till, click(".owncodes summary"), shows(".paylink"))
	p.look(t, p.till, "till-order-more")
	own := Read(t, p.till, chromedp.Evaluate[string](
		`document.querySelector('.owncodes button')?.dataset.wallet ?? ''`))
	if own != "" {
		Do(t, p.till, click(fmt.Sprintf(`[data-wallet=%q]`, own)),
			until(`!document.querySelector('.owncodes')`), shows(".qrbox svg"))
		p.look(t, p.till, "till-order-own")
	}
}

// payersPages returns the part that looks at every payer's page in a language, on three sizes of
// phone.
func payersPages(lang, store string) func(t *testing.T, r *Rig) {
	return func(t *testing.T, r *Rig) {
		texts := english(t, lang)
		p := &payer{rig: r, store: store, tab: r.Tab(t, Language(lang)),
			till: r.till(t, store, Language(lang))}
		p.look = func(t *testing.T, tab context.Context, name string) {
			for _, c := range []struct {
				width, height int64
				scheme        string
			}{{narrow, low, "dark"}, {360, 740, "dark"}, {Width, Height, "light"}} {
				size(t, tab, c.width, c.height)
				paint(t, tab, c.scheme)
				s := Read(t, tab, chromedp.Evaluate[shape](fmt.Sprintf(shapeOf, texts)))
				s.judge(t, fmt.Sprintf("%s in %s, %d wide", name, lang, c.width), lang, c.width)
				gallery(t, tab, fmt.Sprintf("%s/%s-%d", name, lang, c.width))
			}
		}
		p.walk(t)
	}
}

// No payer's page has a serious or critical violation, in the light or in the dark.
func payersPagesByEverybody(t *testing.T, r *Rig) {
	p := &payer{rig: r, store: "S0801", tab: r.Tab(t), till: r.till(t, "S0801")}
	for _, tab := range []context.Context{p.tab, p.till} {
		size(t, tab, Width, tall)
	}
	p.look = theCritic(t).judge
	p.walk(t)
}
