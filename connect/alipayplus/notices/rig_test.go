package notices_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
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

	"watari/connect/alipayplus"
	"watari/connect/alipayplus/notices"
	"watari/connect/alipayplus/sign"
	"watari/connect/alipayplus/wire"
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
	"watari/sandbox/rates"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, notices.Migrations}
}

// rig is a network with two banks that want to be told, and a wallet.
type rig struct {
	t      testing.TB
	db     *db.DB
	log    *event.Log
	dir    *party.Directory
	core   *payment.Service
	ring   *seal.Ring
	banks  []*bank
	wallet party.Participant
	n      atomic.Int64
}

// keys makes key pairs once for all tests: making one takes a noticeable time.
var keys = sync.OnceValue(func() (all [3]seal.Signer) {
	for i := range all {
		private, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		if all[i], err = seal.NewSigner(private, 1); err != nil {
			panic(err)
		}
	}
	return all
})

// network gives the network's key.
type network struct{}

func (network) Current(time.Time) (seal.Signer, error) { return keys()[0], nil }

// bank is an acquirer's server for notices, on a listener in memory.
type bank struct {
	t      testing.TB
	no     int64
	host   string
	client string
	signer seal.Signer
	memory *webtest.Memory

	mu     sync.Mutex
	answer func(try int) wire.Code // "" is no answer; nil is SUCCESS
	told   []told
}

// told is one notice as it came.
type told struct {
	at      time.Time
	request string
	code    wire.Code
	body    string
}

func (b *bank) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	header, err := sign.ParseHeader(q.Header.Get("Signature"))
	if err == nil {
		err = sign.Verify(keys()[0].Public(), sign.Message{Method: q.Method, Path: q.URL.Path,
			ClientID: b.client, At: q.Header.Get("Request-Time"), Body: body}, header.Value)
	}
	var m wire.PaymentNotice
	if e := wire.DecodeRequest(body, &m); err != nil || e != nil {
		b.t.Errorf("the notice %s: %v, %v", body, err, e)
		return
	}
	b.mu.Lock()
	b.told = append(b.told, told{clock.Now(), m.PaymentRequestID, m.PaymentResult.Code,
		string(body)})
	try, answer := len(b.told), b.answer
	b.mu.Unlock()
	result := wire.CodeSuccess
	if answer != nil {
		result = answer(try)
	}
	if result == "" {
		<-q.Context().Done()
		return
	}
	text, at := wire.Encode(&wire.Ack{Result: wire.ResultOf(result)}), wire.FormatTime(clock.Now())
	signature, err := sign.Sign(b.signer, sign.Message{Method: q.Method, Path: q.URL.Path,
		ClientID: b.client, At: at, Body: text})
	if err != nil {
		b.t.Errorf("sign: %v", err)
	}
	w.Header().Set("Signature", signature)
	w.Header().Set("Response-Time", at)
	_, _ = w.Write(text)
}

// heard returns what came so far.
func (b *bank) heard() []told {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]told(nil), b.told...)
}

// about returns what came about one request.
func (b *bank) about(request string) (all []told) {
	for _, n := range b.heard() {
		if n.request == request {
			all = append(all, n)
		}
	}
	return all
}

// answers changes how the bank answers from now on.
func (b *bank) answers(f func(try int) wire.Code) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = f
}

// wallet decides by the last digit of the amount: 4 is declined, 5 waits for its user.
type scripted struct{}

func (scripted) Name() string { return "scripted" }

func (scripted) Capabilities() link.Capabilities {
	return link.Capabilities{IDMax: 64, CallMax: time.Second, InquiryMax: time.Second,
		Inquiries: []time.Duration{time.Hour}, Deadline: 48 * time.Hour, CodeLife: time.Minute,
		PartialRefund: true, RefundWindow: time.Hour, Ways: []link.Way{link.WayCode},
		CancelUntil: func(t time.Time) time.Time { return t.Add(time.Hour) },
		WalletUntil: func(t time.Time) time.Time { return t.Add(2 * time.Hour) }}
}

func (scripted) Authorise(_ context.Context, _ link.Endpoint, r link.Authorise) link.Answer {
	switch r.Order.Minor() % 10 {
	case 4:
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonBalance, Code: "NO"}
	case 5:
		return link.Answer{Outcome: link.Unknown, UserActing: true, Code: "WAIT"}
	}
	return link.Answer{Outcome: link.Approved, TheirID: "W" + r.OurRequestID, Code: "OK"}
}

func (scripted) Inquire(context.Context, link.Endpoint, link.Inquire) link.Answer {
	return link.Answer{Outcome: link.Unknown, UserActing: true, Code: "WAIT"}
}

func (scripted) Cancel(context.Context, link.Endpoint, link.Cancel) link.Answer {
	return link.Answer{Outcome: link.Approved, Code: "OK"}
}

func (scripted) Refund(_ context.Context, _ link.Endpoint, r link.Refund) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "R" + r.RefundID, Code: "OK"}
}

