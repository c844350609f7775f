package alipayplus_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/private"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/money"
	"watari/kit/seal"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
	"watari/sandbox/rates"
)

// The clients of the rig.
const (
	bankClient  = "BANK_CLIENT_1"
	otherClient = "BANK_CLIENT_2"
)

// rig is the whole network: the real core on a real database, this package's server in front of
// it and its connector behind it, a bank that calls, and a wallet that is called.
type rig struct {
	t       testing.TB
	db      *db.DB
	core    *payment.Service
	dir     *party.Directory
	reg     *party.Registry
	wallet  *testWallet
	server  *httptest.Server
	logged  *logBook
	bank    party.Participant
	other   party.Participant
	issuer  party.Participant
	shop    party.Merchant
	store   party.Store
	till    party.Terminal
	ring    *seal.Ring
	n       atomic.Int64
	network *keyPair
	owners  *private.Book
	shift   atomic.Int64 // how far the core's clock is put forward
}

// now is the core's time.
func (r *rig) now() time.Time { return clock.Now().Add(time.Duration(r.shift.Load())) }

// printed is the code that stands in the rig's shop.
func (r *rig) printed() string {
	r.t.Helper()
	at, err := r.dir.StoreByID(r.t.Context(), r.bank.No, "S-2101-1")
	r.do("find the shop", err)
	text, err := r.core.StaticCode(at)
	r.do("print the shop's code", err)
	return text
}

// board tells rates as the core has them.
type board struct{ *fx.Board }

// Indicative is part of alipayplus.Rates.
func (b board) Indicative(ctx context.Context, issuerNo int64, base, quote money.Currency,
	spreadPPM int64,
) (link.Quote, error) {
	q, err := b.Live(ctx, issuerNo, base, quote, spreadPPM, clock.Now())
	return link.Quote{ID: q.ID, Rate: q.Rate, From: q.From, Until: q.Until}, err
}

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, private.Migrations}
}

// publicURL is where payers and wallets of the rig find the network, as far as they are told.
const publicURL = "https://pay.watari.example"

// newRig makes a network on SQLite.
func newRig(t testing.TB) *rig {
	t.Helper()
	return newRigOn(t, dbtest.New(t, db.SQLite, sets()...))
}

func newRigOn(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, db: d, wallet: newTestWallet(t, callMax/5, 2*callMax), logged: &logBook{},
		network: keyNamed(t, "network")}
	log := event.NewLog(d)
	r.dir = party.NewDirectory(d)
	r.reg = party.NewRegistry(d, r.dir, log, 1, party.DefaultSight())
	rateBoard := fx.New(d, fx.Config{RepeatLastDay: true})
	_, err := rateBoard.Import(t.Context(), strings.NewReader(string(rates.Recent)), "test")
	r.do("import rates", err)
	r.ring, err = seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	r.do("make ring", err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.do("make code table", err)
	r.do("seed", d.Update(t.Context(), r.seed))

	connector := alipayplus.NewClient(alipayplus.ClientConfig{Signers: r.network, Keys: r.dir,
		CallMax: callMax, InquiryMax: callMax})
	r.core = payment.New(payment.Config{ClientID: ourClient, DB: d, Log: log, Lane: 1,
		Directory: r.dir,
		Registry:  r.reg, Board: rateBoard, Codes: table, Chart: ledger.NewChart(d),
		Connectors: map[string]link.Connector{alipayplus.Name: connector}, Seal: r.ring,
		CIIs: map[string]string{"alipay": "251001"}, Rules: risk.Default(),
		PublicURL: publicURL, Now: r.now,
		Logger: slog.New(slog.DiscardHandler)})
	r.owners = private.NewBook(d)
	server := alipayplus.NewServer(alipayplus.ServerConfig{Payments: r.core, Directory: r.dir,
		Signers: r.network, Seal: r.ring, PublicURL: publicURL, Owners: r.owners,
		Rates: board{rateBoard}, Local: true,
		Logger: slog.New(slog.NewTextHandler(r.logged, nil))})
	mux := http.NewServeMux()
	server.Mount(mux)
	r.server = httptest.NewServer(mux)
	t.Cleanup(func() { r.server.Close(); r.core.Close(); connector.Close(); server.Close() })
	return r
}

