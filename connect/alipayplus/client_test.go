package alipayplus_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/link/linktest"
)

// callMax is short, and long enough for a busy machine.
const callMax = 1500 * time.Millisecond

func newClient(t testing.TB) *alipayplus.Client {
	t.Helper()
	c := alipayplus.NewClient(alipayplus.ClientConfig{Signers: keyNamed(t, "network"),
		Keys:      keyBook{walletNo: {keyNamed(t, "wallet")}},
		NotifyURL: "https://network.example" + alipayplus.PathNotify,
		CallMax:   callMax, InquiryMax: callMax})
	t.Cleanup(c.Close)
	return c
}

func endpoint(w *testWallet) link.Endpoint {
	return link.Endpoint{IssuerNo: walletNo, IssuerID: walletID, ClientID: ourClient,
		BaseURL: w.server.URL}
}

func sale(id string) link.Authorise {
	now := clock.Now()
	rate, err := money.ParseRate("0.0427453814190", "JPY", "CNY")
	if err != nil {
		panic(err)
	}
	return link.Authorise{OurRequestID: id, AcquirerID: "gifu-bank", IssuerID: walletID,
		PaymentID: "pay_" + id, OrderRef: "TAK-31", Description: "飛騨牛にぎり 2 貫",
		Code: "251001029876543210987654", Order: money.MustNew(1980, "JPY"),
		PayTo: money.MustNew(8464, "CNY"),
		Quote: link.Quote{ID: "qte_1", Rate: rate, From: now, Until: now.Add(time.Hour)},
		Shop: link.Shop{MerchantID: "M-2101", MerchantName: "Sanmachi Sushi KK",
			StoreID: "S-2101-1", StoreName: "三町", TerminalID: "T-1", MCC: "5812",
			Prefecture: "JP-21"},
		Expires: now.Add(time.Minute)}
}

// The goal is that the core can rely on this connector: the suite of the contract, against a
// strict wallet on a real socket.
func TestConnectorKeepsTheContract(t *testing.T) {
	t.Parallel()
	linktest.Run(t, func(t testing.TB) linktest.Case {
		w := newTestWallet(t, callMax/5, callMax+callMax/2)
		var n atomic.Int64
		return linktest.Case{Connector: newClient(t), Endpoint: endpoint(w), Wallet: w,
			Sale: func() link.Authorise {
				return sale(fmt.Sprintf("leg_0000000000000000000000%d", n.Add(1)))
			}, Patience: 2 * callMax}
	})
}

// The goal is that a wallet gets what the protocol documents: the golden message, the headers,
// and nothing twice.
func TestWalletGetsTheDocumentedMessage(t *testing.T) {
	t.Parallel()
	w := newTestWallet(t, 0, 0)
	r := sale("leg_01jd9r2k7v0100407m3q5x8t2w4ya0")
	from := time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)
	r.Quote.From, r.Quote.Until, r.Expires = from, from.Add(time.Hour), from.Add(2*time.Hour)

	a := newClient(t).Authorise(t.Context(), endpoint(w), r)

	if a.Outcome != link.Approved || a.Customer != "U1" || a.TheirID != "W-1" ||
		!a.At.Equal(time.Date(2026, 11, 22, 4, 59, 2, 0, time.UTC)) {
		t.Errorf("got %+v", a)
	}
	compareGolden(t, "wallet_pay", w.bodies[0])
	h := w.seen[0].Header
	if got := h.Get("Content-Type"); got != "application/json; charset=UTF-8" {
		t.Errorf("content type %q", got)
	}
	if at, ok := wire.ParseTime(h.Get("Request-Time")); !ok || clock.Now().Sub(at) > time.Minute {
		t.Errorf("request time %q", h.Get("Request-Time"))
	}
	if len(h.Values("Client-Id")) != 1 || h.Get("Client-Id") != ourClient {
		t.Errorf("client id %q", h.Values("Client-Id"))
	}
}

