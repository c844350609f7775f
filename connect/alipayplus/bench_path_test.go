package alipayplus_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/clock/clocktest"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// benchSide is who signs with one key and believes another, as an acquirer or a wallet does.
type benchSide struct {
	b        *testing.B
	own, our *keyPair
	client   string // the id that both sides of the exchange name
}

// signed writes a message's headers.
func (s benchSide) signed(h http.Header, path, timeHeader string, body []byte) {
	at := wire.FormatTime(clock.Now())
	header, err := sign.Sign(s.own.signer, sign.Message{Method: "POST", Path: path,
		ClientID: s.client, At: at, Body: body})
	if err != nil {
		s.b.Error(err)
	}
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set(sign.HeaderClient, s.client)
	h.Set(timeHeader, at)
	h.Set(sign.HeaderSignature, header)
}

// believed checks the signature of the network.
func (s benchSide) believed(h http.Header, path, timeHeader string, body []byte) {
	header, err := sign.ParseHeader(h.Get(sign.HeaderSignature))
	if err == nil {
		err = sign.Verify(s.our.public(), sign.Message{Method: "POST", Path: path,
			ClientID: s.client, At: h.Get(timeHeader), Body: body}, header.Value)
	}
	if err != nil {
		s.b.Errorf("the network's signature does not verify: %v", err)
	}
}

// benchWallet is a wallet without books.
type benchWallet struct {
	benchSide
	answer []byte
	bare   bool // neither verifies nor signs
}

func (w benchWallet) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.b.Error(err)
	}
	if !w.bare {
		w.believed(r.Header, r.URL.Path, sign.HeaderRequestTime, body)
		w.signed(rw.Header(), r.URL.Path, sign.HeaderResponseTime, w.answer)
	}
	rw.Write(w.answer)
}

func newBenchWallet(b *testing.B) benchWallet {
	return benchWallet{benchSide: benchSide{b, keyNamed(b, "wallet"), keyNamed(b, "network"),
		ourClient}, answer: wire.Encode(&wire.WalletPayResponse{
		Result: wire.ResultOf(wire.CodeSuccess), Debited: wire.Debited{PaymentRequestID: "leg_1",
			PaymentID: "W-1", PaymentTime: "20261122125902+0800", CustomerID: "U1"}})}
}

// benchCore is the core without books: it asks the wallet. What it does not have is not asked.
type benchCore struct {
	alipayplus.Payments
	client *alipayplus.Client
	to     link.Endpoint
}

func (c benchCore) Sell(ctx context.Context, s payment.Sale) (*payment.Payment, error) {
	r := sale("leg_1")
	a := c.client.Authorise(ctx, c.to, r)
	if a.Outcome != link.Approved {
		return nil, fmt.Errorf("the wallet answers %s: %w", a.Code, a.Cause)
	}
	return &payment.Payment{ID: "pay_1", State: payment.Captured, IssuerNo: walletNo,
		Order: r.Order, PayTo: r.PayTo, Settle: r.Order, TheirID: a.TheirID, CapturedMinor: 1980,
		Concluded: clock.Now()}, nil
}

// benchDirectory knows one bank and one wallet.
type benchDirectory struct{ keyBook }

const benchBankNo = 1

func (benchDirectory) ByClient(context.Context, string) (party.Participant, error) {
	return party.Participant{No: benchBankNo, ID: "gifu-bank", ClientID: bankClient}, nil
}

func (benchDirectory) Participant(context.Context, int64) (party.Participant, error) {
	return party.Participant{No: walletNo, ID: walletID, Name: "Example Pay"}, nil
}

func (benchDirectory) Agreement(context.Context, int64, party.Role, money.Currency) (
	party.Agreement, error,
) {
	return party.Agreement{}, nil
}

// plain passes sealed texts on: there are none here.
type plain struct{}

func (plain) Unseal(s string) (string, error) { return s, nil }

