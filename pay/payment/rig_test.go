package payment_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/money"
	"watari/kit/seal"
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
		ledger.Migrations, risk.Migrations, payment.Migrations}
}

// each runs a test on both engines with a network of one bank, one shop and one wallet.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) { fn(t, newRig(t, d, 1)) })
}

// rig is a network with a scripted wallet.
type rig struct {
	*payment.Service
	t      testing.TB
	db     *db.DB
	log    *event.Log
	dir    *party.Directory
	reg    *party.Registry
	chart  *ledger.Chart
	wallet *scripted
	bank   party.Participant
	issuer party.Participant
	shop   party.Merchant
	store  party.Store
	till   party.Terminal
	shift  *atomic.Int64 // how far the clock is put forward
	n      *atomic.Int64
	logged *journal
}

func (r *rig) now() time.Time { return clock.Now().Add(time.Duration(r.shift.Load())) }

func newRig(t testing.TB, d *db.DB, lane int) *rig {
	t.Helper()
	r := &rig{t: t, shift: &atomic.Int64{}, n: &atomic.Int64{}, wallet: newScripted(),
		logged: &journal{}}
	r.open(d, lane)
	ctx := context.Background()
	if _, err := r.board().Import(ctx, strings.NewReader(string(rates.Recent)), "test"); err != nil {
		t.Fatalf("import rates: %v", err)
	}
	r.do("seed", d.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if r.bank, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "ACQ_HIDA", Name: "Hida Bank", ClientID: "HIDA"}); err != nil {
			return err
		}
		if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: r.bank.No, Role: party.Acquirer, Currency: "JPY",
			Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		if r.issuer, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "PSP_TEST", Name: "Test Wallet", ClientID: "TESTW", Connector: "scripted",
			BaseURL: "http://127.0.0.1:1", CodeGroup: "alipay", OwnCodes: true}); err != nil {
			return err
		}
		if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: r.issuer.No, Role: party.Issuer, Currency: "CNY",
			Zone: "Asia/Shanghai", SpreadPPM: 10_000, InterchangePPM: 9_000,
			SchemePPM: 1_500}); err != nil {
			return err
		}
		if r.shop, err = r.reg.AddMerchant(ctx, tx, "test", party.Merchant{
			AcquirerNo: r.bank.No, ID: "M1", Name: "Noodles", NameJA: "麺", MCC: "5812",
			MDRPPM: 19_800}); err != nil {
			return err
		}
		if r.store, err = r.reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: r.bank.No,
			MerchantNo: r.shop.No, ID: "S1", Name: "Noodles Takayama", NameJA: "麺 高山",
			Prefecture: "21", MCC: "5812"}); err != nil {
			return err
		}
		r.till, err = r.reg.AddTerminal(ctx, tx, "test", party.Terminal{
			AcquirerNo: r.bank.No, StoreNo: r.store.No, ID: "T1", Label: "Till 1",
			CanRefund: true})
		return err
	}))
	return r
}

// open makes the services of a node over a database.
func (r *rig) open(d *db.DB, lane int) {
	r.db, r.log = d, event.NewLog(d)
	r.dir = party.NewDirectory(d)
	r.reg = party.NewRegistry(d, r.dir, r.log, lane, party.DefaultSight())
	r.chart = ledger.NewChart(d)
	ring, err := seal.New(map[int][]byte{1: make([]byte, 32)})
	if err != nil {
		r.t.Fatal(err)
	}
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"},
		{Prefix: "251002", Min: 24, Max: 24, Wallet: "other"}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.Service = payment.New(payment.Config{DB: d, Log: r.log, Lane: lane, Directory: r.dir,
		Registry: r.reg, Board: r.board(), Codes: table, Chart: r.chart,
		Connectors: map[string]link.Connector{"scripted": r.wallet,
			"two_step": twoStep{r.wallet}}, Seal: ring,
		CIIs:  map[string]string{"alipay": "251001", "other": "251002"},
		Rules: risk.Default(), Now: r.now, PublicURL: "https://pay.example",
		Logger: slog.New(slog.NewTextHandler(r.logged, nil))})
	r.t.Cleanup(r.Service.Close)
}

