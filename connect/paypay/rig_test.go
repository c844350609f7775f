package paypay_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/connect/paypay"
	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/link/linktest"
	sandbox "watari/sandbox/paypay"
	"watari/sandbox/wallet"
)

const (
	walletNo = 7
	walletID = "pochi"
	user     = "pochi-01"
)

// callMax is short, and long enough for a busy machine.
const callMax = 2 * time.Second

// quick are times that a test can wait for.
func quick() wallet.Timing {
	return wallet.Timing{Slow: callMax / 5, Late: 2 * callMax, Silence: 2 * callMax,
		Twice: 10 * time.Millisecond, Retry: []time.Duration{50 * time.Millisecond}}
}

// rig is the sandbox's wallet on a real socket, with a wrapper around it that lies on command.
type rig struct {
	t       testing.TB
	wallet  *wallet.Wallet
	front   *sandbox.Front
	server  *httptest.Server
	secrets sandbox.Secrets
	by      paypay.Credentials
	mode    atomic.Value // linktest.Mode
	n       atomic.Int64

	mu    sync.Mutex
	calls []string // method and path of each call of the network
}

// newRig starts a wallet. Notices go to networks.
func newRig(t testing.TB, networks ...string) *rig {
	t.Helper()
	r := &rig{t: t}
	r.mode.Store(linktest.Approve)
	theirs, own, err := sandbox.Credentials(walletID)
	r.do("make an agreement", err)
	r.do("read the network's half", json.Unmarshal(theirs, &r.by))
	r.do("read the wallet's half", json.Unmarshal(own, &r.secrets))
	log := slog.New(slog.DiscardHandler)
	d := dbtest.New(t, db.SQLite, wallet.Migrations)
	r.wallet = wallet.New(d, wallet.Profile{ID: walletID, Protocol: "paypay", Name: "Pochi Pay",
		Currency: "JPY", Opening: 1_000_000, PINAbove: 50_000, Lang: "ja",
		Terms: sandbox.Terms()}, quick(), log)
	r.do("open an account", r.wallet.AddUsers(t.Context(), wallet.User{ID: user, Name: "犬飼"}))
	mux := http.NewServeMux()
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.serve(mux, w, q)
	}))
	r.front, err = sandbox.New(wallet.Parts{Wallet: r.wallet, Timing: r.wallet.Timing(), Log: log,
		BaseURL: r.server.URL, Secrets: own,
		Networks: func(context.Context) ([]string, error) { return networks, nil }})
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

