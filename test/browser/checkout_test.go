package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"watari/kit/clock"
	"watari/test/program"
)

// The goal is that a payer can pay whatever is shown, and the shop knows at once. The method: one
// server, one browser, and for each part a shop and visitors of its own.
func TestTheCheckout(t *testing.T) {
	t.Parallel()
	r := Start(t)
	for name, part := range map[string]func(*testing.T, *Rig){
		"programs read and pay an order":             paysByPrograms,
		"every wallet pays the till's QR":            paysTheTillsQR,
		"a payer clicks through a wallet's page":     paysOnAPage,
		"a printed code takes an amount":             paysByThePrintedCode,
		"a web shop gets its customer back":          comesBackToTheShop,
		"the payer hears that the shop has given up": hearsOfTheCancel,
		"an order is paid without scripts":           paysWithoutScripts,
		"the payer's first load is small":            payerLoadsLittle,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t, r)
		})
	}
}

// The goal is payer's pages that speak five languages, fit small phones and are open to everybody.
// The method: every stage of an order, looked at by the same eyes as the till.
func TestEveryPayersPage(t *testing.T) {
	t.Parallel()
	r := Start(t)
	for name, part := range map[string]func(*testing.T, *Rig){
		"in English, by everybody": payersPagesByEverybody,
		"in English":               payersPages("en", "S0901"),
		"in Japanese":              payersPages("ja", "S1001"),
		"in simplified Chinese":    payersPages("zh-Hans", "S1101"),
		"in traditional Chinese":   payersPages("zh-Hant", "S1201"),
		"in Korean":                payersPages("ko", "S1401"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			part(t, r)
		})
	}
}

// made is an order as /v1 tells it.
type made struct {
	ID          string
	CodeText    string `json:"code_text"`
	CheckoutURL string `json:"checkout_url"`
}

// order makes an order of a store over the API.
func (r *Rig) order(t testing.TB, store string, yen int64, more map[string]any) made {
	t.Helper()
	s := r.shop(t, store)
	body := map[string]any{"merchant_id": s.MerchantID, "store_id": s.ID,
		"terminal_id": s.TerminalID, "amount": sum{"JPY", yen}, "description": "Ramen, 2 bowls"}
	for key, value := range more {
		body[key] = value
	}
	var m made
	r.api(t, store, http.MethodPost, "/v1/orders", body, &m)
	return m
}

// wallet finds a wallet by its protocol.
func (r *Rig) wallet(t testing.TB, protocol string) program.Wallet {
	t.Helper()
	for _, w := range r.Sandbox.Wallets {
		if w.Protocol == protocol {
			return w
		}
	}
	t.Fatalf("the sandbox has no wallet that speaks %s", protocol)
	return program.Wallet{}
}

// user is the n-th user of a wallet, counted from 1.
func (r *Rig) user(t testing.TB, w program.Wallet, n int) program.User {
	t.Helper()
	for _, u := range r.Sandbox.Users {
		if u.Wallet != w.ID {
			continue
		}
		if n--; n == 0 {
			return u
		}
	}
	t.Fatalf("%s has too few users", w.ID)
	return program.User{}
}

// scan is a user who scans a text and confirms.
func (r *Rig) scan(t testing.TB, w program.Wallet, n int, text string, amount *sum) {
	t.Helper()
	body := map[string]any{"code_value": text}
	if amount != nil {
		body["amount"] = amount
	}
	ask(t, http.MethodPost, w.ControlURL+"/users/"+r.user(t, w, n).ID+"/scan", body, nil, nil)
}

// told is the machine form of a payer's page.
type told struct {
	Kind, State string
	Shop        struct{ ID, Name string }
	Amount      *sum
	Wallets     []struct{ ID, Name string }
}

var asJSON = http.Header{"Accept": {"application/json"}}

// A program reads an order, chooses a wallet, and finds it paid.
func paysByPrograms(t *testing.T, r *Rig) {
	for _, w := range r.Sandbox.Wallets {
		order := r.order(t, "S0301", 1980, nil)
		var open told
		ask(t, http.MethodGet, order.CodeText, nil, &open, asJSON)
		offered := slices.ContainsFunc(open.Wallets, func(o struct{ ID, Name string }) bool {
			return o.ID == w.ID
		})
		if open.Kind != "order" || open.State != "open" || open.Shop.ID != "S0301" ||
			open.Amount == nil || *open.Amount != (sum{"JPY", 1980}) || !offered {
			t.Fatalf("the order reads %+v", open)
		}
		r.scan(t, w, 1, order.CodeText, nil)
		r.settled(t, w, order)
		if got := r.read(t, "S0301", order.ID).State; got != "captured" {
			t.Errorf("after %s has paid the payment is %q", w.Name, got)
		}
	}
}

// settled waits until an order is paid: a wallet that has debited its user tells the network a
// little later.
func (r *Rig) settled(t testing.TB, w program.Wallet, order made) {
	t.Helper()
	for end := clock.Now().Add(stepMax); ; time.Sleep(lookEvery) {
		var now told
		ask(t, http.MethodGet, order.CodeText, nil, &now, asJSON)
		if now.State == "paid" {
			return
		}
		if now.State != "open" || clock.Now().After(end) {
			t.Fatalf("after %s has paid the order is %q", w.Name, now.State)
		}
	}
}

