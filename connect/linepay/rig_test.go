package linepay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/connect/linepay"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/link/linktest"
	sandboxed "watari/sandbox/linepay"
	"watari/sandbox/wallet"
)

const (
	issuerID = "midori"
	callMax  = 2 * time.Second
	user     = "midori-01"
	opening  = 50_000_00
)

// secrets are what both sides know.
const secrets = `{"channel_id":"1479113123","channel_secret":"1f021e50f28fb3f40b7a9c5e758b0a19",` +
	`"currency":"USD"}`

// rig is the sandbox's wallet on a real socket, behind something that damages its answers on
// command, and a connector that calls it.
type rig struct {
	*linepay.Client
	t      testing.TB
	books  *wallet.Wallet
	front  *sandboxed.Front
	server *httptest.Server
	inner  http.Handler
	to     link.Endpoint
	n      atomic.Int64

	mu    sync.Mutex
	mode  linktest.Mode
	calls []string
	// made is LINE Pay's number of each refund, by ours, as the connector was told it.
	made map[string]string
}

// bookModes are the suite's modes that the wallet's own books can do.
var bookModes = map[linktest.Mode]wallet.Mode{
	linktest.Decline: wallet.ModeDecline, linktest.Pending: wallet.ModePIN,
	linktest.Silence: wallet.ModeTimeout, linktest.Slow: wallet.ModeSlow,
	linktest.Late: wallet.ModeLate, linktest.Drop: wallet.ModeDrop}

func newRig(t testing.TB) *rig { return newRigAs(t, "") }

// newRigAs makes a rig whose connector uses a version of the offline API.
func newRigAs(t testing.TB, offline string) *rig {
	t.Helper()
	r := &rig{t: t, made: map[string]string{}, mode: linktest.Approve}
	r.server = httptest.NewServer(r)
	timing := wallet.Timing{Slow: callMax / 5, Late: 2 * callMax, Silence: 2 * callMax,
		Ask: time.Minute}
	log := slog.New(slog.DiscardHandler)
	r.books = wallet.New(dbtest.New(t, db.SQLite, wallet.Migrations), wallet.Profile{
		ID: issuerID, Protocol: linepay.Name, Name: "Midori Pay", Currency: "TWD",
		Opening: opening, PINAbove: 5_000_00, Lang: "zh-Hant", Terms: sandboxed.Terms()},
		timing, log)
	if err := r.books.AddUsers(t.Context(), wallet.User{ID: user, Name: "林怡君",
		NameEN: "Lin Yi-chun"}); err != nil {
		t.Fatal(err)
	}
	var err error
	r.front, err = sandboxed.New(wallet.Parts{Wallet: r.books, Timing: r.books.Timing(), Log: log,
		BaseURL: r.server.URL, Secrets: json.RawMessage(secrets)})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	wallet.NewServer(r.books, r.front, log).Register(mux)
	r.inner = mux
	r.to = link.Endpoint{IssuerNo: 9, IssuerID: issuerID, BaseURL: r.server.URL,
		NotifyURL: "https://pay.example/wallets/linepay/" + issuerID}
	r.Client = linepay.NewClient(linepay.ClientConfig{CallMax: callMax, InquiryMax: callMax,
		Credentials: func(string) (c linepay.Credentials, err error) {
			err = json.Unmarshal([]byte(secrets), &c)
			c.Offline = offline
			return c, err
		}})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.books.Run(ctx, r.front) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		r.server.CloseClientConnections()
		r.server.Close()
		r.Client.Close()
	})
	return r
}

// ServeHTTP passes a call to the wallet and damages the answer as the mode says.
func (r *rig) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	mode := r.mode
	r.calls = append(r.calls, req.Method+" "+req.URL.Path)
	r.mu.Unlock()
	if mode == linktest.Deaf {
		_, _ = io.Copy(io.Discard, req.Body)
		<-req.Context().Done()
		return
	}
	if _, books := bookModes[mode]; books || mode == linktest.Approve {
		r.inner.ServeHTTP(w, req)
		return
	}
	got := httptest.NewRecorder()
	r.inner.ServeHTTP(got, req)
	body, status := got.Body.Bytes(), got.Code
	switch mode {
	case linktest.ServerError:
		status = http.StatusInternalServerError
	case linktest.Redirect:
		w.Header().Set("Location", r.server.URL+"/elsewhere")
		status = http.StatusTemporaryRedirect
	case linktest.Garbage:
		body = []byte("<html>out of order</html>")
	case linktest.Huge:
		body = append(body[:len(body)-1], []byte(`,"padding":"`+
			strings.Repeat("x", 1<<20)+`"}`)...)
	case linktest.WrongID:
		body = regexp.MustCompile(`"orderId":"[^"]*"`).ReplaceAll(body,
			[]byte(`"orderId":"another"`))
	case linktest.OtherAmount:
		body = regexp.MustCompile(`"amount":[0-9.]+`).ReplaceAll(body, []byte(`"amount":0.01`))
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// called tells which calls came, and forgets them.
func (r *rig) called() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.calls
	r.calls = nil
	return all
}