// serve lets the wallet do what it is asked, and then damages its answer as the mode says.
func (r *rig) serve(inner http.Handler, w http.ResponseWriter, q *http.Request) {
	mode := r.mode.Load().(linktest.Mode)
	r.mu.Lock()
	r.calls = append(r.calls, q.Method+" "+q.URL.Path)
	r.mu.Unlock()
	if mode == linktest.Deaf {
		// Only a connection whose request was read to its end is seen to close.
		_, _ = io.Copy(io.Discard, q.Body)
		<-q.Context().Done()
		return
	}
	kept := httptest.NewRecorder()
	inner.ServeHTTP(kept, q)
	status, body := kept.Code, kept.Body.String()
	switch mode {
	case linktest.ServerError:
		status = http.StatusInternalServerError
	case linktest.Garbage:
		body = "<html>out of order</html>"
	case linktest.Huge:
		body = body[:len(body)-1] + `,"padding":"` + strings.Repeat("x", 1<<20) + `"}`
	case linktest.WrongID:
		for _, name := range []string{"merchantPaymentId", "merchantRefundId"} {
			body = strings.ReplaceAll(body, `"`+name+`":"`, `"`+name+`":"another`)
		}
	case linktest.OtherAmount:
		body = strings.ReplaceAll(body, `"amount":1980`, `"amount":1`)
	case linktest.Redirect:
		w.Header().Set("Location", r.server.URL+"/elsewhere")
		status = http.StatusTemporaryRedirect
	}
	for name, values := range kept.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// seen returns the calls since the last seen.
func (r *rig) seen() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

// client is a connector to the rig's wallet.
func (r *rig) client(change ...func(*paypay.ClientConfig)) *paypay.Client {
	c := paypay.ClientConfig{CallMax: callMax, InquiryMax: callMax,
		Credentials: func(string) (paypay.Credentials, error) { return r.by, nil }}
	for _, f := range change {
		f(&c)
	}
	client := paypay.NewClient(c)
	r.t.Cleanup(client.Close)
	return client
}

func (r *rig) endpoint() link.Endpoint {
	return link.Endpoint{IssuerNo: walletNo, IssuerID: walletID, BaseURL: r.server.URL}
}

// sale is a payment that the wallet would approve, with a fresh code.
func (r *rig) sale() link.Authorise {
	r.t.Helper()
	code, err := r.front.Code(context.Background(), user)
	if err != nil {
		r.t.Errorf("get a code: %v", err)
	}
	s := sale("leg_0000000000000000000" + wallet.Digits(8))
	s.Code = code.Value
	return s
}

func sale(id string) link.Authorise {
	yen := money.MustNew(1980, "JPY")
	return link.Authorise{OurRequestID: id, AcquirerID: "gifu-bank", IssuerID: walletID,
		PaymentID: "pay_" + id, OrderRef: "TAK-31", Description: "飛騨牛にぎり 2 貫",
		Code: "900081811234567890123456", Order: yen, PayTo: yen,
		Shop: link.Shop{MerchantID: "M-2101", MerchantName: "Sanmachi Sushi KK",
			StoreID: "S-2101-1", StoreName: "三町", TerminalID: "T-1", MCC: "5812",
			Prefecture: "JP-21"},
		Expires: clock.Now().Add(time.Minute)}
}

// about names a payment to its wallet.
func about(r link.Authorise, way link.Way) link.About {
	return link.About{OurRequestID: r.OurRequestID, AcquirerID: r.AcquirerID,
		IssuerID: r.IssuerID, Way: way, Order: r.Order, PayTo: r.PayTo, At: clock.Now(),
		Held: r.Hold}
}

// wants checks an outcome and its reason.
func wants(t testing.TB, what string, a link.Answer, o link.Outcome, reason link.Reason) {
	t.Helper()
	if a.Outcome != o || a.Reason != reason {
		t.Fatalf("%s: got %+v, want %s %s", what, a, o, reason)
	}
}

// payment is a payment in the wallet's books.
func (r *rig) payment(id string) *wallet.Payment {
	p, err := r.wallet.Payment(context.Background(), id)
	if err != nil {
		r.t.Errorf("read the wallet's books: %v", err)
	}
	if p == nil {
		return &wallet.Payment{}
	}
	return p
}

// agree is the user's yes to a question.
func (r *rig) agree(id string) {
	if _, err := r.wallet.Confirm(context.Background(), user, r.payment(id).PaymentID,
		wallet.PIN); err != nil {
		r.t.Errorf("confirm: %v", err)
	}
}

// scan is a user who scans a code and agrees.
func (r *rig) scan(text string) {
	r.t.Helper()
	s, err := r.wallet.Scan(r.t.Context(), r.front, user, text, nil)
	r.do("scan", err)
	if s.RequestID == "" {
		r.t.Fatalf("scan %s: got %+v", text, s)
	}
	r.agree(s.RequestID)
}

// scripted answers every call from a table of method and path to an answer; what is not in it is
// an order that is not known.
type scripted map[string]reply

type reply struct {
	status int
	code   wire.Code
	data   any
	body   string // instead
}

func (s scripted) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r, ok := s[q.Method+" "+q.URL.Path]
	if !ok {
		r = reply{code: wire.NotFound}
	}
	status, body := wire.EncodeReply(r.code, r.data, false)
	if r.status != 0 {
		status = r.status
	}
	if r.body != "" {
		body = []byte(r.body)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// credentials are somebody's.
func credentials() paypay.Credentials {
	return paypay.Credentials{APIKey: "key", APISecret: "c2VjcmV0", MerchantID: "100000000000000001",
		ScanPath: wire.PathSimulatedScan}
}

// against makes a connector and where a scripted wallet listens.
func against(t testing.TB, s http.Handler) (*paypay.Client, link.Endpoint) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c := paypay.NewClient(paypay.ClientConfig{CallMax: callMax, InquiryMax: callMax,
		Credentials: func(string) (paypay.Credentials, error) { return credentials(), nil }})
	t.Cleanup(c.Close)
	return c, link.Endpoint{IssuerNo: walletNo, IssuerID: walletID, BaseURL: server.URL}
}

// yen is an amount.
func yen(n int64) money.Amount { return money.MustNew(n, "JPY") }
