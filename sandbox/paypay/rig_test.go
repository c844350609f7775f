package paypay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/connect/paypay/sign"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/id"
	"watari/sandbox/paypay"
	"watari/sandbox/wallet"
)

// rig is a wallet behind a real socket, and the merchant that calls it.
type rig struct {
	t       testing.TB
	wallet  *wallet.Wallet
	front   *paypay.Front
	server  *httptest.Server
	network *httptest.Server
	secrets paypay.Secrets
	refuse  atomic.Int64 // notices that are still answered 503

	mu      sync.Mutex
	notices []wire.Notice
}

const user, other = "pochi-01", "pochi-02"

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t}
	_, own, err := paypay.Credentials("pochi")
	r.do("make an agreement", err)
	r.do("read it", json.Unmarshal(own, &r.secrets))
	r.network = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.network.Close)
	log := slog.New(slog.DiscardHandler)
	r.wallet = wallet.New(d, wallet.Profile{ID: "pochi", Protocol: "paypay", Name: "Pochi Pay",
		Currency: "JPY", Opening: 100_000, PINAbove: 50_000, Lang: "ja", Terms: paypay.Terms()},
		wallet.Timing{Slow: 100 * time.Millisecond, Silence: time.Second,
			Retry: []time.Duration{20 * time.Millisecond}}, log)
	r.do("open accounts", r.wallet.AddUsers(t.Context(), wallet.User{ID: user},
		wallet.User{ID: other}))
	mux := http.NewServeMux()
	r.server = httptest.NewServer(mux)
	r.front, err = paypay.New(wallet.Parts{Wallet: r.wallet, Timing: r.wallet.Timing(), Log: log,
		BaseURL: r.server.URL, Secrets: own,
		Networks: func(context.Context) ([]string, error) {
			return []string{"http://127.0.0.1:1", r.network.URL}, nil
		}})
	r.do("make the front", err)
	wallet.NewServer(r.wallet, r.front, log).Register(mux)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.wallet.Run(ctx, r.front) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		r.server.CloseClientConnections()
		r.server.Close()
		r.front.Close()
	})
	return r
}

func (r *rig) do(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

// take is the network's end of a notice.
func (r *rig) take(w http.ResponseWriter, q *http.Request) {
	var n wire.Notice
	if err := json.NewDecoder(q.Body).Decode(&n); err != nil ||
		q.URL.Path != "/wallets/paypay/pochi" {
		r.t.Errorf("notice to %s: %v", q.URL, err)
	}
	if r.refuse.Add(-1) >= 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notices = append(r.notices, n)
}

// told waits for n notices and returns them.
func (r *rig) told(n int) []wire.Notice {
	r.t.Helper()
	for range 3000 {
		r.mu.Lock()
		got := append([]wire.Notice{}, r.notices...)
		r.mu.Unlock()
		if len(got) >= n {
			return got
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.t.Fatalf("no %d notices: %+v", n, r.notices)
	return nil
}

// request makes a signed request; f may change what is signed, and returns what is changed after.
func (r *rig) request(method, path, body string, f func(m *sign.Message) func(*http.Request),
) *http.Request {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.server.URL+path,
		bytes.NewReader([]byte(body)))
	r.do("make the request", err)
	m := sign.Message{Method: method, Path: req.URL.EscapedPath(), Body: []byte(body),
		Nonce: id.Secret(8), Epoch: clock.Now().Unix()}
	if body != "" {
		m.ContentType = "application/json"
		req.Header.Set("Content-Type", m.ContentType)
	}
	after := func(*http.Request) {}
	if f != nil {
		after = f(&m)
	}
	req.Header.Set("Authorization", sign.Sign(r.secrets.APIKey, r.secrets.APISecret, m))
	req.Header.Set(sign.HeaderMerchant, r.secrets.MerchantID)
	after(req)
	return req
}

// send sends a request and returns the answer.
func (r *rig) send(req *http.Request) (wire.Reply, http.Header) {
	r.t.Helper()
	res, err := http.DefaultClient.Do(req)
	r.do("call", err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	r.do("read the answer", err)
	reply, err := wire.ParseReply(res.StatusCode, body)
	r.do("read the answer", err)
	return reply, res.Header
}

// call makes a call that must have this code, and reads its data.
func (r *rig) call(method, path, body string, code wire.Code, into any) {
	r.t.Helper()
	reply, _ := r.send(r.request(method, path, body, nil))
	if reply.Code != code || !reply.Sound() {
		r.t.Fatalf("%s %s: got %+v, want %s", method, path, reply, code)
	}
	if into != nil {
		r.do("read the data", reply.Data(into))
	}
}

// code makes an order.
func (r *rig) code(id string) (d wire.CodeData) {
	r.t.Helper()
	r.call("POST", "/v2/codes", codeBody(id), wire.Success, &d)
	return d
}

func codeBody(id string) string {
	return fmt.Sprintf(`{"merchantPaymentId":%q,"amount":{"amount":1980,"currency":"JPY"},`+
		`"codeType":"ORDER_QR","storeInfo":"三町"}`, id)
}

// state is how a payment stands.
func (r *rig) state(id string) (d wire.PaymentData) {
	r.t.Helper()
	r.call("GET", "/v2/payments/"+id, "", wire.Success, &d)
	return d
}

// pay is a user who scans a code and agrees.
func (r *rig) pay(text string) {
	r.t.Helper()
	s, err := r.wallet.Scan(r.t.Context(), r.front, user, text, nil)
	r.do("scan", err)
	p, err := r.wallet.Payment(r.t.Context(), s.RequestID)
	r.do("find the payment", err)
	_, err = r.wallet.Confirm(r.t.Context(), user, p.PaymentID, wallet.PIN)
	r.do("agree", err)
}

// balance is a user's money.
func (r *rig) balance() int64 {
	r.t.Helper()
	a, err := r.wallet.Account(r.t.Context(), user)
	r.do("read the account", err)
	return a.Balance.Minor()
}

func log() *slog.Logger { return slog.New(slog.DiscardHandler) }

func nowhere(context.Context) ([]string, error) { return nil, nil }
