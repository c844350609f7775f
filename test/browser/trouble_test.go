package browser

import (
	"context"
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
	Do(t, till, named("Scan a new code"), chromedp.WaitReady(css("till-scan")))
	Do(t, till, chromedp.SetValue(css("#code"), shown(t, phone)), click(".codeform [type=submit]"))
	verdict(t, till, "Approved")
	receipt(t, phone, "Paid")
}

// The wallet answers only after 12 seconds. The page is loaded anew while it asks and again while
// it waits; the one payment under its one request id ends on the screen.
func lateYesReachesTheTill(t *testing.T, r *Rig) {
	till, phone := r.till(t, "S0102"), r.phone(t, 2)
	r.fault(t, "late_success")

	charge(t, till, "1980", shown(t, phone))
	Do(t, till, chromedp.WaitVisible(css("#asking[open]")))
	before := asked(t, till)
	Do(t, till, chromedp.Reload(), chromedp.WaitVisible(css("#asking[open]")))
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
		`JSON.parse(sessionStorage.getItem('watari.sales'))?.[0]?.request ?? ''`))
}

// A till says that it is cut off and catches up by itself: with a payment that ended meanwhile,
// and with a sale that was made meanwhile.
func catchesUp(t *testing.T, r *Rig) {
	till, phone := r.till(t, "S0201", Tolerant()), r.phone(t, 3)

	r.pending(t, till, phone)
	online(t, till, false)
	Do(t, till, chromedp.WaitVisible(css("#line")))
	Shot(t, till, "till-offline")
	dial(t, phone, walletPIN)
	receipt(t, phone, "Paid")
	Do(t, phone, click("#done [data-close]"))
	verdict(t, till, "Waiting for the wallet")
	online(t, till, true)
	verdict(t, till, "Approved")
	untouched(t, till)
	Do(t, till, chromedp.WaitNotVisible(css("#line")))

	Do(t, till, click("[data-enter]"), chromedp.WaitReady(css("till-pad")))
	enter(t, till, "1980")
	Do(t, till, chromedp.SetValue(css("#code"), shown(t, phone)))
	online(t, till, false)
	Do(t, till, click(".codeform [type=submit]"))
	Do(t, till, chromedp.WaitVisible(css("#asking [data-trouble]")))
	online(t, till, true)
	verdict(t, till, "Approved")
	receipt(t, phone, "Paid")
	untouched(t, till)
	if n := len(r.payments(t, "S0201")); n != 2 {
		t.Errorf("the API lists %d payments, want 2", n)
	}
}

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