// Refund is the connector's, and keeps what it was told.
func (r *rig) Refund(ctx context.Context, to link.Endpoint, f link.Refund) link.Answer {
	a := r.Client.Refund(ctx, to, f)
	if a.Outcome == link.Approved {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.made[f.RefundID] = a.TheirID
	}
	return a
}

// Set is part of linktest.Wallet.
func (r *rig) Set(m linktest.Mode) {
	r.mu.Lock()
	r.mode = m
	r.mu.Unlock()
	mode := wallet.ModeNone
	if own, ok := bookModes[m]; ok {
		mode = own
	}
	if err := r.books.SetFault(context.Background(), mode, nil); err != nil {
		r.t.Errorf("set %s: %v", m, err)
	}
}

func (r *rig) payment(id string) *wallet.Payment {
	p, err := r.books.Payment(context.Background(), id)
	if err != nil {
		r.t.Errorf("read the wallet's books: %v", err)
	}
	if p == nil {
		return &wallet.Payment{}
	}
	return p
}

// Debits is part of linktest.Wallet.
func (r *rig) Debits(id string) int {
	if r.payment(id).DebitedMinor > 0 {
		return 1
	}
	return 0
}

// Taken is part of linktest.Wallet.
func (r *rig) Taken(id string) int64 {
	p := r.payment(id)
	return p.TakenOrderMinor - p.RefundedOrderMinor
}

// Refunds counts the refunds of a payment that are not another refund's. LINE Pay keeps no ids
// of ours, so a double one would be among those that nobody else was told.
func (r *rig) Refunds(refundID string) (n int) {
	requestID, _, _ := strings.Cut(refundID, "_r")
	all, err := r.books.Refunds(context.Background(), requestID)
	if err != nil {
		r.t.Errorf("read the wallet's refunds: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var others []string
	for ours, theirs := range r.made {
		if ours != refundID {
			others = append(others, theirs)
		}
	}
	for _, f := range all {
		if f.Succeeded && !slices.Contains(others, f.RefundID) {
			n++
		}
	}
	return n
}

// Confirm is the user's yes with the right PIN.
func (r *rig) Confirm(id string) {
	_, err := r.books.Confirm(context.Background(), user, r.payment(id).PaymentID, wallet.PIN)
	if err != nil {
		r.t.Errorf("confirm: %v", err)
	}
}

// sale is a payment by a fresh one-time key, of USD 13.05.
func (r *rig) sale() link.Authorise {
	code, err := r.front.Code(context.Background(), user)
	if err != nil {
		r.t.Errorf("get a key: %v", err)
	}
	s := r.order()
	s.Code = code.Value
	return s
}

// order is a payment without a key.
func (r *rig) order() link.Authorise {
	return link.Authorise{
		OurRequestID: fmt.Sprintf("leg_0000000000000000000000000%03d", r.n.Add(1)),
		AcquirerID:   "gifu-bank", IssuerID: issuerID, PaymentID: "pay_1", OrderRef: "TAK-1",
		Order: money.MustNew(1980, "JPY"), PayTo: money.MustNew(13_05, "USD"),
		Shop:    link.Shop{MerchantName: "三町寿司", StoreName: "三町本店"},
		Expires: clock.Now().Add(time.Minute)}
}

func (r *rig) linkCase() linktest.Case {
	return linktest.Case{Connector: r, Endpoint: r.to, Wallet: r, Sale: r.sale,
		Patience: 2 * callMax, NoTombstone: true}
}

// wants checks an outcome, its reason and its mark.
func wants(t testing.TB, what string, a link.Answer, want link.Outcome, reason link.Reason) {
	t.Helper()
	if a.Outcome != want || a.Reason != reason {
		t.Fatalf("%s: got %s %q (code %s, cause %v), want %s %q", what, a.Outcome, a.Reason,
			a.Code, a.Cause, want, reason)
	}
}
