package operator_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/kit/seal"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/link/guard"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/promo"
	"watari/pay/report"
	"watari/pay/risk"
	"watari/pay/watch"
	"watari/sandbox/rates"
	"watari/ui/console"
	"watari/ui/operator"
)

// roster knows people by the secrets of their sessions: two operators and somebody at a bank.
type roster struct{ bank int64 }

func (r roster) Session(_ context.Context, secret string) (access.Caller, console.Person, error) {
	c := access.Caller{Role: access.Operator, PersonID: "per_" + secret,
		Actor: "person:per_" + secret}
	switch secret {
	case "ann", "ben":
	case "clerk":
		c.Role, c.ParticipantNo = access.AcquirerClerk, r.bank
	default:
		return c, console.Person{}, access.ErrUnauthenticated.Newf("nobody")
	}
	return c, console.Person{ID: c.PersonID, Email: secret + "@watari.example", Name: secret},
		nil
}

// rig is a network of one bank with two stores and a scripted wallet, and the console.
type rig struct {
	*payment.Service
	t       *testing.T
	db      *db.DB
	log     *event.Log
	dir     *party.Directory
	reg     *party.Registry
	desk    *foureyes.Desk
	pledges *promo.Pledges
	watch   *watch.Watch
	wallet  *scripted
	bank    party.Participant
	issuer  party.Participant
	stores  [2]party.Store
	pages   http.Handler
	n       int
}

func newRig(t *testing.T) *rig {
	t.Helper()
	d := dbtest.New(t, db.SQLite, []fs.FS{event.Migrations(), access.Migrations,
		foureyes.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, promo.Migrations,
		watch.Migrations()}...)
	r := &rig{t: t, db: d, log: event.NewLog(d), wallet: &scripted{}}
	r.dir = party.NewDirectory(d)
	r.reg = party.NewRegistry(d, r.dir, r.log, 1, party.DefaultSight())
	r.desk = foureyes.New(d, r.log, 1)
	r.reg.Attend(r.desk)
	r.pledges = promo.NewPledges(promo.PledgesConfig{DB: d, Log: r.log, Lane: 1,
		Directory: r.dir, Desk: r.desk})
	ring, err := seal.New(map[int][]byte{1: make([]byte, 32)})
	r.must(err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.must(err)
	board := fx.New(d, fx.Config{RepeatLastDay: true, Desk: r.desk})
	_, err = board.Import(t.Context(), strings.NewReader(string(rates.Recent)), "test")
	r.must(err)
	quiet := slog.New(slog.DiscardHandler)
	chart, g := ledger.NewChart(d), guard.New(guard.Config{})
	settler := payment.NewSettler(d, r.log, 1, r.dir, chart)
	settler.Attend(r.desk)
	r.Service = payment.New(payment.Config{DB: d, Log: r.log, Lane: 1, Directory: r.dir,
		Registry: r.reg, Board: board, Codes: table, Chart: chart,
		Connectors: map[string]link.Connector{"scripted": g.Wrap(r.wallet)}, Seal: ring,
		CIIs: map[string]string{"alipay": "251001"}, Rules: risk.Default(), Logger: quiet,
		PublicURL: "https://pay.test"})
	t.Cleanup(r.Service.Close)
	r.seed()
	r.watch = watch.New(watch.Config{DB: d, Log: r.log, Lane: 1, Directory: r.dir, Guard: g,
		Checks: []watch.Check{watch.StuckLegs(settler, r.dir), watch.Caps(d, r.dir)},
		Logger: quiet})
	r.pages = operator.New(operator.Config{
		Console: console.Config{Sessions: roster{r.bank.No}, Logger: quiet}, DB: d, Log: r.log,
		Watch: r.watch, Payments: r.Service, Reports: report.New(d), Directory: r.dir,
		Registry: r.reg, Desk: r.desk, Settler: settler, Board: board, Chart: chart,
		Keys: access.New(d), Pledges: r.pledges})
	return r
}

// seed signs the bank, the wallet and two stores.
func (r *rig) seed() {
	r.t.Helper()
	most := int64(100_000_000)
	r.must(r.db.Update(r.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		if r.bank, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "HIDA", Name: "Hida Bank", ClientID: "HIDA"}); err != nil {
			return err
		}
		if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: r.bank.No, Role: party.Acquirer, Currency: "JPY",
			Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		if r.issuer, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "TESTPAY", Name: "TestPay", ClientID: "TESTPAY", Connector: "scripted",
			BaseURL: "https://wallet.test", CodeGroup: "alipay", OwnCodes: true}); err != nil {
			return err
		}
		if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: r.issuer.No, Role: party.Issuer, Currency: "CNY",
			Zone: "Asia/Shanghai", SpreadPPM: 10_000, InterchangePPM: 9_000,
			SchemePPM: 1_500, CapMinor: &most}); err != nil {
			return err
		}
		shop, err := r.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: r.bank.No,
			ID: "M1", Name: "Hirata Sake", NameJA: "平田酒造場", MCC: "5921", MDRPPM: 19_800})
		if err != nil {
			return err
		}
		for i, name := range []string{"Hirata Sake, Sanmachi", "Hirata Sake, Station"} {
			r.stores[i], err = r.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: shop.No,
				ID: fmt.Sprintf("S%d", i+1), Name: name, Prefecture: "21", MCC: "5921"})
			if err != nil {
				return err
			}
		}
		return nil
	}))
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// sell takes a payment at a store, in yen.
func (r *rig) sell(store int, yen int64) *payment.Payment {
	r.t.Helper()
	codes, err := r.IssueCodes(r.t.Context(), r.issuer.No, "user-1", "CN", 1)
	r.must(err)
	r.n++
	p, err := r.Sell(r.t.Context(), payment.Sale{Origin: payment.Origin{Began: clock.Now(),
		AcquirerNo: r.bank.No, Channel: payment.ChannelAPI, Actor: "key:test",
		RequestID: fmt.Sprintf("sale-%d", r.n)}, MerchantID: "M1",
		StoreID: r.stores[store].ID, Amount: money.MustNew(yen, "JPY"), SettleCurrency: "JPY",
		Code: codes[0].Code})
	r.must(err)
	return p
}