// The goal is that a till which sends no order number and no description can be paid at: both
// are required by the protocol.
func TestMissingTextsAreFilled(t *testing.T) {
	t.Parallel()
	w := newTestWallet(t, 0, 0)
	r := sale("leg_1")
	r.OrderRef, r.Description, r.Shop.TerminalID = "", "", ""
	r.Shop.StoreName = strings.Repeat("三", 300)
	r.Quote = link.Quote{}

	a := newClient(t).Authorise(t.Context(), endpoint(w), r)

	if a.Outcome != link.Approved { // the wallet reads strictly
		t.Errorf("got %+v", a)
	}
	if body := string(w.bodies[0]); !strings.Contains(body, `"referenceOrderId":"pay_leg_1"`) {
		t.Errorf("sent %s", body)
	}
}

// The goal is the windows of the protocol: until 00:15 and 00:30 of the next day in UTC+8.
func TestWindowsEndAfterMidnightInChina(t *testing.T) {
	t.Parallel()
	k := newClient(t).Capabilities()
	cst := func(day, hour, minute int) time.Time {
		return time.Date(2026, 11, day, hour, minute, 0, 0, clock.CST)
	}
	for _, c := range []struct{ made, ours, theirs time.Time }{
		{cst(22, 12, 59), cst(23, 0, 15), cst(23, 0, 30)},
		{cst(22, 0, 0), cst(23, 0, 15), cst(23, 0, 30)},
		{cst(22, 23, 59), cst(23, 0, 15), cst(23, 0, 30)},
		{cst(30, 23, 59), cst(31, 0, 15), cst(31, 0, 30)}, // 1 December
		{time.Date(2026, 11, 22, 0, 30, 0, 0, clock.JST), cst(22, 0, 15), cst(22, 0, 30)},
	} {
		if got := k.CancelUntil(c.made); !got.Equal(c.ours) {
			t.Errorf("made %s: cancelled until %s, want %s", c.made, got, c.ours)
		}
		if got := k.WalletUntil(c.made); !got.Equal(c.theirs) {
			t.Errorf("made %s: honoured until %s, want %s", c.made, got, c.theirs)
		}
	}
	if k.RefundWindow != 365*24*time.Hour || k.ZeroRefund || !k.PartialRefund || k.IDMax != 64 {
		t.Errorf("got %+v", k)
	}
}

// scripted answers every call with one result, well signed.
type scripted struct {
	*testWallet
	answer func(path string) wire.Message
}

func (s *scripted) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	s.reply(rw, r, linktest.Approve, s.answer(r.URL.Path), nil)
}

// ask sends one call of each kind to a wallet that answers with a result.
func ask(t *testing.T, answer func(path string) wire.Message) map[string]link.Answer {
	t.Helper()
	w := newTestWallet(t, 0, 0)
	w.server.Config.Handler = &scripted{w, answer}
	c, to, ctx := newClient(t), endpoint(w), context.Background()
	r := sale("leg_1")
	about := link.About{OurRequestID: r.OurRequestID, TheirID: "W-1", AcquirerID: r.AcquirerID,
		IssuerID: r.IssuerID, Way: link.WayCode, Order: r.Order, PayTo: r.PayTo}
	return map[string]link.Answer{
		"pay":     c.Authorise(ctx, to, r),
		"inquiry": c.Inquire(ctx, to, link.Inquire{About: about}),
		"cancel":  c.Cancel(ctx, to, link.Cancel{About: about}),
		"refund": c.Refund(ctx, to, link.Refund{About: about, RefundID: "rfd_1", Order: r.Order,
			PayTo: r.PayTo}),
	}
}

