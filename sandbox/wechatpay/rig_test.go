package wechatpay_test

import (
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
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/id"
	"watari/sandbox/wallet"
	"watari/sandbox/wechatpay"
)

// rig is a wallet behind a real socket, the merchant's keys, and a stand-in for the network that
// takes notices.
type rig struct {
	t        testing.TB
	wallet   *wallet.Wallet
	front    *wechatpay.Front
	server   *httptest.Server
	network  *httptest.Server
	merchant map[string]string // the network's half of the agreement
	secrets  wechatpay.Secrets
	private  *rsa.PrivateKey // the merchant's
	platform *rsa.PublicKey
	refuse   atomic.Int64 // notices that are still refused

	mu      sync.Mutex
	notices []*http.Request // with their bodies in Form
}

// each runs fn on both engines with a wallet of the users ann and bob, in direct mode.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{wallet.Migrations}, func(t *testing.T, d *db.DB) {
		fn(t, newRig(t, d, wechatpay.Deal{PublicKey: true}))
	})
}

// lone is a rig on SQLite.
func lone(t *testing.T, deal wechatpay.Deal) *rig {
	t.Helper()
	return newRig(t, dbtest.New(t, db.SQLite, wallet.Migrations), deal)
}

func newRig(t testing.TB, d *db.DB, deal wechatpay.Deal) *rig {
	t.Helper()
	network, secrets, err := wechatpay.Agree(deal)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t}
	r.must(json.Unmarshal(network, &r.merchant))
	r.must(json.Unmarshal(secrets, &r.secrets))
	b, _ := pem.Decode([]byte(r.merchant["private_key"]))
	key, err := x509.ParsePKCS8PrivateKey(b.Bytes)
	r.must(err)
	r.private = key.(*rsa.PrivateKey)
	b, _ = pem.Decode([]byte(r.secrets.Certificate))
	cert, err := x509.ParseCertificate(b.Bytes)
	r.must(err)
	r.platform = cert.PublicKey.(*rsa.PublicKey)
	r.network = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.network.Close)
	log := slog.New(slog.DiscardHandler)
	r.wallet = wallet.New(d, wallet.Profile{ID: "weilai", Protocol: wechatpay.Protocol,
		Name: "Weilai", Currency: "CNY", Opening: 10_000_00, PINAbove: 1_000_00,
		Lang: "zh-Hans", Terms: wechatpay.Terms()}, wallet.Timing{Slow: 200 * time.Millisecond,
		Silence: time.Second, Twice: 10 * time.Millisecond, Call: 5 * time.Second,
		Retry: []time.Duration{50 * time.Millisecond}}, log)
	r.must(r.wallet.AddUsers(t.Context(), wallet.User{ID: "ann", Name: "某", NameEN: "Ann"},
		wallet.User{ID: "bob", Name: "某", NameEN: "Bob"}))
	mux := http.NewServeMux()
	r.server = httptest.NewServer(mux)
	r.front, err = wechatpay.New(wallet.Parts{Wallet: r.wallet, Timing: r.wallet.Timing(),
		Log: log, BaseURL: r.server.URL, Secrets: secrets,
		Networks: func(context.Context) ([]string, error) {
			return []string{"http://127.0.0.1:1", r.network.URL}, nil
		}})
	r.must(err)
	r.front.Register(mux)
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

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// take is the network taking a notice.
func (r *rig) take(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	req.Form = map[string][]string{"body": {string(body)}}
	r.mu.Lock()
	r.notices = append(r.notices, req)
	r.mu.Unlock()
	if r.refuse.Add(-1) >= 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// message is a request before it is signed; its parts can be spoiled.
type message struct {
	method, path, body       string
	signedPath, signedBody   string // instead of path and body in what is signed
	mchid, serial, nonce     string
	at                       time.Time
	key                      *rsa.PrivateKey
	authorised, accept, kind string // headers, instead of the right ones
}

// send signs and sends a message.
func (r *rig) send(m message) *http.Response {
	r.t.Helper()
	either := func(s, other string) string {
		if s != "" {
			return s
		}
		return other
	}
	if m.at.IsZero() {
		m.at = clock.Now()
	}
	if m.key == nil {
		m.key = r.private
	}
	m.nonce = either(m.nonce, id.Secret(16))
	stamp := strconv.FormatInt(m.at.Unix(), 10)
	signed := sign(m.key, fmt.Sprintf("%s\n%s\n%s\n%s\n%s\n", m.method,
		either(m.signedPath, m.path), stamp, m.nonce, either(m.signedBody, m.body)))
	header := fmt.Sprintf(`WECHATPAY2-SHA256-RSA2048 serial_no="%s",signature="%s", mchid="%s",`+
		`timestamp="%s",nonce_str="%s"`, either(m.serial, r.merchant["serial_no"]), signed,
		either(m.mchid, r.merchant["mchid"]), stamp, m.nonce)
	req, err := http.NewRequestWithContext(r.t.Context(), m.method, r.server.URL+m.path,
		strings.NewReader(m.body))
	r.must(err)
	req.Header.Set("Authorization", either(m.authorised, header))
	req.Header.Set("Accept", either(m.accept, "application/json"))
	req.Header.Set("Content-Type", either(m.kind, "application/json"))
	res, err := http.DefaultClient.Do(req)
	r.must(err)
	r.t.Cleanup(func() { res.Body.Close() })
	return res
}

// said reads an answer, whose signature must verify, and returns its status and members.
func (r *rig) said(res *http.Response) (int, map[string]any) {
	r.t.Helper()
	body, err := io.ReadAll(res.Body)
	r.must(err)
	if !r.signed(res.Header, string(body)) {
		r.t.Errorf("HTTP %d %s: the answer is not signed well", res.StatusCode, body)
	}
	m := map[string]any{}
	if len(body) > 0 {
		r.must(json.Unmarshal(body, &m))
	}
	return res.StatusCode, m
}

// signed tells whether headers sign a body with the platform's key.
func (r *rig) signed(h http.Header, body string) bool {
	s, err := base64.StdEncoding.DecodeString(h.Get("Wechatpay-Signature"))
	sum := sha256.Sum256([]byte(h.Get("Wechatpay-Timestamp") + "\n" + h.Get("Wechatpay-Nonce") +
		"\n" + body + "\n"))
	return err == nil && h.Get("Wechatpay-Serial") != "" &&
		rsa.VerifyPKCS1v15(r.platform, crypto.SHA256, sum[:], s) == nil
}

func sign(key *rsa.PrivateKey, text string) string {
	sum := sha256.Sum256([]byte(text))
	s, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(s)
}

// do sends a good message and returns what is said.
func (r *rig) do(method, path string, body map[string]any) (int, map[string]any) {
	r.t.Helper()
	m := message{method: method, path: path}
	if body != nil {
		text, err := json.Marshal(body)
		r.must(err)
		m.body = string(text)
	}
	return r.said(r.send(m))
}

const (
	payPath    = "/v3/global/micropay/transactions/pay"
	nativePath = "/v3/global/transactions/native"
	orderPath  = "/v3/global/transactions/out-trade-no/"
)

// order is what every order of JPY 1,980 has, in direct mode.
func (r *rig) order(no, trade string) map[string]any {
	m := map[string]any{"mchid": r.merchant["mchid"], "appid": r.merchant["appid"],
		"description": "sushi", "out_trade_no": no, "trade_type": trade,
		"merchant_category_code": "5812",
		"amount":                 map[string]any{"total": 1980, "currency": "JPY"}}
	if trade != "MICROPAY" {
		m["notify_url"] = r.network.URL + "/wallets/wechatpay/weilai"
	}
	return m
}

// quick is an order with a fresh code of ann.
func (r *rig) quick(no string) map[string]any {
	code, err := r.front.Code(r.t.Context(), "ann")
	r.must(err)
	m := r.order(no, "MICROPAY")
	m["payer"] = map[string]any{"auth_code": code.Value}
	return m
}

// query is how an order stands.
func (r *rig) query(no string) map[string]any {
	r.t.Helper()
	_, m := r.do(http.MethodGet, orderPath+no+"?mchid="+r.merchant["mchid"], nil)
	return m
}