// page is an answer as a browser would show it.
type page struct {
	*httptest.ResponseRecorder
	t    *testing.T
	root *html.Node
}

// get asks for a page as somebody; "" is a stranger.
func (r *rig) get(who, path string) *page {
	r.t.Helper()
	return r.send(who, httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form as the console's own pages do.
func (r *rig) post(who, path string, form ...string) *page {
	r.t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	q := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	return r.send(who, q)
}

func (r *rig) send(who string, q *http.Request) *page {
	r.t.Helper()
	if who != "" {
		q.AddCookie(&http.Cookie{Name: console.SessionCookie, Value: who})
	}
	w := httptest.NewRecorder()
	r.pages.ServeHTTP(w, q)
	root, err := html.Parse(strings.NewReader(w.Body.String()))
	r.must(err)
	return &page{w, r.t, root}
}

// is fails the test unless the answer has a status.
func (p *page) is(status int) *page {
	p.t.Helper()
	if p.Code != status {
		p.t.Errorf("status %d, want %d: %s", p.Code, status, p.text("main"))
	}
	return p
}

// text is the text of what fits, its blanks made single.
func (p *page) text(selector string) string {
	p.t.Helper()
	var b strings.Builder
	for _, n := range cascadia.QueryAll(p.root, cascadia.MustCompile(selector)) {
		for d := range n.Descendants() {
			if d.Type == html.TextNode {
				b.WriteString(d.Data)
				b.WriteByte(' ')
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// has fails the test unless what fits contains every text.
func (p *page) has(selector string, texts ...string) *page {
	p.t.Helper()
	got := p.text(selector)
	for _, want := range texts {
		if !strings.Contains(got, want) {
			p.t.Errorf("%d: %s lacks %q: %s", p.Code, selector, want, got)
		}
	}
	return p
}

// hasNot fails the test when what fits contains a text.
func (p *page) hasNot(selector, text string) *page {
	p.t.Helper()
	if got := p.text(selector); strings.Contains(got, text) {
		p.t.Errorf("%s has %q: %s", selector, text, got)
	}
	return p
}

// scripted stands for a wallet: it says yes, unless it is told otherwise.
type scripted struct {
	mu     sync.Mutex
	answer link.Answer
}

func (w *scripted) set(a link.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = a
}

func (w *scripted) say(id string) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.answer.Outcome != "" {
		return w.answer
	}
	return link.Answer{Outcome: link.Approved, TheirID: "W" + id, RequestID: id,
		Customer: "user-1", At: clock.Now(), Code: "SUCCESS"}
}

func (w *scripted) Name() string { return "scripted" }

func (w *scripted) Capabilities() link.Capabilities {
	return link.Capabilities{IDMax: 64, CallMax: 6 * time.Second, InquiryMax: 5 * time.Second,
		Inquiries: []time.Duration{20 * time.Millisecond}, Deadline: 3 * time.Minute,
		CodeLife: time.Minute, PartialRefund: true, RefundWindow: 365 * 24 * time.Hour,
		Ways:        []link.Way{link.WayCode},
		CancelUntil: func(t time.Time) time.Time { return t.Add(24 * time.Hour) },
		WalletUntil: func(t time.Time) time.Time { return t.Add(25 * time.Hour) }}
}

func (w *scripted) Authorise(
	_ context.Context, _ link.Endpoint, q link.Authorise,
) link.Answer {
	return w.say(q.OurRequestID)
}

func (w *scripted) Inquire(_ context.Context, _ link.Endpoint, q link.Inquire) link.Answer {
	return w.say(q.OurRequestID)
}

func (w *scripted) Cancel(context.Context, link.Endpoint, link.Cancel) link.Answer {
	return link.Answer{Outcome: link.Approved}
}

func (w *scripted) Refund(_ context.Context, _ link.Endpoint, q link.Refund) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "R" + q.RefundID}
}
