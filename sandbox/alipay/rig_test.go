package alipay_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/id"
	"watari/kit/money"
	"watari/kit/seal"
	"watari/sandbox/alipay"
	"watari/sandbox/wallet"
)

// keys makes two key pairs once: the wallet's and the network's.
var keys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var pair [2]*rsa.PrivateKey
	for i := range pair {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		pair[i] = key
	}
	return pair
})

// The names on the wire.
const (
	issuerID  = "lotus-pay"
	walletID  = "WALLET_TEST"
	networkID = "NETWORK_TEST"
	opening   = 10_000_00
)

// rig is a wallet behind a real socket and, at the other end, a stand-in for the network: it
// issues codes and takes notices.
type rig struct {
	t       testing.TB
	db      *db.DB
	wallet  *wallet.Wallet
	server  *httptest.Server // of the wallet
	network *httptest.Server
	signer  seal.Signer  // the network's
	refuse  atomic.Int64 // notices that are still answered U

	mu      sync.Mutex
	notices []wire.WalletNotice
}

// quick are times that a test can wait for.
func quick() wallet.Timing {
	return wallet.Timing{Slow: time.Second, Late: 3 * time.Second,
		Silence: 5 * time.Second, Twice: 10 * time.Millisecond, Ask: time.Minute,
		Call: 10 * time.Second, Retry: []time.Duration{50 * time.Millisecond}}
}

// sets are the migrations of the wallet.
func sets() []fs.FS { return []fs.FS{wallet.Migrations} }

// each runs fn on both engines with a rig that has the users ann and bob.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d, quick())
		r.openAccounts("ann", "bob")
		fn(t, r)
	})
}

func newRig(t testing.TB, d *db.DB, timing wallet.Timing) *rig {
	t.Helper()
	r := &rig{t: t, db: d}
	var err error
	if r.signer, err = seal.NewSigner(keys()[1], 3); err != nil {
		t.Fatal(err)
	}
	own, err := seal.NewSigner(keys()[0], 1)
	if err != nil {
		t.Fatal(err)
	}
	r.network = httptest.NewServer(http.HandlerFunc(r.serveNetwork))
	t.Cleanup(r.network.Close)
	log := slog.New(slog.DiscardHandler)
	r.wallet = wallet.New(d, wallet.Profile{ID: issuerID, Protocol: "alipayplus",
		Name: "Lotus Pay", Currency: "CNY", Opening: opening, PINAbove: 1_000_00,
		Lang: "zh-Hans", Terms: alipay.Terms()}, timing, log)
	front := alipay.New(wallet.Parts{Wallet: r.wallet, Timing: r.wallet.Timing(), Log: log,
		Networks: func(context.Context) ([]string, error) {
			return []string{"http://127.0.0.1:1", r.network.URL}, nil
		},
		ClientID: walletID, Signer: own, NetworkClientID: networkID,
		NetworkKeys: map[int]*rsa.PublicKey{3: &keys()[1].PublicKey}})
	mux := http.NewServeMux()
	wallet.NewServer(r.wallet, front, log).Register(mux)
	r.server = httptest.NewServer(mux)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.wallet.Run(ctx, front) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		r.server.CloseClientConnections()
		r.server.Close()
		front.Close()
	})
	return r
}

func (r *rig) openAccounts(ids ...string) {
	r.t.Helper()
	for _, id := range ids {
		u := wallet.User{ID: id, Name: "某", NameEN: id}
		if err := r.wallet.AddUsers(r.t.Context(), u); err != nil {
			r.t.Fatal(err)
		}
	}
}

// serveNetwork is the stand-in: it checks the wallet's signature and signs its answers.
func (r *rig) serveNetwork(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	h, err := sign.ParseHeader(req.Header.Get(sign.HeaderSignature))
	if err == nil {
		err = sign.Verify(&keys()[0].PublicKey, sign.Message{Method: req.Method,
			Path: req.URL.Path, ClientID: walletID, At: req.Header.Get(sign.HeaderRequestTime),
			Body: body}, h.Value)
	}
	if err != nil {
		r.t.Errorf("the wallet's call to %s is not signed: %v", req.URL.Path, err)
	}
	var answer wire.Message = &wire.Ack{Result: wire.ResultOf(wire.CodeNoInterface)}
	switch req.URL.Path {
	case "/aps/api/v1/codes/getPaymentCode":
		now := clock.Now()
		answer = &wire.PaymentCodeResponse{Result: wire.ResultOf(wire.CodeSuccess),
			Codes: []wire.PaymentCode{{Code: newCode(),
				StartTime: wire.FormatTime(now),
				ExpiryAt:  wire.FormatTime(now.Add(time.Minute))}}}
	case "/aps/api/v1/payments/userInitiatedPay":
		answer = r.resolve(body)
	case "/aps/api/v1/payments/notifyPayment":
		answer = r.take(body)
	}
	out := wire.Encode(answer)
	at := wire.FormatTime(clock.Now())
	header, err := sign.Sign(r.signer, sign.Message{Method: req.Method, Path: req.URL.Path,
		ClientID: walletID, At: at, Body: out})
	if err != nil {
		r.t.Error(err)
	}
	w.Header().Set(sign.HeaderResponseTime, at)
	w.Header().Set(sign.HeaderSignature, header)
	_, _ = w.Write(out)
}

