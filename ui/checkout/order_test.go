package checkout_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
)

// Goal: the payer sees what is paid to whom, until when, and with what. Method: an order's page in
// five languages.
func TestOrderPageSaysWhatIsPaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, path := r.order(1980)
	for _, lang := range i18n.Langs() {
		p := r.browser(string(lang)).get(path).is(200)
		if got := p.value("html", "lang"); got != string(lang) {
			t.Errorf("the page is in %q, want %s", got, lang)
		}
		p.has(".bill h1", "1,980")
		p.has(".bill .for", "Sake, 2 bottles")
		p.has("time-left", "10:00")
		if n := len(p.all(".wallets form[method=post] button")); n != len(brands) {
			t.Errorf("%s: %d wallets are offered, want %d", lang, n, len(brands))
		}
		if n := len(p.all(".tongues a")); n != len(i18n.Langs()) {
			t.Errorf("%s: %d languages are offered", lang, n)
		}
	}
	r.browser("ja").get(path).has(".where", "平田酒造場 三町店")
	r.browser("en").get(path).has(".where", "Hirata Sake, Sanmachi")
}

// Goal: the wallet whose browser this is needs one touch. Method: the User-Agents of the four
// wallets, and the wallet in the address.
func TestWalletIsRecognisedByItsBrowser(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, path := r.order(1980)
	for agent, connector := range map[string]string{
		"Mozilla/5.0 (iPhone) AlipayClient/10.5.0":      "alipayplus",
		"Mozilla/5.0 (Linux) AlipayConnect/1.0":         "alipayplus",
		"Mozilla/5.0 (iPhone) MicroMessenger/8.0.40":    "wechatpay",
		"Mozilla/5.0 (iPhone) PayPay/4.20":              "paypay",
		"Mozilla/5.0 (iPhone) Safari Line/13.20.0":      "linepay",
		"Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0":  "",
		"Mozilla/5.0 (X11) a browser for PayPal online": "",
	} {
		b := r.browser("en")
		b.agent = agent
		p := b.get(path).is(200)
		want := ""
		if connector != "" {
			want = "Pay with " + brands[connector][1]
		}
		if got := p.text(".wallets .main"); got != want {
			t.Errorf("%s: the main button says %q, want %q", agent, got, want)
		}
	}
	p := r.browser("en").get(path + "?wallet=POCHI").is(200)
	p.has(".wallets .main", "Pay with Pochi")
	if got := p.value(".wallets form", "action"); got != path+"?wallet=POCHI" {
		t.Errorf("the form goes to %s and forgets the wallet", got)
	}
}

// Goal: a payer gets to the wallet without scripts and against no policy, and the receipt comes by
// itself. Method: choose a wallet with a page, let it be paid, look again.
func TestPayerIsSentToTheWalletAndBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	order, path := r.order(1980)

	p := b.post(path, "wallet", "MIDORI").is(200)

	n, asked := r.wallets["linepay"].asks()
	if n != 1 || asked.Way != link.WayPage {
		t.Fatalf("the wallet was asked %d times, at last for %q", n, asked.Way)
	}
	if want := public + path + "/back?wallet=MIDORI"; asked.ReturnURL != want {
		t.Errorf("the wallet sends its user to %s, want %s", asked.ReturnURL, want)
	}
	page := "https://linepay.example/pay/" + asked.OurRequestID
	if got := p.header.Get("Refresh"); got != "0;url="+page {
		t.Errorf("Refresh is %q", got)
	}
	if got := p.value(".actions a.main", "href"); got != page {
		t.Errorf("the button goes to %q, want %q", got, page)
	}
	p.has("h1", "Confirm in Midori")
	if b.get(path).stage() != "waiting" || r.browser("en").get(path).stage() != "open" {
		t.Error("the order waits for the wrong browser")
	}
	rival := r.browser("en") // has chosen a wallet too, and does not pay
	rival.post(path, "wallet", "WEILAI").is(200)

	r.pays("linepay")

	done := b.get(path).is(200)
	done.has(".verdict.good h1", "Paid")
	done.has(".payer", "TWD 421.00")
	done.has(".facts", "1 JPY = 0.00")
	done.has(".facts", order.ID)
	if len(done.all("pay-live")) != 0 {
		t.Error("the receipt still waits for something")
	}
	for who, b := range map[string]*browser{"a stranger": r.browser("en"), "a rival": rival} {
		other := b.get(path).is(200)
		other.has(".verdict.good h1", "Already paid")
		if strings.Contains(other.source, "TWD") || strings.Contains(other.source, order.ID) {
			t.Errorf("%s sees the payer's receipt (V4)", who)
		}
	}
}