// second is another node on the same database, with the same wallet.
func (r *rig) second(d *db.DB) *rig {
	other := *r
	other.open(d, 2)
	return &other
}

func (r *rig) board() *fx.Board {
	return fx.New(r.db, fx.Config{RepeatLastDay: true})
}

func (r *rig) do(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

// code gets a fresh payment code for the wallet's user.
func (r *rig) code() string {
	r.t.Helper()
	codes, err := r.IssueCodes(context.Background(), r.issuer.No, "user-1", "CN", 1)
	r.do("issue code", err)
	return codes[0].Code
}

func yen(minor int64) money.Amount { return money.MustNew(minor, "JPY") }

// sale is a request for an amount with a fresh code and id.
func (r *rig) sale(minor int64) payment.Sale {
	r.t.Helper()
	s := payment.Sale{Origin: payment.Origin{AcquirerNo: r.bank.No,
		Channel: payment.ChannelAPI, RequestID: fmt.Sprintf("req-%d", r.n.Add(1)),
		Actor: "test", Began: r.now()}, MerchantID: "M1", StoreID: "S1", TerminalID: "T1",
		OrderRef: "order", Description: "ramen", Amount: yen(minor), Code: r.code()}
	return compared(s)
}

func compared(s payment.Sale) payment.Sale {
	s.Compare = []payment.Field{{Name: "amount", Value: s.Amount.String()},
		{Name: "store_id", Value: s.StoreID}}
	return s
}

// sell takes a payment that must not be refused.
func (r *rig) sell(minor int64) *payment.Payment {
	r.t.Helper()
	p, err := r.Sell(context.Background(), r.sale(minor))
	r.do("sell", err)
	return p
}

func (r *rig) cancel(p *payment.Payment) (*payment.Payment, error) {
	return r.Cancel(context.Background(), payment.Cancellation{Origin: payment.Origin{
		AcquirerNo: r.bank.No, Channel: payment.ChannelAPI, Actor: "test", Began: r.now()},
		Ref: payment.Ref{PaymentID: p.ID}})
}

func (r *rig) refund(p *payment.Payment, minor int64) (*payment.Refund, error) {
	return r.Refund(context.Background(), payment.Giveback{Origin: payment.Origin{
		AcquirerNo: r.bank.No, Channel: payment.ChannelAPI, Actor: "test", Began: r.now(),
		RequestID: fmt.Sprintf("ref-%d", r.n.Add(1))},
		Ref: payment.Ref{PaymentID: p.ID}, Amount: yen(minor)})
}

// find reads a payment again.
func (r *rig) find(id string) *payment.Payment {
	r.t.Helper()
	p, err := r.Find(context.Background(), r.bank.No, payment.ChannelAPI,
		payment.Ref{PaymentID: id})
	r.do("find", err)
	return p
}

// patience is how often a test looks, 25 ms apart, before it gives up: a minute, for machines
// that are busy.
const patience = 2400

// until waits until a payment and its leg are as they should be, with the schedule running.
func (r *rig) until(id string, s payment.State, l payment.LegState) *payment.Payment {
	r.t.Helper()
	var p *payment.Payment
	for range patience {
		if p = r.find(id); p.State == s && p.LegState == l {
			return p
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Fatalf("payment is %s with its leg %s, want %s and %s", p.State, p.LegState, s, l)
	return nil
}

// later is until with a clock that runs ahead, for what is tried again after pauses.
func (r *rig) later(id string, s payment.State, l payment.LegState) *payment.Payment {
	r.t.Helper()
	for i := range 400 {
		if p := r.find(id); p.State == s && p.LegState == l {
			return p
		}
		if i%20 == 19 {
			r.forward(20 * time.Second)
		}
		time.Sleep(25 * time.Millisecond)
	}
	return r.until(id, s, l)
}

// schedule runs the schedule until the test ends.
func (r *rig) schedule() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	r.t.Cleanup(func() { cancel(); <-done })
}

// exec changes the store behind the program's back.
func (r *rig) exec(q string, args ...any) {
	r.t.Helper()
	r.do("exec", r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, q, args...)
		if err == nil && n == 0 {
			err = errors.New("nothing was changed")
		}
		return err
	}))
}

