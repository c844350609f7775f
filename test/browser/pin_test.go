package browser

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
)

// large is an amount above CNY 1,000, for which the wallet asks for the PIN.
const large = "30000"

// pending charges a large amount and returns when the till waits and the phone asks.
func (r *Rig) pending(t testing.TB, till, phone context.Context) (id string) {
	t.Helper()
	charge(t, till, large, shown(t, phone))
	id = verdict(t, till, "Waiting for the wallet")
	Do(t, phone, shows("#pin"))
	mark(t, till)
	return id
}

// mark leaves a mark in a page that a reload would take away.
func mark(t testing.TB, tab context.Context) {
	t.Helper()
	Do(t, tab, chromedp.Evaluate[chromedp.Void]("void (window.untouched = true)"))
}

// untouched fails the test when a marked page was loaded anew.
func untouched(t testing.TB, tab context.Context) {
	t.Helper()
	if !Read(t, tab, chromedp.Evaluate[bool]("window.untouched === true")) {
		t.Error("the page was loaded anew")
	}
}

// dial presses the keys of the phone's PIN pad.
func dial(t testing.TB, phone context.Context, pin string) {
	t.Helper()
	for _, digit := range pin {
		Do(t, phone, click(`#ask [data-key="`+string(digit)+`"]`))
	}
}

// A till that nobody touches follows what the visitor does on the phone's keys.
func tellsOfThePIN(t *testing.T, r *Rig) {
	till, phone := r.till(t, "S2102"), r.phone(t, 2)

	id := r.pending(t, till, phone)
	if r.read(t, "S2102", id).State != "pending" {
		t.Error("the API does not say that the payment is pending")
	}
	Shot(t, phone, "phone-pin")
	Shot(t, till, "till-waiting")
	dial(t, phone, "65")
	Do(t, phone, click("#ask .main")) // half a PIN is no answer
	dial(t, phone, "4321")
	Wait(t, phone, "Wrong PIN. 2 tries left.")
	verdict(t, till, "Waiting for the wallet")
	dial(t, phone, walletPIN)
	receipt(t, phone, "Paid", "JPY 30,000", "CNY 1,282.36")
	verdict(t, till, "Approved")
	untouched(t, till)

	again(t, till, phone)
	id = r.pending(t, till, phone)
	Do(t, phone, click("#ask .quiet"))
	receipt(t, phone, "Not paid")
	verdict(t, till, "Declined")
	untouched(t, till)
	if p := r.read(t, "S2102", id); p.State != "declined" {
		t.Errorf("the API says %q, want declined", p.State)
	}

	again(t, till, phone)
	r.pending(t, till, phone)
	for _, left := range []string{"2 tries", "1 try"} {
		dial(t, phone, "000000")
		Wait(t, phone, "Wrong PIN. "+left+" left.")
	}
	dial(t, phone, "000000")
	receipt(t, phone, "Not paid")
	verdict(t, till, "Declined")
	untouched(t, till)
}

// again closes what both screens tell and returns to the pad.
func again(t testing.TB, till, phone context.Context) {
	t.Helper()
	Do(t, phone, click("#done [data-close]"))
	Do(t, till, click(`.tab[data-tab="charge"]`), has("amount-pad"))
}
