package wechatpay_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/connect/wechatpay"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/link/linktest"
	"watari/sandbox/wallet"
	front "watari/sandbox/wechatpay"
)

const (
	walletID = "weilai"
	walletNo = 9
	callMax  = 2 * time.Second
)

// rig is the sandbox's wallet behind a handler that damages its answers on command.
type rig struct {
	*wallet.Wallet
	t       testing.TB
	front   *front.Front
	server  *httptest.Server
	mux     *http.ServeMux
	creds   wechatpay.Credentials
	secrets front.Secrets
	key     *rsa.PrivateKey // the platform's

	mu    sync.Mutex
	mode  linktest.Mode
	calls []string // method and path
}

// newRig makes a wallet under a deal with the user u1, who has CNY 10,000.
func newRig(t testing.TB, deal front.Deal) *rig {
	t.Helper()
	network, secrets, err := front.Agree(deal)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, mode: linktest.Approve, mux: http.NewServeMux()}
	r.must(json.Unmarshal(network, &r.creds))
	r.must(json.Unmarshal(secrets, &r.secrets))
	r.key = platformKey(t, r.secrets.PlatformKey)
	log := slog.New(slog.DiscardHandler)
	timing := wallet.Timing{Slow: callMax / 5, Late: 2 * callMax, Silence: 2 * callMax,
		Retry: []time.Duration{100 * time.Millisecond}}
	r.Wallet = wallet.New(dbtest.New(t, db.SQLite, wallet.Migrations), wallet.Profile{
		ID: walletID, Protocol: wechatpay.Name, Name: "Weilai", Currency: "CNY",
		Opening: 10_000_00, PINAbove: 1_000_00, Lang: "zh-Hans", Terms: front.Terms()}, timing, log)
	r.must(r.AddUsers(t.Context(), wallet.User{ID: "u1", Name: "李娜", NameEN: "Li Na"}))
	r.server = httptest.NewServer(http.HandlerFunc(r.serve))
	r.front, err = front.New(wallet.Parts{Wallet: r.Wallet, Timing: r.Timing(), Log: log,
		BaseURL: r.server.URL, Secrets: secrets})
	r.must(err)
	r.front.Register(r.mux)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.Run(ctx, r.front) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		r.server.CloseClientConnections()
		r.server.Close()
		r.front.Close()
	})
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func platformKey(t testing.TB, text string) *rsa.PrivateKey {
	t.Helper()
	b, _ := pem.Decode([]byte(text))
	key, err := x509.ParsePKCS8PrivateKey(b.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

// strangerKey is a key that nobody believes.
var strangerKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// config is a client's configuration for this wallet.
func (r *rig) config() wechatpay.ClientConfig {
	return wechatpay.ClientConfig{CallMax: callMax, InquiryMax: callMax, ReverseAfter: -1,
		Credentials: func(id string) (wechatpay.Credentials, error) {
			if id != walletID {
				return wechatpay.Credentials{}, fmt.Errorf("no wallet %s", id)
			}
			return r.creds, nil
		}}
}

func (r *rig) client() *wechatpay.Client {
	c := wechatpay.NewClient(r.config())
	r.t.Cleanup(c.Close)
	return c
}

func (r *rig) endpoint() link.Endpoint {
	return link.Endpoint{IssuerNo: walletNo, IssuerID: walletID, ClientID: "WATARI",
		BaseURL: r.server.URL, NotifyURL: "http://127.0.0.1:1/wallets/wechatpay/" + walletID}
}

var saleNo atomic.Int64

// sale is a payment of JPY 1,980 with a fresh code of u1.
func (r *rig) sale() link.Authorise {
	code, err := r.front.Code(context.Background(), "u1")
	r.must(err)
	id := fmt.Sprintf("leg_01jd9r2k7v0100100%011d", saleNo.Add(1))
	return link.Authorise{OurRequestID: id, AcquirerID: "gifu-bank", IssuerID: walletID,
		PaymentID: "pay_" + id[4:], OrderRef: "TAK-31", Description: "飛騨牛にぎり 2 貫",
		Code: code.Value, Order: money.MustNew(1980, "JPY"), PayTo: money.MustNew(1980, "JPY"),
		Shop: link.Shop{MerchantID: "M-2101", MerchantName: "Sanmachi Sushi KK",
			StoreID: "S-2101-1", StoreName: "三町", TerminalID: "T-1", MCC: "5812",
			Prefecture: "JP-21"},
		Expires: clock.Now().Add(10 * time.Minute)}
}

func aboutOf(s link.Authorise, way link.Way) link.About {
	return link.About{OurRequestID: s.OurRequestID, AcquirerID: s.AcquirerID,
		IssuerID: s.IssuerID, Way: way, Order: s.Order, PayTo: s.PayTo, At: clock.Now()}
}

// fronted are the modes that the sandbox itself can do.
var fronted = map[linktest.Mode]wallet.Mode{linktest.Decline: wallet.ModeDecline,
	linktest.Pending: wallet.ModePIN, linktest.Silence: wallet.ModeTimeout,
	linktest.Slow: wallet.ModeSlow, linktest.Late: wallet.ModeLate,
	linktest.Drop: wallet.ModeDrop}

func (r *rig) Set(m linktest.Mode) {
	r.mu.Lock()
	r.mode = m
	r.mu.Unlock()
	mode, known := fronted[m]
	if !known {
		mode = wallet.ModeNone
	}
	if err := r.SetFault(context.Background(), mode, nil); err != nil {
		r.t.Errorf("set %s: %v", m, err)
	}
}

func (r *rig) payment(id string) *wallet.Payment {
	p, err := r.Payment(context.Background(), id)
	if err != nil {
		r.t.Errorf("read the books: %v", err)
	}
	if p == nil {
		return &wallet.Payment{}
	}
	return p
}

func (r *rig) Debits(id string) int {
	if r.payment(id).DebitedMinor > 0 {
		return 1
	}
	return 0
}

// Taken counts in the shop's currency, which is the one that is settled.
func (r *rig) Taken(id string) int64 {
	p := r.payment(id)
	if p.State != wallet.Paid {
		return 0
	}
	return p.TakenOrderMinor - p.RefundedOrderMinor
}

func (r *rig) Refunds(id string) int {
	f, err := r.RefundOf(context.Background(), id)
	if err != nil {
		r.t.Errorf("read the books: %v", err)
	}
	if f == nil || !f.Succeeded {
		return 0
	}
	return 1
}

func (r *rig) Confirm(id string) {
	if _, err := r.Wallet.Confirm(context.Background(), "u1", r.payment(id).PaymentID,
		wallet.PIN); err != nil {
		r.t.Errorf("confirm: %v", err)
	}
}

// serve passes a request on and damages the answer as the mode says.
func (r *rig) serve(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	mode := r.mode
	r.calls = append(r.calls, req.Method+" "+req.URL.Path)
	r.mu.Unlock()
	if mode == linktest.Deaf {
		_, _ = io.Copy(io.Discard, req.Body) // else the end of the connection is not seen
		<-req.Context().Done()
		return
	}
	if _, own := fronted[mode]; own || mode == linktest.Approve {
		r.mux.ServeHTTP(w, req)
		return
	}
	got := httptest.NewRecorder()
	r.mux.ServeHTTP(got, req)
	r.damage(w, got, mode)
}

func (r *rig) damage(w http.ResponseWriter, got *httptest.ResponseRecorder, mode linktest.Mode) {
	status, body := got.Code, got.Body.Bytes()
	serial, key, at := got.Header().Get("Wechatpay-Serial"), r.key, clock.Now()
	bodiless := status == http.StatusNoContent
	switch mode {
	case linktest.BadSignature:
		key = strangerKey()
	case linktest.WrongKey:
		serial = "PUB_KEY_ID_0000000000000000000000000000"
	case linktest.ServerError:
		status = http.StatusInternalServerError
	case linktest.Garbage:
		status, body = http.StatusOK, []byte("<html>out of order</html>")
	case linktest.Huge:
		status, body = http.StatusOK, bytes.Repeat([]byte(" "), 1<<20)
	case linktest.WrongID:
		if bodiless {
			status, body = http.StatusOK, []byte(`{"out_trade_no":"x"}`)
		}
		body = renamed(body, "out_trade_no", `"another_order"`)
		body = renamed(body, "out_refund_no", `"another_refund"`)
	case linktest.Redirect:
		w.Header().Set("Location", r.server.URL+"/elsewhere")
		status = http.StatusTemporaryRedirect
	case linktest.Skewed:
		at = at.Add(-6 * time.Minute)
	case linktest.OtherAmount:
		body = renamed(body, "total", "1")
	}
	h := w.Header()
	if mode != linktest.Unsigned {
		signHeaders(h, serial, key, at, body)
	}
	w.WriteHeader(status)
	w.Write(body)
}

// renamed gives a member of a JSON text another value.
func renamed(body []byte, member, value string) []byte {
	before, after, found := strings.Cut(string(body), `"`+member+`":`)
	if !found {
		return body
	}
	end := strings.IndexAny(after, ",}")
	return []byte(before + `"` + member + `":` + value + after[end:])
}

// signHeaders signs a body as the network does.
func signHeaders(h http.Header, serial string, key *rsa.PrivateKey, at time.Time, body []byte) {
	stamp, nonce := strconv.FormatInt(at.Unix(), 10), fmt.Sprintf("nonce%d", saleNo.Add(1))
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n", stamp, nonce, body))
	s, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	h.Set("Wechatpay-Timestamp", stamp)
	h.Set("Wechatpay-Nonce", nonce)
	h.Set("Wechatpay-Serial", serial)
	h.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(s))
}

// signedBy tells whether a text was signed with a key.
func signedBy(key *rsa.PublicKey, text, signature string) bool {
	s, err := base64.StdEncoding.DecodeString(signature)
	sum := sha256.Sum256([]byte(text))
	return err == nil && rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], s) == nil
}