// seed writes two banks, a shop with a till, a wallet, and everybody's keys.
func (r *rig) seed(ctx context.Context, tx *db.Tx) (err error) {
	add := func(p party.Participant, role party.Role, a party.Agreement, key string) (
		party.Participant, error,
	) {
		added, err := r.reg.AddParticipant(ctx, tx, "test", p)
		if err != nil {
			return added, err
		}
		a.ParticipantNo, a.Role = added.No, role
		if _, err := r.reg.AddAgreement(ctx, tx, "test", a); err != nil {
			return added, err
		}
		k := keyNamed(r.t, key)
		der, err := x509.MarshalPKIXPublicKey(k.public())
		if err != nil {
			return added, err
		}
		return added, r.reg.AddKey(ctx, tx, "test", party.Key{ParticipantNo: added.No,
			Version: k.version, PublicDER: der})
	}
	tokyo := party.Agreement{Currency: "JPY", Zone: "Asia/Tokyo"}
	if r.bank, err = add(party.Participant{ID: "gifu-bank", Name: "Gifu Bank",
		ClientID: bankClient}, party.Acquirer, tokyo, "bank"); err != nil {
		return err
	}
	if r.other, err = add(party.Participant{ID: "kyoto-bank", Name: "Kyoto Bank",
		ClientID: otherClient}, party.Acquirer, tokyo, "other bank"); err != nil {
		return err
	}
	if r.issuer, err = add(party.Participant{ID: walletID, Name: "Example Pay",
		ClientID: walletClient, Connector: alipayplus.Name, BaseURL: r.wallet.server.URL,
		CodeGroup: "alipay", OwnCodes: true}, party.Issuer, party.Agreement{Currency: "CNY",
		Zone: "Asia/Shanghai", SpreadPPM: 10_000, InterchangePPM: 9_000, SchemePPM: 1_500},
		"wallet"); err != nil {
		return err
	}
	if r.shop, err = r.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: r.bank.No,
		ID: "M-2101", Name: "Sanmachi Sushi KK", NameJA: "三町寿司", MCC: "5812",
		MDRPPM: 19_800}); err != nil {
		return err
	}
	if r.store, err = r.reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: r.bank.No,
		MerchantNo: r.shop.No, ID: "S-2101-1", Name: "Sanmachi", NameJA: "三町",
		Prefecture: "21", MCC: "5812"}); err != nil {
		return err
	}
	r.till, err = r.reg.AddTerminal(ctx, tx, "test", party.Terminal{AcquirerNo: r.bank.No,
		StoreNo: r.store.No, ID: "T-1", Label: "Till 1", CanRefund: true})
	return err
}

