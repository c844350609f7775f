package wechatpay_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/utils"

	"watari/connect/wechatpay"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/link/linktest"
	"watari/sandbox/wallet"
	front "watari/sandbox/wechatpay"
)

// order is a sale that its user pays later.
func (r *rig) order(way link.Way) link.Prepare {
	s := r.sale()
	s.Code = ""
	return link.Prepare{Authorise: s, Way: way, PayerIP: "203.0.113.7",
		ReturnURL: "https://shop.example/done?a=1&b=2"}
}

// prepared asks for an order that must stand.
func (r *rig) prepared(c *wechatpay.Client, p link.Prepare) link.Form {
	r.t.Helper()
	f, a := c.Prepare(r.t.Context(), r.endpoint(), p)
	if a.Outcome != link.Unknown || !a.UserActing || a.Cause == nil {
		r.t.Fatalf("prepare: got %+v", a)
	}
	return f
}

// scan is u1 scanning a text and confirming with the PIN.
func (r *rig) scan(text string) *wallet.Payment {
	r.t.Helper()
	got, err := r.Scan(r.t.Context(), r.front, "u1", text, nil)
	if err != nil || got.RequestID == "" {
		r.t.Fatalf("scan %s: %+v, %v", text, got, err)
	}
	r.Confirm(got.RequestID)
	return r.payment(got.RequestID)
}

func (r *rig) inquire(c *wechatpay.Client, s link.Authorise, way link.Way) link.Answer {
	return c.Inquire(r.t.Context(), r.endpoint(), link.Inquire{About: aboutOf(s, way)})
}

// The goal is that an order that is scanned is paid once, in the user's own currency, and told in
// ours. Method: prepare twice, scan, confirm, inquire, prepare again.
func TestScannedOrderIsPaidOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{})
	c, p := r.client(), r.order(link.WayOrder)

	form, again := r.prepared(c, p), r.prepared(c, p)

	if form.CodeText != again.CodeText || !strings.HasPrefix(form.CodeText, "weixin://wxpay/") {
		t.Fatalf("got %+v and %+v", form, again)
	}
	if a := r.inquire(c, p.Authorise, link.WayOrder); a.Outcome != link.Unknown || !a.UserActing {
		t.Errorf("before: got %+v", a)
	}
	r.scan(form.CodeText)
	a := r.inquire(c, p.Authorise, link.WayOrder)
	if a.Outcome != link.Approved || a.Code != "SUCCESS" || a.Customer != r.front.OpenID("u1") {
		t.Fatalf("after: got %+v", a)
	}
	if *a.PayTo != money.MustNew(1980, "JPY") || *a.Payer != money.MustNew(84_74, "CNY") {
		t.Errorf("got %v, debited %v", a.PayTo, a.Payer)
	}
	if _, a := c.Prepare(t.Context(), r.endpoint(), p); a.Outcome != link.Unknown ||
		a.UserActing || a.Code != "ORDERPAID" {
		t.Errorf("prepared when it was paid: got %+v", a)
	}
}

// The goal is that the same order number with another amount is refused and says nothing about
// the first order.
func TestOtherOrderUnderTheSameNumberIsUnknown(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{})
	c, p := r.client(), r.order(link.WayOrder)
	r.prepared(c, p)
	p.PayTo = money.MustNew(1981, "JPY")

	_, a := c.Prepare(t.Context(), r.endpoint(), p)

	if a.Outcome != link.Unknown || a.UserActing || a.Code != "OUT_TRADE_NO_USED" {
		t.Errorf("got %+v", a)
	}
}

// The goal is that the in-page call works inside the wallet: its arguments are signed with our key
// over the documented text, and pay the order of that user only. All three kinds of merchants.
func TestInPageCallPaysForItsUserOnly(t *testing.T) {
	t.Parallel()
	for _, deal := range []front.Deal{{}, {Institution: true}, {Institution: true, SubApp: true}} {
		r := newRig(t, deal)
		r.must(r.AddUsers(t.Context(), wallet.User{ID: "u2", Name: "某", NameEN: "X"}))
		c, p := r.client(), r.order(link.WayEntry)
		p.Payer = r.front.OpenID("u1")

		params := r.prepared(c, p).Params

		key, err := utils.LoadPrivateKey(r.creds.PrivateKey)
		r.must(err)
		if !signedBy(&key.PublicKey, fmt.Sprintf("%s\n%s\n%s\n%s\n", params["appId"],
			params["timeStamp"], params["nonceStr"], params["package"]), params["paySign"]) ||
			params["signType"] != "RSA" {
			t.Fatalf("%+v: got %v", deal, params)
		}
		text, err := json.Marshal(params)
		r.must(err)
		got, err := r.Scan(t.Context(), r.front, "u2", string(text), nil)
		if err != nil || got.Why != wallet.WhyTaken {
			t.Errorf("%+v: another user: got %+v, %v", deal, got, err)
		}
		r.scan(string(text))
		if a := r.inquire(c, p.Authorise, p.Way); a.Outcome != link.Approved ||
			a.Customer == "" {
			t.Errorf("%+v: got %+v", deal, a)
		}
	}
}