// The goal is the meaning of every result code for each call. Every documented code is tried;
// the table says what is not the rule (S yes, F no, U unknown).
func TestEveryResultCodeHasItsOutcome(t *testing.T) {
	t.Parallel()
	for code, status := range wire.Codes() {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			want := map[wire.Status]link.Outcome{wire.Success: link.Approved,
				wire.Failure: link.Declined, wire.Unclear: link.Unknown,
				wire.Accepted: link.Unknown}[status]
			if code == wire.CodeInconsistent || code == wire.CodeOrderNotExist {
				want = link.Unknown // they say nothing about the money
			}
			result := wire.ResultOf(code)
			for call, a := range ask(t, func(path string) wire.Message {
				if path == alipayplus.PathInquiry {
					return &wire.WalletInquiryResponse{PaymentResult: &result,
						Result: wire.ResultOf(wire.CodeSuccess)}
				}
				return &wire.Ack{Result: result}
			}) {
				want := want
				if call == "cancel" && code == wire.CodeOrderClosed {
					want = link.Approved // closed is what was asked
				}
				if a.Outcome != want || a.Code != string(code) ||
					(a.Outcome == link.Declined) != (a.Reason != link.ReasonNone) {
					t.Errorf("%s: got %+v, want %s", call, a, want)
				}
				if a.NoSuch != (code == wire.CodeOrderNotExist) ||
					a.UserActing != (code == wire.CodeInProcess) {
					t.Errorf("%s: got %+v", call, a)
				}
			}
		})
	}
}

// The goal is that the result of an inquiry is never taken for that of the payment (A6), and that
// results which contradict themselves decide nothing.
func TestOnlyThePaymentResultDecides(t *testing.T) {
	t.Parallel()
	paid := wire.ResultOf(wire.CodeSuccess)
	for code := range wire.Codes() {
		if code == wire.CodeSuccess {
			continue
		}
		a := ask(t, func(string) wire.Message {
			return &wire.WalletInquiryResponse{Result: wire.ResultOf(code), PaymentResult: &paid}
		})["inquiry"]
		if a.Outcome != link.Unknown || a.NoSuch != (code == wire.CodeOrderNotExist) {
			t.Errorf("the inquiry answers %s: got %+v", code, a)
		}
	}
	for _, r := range []wire.Result{{Status: "S", Code: "PROCESS_FAIL"}, {Status: "S", Code: ""},
		{Status: "F", Code: "SUCCESS"}, {Status: "F", Code: "PAYMENT_IN_PROCESS"},
		{Status: "U", Code: "USER_BALANCE_NOT_ENOUGH"}, {Status: "S", Code: "NEW_WORD"}} {
		for call, a := range ask(t, func(string) wire.Message {
			return &wire.WalletInquiryResponse{Result: r, PaymentResult: &r}
		}) {
			if a.Outcome != link.Unknown {
				t.Errorf("%s answered %+v: got %+v", call, r, a)
			}
		}
	}
	a := ask(t, func(string) wire.Message {
		return &wire.Ack{Result: paid}
	})["inquiry"]
	if a.Outcome != link.Unknown {
		t.Errorf("an inquiry without paymentResult: got %+v", a)
	}
	a = ask(t, func(string) wire.Message {
		return &wire.Ack{Result: wire.Result{Status: "F", Code: "A_NEW_WAY_TO_FAIL"}}
	})["pay"]
	if a.Outcome != link.Declined || a.Reason != link.ReasonOther {
		t.Errorf("a failure that is not documented: got %+v", a)
	}
}

// The goal is that what cannot be called is unknown, with a cause that repeats no address.
func TestUnreachableWalletIsUnknown(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	for _, base := range []string{"http://127.0.0.1:1", "http://secret@127.0.0.1:1", "nonsense",
		"", "http://wallet.invalid", "://"} {
		a := c.Authorise(t.Context(), link.Endpoint{IssuerNo: walletNo, ClientID: ourClient,
			BaseURL: base}, sale("leg_1"))
		if a.Outcome != link.Unknown || a.Cause == nil ||
			strings.Contains(a.Cause.Error(), "secret") {
			t.Errorf("%q: got %+v", base, a)
		}
	}
}
