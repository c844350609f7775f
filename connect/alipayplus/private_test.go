package alipayplus_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/private"
	"watari/connect/alipayplus/wire"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/party"
)

// bankCode begins a private order code of the rig's bank.
const bankCode = "https://gifu-bank.example/281002040000/"

// asked is the bank's own server for its codes, with the questions that it got.
func (r *rig) asked(t *testing.T) *bankServer {
	t.Helper()
	bank := &bankServer{t: t, r: r, key: "bank", signed: true}
	server := httptest.NewServer(bank)
	t.Cleanup(server.Close)
	r.own(bankCode, server.URL+"/decode")
	return bank
}

// own registers the rig's bank as the owner of codes.
func (r *rig) own(prefix, address string) {
	r.t.Helper()
	r.do("register a prefix", r.db.Update(r.t.Context(),
		func(ctx context.Context, tx *db.Tx) error {
			return r.owners.Add(ctx, tx, "test", private.Owner{Prefix: prefix,
				AcquirerNo: r.bank.No, AskURL: address})
		}))
}

// ownOrder is the bank's answer about one of its codes.
func (r *rig) ownOrder(yen int) *wire.PrivateCodeResponse {
	m := r.orderRequest(yen)
	return &wire.PrivateCodeResponse{Result: wire.ResultOf(wire.CodeSuccess),
		CodeType: wire.CodeTypeOrder, PaymentRequestID: m.PaymentRequestID, Order: &m.Order,
		Sum: wire.SumOf(m.PaymentAmount), PaymentFactor: &m.PaymentFactor,
		PaymentNotifyURL: "https://gifu-bank.example/notify"}
}

// The goal is an acquirer's own code: the bank is asked, its order becomes a payment under its own
// id, and the wallet's user pays it. On both engines.
func TestAcquirerIsAskedAboutItsOwnCode(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRigOn(t, d)
		bank := r.asked(t)
		order := r.ownOrder(1980)
		bank.answer = order

		m := r.scan(bankCode+"7", "U1", nil)

		wantResult(t, "scan", m.Result, wire.CodeSuccess)
		if m.CodeType != wire.CodeTypeOrder || m.Total().String() != "JPY 1980" ||
			m.AcquirerID != "gifu-bank" || m.PaymentRequestID == order.PaymentRequestID {
			t.Errorf("scan: %+v", m)
		}
		var q wire.PrivateCodeRequest
		r.do("read the question", wire.DecodeRequest(bank.notices[0], &q))
		if q.CodeValue != bankCode+"7" || q.PSPID != walletID || q.AcquirerID != "gifu-bank" ||
			q.CustomerID != "U1" {
			t.Errorf("the bank was asked %s", bank.notices[0])
		}
		if again := r.scan(bankCode+"7", "U1", nil); again.PaymentRequestID !=
			m.PaymentRequestID {
			t.Errorf("a second scan is another payment: %+v", again)
		}
		wantResult(t, "another customer", r.scan(bankCode+"7", "U2", nil).Result,
			wire.CodeInconsistent)
		r.debit(m, "U1")
		asked := r.inquire(order.PaymentRequestID)
		wantResult(t, "the payment", *asked.PaymentResult, wire.CodeSuccess)
		if p := r.core1(order.PaymentRequestID); p.NotifyURL != order.PaymentNotifyURL {
			t.Errorf("the bank is told at %q", p.NotifyURL)
		}
	})
}