// The goal is that who is not known inside the wallet's browser is given a code to scan, and that
// a page leads to the wallet with the way back.
func TestPageLeadsToTheWalletAndBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{Institution: true})
	c := r.client()

	if f := r.prepared(c, r.order(link.WayEntry)); f.CodeText == "" || f.Params != nil {
		t.Errorf("without a user: got %+v", f)
	}
	p := r.order(link.WayPage)
	f := r.prepared(c, p)
	u, err := url.Parse(f.PageURL)
	if err != nil || u.Query().Get("redirect_url") != p.ReturnURL {
		t.Fatalf("got %s, %v", f.PageURL, err)
	}
	r.scan(f.PageURL)
	if a := r.inquire(c, p.Authorise, link.WayPage); a.Outcome != link.Approved {
		t.Errorf("got %+v", a)
	}
	p = r.order(link.WayPage)
	p.PayerIP = ""
	if _, a := c.Prepare(t.Context(), r.endpoint(), p); a.Outcome != link.Declined ||
		a.Reason != link.ReasonConfiguration {
		t.Errorf("without the payer's address: got %+v", a)
	}
}

// The goal is that an order that nobody paid is closed, and one that was paid is given back under
// its own number, once.
func TestCancelClosesOrGivesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{PublicKey: true})
	c := r.client()
	cancel := func(s link.Authorise) link.Answer {
		return c.Cancel(t.Context(), r.endpoint(),
			link.Cancel{About: aboutOf(s, link.WayOrder)})
	}
	open, paid := r.order(link.WayOrder), r.order(link.WayOrder)
	form := r.prepared(c, open)
	r.scan(r.prepared(c, paid).CodeText)

	for range 2 {
		for _, p := range []link.Prepare{open, paid} {
			if a := cancel(p.Authorise); a.Outcome != link.Approved {
				t.Fatalf("cancel: got %+v", a)
			}
		}
	}

	if a := r.inquire(c, open.Authorise, link.WayOrder); a.Outcome != link.Declined ||
		a.Reason != link.ReasonClosed {
		t.Errorf("closed: got %+v", a)
	}
	if got, err := r.Scan(t.Context(), r.front, "u1", form.CodeText, nil); err != nil ||
		got.Why == wallet.WhyNone {
		t.Errorf("the closed order can be taken: %+v, %v", got, err)
	}
	id := paid.OurRequestID
	if r.Taken(id) != 0 || r.Refunds(id) != 1 || r.payment(id).ReturnedMinor != 84_74 {
		t.Errorf("given back: %+v", r.payment(id))
	}
	// An order that the network never saw may still be under way.
	if a := cancel(r.sale()); a.Outcome != link.Unknown || !a.NoSuch {
		t.Errorf("an order that was never seen: got %+v", a)
	}
	about := aboutOf(r.sale(), link.WayOrder)
	about.At = about.At.Add(-11 * time.Minute)
	if a := c.Cancel(t.Context(), r.endpoint(), link.Cancel{About: about}); a.Outcome !=
		link.Approved {
		t.Errorf("one that can arrive no more: got %+v", a)
	}
}

// The goal is that a payment by code is not reversed in its first fifteen seconds, and nothing is
// asked of the network for it.
func TestReverseWaitsFifteenSeconds(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{})
	config := r.config()
	config.ReverseAfter = 0
	c := wechatpay.NewClient(config)
	t.Cleanup(c.Close)
	s := r.sale()
	about := aboutOf(s, link.WayCode)

	a := c.Cancel(t.Context(), r.endpoint(), link.Cancel{About: about})

	if a.Outcome != link.Unknown || a.Cause == nil || len(r.calls) != 0 {
		t.Errorf("at once: got %+v, calls %v", a, r.calls)
	}
	about.At = about.At.Add(-15 * time.Second)
	if a := c.Cancel(t.Context(), r.endpoint(), link.Cancel{About: about}); a.Outcome !=
		link.Approved {
		t.Errorf("after 15 s: got %+v", a)
	}
}