// newCode makes a payment code of 24 digits that no other test has.
func newCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(10_000_000_000_000_000))
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("25100102%016d", n)
}

// take keeps a notice, unless it is one of those to refuse.
func (r *rig) take(body []byte) wire.Message {
	var m wire.WalletNotice
	if err := wire.DecodeRequest(body, &m); err != nil {
		r.t.Errorf("notice %s: %v", body, err)
	}
	if r.refuse.Add(-1) >= 0 {
		return &wire.Ack{Result: wire.ResultOf(wire.CodeUnknown)}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notices = append(r.notices, m)
	return &wire.Ack{Result: wire.ResultOf(wire.CodeSuccess)}
}

// told waits until the network took n notices of a payment and returns them.
func (r *rig) told(requestID string, n int) []wire.WalletNotice {
	r.t.Helper()
	var got []wire.WalletNotice
	for range 2400 {
		r.mu.Lock()
		got = nil
		for _, m := range r.notices {
			if m.PaymentRequestID == requestID {
				got = append(got, m)
			}
		}
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Fatalf("notices of %s: got %d, want %d", requestID, len(got), n)
	return nil
}

// errSilence says that a call got no answer that can be believed.
var errSilence = errors.New("no answer")

// call sends a signed message of the network to the wallet.
func (r *rig) call(what string, ask, answer wire.Message) error {
	r.t.Helper()
	return r.callWithin(r.t.Context(), what, ask, answer)
}

func (r *rig) callWithin(ctx context.Context, what string, ask, answer wire.Message) error {
	path := "/aps/api/v1/payments/" + what
	body := wire.Encode(ask)
	at := wire.FormatTime(clock.Now())
	header, err := sign.Sign(r.signer, sign.Message{Method: "POST", Path: path,
		ClientID: networkID, At: at, Body: body})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", r.server.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	req.Header.Set(sign.HeaderClient, networkID)
	req.Header.Set(sign.HeaderRequestTime, at)
	req.Header.Set(sign.HeaderSignature, header)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errSilence, err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%w: %w", errSilence, err)
	}
	h, err := sign.ParseHeader(resp.Header.Get(sign.HeaderSignature))
	if err != nil {
		return err
	}
	if err := sign.Verify(&keys()[0].PublicKey, sign.Message{Method: "POST", Path: path,
		ClientID: networkID, At: resp.Header.Get(sign.HeaderResponseTime), Body: got},
		h.Value); err != nil {
		return err
	}
	return wire.DecodeAnswer(got, answer)
}

// control calls the control interface and returns the status and the body.
func (r *rig) control(method, path, body string) (int, map[string]any) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method,
		r.server.URL+"/control"+path, bytes.NewReader([]byte(body)))
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	got := map[string]any{}
	if text, _ := io.ReadAll(resp.Body); len(text) > 0 {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.UseNumber()
		if err := dec.Decode(&got); err != nil {
			r.t.Fatalf("%s %s: %v: %s", method, path, err, text)
		}
	}
	return resp.StatusCode, got
}

// code obtains a payment code for a user.
func (r *rig) code(user string) string {
	r.t.Helper()
	status, got := r.control("POST", "/users/"+user+"/payment-code", "")
	if status != http.StatusOK {
		r.t.Fatalf("payment code: %d %v", status, got)
	}
	return got["code"].(string)
}

// charge is a pay message for fen of CNY.
func charge(requestID, code string, fen int64) *wire.WalletPayRequest {
	yen := wire.AmountOf(money.MustNew(fen*20, "JPY"))
	return &wire.WalletPayRequest{AcquirerID: "hida", PSPID: issuerID,
		PaymentRequestID: requestID, PaymentAmount: yen,
		PayToAmount: wire.AmountOf(money.MustNew(fen, "CNY")),
		Order: wire.Order{ReferenceOrderID: "O-1", Description: "noodles", Amount: yen,
			Merchant: &wire.Merchant{ReferenceMerchantID: "M1",
				Store: &wire.Store{ReferenceStoreID: "S1", Name: "Noodles"}}},
		PaymentQuote:  &wire.Quote{CurrencyPair: "JPY/CNY", Price: "0.05"},
		PaymentMethod: wire.PaymentMethod{Type: wire.ConnectWallet, ID: code},
		PaymentFactor: wire.PaymentFactor{InStore: "true",
			Scenario: wire.ScenarioPaymentCode}}
}