// Each wallet's user scans the QR on the till, and the till tells it without a reload; part of it
// goes back.
func paysTheTillsQR(t *testing.T, r *Rig) {
	const store = "S0302"
	till := r.till(t, store)
	if got := words(t, till, ".takes"); !strings.Contains(got, r.Sandbox.Wallets[0].Name) {
		t.Errorf("the till takes %q", got)
	}
	for i, w := range r.Sandbox.Wallets {
		Do(t, till, goTo(r.BaseURL+"/till/"))
		text := r.showQR(t, till, "1980")
		if i == 0 {
			Shot(t, till, "till-qr")
		}
		mark(t, till)
		r.scan(t, w, 2, text, nil)
		id := verdict(t, till, "Approved")
		untouched(t, till)
		if got := words(t, till, ".verdict"); !strings.Contains(got, w.Name) {
			t.Errorf("the till says %q, without %s", got, w.Name)
		}
		Do(t, till, goTo(r.BaseURL+"/till/day"))
		if got := words(t, till, ".rows"); !strings.Contains(got, w.Name) {
			t.Errorf("the day's list says %q, without %s", got, w.Name)
		}
		Do(t, till, goTo(r.BaseURL+"/till/payments/"+id+"/refund"))
		refund(t, till, "990")
		Do(t, till, named("Refund JPY 990"))
		verdict(t, till, "Refunded")
	}
	if list := r.payments(t, store); len(list) != len(r.Sandbox.Wallets) {
		t.Errorf("the API lists %d payments, want %d", len(list), len(r.Sandbox.Wallets))
	}
}

// showQR types an amount, shows the QR of an order, and returns what it says.
func (r *Rig) showQR(t testing.TB, till context.Context, amount string) string {
	t.Helper()
	for _, digit := range amount {
		Do(t, till, click(fmt.Sprintf(`[data-key="%c"]`, digit)))
	}
	Do(t, till, click("[formaction='/till/orders']"), shows(".qrbox svg"))
	return strings.TrimSpace(Read(t, till, reads(".paylink")))
}

// A payer chooses on the page, confirms in the wallet, and comes back to the receipt.
func paysOnAPage(t *testing.T, r *Rig) {
	w := r.wallet(t, "linepay")
	order := r.order(t, "S0401", 1980, nil)
	tab := r.Tab(t)
	Do(t, tab, goTo(order.CodeText+"?wallet="+w.ID),
		shows(".wallets .main"))
	Shot(t, tab, "pay-order")
	Do(t, tab, named("Pay with "+w.Name))
	r.confirm(t, tab, r.user(t, w, 3))
	holds(t, tab, `document.querySelector('#word')?.textContent.trim() === 'Paid'`)
	if got := path(t, tab); !strings.HasPrefix(got, "/q/") {
		t.Errorf("the wallet sent its user to %s", got)
	}
	slip := words(t, tab, "#screen")
	for _, want := range []string{priceShown, w.Name, "USD 12.45", "1 JPY ="} {
		if !strings.Contains(slip, want) {
			t.Errorf("the receipt says %q, without %q", slip, want)
		}
	}
	Shot(t, tab, "pay-paid")
	stranger := r.Tab(t)
	Do(t, stranger, goTo(order.CodeText))
	if got := words(t, stranger, "#screen"); !strings.Contains(got, "Already paid") ||
		strings.Contains(got, "USD") {
		t.Errorf("a stranger reads %q", got)
	}
}

// confirm is a user on a wallet's own page: says who it is when asked, and agrees.
func (r *Rig) confirm(t testing.TB, tab context.Context, u program.User) {
	t.Helper()
	phone, err := url.Parse(u.PhoneURL)
	if err != nil {
		t.Fatalf("read the address of a phone: %v", err)
	}
	holds(t, tab, fmt.Sprintf(`location.host === %q`, phone.Host))
	holds(t, tab, `document.querySelector('.people a, #ask form') !== null`)
	if Read(t, tab, chromedp.Evaluate[bool](`document.querySelector('.people') !== null`)) {
		Do(t, tab, click(fmt.Sprintf(`.people a[href^="/phone/%s/"]`, u.ID)))
		holds(t, tab, `document.querySelector('#ask form') !== null`)
	}
	if Read(t, tab, chromedp.Evaluate[bool](`document.querySelector('#pin') !== null`)) {
		dial(t, tab, walletPIN)
		return
	}
	Do(t, tab, click("#ask form .main"))
}