// The goal is a code that stands in a bank's shop: the wallet asks for the amount, and the bank is
// asked again with what its user typed.
func TestTypedAmountReachesTheAcquirer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	bank := r.asked(t)
	order := r.ownOrder(640)
	bank.answer = &wire.PrivateCodeResponse{Result: wire.ResultOf(wire.CodeSuccess),
		CodeType: wire.CodeTypeStore, Order: &wire.Order{Merchant: order.Order.Merchant}}

	shop := r.scan(bankCode+"shop", "U1", nil)

	wantResult(t, "scan", shop.Result, wire.CodeSuccess)
	if shop.CodeType != wire.CodeTypeStore || shop.PaymentRequestID != "" ||
		shop.Order.Merchant.ReferenceMerchantID != "M-2101" {
		t.Errorf("the shop: %+v", shop)
	}
	typed := &wire.Amount{Currency: "JPY", Value: "640"}
	wantResult(t, "a bank that makes no order of it", r.scan(bankCode+"shop", "U1",
		typed).Result, wire.CodeBusiness)
	bank.answer = order
	m := r.scan(bankCode+"shop", "U1", typed)
	wantResult(t, "scan with an amount", m.Result, wire.CodeSuccess)
	var q wire.PrivateCodeRequest
	r.do("read the question", wire.DecodeRequest(bank.notices[2], &q))
	if q.PaymentAmount.String() != "JPY 640" || m.Total().String() != "JPY 640" {
		t.Errorf("asked %s, answered %+v", bank.notices[2], m)
	}
}

// The goal is what may go wrong at the bank: its refusals are handed on where they speak of the
// code, and what proves nothing is unknown, never final.
func TestAcquirersAnswerIsBelievedOnlyWhenItIsWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	bank := r.asked(t)
	for code, want := range map[wire.Code]wire.Code{
		wire.CodeInvalidCode: wire.CodeInvalidCode, wire.CodeExpiredCode: wire.CodeExpiredCode,
		wire.CodeOrderClosed: wire.CodeOrderClosed, wire.CodeParam: wire.CodeProcessFail,
		wire.CodeUnknown: wire.CodeUnknown, wire.CodeTraffic: wire.CodeUnknown,
	} {
		bank.answer = &wire.Ack{Result: wire.ResultOf(code)}
		wantResult(t, string(code), r.scan(bankCode+"1", "U1", nil).Result, want)
	}
	whole := r.ownOrder(500)
	for name, spoil := range map[string]func(m *wire.PrivateCodeResponse){
		"no id":     func(m *wire.PrivateCodeResponse) { m.PaymentRequestID = "" },
		"no order":  func(m *wire.PrivateCodeResponse) { m.Order = nil },
		"no amount": func(m *wire.PrivateCodeResponse) { m.Sum = wire.Sum{} },
	} {
		m := *whole
		spoil(&m)
		bank.answer = &m
		wantResult(t, name, r.scan(bankCode+"1", "U1", nil).Result, wire.CodeUnknown)
	}
	bank.answer = whole
	bank.signed = false
	wantResult(t, "unsigned", r.scan(bankCode+"1", "U1", nil).Result, wire.CodeUnknown)
	bank.signed, bank.key = true, "stranger"
	wantResult(t, "another key", r.scan(bankCode+"1", "U1", nil).Result, wire.CodeUnknown)
	if n := len(r.wallet.payments); n != 0 {
		t.Errorf("the wallet has %d payments", n)
	}
}