// change runs a change of the directory.
func (r *rig) change(fn func(ctx context.Context, tx *db.Tx) error) {
	r.t.Helper()
	r.do("change", r.reg.Change(context.Background(), fn))
}

// told says how often an event of a kind happened to a payment.
func (r *rig) told(p *payment.Payment, kind string) int {
	r.t.Helper()
	all, err := r.log.Subject(context.Background(), p.ID)
	r.do("read events", err)
	n := 0
	for _, e := range all {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// soon waits until something holds.
func (r *rig) soon(what string, fn func() bool) {
	r.t.Helper()
	for range patience {
		if fn() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Fatalf("never: %s", what)
}

// forward puts the clock forward.
func (r *rig) forward(d time.Duration) { r.shift.Add(int64(d)) }

// verify checks the whole store, and the wallet's own list of payments against it.
func (r *rig) verify() {
	r.t.Helper()
	err := r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		books, err := ledger.Recompute(ctx, tx, nil)
		if err != nil {
			return err
		}
		accounts, err := ledger.Accounts(ctx, tx)
		if err != nil {
			return err
		}
		rep, err := payment.Verify(ctx, tx, accounts)
		if err != nil {
			return err
		}
		for _, f := range append(books.Findings, rep.Findings...) {
			r.t.Errorf("%s %s: %s", f.Rule, f.What, f.Text)
		}
		if rep.Expected != books.Transfers {
			r.t.Errorf("%d transfers, want %d", books.Transfers, rep.Expected)
		}
		return nil
	})
	r.do("verify", err)
	r.do("verify events", r.log.VerifyChain(context.Background()))
}

// balances returns what stands on the accounts, as "book kind owner currency" to net.
func (r *rig) balances() map[string]int64 {
	r.t.Helper()
	all, err := r.chart.Balances(context.Background(), -1)
	r.do("balances", err)
	out := map[string]int64{}
	for _, b := range all {
		if net := b.Net(); net != 0 {
			out[fmt.Sprintf("%d %s %d %s", b.Book, b.Kind, b.Owner, b.Currency)] = net
		}
	}
	return out
}

// mode is how the scripted wallet behaves.
type mode string

const (
	approve  mode = "approve"
	decline  mode = "decline"
	silence  mode = "silence"  // takes nothing, answers nothing
	lost     mode = "lost"     // takes the money, the answer is lost
	unwilled mode = "unwilled" // refuses to cancel
)

// debit is what the wallet took of its user.
type debit struct {
	paid, refunded money.Amount
	cancelled      bool
	refunds        map[string]money.Amount
}

// scripted stands for a wallet: a counterparty outside, not a part of the network.
type scripted struct {
	mu     sync.Mutex
	mode   mode
	caps   func(*link.Capabilities)
	change func(*link.Answer) // of an authorisation
	// returned changes the answer to a refund.
	returned func(*link.Answer)
	refunded map[string]string // by refund id, the wallet's payment that was named
	debits   map[string]*debit
	blocked  map[string]bool
	asked    map[string]int
	amounts  map[string]money.Amount // of orders, by request id
	captured map[string]money.Amount // by capture id
	named    string                  // as what a capture is answered
	agreed   map[string]bool         // by consent, or request id
	pause    time.Duration
	// before is called first with what the wallet is asked, for which id of ours and of
	// which issuer; it may wait.
	before func(call, id string, issuer int64)
}

// meet calls before.
func (w *scripted) meet(call, id string, to link.Endpoint) {
	w.mu.Lock()
	fn := w.before
	w.mu.Unlock()
	if fn != nil {
		fn(call, id, to.IssuerNo)
	}
}

func (w *scripted) meeting(fn func(call, id string, issuer int64)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before = fn
}

func newScripted() *scripted {
	return &scripted{mode: approve, debits: map[string]*debit{}, blocked: map[string]bool{},
		asked: map[string]int{}, refunded: map[string]string{},
		amounts: map[string]money.Amount{}, agreed: map[string]bool{}}
}

func (w *scripted) set(m mode) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mode = m
}

func (w *scripted) Name() string { return "scripted" }