// Goal: who comes back from a wallet that told us nothing finds the payment made. Method: the
// wallet's books say paid, and its user's browser, which has no cookie of ours, comes back.
func TestComingBackAsksTheWallet(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	_, path := r.order(1980)
	r.browser("en").post(path, "wallet", "MIDORI").is(200)
	w := r.wallets["linepay"]
	w.mu.Lock()
	w.paid[w.last] = true
	w.mu.Unlock()

	p := r.browser("en").get(path + "/back?wallet=MIDORI").is(200)

	if p.path != path || p.stage() != "paid" {
		t.Errorf("the way back leads to %s, which is %q", p.path, p.stage())
	}
	p.has(".verdict.good h1", "Paid")
}

// Goal: each kind of form is shown as what it is. Method: a code, a page call, an app's address.
func TestEveryKindOfFormIsShown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.wallets["linepay"].form = link.Form{AppURL: "line://pay/1",
		PageURL: "https://linepay.example/1"}

	_, path := r.order(1980)
	p := r.browser("en").post(path, "wallet", "WEILAI").is(200)
	p.has(".code", "Scan this code with Weilai.")
	if len(p.all(".code svg")) != 1 {
		t.Error("the wallet's code is not drawn")
	}
	if got := p.header.Get("Refresh"); got != "" {
		t.Errorf("a code leaves for %q", got)
	}

	_, path = r.order(1980)
	weixin := r.browser("en")
	weixin.agent = "MicroMessenger/8.0"
	p = weixin.post(path, "wallet", "WEILAI").is(200)
	if got := p.value("pay-weixin", "data-params"); !strings.Contains(got, `"package":"prepay_id=`) {
		t.Errorf("the page call has %q", got)
	}
	p.has("[data-elsewhere]", "only inside Weilai")

	p = r.browser("en").post(path, "wallet", "MIDORI").is(200)
	if got := p.value(".actions a.main", "href"); got != "line://pay/1" {
		t.Errorf("the app's button goes to %q", got)
	}

	_, path = r.order(1980)
	p = r.browser("en").post(path, "wallet", "LIANHUA").is(200)
	p.has(".code", "Scan this code with Lianhua.")
	if n, _ := r.wallets["alipayplus"].asks(); n != 0 {
		t.Errorf("a wallet that resolves our codes was asked %d times to make an order", n)
	}
}

// Goal: nothing that a browser would run is ever opened (V5). Method: a wallet that answers with
// such addresses only.
func TestDangerousAddressesAreNotOpened(t *testing.T) {
	t.Parallel()
	for _, form := range []link.Form{{PageURL: "javascript:alert(1)"},
		{AppURL: "javascript:alert(1)"}, {AppURL: "DATA:text/html,x"}, {AppURL: " vbscript:x"},
		{PageURL: "https://a.example/\r\nSet-Cookie: x=1"}, {PageURL: "//a.example/"},
		{PageURL: "https://user@a.example/"}, {AppURL: "/relative"}} {
		r := newRig(t)
		r.wallets["linepay"].form = form
		_, path := r.order(1980)
		p := r.browser("en").post(path, "wallet", "MIDORI")
		if p.status != 500 || p.header.Get("Refresh") != "" ||
			strings.Contains(p.source, "alert(1)") {
			t.Errorf("%+v: status %d, Refresh %q", form, p.status, p.header.Get("Refresh"))
		}
	}
}

// Goal: a wallet that says no is told with its reason, and another one may be chosen. Method: a
// decline when asked, one by notice, and one that does not answer.
func TestDeclineLeavesTheChoice(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	_, path := r.order(1980)
	r.wallets["paypay"].set("decline")
	p := b.post(path, "wallet", "POCHI").is(422)
	p.has(".note", "This wallet does not pay at this shop.")
	if p.stage() != "open" || len(p.all(".wallets form")) != len(brands) {
		t.Errorf("the order is %q", p.stage())
	}

	b.post(path, "wallet", "MIDORI").is(200)
	r.declines("linepay", link.ReasonBalance)
	p = b.get(path).is(200)
	p.has(".note h2", "Midori did not pay")
	p.has(".note", "The balance in the wallet is not enough.")
	if p.stage() != "declined" || len(p.all(".wallets form")) != len(brands) ||
		len(p.all("pay-live")) != 1 {
		t.Errorf("the order is %q", p.stage())
	}

	_, path = r.order(1980)
	r.wallets["paypay"].set("silence")
	p = b.post(path, "wallet", "POCHI")
	p.has(".note", "does not answer now. Nothing was charged")
	if p.status != http.StatusServiceUnavailable {
		t.Errorf("status %d", p.status)
	}
	b.post(path, "wallet", "NOBODY").is(422).has(".note", "cannot pay here now")
}

