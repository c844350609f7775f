package checkout_test

import (
	"context"
	"strings"
	"testing"

	"watari/kit/db"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// entry is the address of the store's page.
func (r *rig) entry() string { return "/s/" + payment.StoreToken(r.store.No) }

// orders counts the payments of the bank.
func (r *rig) orders() int {
	r.t.Helper()
	list, _, err := r.List(context.Background(), payment.Filter{AcquirerNo: r.bank.No})
	r.must(err)
	return len(list)
}

// Goal: a printed code takes an amount and leads to the wallets. Method: amount and wallet, as a
// browser without scripts sends them; the same form twice makes one order (V3).
func TestEntryPageMakesOneOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("ja")
	p := b.get(r.entry()).is(200)
	p.has(".where", "平田酒造場 三町店")
	p.has(".hint", "Lianhua · Midori · Pochi · Weilai")
	form := []string{"amount", "１，２００円", "request", p.value("input[name=request]", "value")}

	first, second := b.post(r.entry(), form...).is(200), b.post(r.entry(), form...).is(200)

	if first.path != second.path || !strings.HasPrefix(first.path, "/q/") || r.orders() != 1 {
		t.Errorf("%s and %s, %d orders", first.path, second.path, r.orders())
	}
	first.has(".bill h1", "1,200 円")
	form[1] = "1300"
	if b.post(r.entry(), form...).is(200); r.orders() != 2 {
		t.Error("another amount is not another order")
	}
}

// Goal: in a wallet's own browser amount and wallet are one step. Method: the User-Agent of one.
func TestEntryPageInAWalletIsOneStep(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	b.agent = "Mozilla/5.0 PayPay/4.20"
	p := b.get(r.entry()).is(200)
	p.has(".padform .main", "Pay with Pochi")

	p = b.post(p.value("form", "action"), "amount", "1200", "request",
		p.value("input[name=request]", "value"), "wallet",
		p.value("input[name=wallet]", "value")).is(200)

	n, asked := r.wallets["paypay"].asks()
	if n != 1 || asked.Way != link.WayPage || asked.Order.Minor() != 1200 {
		t.Fatalf("the wallet was asked %d times: %+v", n, asked)
	}
	if !strings.HasPrefix(asked.ReturnURL, public+"/q/") {
		t.Errorf("the wallet sends its user to %s", asked.ReturnURL)
	}
	if p.header.Get("Refresh") == "" || p.value("pay-live", "data-url") == r.entry() {
		t.Errorf("the page waits at %q", p.value("pay-live", "data-url"))
	}
	r.pays("paypay")
	order := p.value("pay-live", "data-url")
	b.get(order).is(200).has(".verdict.good h1", "Paid")
}

// Goal: each mistake is shown at the field and makes no order. Method: bad amounts.
func TestEntryPageShowsMistakes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	for typed, want := range map[string]string{"": "Enter the amount.", "0": "at least 1 yen",
		"-5": "negative", "19.80": "no decimals", "abc": "digits only",
		"12345678901234": "At most 13 digits."} {
		p := b.post(r.entry(), "amount", typed).is(422)
		p.has("#amount-mistake", want)
		if p.value("#amount", "aria-invalid") != "true" {
			t.Errorf("%q: the field is not marked", typed)
		}
	}
	b.post(r.entry(), "amount", "9999999999999", "wallet", "MIDORI")
	if n := r.orders(); n > 1 {
		t.Errorf("%d orders", n)
	}
}

// Goal: a closed store takes nothing and says so, also to programs. Method: suspend it.
func TestClosedStoreSaysSo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	r.must(r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		return r.reg.SetStatus(ctx, tx, "test", party.KindStore, r.store.No, party.Suspended)
	}))
	if p := b.get(r.entry()); p.status == 200 || !strings.Contains(p.text("h1"), "cannot take") {
		t.Errorf("%d: %s", p.status, p.text("h1"))
	}
	if p := b.post(r.entry(), "amount", "500"); p.status == 200 || r.orders() != 0 {
		t.Errorf("%d, %d orders", p.status, r.orders())
	}
	var m struct{ State string }
	if b.machine("GET", r.entry(), nil, &m) != 200 || m.State != "closed" {
		t.Errorf("programs hear %q", m.State)
	}
}