func (w *scripted) Capabilities() link.Capabilities {
	c := link.Capabilities{IDMax: 64, CallMax: 6 * time.Second, InquiryMax: 5 * time.Second,
		Inquiries: []time.Duration{10 * time.Millisecond}, Deadline: 180 * time.Second,
		CodeLife: time.Minute, PartialRefund: true, RefundWindow: 365 * 24 * time.Hour,
		CancelUntil: func(t time.Time) time.Time { return t.Add(24 * time.Hour) },
		WalletUntil: func(t time.Time) time.Time { return t.Add(25 * time.Hour) }}
	if w.caps != nil {
		w.caps(&c)
	}
	return c
}

var (
	errSilent = errors.New("no answer")
	errUser   = errors.New("the user has not paid yet")
)

func (w *scripted) Authorise(
	_ context.Context, to link.Endpoint, q link.Authorise,
) link.Answer {
	w.meet("authorise", q.OurRequestID, to)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[q.OurRequestID]++
	if w.pause > 0 {
		time.Sleep(w.pause)
	}
	if w.blocked[q.OurRequestID] {
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonClosed}
	}
	switch w.mode {
	case decline:
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonBalance, Code: "BALANCE"}
	case silence:
		return link.Answer{Outcome: link.Unknown, Cause: errSilent}
	}
	if w.debits[q.OurRequestID] == nil {
		w.debits[q.OurRequestID] = &debit{paid: q.PayTo, refunded: money.MustNew(0,
			q.PayTo.Currency()), refunds: map[string]money.Amount{}}
	}
	if w.mode == lost {
		return link.Answer{Outcome: link.Unknown, Cause: errSilent}
	}
	a := w.yes(q.OurRequestID)
	if w.change != nil {
		w.change(&a)
	}
	return a
}

func (w *scripted) yes(id string) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "W" + id, Customer: "user-1",
		RequestID: id, At: clock.Now(), Code: "SUCCESS"}
}

func (w *scripted) Inquire(_ context.Context, to link.Endpoint, q link.Inquire) link.Answer {
	w.meet("inquire", q.OurRequestID, to)
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.debits[q.OurRequestID]
	switch {
	case w.mode == silence:
		return link.Answer{Outcome: link.Unknown, Cause: errSilent}
	case w.blocked[q.OurRequestID], d != nil && d.cancelled:
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonClosed, Code: "CLOSED"}
	case d == nil:
		return link.Answer{Outcome: link.Unknown, NoSuch: true}
	}
	a := w.yes(q.OurRequestID)
	a.PayTo, a.GivenBack = &d.paid, !d.refunded.IsZero()
	return a
}

func (w *scripted) Cancel(_ context.Context, to link.Endpoint, q link.Cancel) link.Answer {
	w.meet("cancel", q.OurRequestID, to)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.mode {
	case silence:
		return link.Answer{Outcome: link.Unknown, Cause: errSilent}
	case unwilled:
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonWindow}
	}
	w.blocked[q.OurRequestID] = true
	if d := w.debits[q.OurRequestID]; d != nil {
		d.cancelled = true
	}
	return link.Answer{Outcome: link.Approved}
}

func (w *scripted) Refund(_ context.Context, to link.Endpoint, q link.Refund) link.Answer {
	w.meet("refund", q.RefundID, to)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refunded[q.RefundID] = q.TheirID
	d := w.debits[q.OurRequestID]
	switch {
	case w.mode == silence:
		return link.Answer{Outcome: link.Unknown, Cause: errSilent}
	case w.mode == decline, d == nil:
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonOther}
	}
	if _, ok := d.refunds[q.RefundID]; !ok {
		d.refunds[q.RefundID] = q.PayTo
		d.refunded, _ = d.refunded.Add(q.PayTo)
	}
	if w.mode == lost {
		return link.Answer{Outcome: link.Unknown, Cause: errSilent}
	}
	a := link.Answer{Outcome: link.Approved, TheirID: "R" + q.RefundID}
	if w.returned != nil {
		w.returned(&a)
	}
	return a
}

// kept is how much of its users' money the wallet still holds of one currency.
func (w *scripted) kept() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	var sum int64
	for _, d := range w.debits {
		if !d.cancelled {
			sum += d.paid.Minor() - d.refunded.Minor()
		}
	}
	return sum
}