// Goal: every end has its page. Method: an order that expires, one that the shop cancels, one that
// is refunded, and one that nobody knows.
func TestEveryEndHasItsPage(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	ctx := context.Background()

	cancelled, path := r.order(1980)
	_, err := r.Cancel(ctx, payment.Cancellation{Origin: payment.Origin{AcquirerNo: r.bank.No,
		Channel: payment.ChannelAPI, Actor: "test", Began: r.now()},
		Ref: payment.Ref{PaymentID: cancelled.ID}})
	r.must(err)
	b.get(path).is(200).has(".verdict.void h1", "Cancelled by the shop")
	b.post(path, "wallet", "MIDORI").is(200).has(".verdict.void h1", "Cancelled by the shop")

	paid, path := r.order(1980)
	b.post(path, "wallet", "MIDORI")
	r.pays("linepay")
	_, err = r.Refund(ctx, payment.Giveback{Origin: payment.Origin{AcquirerNo: r.bank.No,
		Channel: payment.ChannelAPI, RequestID: "back", Actor: "test", Began: r.now()},
		Ref: payment.Ref{PaymentID: paid.ID}, Amount: money.MustNew(1980, "JPY")})
	r.must(err)
	b.get(path).is(200).has(".verdict.back h1", "Refunded")

	_, path = r.order(1980)
	r.forward(11 * time.Minute)
	p := b.get(path).is(200)
	p.has(".verdict.void h1", "This code has expired")
	p.has(".because", "Nothing was charged.")
	b.post(path, "wallet", "MIDORI").is(200).has("h1", "This code has expired")

	for _, path := range []string{"/q/nobody", "/q/" + strings.Repeat("0", 27), "/pay/x",
		"/s/NOWHERE", "/q/%00", "/q/a/b/c"} {
		if p := b.get(path); p.status != 404 || len(p.all("h1")) != 1 {
			t.Errorf("%s: status %d: %s", path, p.status, p.source)
		}
	}
	sale := "/q/" + strings.TrimPrefix(r.code(), "pay_")
	b.get(sale).is(404)
}

// code is a payment that no page may show: a sale by a wallet code.
func (r *rig) code() string {
	r.t.Helper()
	ctx := context.Background()
	p, err := r.Sell(ctx, payment.Sale{Origin: payment.Origin{AcquirerNo: r.bank.No,
		Channel: payment.ChannelAPI, RequestID: "sale", Actor: "test", Began: r.now()},
		MerchantID: "M1", StoreID: "S1", Amount: money.MustNew(500, "JPY"), Code: "x"})
	if err == nil {
		return p.ID
	}
	return "pay_none"
}

// Goal: a web shop's customer comes back to it with the payment's id. Method: an order with a
// return address, before and after it is paid.
func TestCheckoutLeadsBackToTheShop(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	order, path := r.order(1980, func(o *payment.Order) {
		o.Way, o.ReturnURL = link.WayPage, "https://shop.example/done?cart=7"
	})
	path = "/pay" + strings.TrimPrefix(path, "/q")
	back := "https://shop.example/done?cart=7&payment_id=" + order.ID

	open := b.get(path).is(200)
	if got := open.value("a.quiet", "href"); got != back {
		t.Errorf("leaving goes to %s", got)
	}
	b.post(path, "wallet", "MIDORI").is(200)
	_, asked := r.wallets["linepay"].asks()
	if want := public + path + "/back?wallet=MIDORI"; asked.ReturnURL != want {
		t.Errorf("the wallet sends its user to %s, want %s", asked.ReturnURL, want)
	}
	r.pays("linepay")

	p := b.get(path).is(200)
	if got := p.value("pay-back a", "href"); got != back {
		t.Errorf("the way back is %s, want %s", got, back)
	}
	if u, err := url.Parse(back); err != nil || u.Query().Get("payment_id") != order.ID {
		t.Errorf("%s has no payment id", back)
	}
}
