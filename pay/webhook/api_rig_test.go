package webhook_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/event"
	"watari/kit/money"
	"watari/kit/seal"
	"watari/kit/web/webtest"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
	"watari/pay/webhook"
	"watari/sandbox/rates"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), access.Migrations, party.Migrations, code.Migrations,
		fx.Migrations, ledger.Migrations, risk.Migrations, payment.Migrations,
		webhook.Migrations}
}

// short are pauses for tests that do not run in virtual time.
var short = []time.Duration{100 * time.Millisecond}

// look is how often the services of those tests look.
const look = 20 * time.Millisecond

// shop is a merchant with one store.
type shop struct {
	bank     int64
	merchant int64
	store    string // the bank's id of store and merchant
}

func (s shop) owner() webhook.Owner {
	return webhook.Owner{AcquirerNo: s.bank, MerchantNo: s.merchant}
}

// rig is a network with two banks, of which the first has two shops, and a wallet.
type rig struct {
	t      testing.TB
	db     *db.DB
	log    *event.Log
	dir    *party.Directory
	reg    *party.Registry
	core   *payment.Service
	ring   *seal.Ring
	banks  []webhook.Owner
	shops  []shop // 0 and 1 of bank 0, 2 of bank 1
	wallet party.Participant
	n      atomic.Int64

	mu    sync.Mutex
	hosts map[string]*receiver
}

// scripted is a wallet that decides by the last digit of the amount: 4 is declined.
type scripted struct{}

func (scripted) Name() string { return "scripted" }

func (scripted) Capabilities() link.Capabilities {
	return link.Capabilities{IDMax: 64, CallMax: time.Second, InquiryMax: time.Second,
		Inquiries: []time.Duration{time.Hour}, Deadline: 48 * time.Hour, CodeLife: time.Minute,
		PartialRefund: true, RefundWindow: 1000 * time.Hour, Ways: []link.Way{link.WayCode},
		CancelUntil: func(t time.Time) time.Time { return t.Add(time.Hour) },
		WalletUntil: func(t time.Time) time.Time { return t.Add(2 * time.Hour) }}
}

func (scripted) Authorise(_ context.Context, _ link.Endpoint, r link.Authorise) link.Answer {
	if r.Order.Minor()%10 == 4 {
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonBalance, Code: "NO"}
	}
	return link.Answer{Outcome: link.Approved, TheirID: "W" + r.OurRequestID, Code: "OK"}
}

func (scripted) Inquire(context.Context, link.Endpoint, link.Inquire) link.Answer {
	return link.Answer{Outcome: link.Unknown, Code: "WAIT"}
}

func (scripted) Cancel(context.Context, link.Endpoint, link.Cancel) link.Answer {
	return link.Answer{Outcome: link.Approved, Code: "OK"}
}

func (scripted) Refund(_ context.Context, _ link.Endpoint, r link.Refund) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "R" + r.RefundID, Code: "OK"}
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, db: d, log: event.NewLog(d), dir: party.NewDirectory(d),
		hosts: map[string]*receiver{}}
	r.reg = party.NewRegistry(d, r.dir, r.log, 1, party.DefaultSight())
	board := fx.New(d, fx.Config{RepeatLastDay: true})
	_, err := board.Import(t.Context(), strings.NewReader(string(rates.Recent)), "test")
	r.do("import rates", err)
	r.ring, err = seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	r.do("make ring", err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.do("make code table", err)
	r.do("seed", d.Update(t.Context(), r.seed))
	r.core = payment.New(payment.Config{ClientID: "NET", DB: d, Log: r.log, Lane: 1,
		Directory: r.dir, Registry: r.reg, Board: board, Codes: table,
		Chart: ledger.NewChart(d), Seal: r.ring,
		Connectors: map[string]link.Connector{"scripted": scripted{}},
		CIIs:       map[string]string{"alipay": "251001"}, Rules: risk.Default(),
		Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(r.core.Close)
	return r
}

func (r *rig) seed(ctx context.Context, tx *db.Tx) (err error) {
	for i, shops := range []int{2, 1} {
		p, err := r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: fmt.Sprintf("bank-%d", i), Name: "Bank", ClientID: fmt.Sprintf("BANK_%d", i)})
		if err != nil {
			return err
		}
		r.banks = append(r.banks, webhook.Owner{AcquirerNo: p.No})
		if _, err := r.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		for n := range shops {
			name := fmt.Sprintf("shop-%d-%d", i, n)
			m, err := r.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: p.No,
				ID: name, Name: "Sushi", MCC: "5812", MDRPPM: 16_000})
			if err != nil {
				return err
			}
			if _, err := r.reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: p.No,
				MerchantNo: m.No, ID: name, Name: "Sushi", Prefecture: "21",
				MCC: "5812"}); err != nil {
				return err
			}
			r.shops = append(r.shops, shop{p.No, m.No, name})
		}
	}
	if r.wallet, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "w",
		Name: "Wallet", ClientID: "W", Connector: "scripted", CodeGroup: "alipay",
		BaseURL: "http://127.0.0.1:1", OwnCodes: true}); err != nil {
		return err
	}
	_, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: r.wallet.No,
		Role: party.Issuer, Currency: "CNY", Zone: "Asia/Shanghai", InterchangePPM: 5000,
		SchemePPM: 2000})
	return err
}

