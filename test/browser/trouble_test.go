package browser

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A decline says why, on both screens, and leads on to a new code.
func declineSaysWhy(t *testing.T, r *Rig) {
	till, phone := r.till(t, "S0101"), r.phone(t, 1)
	r.fault(t, "decline")

	charge(t, till, "500", shown(t, phone))
	id := verdict(t, till, "Declined")

	Wait(t, till, "The customer’s balance is not enough.")
	receipt(t, phone, "Not paid", "Your balance is not enough.")
	Shot(t, till, "till-declined")
	if p := r.read(t, "S0101", id); p.State != "declined" {
		t.Errorf("the API says %q, want declined", p.State)
	}
	Do(t, phone, click("#done [data-close]"))
	Do(t, till, named("Scan a new code"), has("till-scan"))
	Do(t, till, fill("#code", shown(t, phone)), click(".codeform [type=submit]"))
	verdict(t, till, "Approved")
	receipt(t, phone, "Paid")
}

// The wallet answers only after 12 seconds. The page is loaded anew while it asks and again while
// it waits; the one payment under its one request id ends on the screen.
func lateYesReachesTheTill(t *testing.T, r *Rig) {
	till, phone := r.till(t, "S0102"), r.phone(t, 2)
	r.fault(t, "late_success")

	charge(t, till, "1980", shown(t, phone))
	Do(t, till, shows("#asking[open]"))
	before := asked(t, till)
	Do(t, till, chromedp.Reload(), shows("#asking[open]"))
	if after := asked(t, till); after != before || before == "" {
		t.Errorf("the reload asks under %q, before it was %q", after, before)
	}
	id := verdict(t, till, "Waiting for the wallet")
	Do(t, till, chromedp.Reload())
	if again := verdict(t, till, "Waiting for the wallet"); again != id {
		t.Errorf("the reload shows payment %s, before it was %s", again, id)
	}
	mark(t, till)

	if late := verdict(t, till, "Approved"); late != id {
		t.Errorf("the late answer is of payment %s, want %s", late, id)
	}
	untouched(t, till)
	receipt(t, phone, "Paid", priceShown, chargeShown)
	Do(t, till, chromedp.Reload())
	verdict(t, till, "Approved")
	list := r.payments(t, "S0102")
	if len(list) != 1 || list[0].State != "captured" {
		t.Errorf("the API lists %+v, want one captured payment", list)
	}
	r.verify(t)
}

// asked is the request id of the sale that a till asks about.
func asked(t testing.TB, till context.Context) string {
	t.Helper()
	return Read(t, till, chromedp.Evaluate[string](
		`Object.keys(localStorage).find(k => k.startsWith('watari.sale.'))?.slice(12) ?? ''`))
}

// A till says that it is cut off and catches up by itself: with a payment that ended meanwhile,
// with a sale that was made meanwhile, and when its device was without a network.
func catchesUp(t *testing.T, r *Rig) {
	const store = "S0201"
	wire, phone := r.wire(t), r.phone(t, 3)
	till := r.Tab(t, Tolerant())
	link := strings.Replace(r.shop(t, store).TillURL, r.BaseURL, wire.URL, 1)
	Do(t, till, goTo(link))

	r.pending(t, till, phone)
	wire.cut(true)
	Do(t, till, shows("#line"))
	Shot(t, till, "till-offline")
	dial(t, phone, walletPIN)
	receipt(t, phone, "Paid")
	verdict(t, till, "Waiting for the wallet")
	wire.cut(false)
	verdict(t, till, "Approved")
	holds(t, till, joined)
	untouched(t, till)

	again(t, till, phone)
	enter(t, till, "1980")
	Do(t, till, fill("#code", shown(t, phone)))
	wire.cut(true)
	Do(t, till, click(".codeform [type=submit]"))
	Do(t, till, shows("#asking [data-trouble]"))
	wire.cut(false)
	verdict(t, till, "Approved")
	receipt(t, phone, "Paid")
	untouched(t, till)
	if n := len(r.payments(t, store)); n != 2 {
		t.Errorf("the API lists %d payments, want 2", n)
	}

	online(t, till, false)
	Do(t, till, shows("#line"))
	online(t, till, true)
	holds(t, till, joined)
	untouched(t, till)
}

// joined is true while a till says nothing of its line.
const joined = "document.getElementById('line').hidden"

// online cuts a tab off from all networks, or joins it again.
func online(t testing.TB, tab context.Context, is bool) {
	t.Helper()
	Do(t, tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		rules := []*network.Conditions{}
		if !is {
			rules = append(rules, &network.Conditions{Offline: true, DownloadThroughput: -1,
				UploadThroughput: -1})
		}
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule,
			network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: rules})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, target, network.OverrideNetworkState,
			network.OverrideNetworkStateParams{Offline: !is, DownloadThroughput: -1,
				UploadThroughput: -1})
		return err
	}))
}