func newRig(t testing.TB, d *db.DB) *rig {
	t.Helper()
	r := &rig{t: t, db: d, log: event.NewLog(d), dir: party.NewDirectory(d)}
	reg := party.NewRegistry(d, r.dir, r.log, 1, party.DefaultSight())
	board := fx.New(d, fx.Config{RepeatLastDay: true})
	_, err := board.Import(t.Context(), strings.NewReader(string(rates.Recent)), "test")
	r.do("import rates", err)
	r.ring, err = seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	r.do("make ring", err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.do("make code table", err)
	r.do("seed", d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return r.seed(ctx, tx, reg)
	}))
	r.core = payment.New(payment.Config{ClientID: "NET", DB: d, Log: r.log, Lane: 1,
		Directory: r.dir, Registry: reg, Board: board, Codes: table, Chart: ledger.NewChart(d),
		Connectors: map[string]link.Connector{"scripted": scripted{}}, Seal: r.ring,
		CIIs: map[string]string{"alipay": "251001"}, Rules: risk.Default(),
		Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(r.core.Close)
	for _, b := range r.banks {
		server := &http.Server{Handler: b, ReadHeaderTimeout: time.Minute}
		go func() { _ = server.Serve(b.memory) }()
		t.Cleanup(func() { _ = server.Close() })
	}
	return r
}

// seed writes two banks with a shop each, and a wallet.
func (r *rig) seed(ctx context.Context, tx *db.Tx, reg *party.Registry) (err error) {
	for i := range 2 {
		b := &bank{t: r.t, host: fmt.Sprintf("bank-%d.example", i), signer: keys()[1+i],
			client: fmt.Sprintf("BANK_%d", i), memory: webtest.NewMemory()}
		p, err := reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: fmt.Sprintf("bank-%d", i), Name: "Bank", ClientID: b.client})
		if err != nil {
			return err
		}
		b.no = p.No
		if _, err := reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		der, err := x509.MarshalPKIXPublicKey(b.signer.Public())
		if err != nil {
			return err
		}
		if err := reg.AddKey(ctx, tx, "test", party.Key{ParticipantNo: p.No, Version: 1,
			PublicDER: der}); err != nil {
			return err
		}
		m, err := reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: p.No, ID: "M",
			Name: "Sushi", MCC: "5812"})
		if err != nil {
			return err
		}
		if _, err := reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: p.No,
			MerchantNo: m.No, ID: "S", Name: "Sushi", Prefecture: "21", MCC: "5812"}); err != nil {
			return err
		}
		r.banks = append(r.banks, b)
	}
	if r.wallet, err = reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "w",
		Name: "Wallet", ClientID: "W", Connector: "scripted", CodeGroup: "alipay",
		BaseURL: "http://127.0.0.1:1", OwnCodes: true}); err != nil {
		return err
	}
	_, err = reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: r.wallet.No,
		Role: party.Issuer, Currency: "CNY", Zone: "Asia/Shanghai"})
	return err
}

func (r *rig) do(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

// courier makes a courier of a node. Banks are reached under their names, in memory.
func (r *rig) courier(pauses []time.Duration, look time.Duration) *notices.Courier {
	n := alipayplus.NewNotifier(alipayplus.NotifierConfig{Directory: r.dir, Signers: network{},
		Seal: r.ring, Local: true, Logger: slog.New(slog.DiscardHandler),
		Dial: func(ctx context.Context, _, address string) (net.Conn, error) {
			for _, b := range r.banks {
				if strings.HasPrefix(address, b.host+":") {
					return b.memory.Dial(ctx)
				}
			}
			return nil, fmt.Errorf("nobody is at %s", address)
		}})
	r.t.Cleanup(n.Close)
	return notices.New(notices.Config{DB: r.db, Log: r.log, Payments: r.core, Sender: n,
		Pauses: pauses, Look: look, Logger: slog.New(slog.DiscardHandler)})
}

// run runs a courier until the function that is returned, or the test, ends it.
func (r *rig) run(c *notices.Courier) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { c.Run(ctx); close(done) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	r.t.Cleanup(stop)
	return stop
}

// sell takes a payment of a bank; told says whether the bank wants to be told.
func (r *rig) sell(b *bank, minor int64, told bool) *payment.Payment {
	r.t.Helper()
	ctx := context.Background()
	codes, err := r.core.IssueCodes(ctx, r.wallet.No, "user-1", "CN", 1)
	r.do("issue a code", err)
	s := payment.Sale{Origin: payment.Origin{AcquirerNo: b.no,
		Channel: payment.ChannelAlipayPlus, RequestID: fmt.Sprintf("req-%d", r.n.Add(1)),
		Actor: "test", Began: clock.Now()}, MerchantID: "M", StoreID: "S", OrderRef: "order",
		Description: "sushi", Amount: money.MustNew(minor, "JPY"), Code: codes[0].Code}
	if told {
		s.NotifyURL = "http://" + b.host + "/notify"
	}
	p, err := r.core.Sell(ctx, s)
	r.do("sell", err)
	return p
}

func (r *rig) cancel(p *payment.Payment) {
	r.t.Helper()
	_, err := r.core.Cancel(context.Background(), payment.Cancellation{Origin: payment.Origin{
		AcquirerNo: p.AcquirerNo, Channel: payment.ChannelAlipayPlus, Actor: "test",
		Began: clock.Now()}, Ref: payment.Ref{PaymentID: p.ID}})
	r.do("cancel", err)
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