func (r *rig) do(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

// node makes the service of a node on a database. Receivers are reached under their names, in
// memory.
func (r *rig) node(d *db.DB, pauses []time.Duration, every time.Duration) *webhook.Service {
	s := webhook.New(webhook.Config{DB: d, Log: event.NewLog(d), Lane: 2, Ring: r.ring,
		Payments: r.core, Directory: r.dir, Local: true, Pauses: pauses, Look: every,
		Dial: r.dial, Logger: slog.New(slog.DiscardHandler), Hold: time.Minute, Places: 4})
	r.t.Cleanup(s.Close)
	return s
}

func (r *rig) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := strings.Cut(address, ":")
	r.mu.Lock()
	at := r.hosts[host]
	r.mu.Unlock()
	if at == nil || at.down.Load() {
		return nil, fmt.Errorf("nobody is at %s", address)
	}
	return at.memory.Dial(ctx)
}

// run runs a service until the function that is returned, or the test, ends it.
func (r *rig) run(s *webhook.Service) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	r.t.Cleanup(stop)
	return stop
}

// sell takes a payment at a shop.
func (r *rig) sell(at shop, minor int64) *payment.Payment {
	r.t.Helper()
	ctx := context.Background()
	codes, err := r.core.IssueCodes(ctx, r.wallet.No, fmt.Sprintf("user-%d", r.n.Add(1)), "CN", 1)
	r.do("issue a code", err)
	p, err := r.core.Sell(ctx, payment.Sale{Origin: r.origin(at.bank), MerchantID: at.store,
		StoreID: at.store, OrderRef: "order", Description: "sushi",
		Amount: money.MustNew(minor, "JPY"), Code: codes[0].Code})
	r.do("sell", err)
	return p
}

func (r *rig) origin(bank int64) payment.Origin {
	return payment.Origin{AcquirerNo: bank, Channel: payment.ChannelAPI,
		RequestID: fmt.Sprintf("req-%d", r.n.Add(1)), Actor: "test", Began: clock.Now()}
}

func (r *rig) refund(p *payment.Payment, minor int64) *payment.Refund {
	r.t.Helper()
	f, err := r.core.Refund(context.Background(), payment.Giveback{
		Origin: r.origin(p.AcquirerNo), Ref: payment.Ref{PaymentID: p.ID},
		Amount: money.MustNew(minor, "JPY")})
	r.do("refund", err)
	return f
}

// heard is one message as it came, verified.
type heard struct {
	at   time.Time
	id   string
	body string
	message
	signatures int
}

type message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		Challenge string         `json:"challenge"`
		Payment   map[string]any `json:"payment"`
		Refund    map[string]any `json:"refund"`
		Merchant  map[string]any `json:"merchant"`
		Store     map[string]any `json:"store"`
	} `json:"data"`
}

// subject is the id of the payment that a message is about.
func (m message) subject() string {
	text, _ := m.Data.Payment["id"].(string)
	return text
}