// The goal is that a scanned text never chooses where the network calls, and that a registered
// address leads outside only, unless everybody is on one machine.
func TestScanCallsOnlyWhereTheOperatorSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	called := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		called = true
	}))
	t.Cleanup(inside.Close)
	wantResult(t, "a stranger's address", r.scan("https://"+inside.URL[7:]+"/x", "U1",
		nil).Result, wire.CodeInvalidCode)
	r.own(bankCode, inside.URL+"/decode")
	live := alipayplus.NewServer(alipayplus.ServerConfig{Payments: r.core, Directory: r.dir,
		Signers: r.network, Seal: r.ring, PublicURL: publicURL, Owners: r.owners,
		Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(live.Close)
	front := httptest.NewServer(live)
	t.Cleanup(front.Close)
	r.server.Close()
	r.server = front
	wantResult(t, "an address inside", r.scan(bankCode+"1", "U1", nil).Result, wire.CodeUnknown)
	if called {
		t.Error("a scan reached into the network")
	}
}

// The goal is what a wallet can look up: which codes to send here, and its rate.
func TestWalletLooksUpRulesAndRate(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	rules := func() wire.CodeRulesResponse {
		t.Helper()
		res := answer[wire.CodeRulesResponse](t, r.call(theWallet, alipayplus.PathRules,
			&wire.CodeRulesRequest{}))
		wantResult(t, "rules", res.Result, wire.CodeSuccess)
		return res
	}
	before, again := rules(), rules()
	if before.Version == "" || len(before.Version) > 16 || again.Version != before.Version {
		t.Errorf("versions %q and %q", before.Version, again.Version)
	}
	r.own(bankCode, "https://gifu-bank.example/decode")
	after := rules()
	if after.Version == before.Version || len(after.Rules) != len(before.Rules)+1 {
		t.Errorf("a new prefix changes nothing: %+v", after)
	}
	for text, action := range map[string]string{r.printed(): wire.ActionDecode,
		publicURL + "/q/01jd9r2k7v": wire.ActionDecode, bankCode + "7": wire.ActionDecode,
		publicURL + "/s/0123": wire.ActionOpenURL, "https://example.com/": "",
		"251001020123456789012345": ""} {
		if got := matching(t, after.Rules, text); got != action {
			t.Errorf("%s: %q, want %q", text, got, action)
		}
	}
	quote := func(sell, buy string) wire.QuoteResponse {
		return answer[wire.QuoteResponse](t, r.call(theWallet, alipayplus.PathQuote,
			&wire.QuoteRequest{SellCurrency: sell, BuyCurrency: buy}))
	}
	q := quote("CNY", "JPY")
	wantResult(t, "quote", q.Result, wire.CodeSuccess)
	if q.Quote.CurrencyPair != "JPY/CNY" || q.Quote.Price == "" || q.Quote.ExpiryTime == "" {
		t.Errorf("the quote: %+v", q.Quote)
	}
	if other := quote("JPY", "CNY"); other.Quote == nil || *other.Quote != *q.Quote {
		t.Errorf("the other way round: %+v", other)
	}
	wantResult(t, "dollars", quote("USD", "JPY").Result, wire.CodeCurrency)
}

// The goal is that a bank learns which wallets can pay an amount: those within their limit, and
// what each can do.
func TestConsultListsWalletsWithinTheirLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	consult := func(yen string, f *wire.PaymentFactor) wire.ConsultResponse {
		t.Helper()
		return answer[wire.ConsultResponse](t, r.call(theBank, alipayplus.PathConsult,
			&wire.ConsultRequest{PaymentAmount: &wire.Amount{Currency: "JPY", Value: yen},
				PaymentFactor: f}))
	}
	res := consult("1980", nil)
	wantResult(t, "consult", res.Result, wire.CodeSuccess)
	if len(res.Options) != 1 || res.Options[0].Enabled != "true" {
		t.Fatalf("got %+v", res.Options)
	}
	w := res.Options[0].Detail.ConnectWallet.Wallets
	if len(w) != 1 || w[0].Name != walletID || w[0].BrandName != "Example Pay" ||
		w[0].Feature.CodeScan != "true" || w[0].Feature.Redirection != "true" {
		t.Errorf("got %+v", w)
	}
	most := int64(1000)
	r.do("limit the wallet", r.db.Update(t.Context(),
		func(ctx context.Context, tx *db.Tx) error {
			_, err := r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
				ParticipantNo: r.issuer.No, Role: party.Issuer, Currency: "CNY",
				Zone: "Asia/Shanghai", PerPaymentMaxMinor: &most, Version: 2})
			return err
		}))
	over := consult("1980", &wire.PaymentFactor{InStore: "true",
		Scenario: wire.ScenarioOrderCode})
	if over.Options[0].Enabled != "false" || over.Options[0].DisableReason == "" {
		t.Errorf("over the limit: %+v", over.Options)
	}
	dollars := answer[wire.ConsultResponse](t, r.call(theBank, alipayplus.PathConsult,
		&wire.ConsultRequest{PaymentAmount: &wire.Amount{Currency: "USD", Value: "1980"}}))
	wantResult(t, "dollars", dollars.Result, wire.CodeCurrency)
}