// A visitor opens the printed code of a store, types the amount, and pays; every till of the store
// hears of it.
func paysByThePrintedCode(t *testing.T, r *Rig) {
	const store = "S0501"
	s := r.shop(t, store)
	till := r.till(t, store)
	for _, w := range r.Sandbox.Wallets {
		r.scan(t, w, 4, s.StaticQR, &sum{"JPY", 1200})
		holds(t, till, `document.querySelector('#toasts .toast')?.textContent.includes('1,200')`)
		Do(t, till, goTo(r.BaseURL+"/till/day"))
		if got := words(t, till, ".rows"); !strings.Contains(got, w.Name) {
			t.Errorf("the day's list says %q, without %s", got, w.Name)
		}
	}
	order := r.order(t, store, 500, nil)
	entry := r.entry(t, store)
	tab := r.Tab(t)
	Do(t, tab, goTo(entry), shows("amount-pad .keys"))
	for _, digit := range "1200" {
		Do(t, tab, click(fmt.Sprintf(`[data-key="%c"]`, digit)))
	}
	Do(t, tab, click(".padform .main"), shows(".wallets"))
	if got := words(t, tab, ".bill"); !strings.Contains(got, "JPY 1,200") {
		t.Errorf("the order reads %q", got)
	}
	if got := path(t, tab); got == strings.TrimPrefix(order.CodeText, r.BaseURL) {
		t.Error("two orders have one address")
	}
}

// entry is the address of a store's page, as its printed code has it.
func (r *Rig) entry(t testing.TB, store string) string {
	t.Helper()
	text := r.shop(t, store).StaticQR
	_, after, ok := strings.Cut(text, r.BaseURL+"/s/")
	if !ok || len(after) < 7 {
		t.Fatalf("the printed code of %s names no page: %q", store, text)
	}
	return r.BaseURL + "/s/" + after[:7]
}

// A web shop sends its customer to the checkout and gets them back with the payment's id, by
// itself.
func comesBackToTheShop(t *testing.T, r *Rig) {
	w := r.wallet(t, "linepay")
	order := r.order(t, "S0601", 1980, map[string]any{"way": "page",
		"return_url": r.BaseURL + "/healthz?cart=7"})
	tab := r.Tab(t)
	Do(t, tab, goTo(order.CheckoutURL), named(w.Name))
	r.confirm(t, tab, r.user(t, w, 1))
	holds(t, tab, `location.pathname === '/healthz'`)
	if got := Read(t, tab, chromedp.Evaluate[string]("location.search")); !strings.Contains(got,
		"payment_id="+order.ID) || !strings.Contains(got, "cart=7") {
		t.Errorf("the shop gets its customer back with %q", got)
	}
}

// The shop cancels while the payer looks at the page.
func hearsOfTheCancel(t *testing.T, r *Rig) {
	const store = "S0701"
	till, payer := r.till(t, store), r.Tab(t)
	text := r.showQR(t, till, "700")
	Do(t, payer, goTo(text), shows(".wallets"))
	mark(t, payer)
	Do(t, till, named("Cancel this QR"))
	verdict(t, till, "Cancelled")
	holds(t, payer, `document.querySelector('#word')?.textContent.trim() === 'Cancelled by the shop'`)
	untouched(t, payer)
}

// A payer's browser without scripts gets as far.
func paysWithoutScripts(t *testing.T, r *Rig) {
	w := r.wallet(t, "linepay")
	order := r.order(t, "S0801", 1980, nil)
	tab := r.Tab(t)
	plain(t, tab)
	Do(t, tab, goTo(order.CodeText))
	submit(t, tab, fmt.Sprintf(`[data-wallet=%q]`, w.ID))
	holds(t, tab, `!location.pathname.startsWith('/q/')`)
	r.scan(t, w, 2, order.CodeText, nil)
	Do(t, tab, goTo(order.CodeText))
	holds(t, tab, `document.querySelector('#word')?.textContent.trim() === 'Paid'`)
}

// plain turns scripts off.
func plain(t testing.TB, tab context.Context) {
	t.Helper()
	Do(t, tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled,
			emulation.SetScriptExecutionDisabledParams{Value: true})
		return err
	}))
}

// payerBytesMax is the most that a payer's first load may take.
const payerBytesMax = 60 << 10

// The payer's first load is small, and nothing is asked of another host.
func payerLoadsLittle(t *testing.T, r *Rig) {
	order := r.order(t, "S0901", 1980, nil)
	tab := r.Tab(t)
	asked := make(chan string, 1000)
	err := chromedp.Listen(tab, func(event any) {
		if e, ok := event.(*network.EventRequestWillBeSent); ok {
			asked <- e.Request.URL
		}
	})
	if err != nil {
		t.Fatalf("listen to the network: %v", err)
	}
	Do(t, tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		return err
	}))
	Do(t, tab, goTo(order.CodeText),
		until(`customElements.get('pay-live') !== undefined`))
	bytes := Read(t, tab, chromedp.Evaluate[int](`performance.getEntries()
		.reduce((sum, e) => sum + (e.transferSize ?? 0), 0)`))
	t.Logf("%d requests, %d bytes", len(asked), bytes)
	if bytes == 0 || bytes > payerBytesMax {
		t.Errorf("the first load takes %d bytes, want at most %d", bytes, payerBytesMax)
	}
	for range len(asked) {
		if got := <-asked; !strings.HasPrefix(got, r.BaseURL+"/") {
			t.Errorf("the page asks for %s", got)
		}
	}
}