// benchPay is a pay request of an acquirer.
func benchPay() []byte {
	amount := &wire.Amount{Currency: "JPY", Value: "1980"}
	return wire.Encode(&wire.PayRequest{PaymentRequestID: "GIFU-PR-1",
		Order: wire.Order{ReferenceOrderID: "TAK-1", Description: "飛騨牛にぎり", Amount: amount,
			Merchant: &wire.Merchant{ReferenceMerchantID: "M-2101",
				Store: &wire.Store{ReferenceStoreID: "S-2101-1"}},
			Env: &wire.Env{StoreTerminalID: "T-1"}},
		PaymentAmount: amount,
		PaymentMethod: wire.PaymentMethod{Type: wire.ConnectWallet,
			ID: "251001029876543210987654"},
		PaymentFactor: wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioPaymentCode}})
}

// BenchmarkPayment measures one payment over HTTP on loopback, all sides. "leg" is the network
// asking the wallet: each signs and verifies once. "whole" is an acquirer asking the network,
// which asks the wallet: four signatures and as many verifications. There is no database in it.
func BenchmarkPayment(b *testing.B) {
	wallet := newBenchWallet(b)
	server := httptest.NewServer(wallet)
	defer server.Close()
	client := newClient(b)
	to := link.Endpoint{IssuerNo: walletNo, IssuerID: walletID, ClientID: ourClient,
		BaseURL: server.URL}
	b.Run("leg", func(b *testing.B) {
		r := sale("leg_1")
		clocktest.Processor(b, func() {
			if a := client.Authorise(b.Context(), to, r); a.Outcome != link.Approved {
				b.Fatalf("got %+v", a)
			}
		})
	})
	b.Run("whole", func(b *testing.B) {
		bank := benchSide{b, keyNamed(b, "bank"), keyNamed(b, "network"), bankClient}
		s := alipayplus.NewServer(alipayplus.ServerConfig{Seal: plain{},
			Payments: benchCore{client: client, to: to}, Signers: keyNamed(b, "network"),
			Directory: benchDirectory{keyBook{benchBankNo: {keyNamed(b, "bank")}}}})
		defer s.Close()
		front := httptest.NewServer(s)
		defer front.Close()
		clocktest.Processor(b, func() { bank.pay(front.URL, benchPay()) })
	})
}

// pay sends a payment as an acquirer does.
func (s benchSide) pay(base string, body []byte) {
	req, err := http.NewRequest("POST", base+alipayplus.PathPay, bytes.NewReader(body))
	if err != nil {
		s.b.Fatal(err)
	}
	s.signed(req.Header, alipayplus.PathPay, sign.HeaderRequestTime, body)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.b.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		s.b.Fatal(err)
	}
	s.believed(res.Header, alipayplus.PathPay, sign.HeaderResponseTime, answer)
	if !bytes.Contains(answer, []byte(`"resultStatus":"S"`)) {
		s.b.Fatalf("got %s", answer)
	}
}

// BenchmarkCryptoFloor is every signature and verification of BenchmarkPayment, and nothing else.
func BenchmarkCryptoFloor(b *testing.B) {
	w := newBenchWallet(b)
	w.our = w.own
	h := http.Header{}
	both := func(times int) func(b *testing.B) {
		return func(b *testing.B) {
			clocktest.Processor(b, func() {
				for range times {
					w.signed(h, alipayplus.PathPay, sign.HeaderResponseTime, w.answer)
					w.believed(h, alipayplus.PathPay, sign.HeaderResponseTime, w.answer)
				}
			})
		}
	}
	b.Run("leg", both(2))
	b.Run("whole", both(4))
}

// BenchmarkExchange is the exchanges of such bytes over HTTP on loopback, signed by nobody: one
// for a leg. The whole path has two.
func BenchmarkExchange(b *testing.B) {
	w := newBenchWallet(b)
	w.bare = true
	server := httptest.NewServer(w)
	defer server.Close()
	clocktest.Exchange(b, server.URL, benchPay())
}