// The goal is that refunds in parts give the user back exactly what was debited, and that what the
// wallet refuses was not made.
func TestRefundsGiveBackTheWholeDebit(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{Institution: true, PublicKey: true})
	c, s := r.client(), r.sale()
	if a := c.Authorise(t.Context(), r.endpoint(), s); a.Outcome != link.Approved {
		t.Fatalf("got %+v", a)
	}
	refund := func(n string, minor int64) link.Answer {
		part := money.MustNew(minor, "JPY")
		return c.Refund(t.Context(), r.endpoint(), link.Refund{About: aboutOf(s, link.WayCode),
			RefundID: s.OurRequestID + n, Order: part, PayTo: part, Reason: "returned"})
	}
	var back int64
	for _, n := range []string{"a", "b", "c"} {
		a := refund(n, 660)
		if a.Outcome != link.Approved || a.PayTo.Minor() != 660 || a.RequestID == "" {
			t.Fatalf("refund %s: got %+v", n, a)
		}
		back += a.Payer.Minor()
	}
	if back != 84_74 {
		t.Errorf("the user has CNY %d fen back, was debited 8474", back)
	}
	if a := refund("d", 1); a.Outcome != link.Declined || a.Reason != link.ReasonAmount {
		t.Errorf("more than was paid: got %+v", a)
	}
	if a := refund("a", 661); a.Outcome != link.Approved || a.PayTo.Minor() != 660 {
		t.Errorf("the same id with another amount tells of the first: got %+v", a)
	}
	a := r.inquire(c, s, link.WayCode)
	if a.Outcome != link.Approved || a.Code != "REFUND" {
		t.Errorf("a refunded payment stays paid: got %+v", a)
	}
}

// The goal is that a large payment waits for the user, who may say no.
func TestLargePaymentAsksItsUser(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{})
	c, s := r.client(), r.sale()
	s.Order, s.PayTo = money.MustNew(30_000, "JPY"), money.MustNew(30_000, "JPY")

	if a := c.Authorise(t.Context(), r.endpoint(), s); a.Outcome != link.Unknown ||
		!a.UserActing {
		t.Fatalf("got %+v", a)
	}
	_, err := r.Refuse(t.Context(), "u1", r.payment(s.OurRequestID).PaymentID)
	r.must(err)
	if a := r.inquire(c, s, link.WayCode); a.Outcome != link.Declined ||
		a.Reason != link.ReasonOther || a.Code != "PAYERROR" {
		t.Errorf("got %+v", a)
	}
}

// The goal is that codes that cannot pay are told apart.
func TestCodesThatCannotPay(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{})
	c := r.client()
	s := r.sale()
	if a := c.Authorise(t.Context(), r.endpoint(), s); a.Outcome != link.Approved {
		t.Fatalf("got %+v", a)
	}
	used := r.sale()
	used.Code = s.Code
	wrong := r.sale()
	wrong.Code = "130000000000000000"
	malformed := r.sale()
	malformed.Code = "251001029876543210"

	for _, x := range []struct {
		s    link.Authorise
		want link.Reason
	}{{used, link.ReasonCodeInvalid}, {wrong, link.ReasonCodeInvalid},
		{malformed, link.ReasonConfiguration}} {
		if a := c.Authorise(t.Context(), r.endpoint(), x.s); a.Outcome != link.Declined ||
			a.Reason != x.want {
			t.Errorf("got %+v, want %s", a, x.want)
		}
	}
}

// The goal is that Prepare believes lies as little as the other calls do.
func TestPrepareBelievesNoLies(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{PublicKey: true})
	c := r.client()
	for _, mode := range slices.DeleteFunc(linktest.Lies(), func(m linktest.Mode) bool {
		return m == linktest.WrongID // the answer names no order
	}) {
		r.Set(mode)
		f, a := c.Prepare(t.Context(), r.endpoint(), r.order(link.WayOrder))
		if a.Outcome != link.Unknown || a.UserActing || a.Cause == nil || f.CodeText != "" {
			t.Errorf("%s: got %+v, %+v", mode, f, a)
		}
	}
}

// The goal is that a wallet whose credentials are missing or wrong is unknown, and called never.
func TestWithoutCredentialsNothingIsSent(t *testing.T) {
	t.Parallel()
	r := newRig(t, front.Deal{})
	r.creds.PrivateKey = "none"
	c, s := r.client(), r.sale()
	elsewhere := r.endpoint()
	elsewhere.IssuerID = "another"
	for _, to := range []link.Endpoint{r.endpoint(), elsewhere} {
		_, prepared := c.Prepare(t.Context(), to, r.order(link.WayOrder))
		about := aboutOf(s, link.WayCode)
		for _, a := range []link.Answer{c.Authorise(t.Context(), to, s), prepared,
			c.Inquire(t.Context(), to, link.Inquire{About: about}),
			c.Cancel(t.Context(), to, link.Cancel{About: about}),
			c.Refund(t.Context(), to, link.Refund{About: about, PayTo: s.PayTo})} {
			if a.Outcome != link.Unknown || a.Cause == nil {
				t.Errorf("got %+v", a)
			}
		}
	}
	if len(r.calls) != 0 {
		t.Errorf("called %v", r.calls)
	}
}
