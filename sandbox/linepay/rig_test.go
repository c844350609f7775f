package linepay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/connect/linepay/sign"
	"watari/connect/linepay/wire"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/sandbox/wallet"
)

const (
	issuerID = "midori"
	ann, bob = "midori-01", "midori-02"
	opening  = 50_000_00
)

// rig is a wallet behind a real socket, and a merchant who calls it.
type rig struct {
	t      testing.TB
	books  *wallet.Wallet
	front  *Front
	server *httptest.Server
}

// each runs fn on both engines.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{wallet.Migrations}, func(t *testing.T, d *db.DB) { fn(t, rigOn(t, d)) })
}

func newRig(t testing.TB) *rig {
	t.Helper()
	return rigOn(t, dbtest.New(t, db.SQLite, wallet.Migrations))
}

func rigOn(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t}
	mux := http.NewServeMux()
	r.server = httptest.NewServer(mux)
	log := slog.New(slog.DiscardHandler)
	r.books = wallet.New(d, wallet.Profile{ID: issuerID, Protocol: "linepay",
		Name: "Midori Pay", Currency: "TWD", Opening: opening, PINAbove: 5_000_00,
		Lang: "zh-Hant", Terms: Terms()}, wallet.Timing{Slow: 100 * time.Millisecond,
		Late: 300 * time.Millisecond, Silence: 100 * time.Millisecond}, log)
	for _, id := range []string{ann, bob} {
		if err := r.books.AddUsers(t.Context(), wallet.User{ID: id, Name: "林怡君"}); err != nil {
			t.Fatal(err)
		}
	}
	_, secrets, err := Credentials(issuerID)
	if err != nil {
		t.Fatal(err)
	}
	r.front, err = New(wallet.Parts{Wallet: r.books, Timing: r.books.Timing(), Log: log,
		BaseURL: r.server.URL, Secrets: secrets})
	if err != nil {
		t.Fatal(err)
	}
	wallet.NewServer(r.books, r.front, log).Register(mux)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.books.Run(ctx, r.front) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		r.server.CloseClientConnections()
		r.server.Close()
		r.front.Close()
	})
	return r
}

// request makes a signed request of the merchant; path may have a query.
func (r *rig) request(method, path, body string) *http.Request {
	r.t.Helper()
	req, err := http.NewRequest(method, r.server.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	nonce := sign.Nonce()
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set(sign.HeaderChannel, r.front.secrets.ChannelID)
	if strings.HasPrefix(path, "/v2/") {
		h.Set(sign.HeaderSecret, r.front.secrets.ChannelSecret)
		return req
	}
	h.Set(sign.HeaderNonce, nonce)
	h.Set(sign.HeaderMAC, sign.MAC(r.front.secrets.ChannelSecret, sign.Message{Method: method,
		Path: req.URL.EscapedPath(), Query: req.URL.RawQuery, Body: []byte(body), Nonce: nonce}))
	return req
}

// told is an answer, with what the tests look at of any info.
type told struct {
	Code wire.Code `json:"returnCode"`
	Text string    `json:"returnMessage"`
	Info json.RawMessage
}

func (r *rig) send(req *http.Request) told {
	r.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		r.t.Fatalf("HTTP %d, %v", res.StatusCode, err)
	}
	var a told
	if err := json.Unmarshal(body, &a); err != nil || a.Text == "" {
		r.t.Fatalf("%s is no answer: %v", body, err)
	}
	return a
}

// call sends a signed request and checks the code of its answer.
func (r *rig) call(want wire.Code, method, path, body string) told {
	r.t.Helper()
	a := r.send(r.request(method, path, body))
	if a.Code != want {
		r.t.Fatalf("%s %s: got %s %s, want %s", method, path, a.Code, a.Text, want)
	}
	return a
}

// into reads an info.
func into[T any](t testing.TB, a told) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(a.Info, &v); err != nil {
		t.Fatalf("%s: %v", a.Info, err)
	}
	return v
}

// order is the body of a request of an amount.
func order(id, amount string) string {
	return fmt.Sprintf(`{"amount":%s,"currency":"USD","orderId":%q,"packages":[{"id":"1",`+
		`"amount":%s,"products":[{"name":"ramen","quantity":1,"price":%s}]}],"redirectUrls":{`+
		`"confirmUrl":"http://shop.example/ok?a=1","cancelUrl":"http://shop.example/no"}}`,
		amount, id, amount, amount)
}

// keyOrder is the body of a payment by a key.
func keyOrder(id, amount, key string) string {
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader([]byte(order(id, amount))))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		panic(err)
	}
	delete(m, "redirectUrls")
	m["oneTimeKey"] = key
	text, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// asked makes a request and returns its transaction.
func (r *rig) asked(id, amount string) string {
	r.t.Helper()
	a := r.call(wire.CodeOK, "POST", "/v3/payments/request", order(id, amount))
	return string(into[wire.Reserved](r.t, a).TransactionID)
}

// agree is a user's yes.
func (r *rig) agree(orderID, user string) {
	r.t.Helper()
	s, err := r.books.Take(r.t.Context(), orderID, user)
	if err != nil || s.Why != wallet.WhyNone {
		r.t.Fatalf("take %s: %s, %v", orderID, s.Why, err)
	}
	if _, err := r.books.Confirm(r.t.Context(), user, s.Payment.PaymentID,
		wallet.PIN); err != nil {
		r.t.Fatalf("confirm %s: %v", orderID, err)
	}
}

func (r *rig) key(user string) string {
	r.t.Helper()
	c, err := r.front.Code(r.t.Context(), user)
	if err != nil {
		r.t.Fatal(err)
	}
	return c.Value
}

// spent checks what a user has spent so far, in minor units.
func (r *rig) spent(user string, want int64) {
	r.t.Helper()
	a, err := r.books.Account(r.t.Context(), user)
	if err != nil {
		r.t.Fatal(err)
	}
	if got := a.Opening.Minor() - a.Balance.Minor(); got != want {
		r.t.Errorf("%s has spent %d, want %d", user, got, want)
	}
}