// receiver is somebody's server that takes webhooks. It checks every signature with the library of
// the specification, and echoes challenges.
type receiver struct {
	t      testing.TB
	host   string
	memory *webtest.Memory
	down   atomic.Bool // nobody is there

	mu      sync.Mutex
	secret  string
	old     string // the secret before, when it has to sign too
	answer  func(n int, h heard) int
	got     []heard
	running int // requests that are being answered
}

// What receivers answer; never is no answer at all.
const (
	never   = 0
	fine    = http.StatusOK
	moved   = http.StatusTemporaryRedirect
	gone    = http.StatusGone
	broken  = http.StatusInternalServerError
	refuses = http.StatusServiceUnavailable
)

// receiver starts a receiver under a name.
func (r *rig) receiver(host string) *receiver {
	r.t.Helper()
	v := &receiver{t: r.t, host: host, memory: webtest.NewMemory()}
	server := &http.Server{Handler: v, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(v.memory) }()
	r.t.Cleanup(func() { _ = server.Close() })
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hosts[host] = v
	return v
}

func (v *receiver) url() string { return "http://" + v.host + "/hook" }

func (v *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	h := heard{at: clock.Now(), id: q.Header.Get("webhook-id"), body: string(body),
		signatures: len(strings.Fields(q.Header.Get("webhook-signature")))}
	numbers := json.NewDecoder(strings.NewReader(h.body))
	numbers.UseNumber()
	if err := numbers.Decode(&h.message); err != nil {
		v.t.Errorf("the message %s: %v", body, err)
	}
	v.mu.Lock()
	for _, secret := range []string{v.secret, v.old} {
		if secret != "" {
			v.verify(secret, body, q.Header)
		}
	}
	if v.running++; v.running > 1 {
		v.t.Errorf("%s is sent %d messages at a time", v.host, v.running)
	}
	v.got = append(v.got, h)
	n, answer := len(v.got), v.answer
	v.mu.Unlock()
	defer func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.running--
	}()
	status := fine
	if answer != nil {
		status = answer(n, h)
	}
	if status == never {
		<-q.Context().Done()
		return
	}
	w.Header().Set("Location", "http://elsewhere.example/hook")
	w.WriteHeader(status)
	if h.Type == "endpoint.verify" {
		_ = json.NewEncoder(w).Encode(map[string]string{"challenge": h.Data.Challenge})
		return
	}
	_, _ = io.WriteString(w, "thank you")
}

func (v *receiver) verify(secret string, body []byte, h http.Header) {
	key, err := standardwebhooks.NewWebhook(secret)
	if err == nil {
		err = key.Verify(body, h)
	}
	if err != nil {
		v.t.Errorf("%s: the signature: %v", v.host, err)
	}
}

// answers changes how a receiver answers from now on: with a status, or never.
func (v *receiver) answers(f func(n int, h heard) int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answer = f
}

func (v *receiver) keeps(secret, old string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secret, v.old = secret, old
}

// messages returns what came so far, without challenges.
func (v *receiver) messages() (all []heard) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, h := range v.got {
		if h.Type != "endpoint.verify" {
			all = append(all, h)
		}
	}
	return all
}

// subscribe adds and verifies an endpoint of an owner at a receiver.
func (r *rig) subscribe(
	s *webhook.Service, o webhook.Owner, v *receiver, kinds ...string,
) webhook.Endpoint {
	r.t.Helper()
	e, secret, err := s.Add(context.Background(), o, "test",
		webhook.Terms{URL: v.url(), Kinds: kinds})
	r.do("add", err)
	v.keeps(secret, "")
	e, err = s.Verify(context.Background(), o, "test", e.ID)
	r.do("verify", err)
	return e
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for range 2400 {
		if holds() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s: not within a minute", what)
}

// inOrder wants messages about these payments, in this order, each once.
func inOrder(t testing.TB, got []heard, want []*payment.Payment) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d messages, want %d", len(got), len(want))
	}
	for i, h := range got {
		if h.subject() != want[i].ID {
			t.Fatalf("message %d is about %s, want %s", i, h.subject(), want[i].ID)
		}
	}
}