// pay charges a fresh code of a user and returns the answer.
func (r *rig) pay(requestID, user string, fen int64) *wire.WalletPayResponse {
	r.t.Helper()
	return r.send(charge(requestID, r.code(user), fen))
}

func (r *rig) send(m *wire.WalletPayRequest) *wire.WalletPayResponse {
	r.t.Helper()
	var answer wire.WalletPayResponse
	if err := r.call("pay", m, &answer); err != nil {
		r.t.Fatal(err)
	}
	return &answer
}

// inquire asks how a payment stands: the code of the call and of the payment, "" if none.
func (r *rig) inquire(requestID string) (call, payment wire.Code) {
	r.t.Helper()
	var answer wire.WalletInquiryResponse
	ask := &wire.WalletInquiryRequest{AcquirerID: "hida", PSPID: issuerID,
		PaymentRequestID: requestID}
	if err := r.call("inquiryPayment", ask, &answer); err != nil {
		r.t.Fatal(err)
	}
	if answer.PaymentResult != nil {
		payment = answer.PaymentResult.Code
	}
	return answer.Result.Code, payment
}

func (r *rig) cancel(requestID string) wire.Code {
	r.t.Helper()
	var answer wire.WalletCancelResponse
	ask := &wire.WalletCancelRequest{AcquirerID: "hida", PSPID: issuerID,
		PaymentRequestID: requestID}
	if err := r.call("cancelPayment", ask, &answer); err != nil {
		r.t.Fatal(err)
	}
	return answer.Result.Code
}

func giveback(requestID, paymentID, refundID string, fen int64) *wire.WalletRefundRequest {
	return &wire.WalletRefundRequest{AcquirerID: "hida", PSPID: issuerID,
		PaymentRequestID: requestID, PaymentID: paymentID, RefundRequestID: refundID,
		RefundAmount:     wire.AmountOf(money.MustNew(fen*20, "JPY")),
		RefundFromAmount: wire.AmountOf(money.MustNew(fen, "CNY"))}
}

func (r *rig) refund(m *wire.WalletRefundRequest) *wire.WalletRefundResponse {
	r.t.Helper()
	var answer wire.WalletRefundResponse
	if err := r.call("refund", m, &answer); err != nil {
		r.t.Fatal(err)
	}
	return &answer
}

// fault sets a mode, for count calls when count is above zero.
func (r *rig) fault(m wallet.Mode, count int) {
	r.t.Helper()
	body := fmt.Sprintf(`{"mode":%q}`, m)
	if count > 0 {
		body = fmt.Sprintf(`{"mode":%q,"count":%d}`, m, count)
	}
	if status, got := r.control("POST", "/faults", body); status != http.StatusNoContent {
		r.t.Fatalf("faults: %d %v", status, got)
	}
}

// balance returns a user's money in fen.
func (r *rig) balance(user string) int64 {
	r.t.Helper()
	a, err := r.wallet.Account(r.t.Context(), user)
	if err != nil {
		r.t.Fatal(err)
	}
	return a.Balance.Minor()
}

// spent fails the test unless the user has spent so many fen.
func (r *rig) spent(user string, fen int64) {
	r.t.Helper()
	if got := opening - r.balance(user); got != fen {
		r.t.Errorf("%s spent %d, want %d", user, got, fen)
	}
}

// want fails the test unless got is the code.
func want(t testing.TB, what string, got, code wire.Code) {
	t.Helper()
	if got != code {
		t.Errorf("%s: got %s, want %s", what, got, code)
	}
}

// newID is a request id as the network makes them.
func newID() string { return id.New("leg", 1) }

// endCode moves the end of a code into the past.
func (r *rig) endCode(code string) {
	r.exec(`update sim_code set until_us = $2 where code = $1`, code,
		clock.Micros(clock.Now().Add(-time.Second)))
}

// payAt moves a payment to another time.
func (r *rig) payAt(requestID string, at time.Time) {
	r.exec(`update sim_payment set paid_at_us = $2 where request_id = $1`, requestID,
		clock.Micros(at))
}

func (r *rig) exec(q string, args ...any) {
	r.t.Helper()
	err := r.db.Update(r.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, q, args...)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
}
