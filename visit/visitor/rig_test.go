package visitor_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	alipayin "watari/connect/alipayplus/signin"
	linein "watari/connect/linepay/signin"
	"watari/connect/paypay"
	paypayin "watari/connect/paypay/signin"
	wechatin "watari/connect/wechatpay/signin"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/seal"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
	"watari/sandbox/linepay"
	sandpaypay "watari/sandbox/paypay"
	"watari/sandbox/phone"
	"watari/sandbox/wallet"
	"watari/sandbox/wechatpay"
	"watari/visit/order"
	"watari/visit/visitor"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, order.Migrations,
		visitor.Migrations}
}

// here is where the pages of the tests stand; nobody listens there.
const here = "http://pages.example"

// rig is a network whose visitors come from four wallets, each behind a real socket.
type rig struct {
	*visitor.Service
	t       testing.TB
	db      *db.DB
	log     *event.Log
	dir     *party.Directory
	ring    *seal.Ring
	signIns map[string]link.SignIn
	shift   *atomic.Int64 // how far the clock is put forward
	bank    party.Participant
	store   party.Store
	issuers map[string]party.Participant // by protocol
	calls   map[string]*atomic.Int64     // to the wallets' own servers, by protocol
	counts  visitor.Counts               // nil, but in the tests of it
}

func (r *rig) now() time.Time { return clock.Now().Add(time.Duration(r.shift.Load())) }

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) { fn(t, newRig(t, d)) })
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, db: d, log: event.NewLog(d), dir: party.NewDirectory(d), ring: ring,
		shift: &atomic.Int64{}, issuers: map[string]party.Participant{},
		calls: map[string]*atomic.Int64{}}
	r.signIns = map[string]link.SignIn{}
	for _, protocol := range []string{"alipayplus", "wechatpay", "linepay", "paypay"} {
		r.addWallet(protocol)
	}
	r.addShop()
	r.Service = r.node()
	return r
}

// node is another process over the same database.
func (r *rig) node() *visitor.Service {
	return visitor.New(visitor.Config{DB: r.db, Log: r.log, Lane: 1, Ring: r.ring,
		Directory: r.dir, SignIns: r.signIns, Now: r.now, Counts: r.counts,
		Logger: slog.New(slog.NewTextHandler(r.t.Output(), nil))})
}

// users are two of each wallet, by protocol.
func users(protocol string) []string { return []string{protocol + "-ann", protocol + "-bob"} }

// addWallet starts a simulated wallet and makes the network and it know each other.
func (r *rig) addWallet(protocol string) {
	r.t.Helper()
	mux, calls := http.NewServeMux(), &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		calls.Add(1)
		mux.ServeHTTP(w, q)
	}))
	r.t.Cleanup(server.Close)
	r.calls[protocol] = calls
	log := slog.New(slog.DiscardHandler)
	id := "wallet-" + protocol
	currency := map[string]string{"linepay": "TWD", "paypay": "JPY"}[protocol]
	if currency == "" {
		currency = "CNY"
	}
	var profile wallet.Profile
	r.do(json.Unmarshal([]byte(`{"Currency":"`+currency+`"}`), &profile))
	profile.ID, profile.Protocol, profile.Name = id, protocol, "Wallet "+protocol
	profile.Opening, profile.PINAbove, profile.Lang = 50_000_00, 5_000_00, "en"
	books := wallet.New(dbtest.New(r.t, db.SQLite, wallet.Migrations), profile, wallet.Timing{},
		log)
	for _, user := range users(protocol) {
		r.do(books.AddUsers(r.t.Context(), wallet.User{ID: user, Name: "许若晨"}))
	}
	parts := wallet.Parts{Wallet: books, Timing: books.Timing(), Log: log, BaseURL: server.URL,
		Networks: func(context.Context) ([]string, error) { return nil, nil }}
	front := r.connect(protocol, id, parts)
	wallet.NewServer(books, front, log).Register(mux)
	phone.New(books, front, phone.Pages(), log).Register(mux)
	r.issuers[protocol] = party.Participant{ID: id, Name: profile.Name, ClientID: id,
		Connector: protocol, BaseURL: server.URL}
	if protocol == "alipayplus" {
		p := r.issuers[protocol]
		p.CodeGroup, p.OwnCodes = "alipay", true
		r.issuers[protocol] = p
	}
}