func (r *rig) do(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

// caller is who calls, and with which key.
type caller struct {
	client string
	key    string
}

var (
	theBank   = caller{bankClient, "bank"}
	theOther  = caller{otherClient, "other bank"}
	theWallet = caller{walletClient, "wallet"}
)

// request is a signed request that a test may still change.
func (r *rig) request(as caller, path string, body []byte) *http.Request {
	r.t.Helper()
	at := wire.FormatTime(clock.Now())
	key := keyNamed(r.t, as.key)
	header, err := sign.Sign(key.signer, sign.Message{Method: "POST", Path: path,
		ClientID: as.client, At: at, Body: body})
	r.do("sign", err)
	req, err := http.NewRequestWithContext(r.t.Context(), "POST", r.server.URL+path,
		bytes.NewReader(body))
	r.do("make request", err)
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	req.Header.Set("Client-Id", as.client)
	req.Header.Set("Request-Time", at)
	req.Header.Set("Signature", header)
	return req
}

// send sends a request and checks what is true of every answer (A1).
func (r *rig) send(req *http.Request) []byte {
	r.t.Helper()
	res, err := http.DefaultClient.Do(req)
	r.do("call", err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	r.do("read the answer", err)
	if res.StatusCode != http.StatusOK {
		r.t.Errorf("%s: HTTP %d", req.URL.Path, res.StatusCode)
	}
	r.verify(req.Method, req.URL.Path, res.Header, body)
	return body
}

// verify checks the network's signature of an answer.
func (r *rig) verify(method, path string, h http.Header, body []byte) {
	r.t.Helper()
	header, err := sign.ParseHeader(h.Get("Signature"))
	if err == nil {
		err = sign.Verify(r.network.public(), sign.Message{Method: method, Path: path,
			ClientID: h.Get("Client-Id"), At: h.Get("Response-Time"), Body: body}, header.Value)
	}
	if err != nil || header.Version != r.network.version {
		r.t.Errorf("%s: the answer does not verify: %v", path, err)
	}
	if got := h.Values("Content-Type"); len(got) != 1 ||
		got[0] != "application/json; charset=UTF-8" {
		r.t.Errorf("content type %q", got)
	}
	if at, ok := wire.ParseTime(h.Get("Response-Time")); !ok ||
		clock.Now().Sub(at).Abs() > time.Minute {
		r.t.Errorf("response time %q", h.Get("Response-Time"))
	}
}

// call sends a message and returns the answer's bytes.
func (r *rig) call(as caller, path string, m wire.Message) []byte {
	r.t.Helper()
	return r.send(r.request(as, path, wire.Encode(m)))
}

// answer reads an answer into a message of the right kind.
func answer[T any, P interface {
	*T
	wire.Message
}](t testing.TB, body []byte) T {
	t.Helper()
	var m T
	if err := wire.DecodeAnswer(body, P(&m)); err != nil {
		t.Fatalf("the answer %s does not read: %v", body, err)
	}
	return m
}

// wantResult checks a result.
func wantResult(t testing.TB, what string, got wire.Result, code wire.Code) {
	t.Helper()
	status, _ := code.Status()
	if got.Code != code || got.Status != status || got.Message == "" {
		t.Fatalf("%s: got %+v, want %s %s", what, got, status, code)
	}
}

// freshCode gets a payment code for the wallet's user.
func (r *rig) freshCode() string {
	r.t.Helper()
	res := answer[wire.PaymentCodeResponse](r.t, r.call(theWallet, alipayplus.PathCodes,
		&wire.PaymentCodeRequest{CustomerID: "U1", Region: "CN",
			Env: wire.Env{TerminalType: "APP"}}))
	if len(res.Codes) != 1 {
		r.t.Fatalf("get a code: %+v", res.Result)
	}
	return res.Codes[0].Code
}

// payRequest is a payment that is approved, with a fresh id and code.
func (r *rig) payRequest(yen int) *wire.PayRequest {
	r.t.Helper()
	amount := &wire.Amount{Currency: "JPY", Value: fmt.Sprint(yen)}
	n := r.n.Add(1)
	return &wire.PayRequest{PaymentRequestID: fmt.Sprintf("GIFU-PR-%d", n),
		Order: wire.Order{ReferenceOrderID: fmt.Sprintf("TAK-%d", n),
			Description: "飛騨牛にぎり", Amount: amount,
			Merchant: &wire.Merchant{ReferenceMerchantID: "M-2101",
				Store: &wire.Store{ReferenceStoreID: "S-2101-1"}},
			Env: &wire.Env{StoreTerminalID: "T-1"}},
		PaymentAmount: amount,
		PaymentMethod: wire.PaymentMethod{Type: wire.ConnectWallet, ID: r.freshCode()},
		PaymentFactor: wire.PaymentFactor{InStore: "true", Scenario: wire.ScenarioPaymentCode}}
}

// pay takes a payment that must have this result.
func (r *rig) pay(m *wire.PayRequest, code wire.Code) wire.PayResponse {
	r.t.Helper()
	res := answer[wire.PayResponse](r.t, r.call(theBank, alipayplus.PathPay, m))
	wantResult(r.t, "pay", res.Result, code)
	return res
}

// inquire asks how a payment stands; the inquiry itself must work.
func (r *rig) inquire(requestID string) wire.InquiryResponse {
	r.t.Helper()
	res := answer[wire.InquiryResponse](r.t, r.call(theBank, alipayplus.PathInquiry,
		&wire.InquiryRequest{PaymentRequestID: requestID}))
	wantResult(r.t, "inquire", res.Result, wire.CodeSuccess)
	if res.PaymentResult == nil {
		r.t.Fatalf("inquire: no paymentResult in %+v", res)
	}
	return res
}

// logBook keeps what is logged.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to the book.
func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// take returns the lines since the last take.
func (l *logBook) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(l.text.String()), "\n")
	l.text.Reset()
	if lines[0] == "" {
		return nil
	}
	return lines
}