// connect makes the wallet's side of a protocol, and ours.
func (r *rig) connect(protocol, id string, p wallet.Parts) wallet.Front {
	r.t.Helper()
	made, err := deals()
	r.do(err)
	network := made[protocol].network
	p.Secrets, p.SignIn = made[protocol].secrets, made[protocol].own
	switch protocol {
	case "alipayplus":
		r.signIns[protocol] = alipayin.New(alipayin.Config{
			Credentials: fixed[alipayin.Credentials](r.t, id, network)})
		return alipayFront(r.t, p)
	case "wechatpay":
		r.signIns[protocol] = wechatin.New(wechatin.Config{
			Credentials: fixed[wechatin.Credentials](r.t, id, network)})
		front, err := wechatpay.New(p)
		r.do(err)
		return front
	case "linepay":
		r.signIns[protocol] = linein.New(linein.Config{
			Credentials: fixed[linein.Credentials](r.t, id, network)})
		front, err := linepay.New(p)
		r.do(err)
		return front
	}
	in := paypayin.New(paypayin.Config{Credentials: fixed[paypay.Credentials](r.t, id, network)})
	r.t.Cleanup(in.Close)
	r.signIns[protocol] = in
	front, err := sandpaypay.New(p)
	r.do(err)
	return front
}

// fixed are the credentials of one wallet.
func fixed[C any](t testing.TB, id string, text json.RawMessage) func(string) (C, error) {
	t.Helper()
	var c C
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	return func(issuerID string) (C, error) {
		if issuerID != id {
			return c, fs.ErrNotExist
		}
		return c, nil
	}
}

func (r *rig) do(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// addShop makes the directory: a bank with a shop, and the wallets.
func (r *rig) addShop() {
	r.t.Helper()
	reg := party.NewRegistry(r.db, r.dir, r.log, 1, party.DefaultSight())
	r.do(r.db.Update(r.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		if r.bank, err = reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "ACQ_HIDA", Name: "Hida Bank", ClientID: "HIDA"}); err != nil {
			return err
		}
		if _, err = reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: r.bank.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		for _, protocol := range []string{"alipayplus", "linepay", "paypay", "wechatpay"} {
			p, err := reg.AddParticipant(ctx, tx, "test", r.issuers[protocol])
			if err != nil {
				return err
			}
			r.issuers[protocol] = p
			if _, err = reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
				Role: party.Issuer, Currency: "CNY", Zone: "Asia/Shanghai"}); err != nil {
				return err
			}
		}
		shop, err := reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: r.bank.No,
			ID: "M1", Name: "Noodles", NameJA: "麺", MCC: "5812"})
		if err != nil {
			return err
		}
		r.store, err = reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: r.bank.No,
			MerchantNo: shop.No, ID: "S1", Name: "Noodles Takayama", NameJA: "麺 高山",
			Prefecture: "21", MCC: "5812"})
		return err
	}))
}

// stroller is a browser without a will of its own: it goes where it is told, and stops where a
// wallet sends it back to us.
var stroller = &http.Client{Timeout: 10 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// answer is what a user does on the wallet's page: give or refuse. It returns the address that
// the browser is sent back to.
func (r *rig) answer(start, user, answer string) *url.URL {
	r.t.Helper()
	page, err := url.Parse(start)
	r.do(err)
	if !strings.HasPrefix(page.Path, wallet.SignInPath) {
		page, err = url.Parse(r.walk(start, http.MethodGet, nil))
		r.do(err)
	}
	at := ""
	page.Path = "/phone/" + user + page.Path
	at = r.walk(page.String(), http.MethodPost, url.Values{"answer": {answer}})
	back, err := url.Parse(at)
	r.do(err)
	return back
}

// walk follows redirects until one leads to a page of the wallet's own or to us.
func (r *rig) walk(at, method string, form url.Values) string {
	r.t.Helper()
	for range 5 {
		req, err := http.NewRequestWithContext(r.t.Context(), method, at,
			strings.NewReader(form.Encode()))
		r.do(err)
		if method == http.MethodPost {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		res, err := stroller.Do(req)
		r.do(err)
		r.do(res.Body.Close())
		to, err := res.Location()
		if err != nil {
			r.t.Fatalf("%s %s: status %d and no way on", method, at, res.StatusCode)
		}
		at, method, form = to.String(), http.MethodGet, nil
		if strings.HasPrefix(at, here) || strings.HasPrefix(to.Path, wallet.SignInPath) {
			return at
		}
	}
	r.t.Fatalf("%s leads on and on", at)
	return ""
}

// begin starts a sign-in with a wallet.
func (r *rig) begin(protocol, next string) visitor.Start {
	r.t.Helper()
	id := r.issuers[protocol].ID
	s, err := r.Begin(r.t.Context(), visitor.Beginning{IssuerID: id, Next: next, Lang: "zh-Hans",
		ReturnURL: here + "/visit/sign-in/back/" + id})
	r.do(err)
	return s
}

// enter signs a user in.
func (r *rig) enter(protocol, user string) visitor.Entry {
	r.t.Helper()
	s := r.begin(protocol, "/visit/tickets")
	back := r.answer(s.URL, user, "give")
	e, err := r.Finish(r.t.Context(), s.Cookie, r.issuers[protocol].ID, back.Query())
	if err != nil {
		r.t.Fatalf("%s: %v", protocol, err)
	}
	return e
}
