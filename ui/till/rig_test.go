package till_test

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

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
	"watari/ui/till"
)

// pin is the manager's PIN of the test's store; refunds above pinAbove yen need it.
const (
	pin      = "2468"
	pinAbove = 5000
)

// public is where the codes of orders lead.
const public = "https://pay.test"

// rig is a network of one bank, one shop with two tills, and a scripted wallet, with the pages
// in front of it. Only the wallet, which is somebody else's, is not the real one.
type rig struct {
	*payment.Service
	t         testing.TB
	db        *db.DB
	dir       *party.Directory
	reg       *party.Registry
	wallet    *scripted
	bank      party.Participant
	issuer    party.Participant
	store     party.Store
	terminals [2]party.Terminal
	pages     http.Handler
	done      chan struct{}
}

// terminals knows which browser is which terminal.
type terminals struct {
	*party.Registry
	*party.Directory
}

func newRig(t testing.TB) *rig {
	t.Helper()
	d := dbtest.New(t, db.SQLite, []fs.FS{event.Migrations(), party.Migrations, code.Migrations,
		fx.Migrations, ledger.Migrations, risk.Migrations, payment.Migrations}...)
	r := &rig{t: t, db: d, wallet: &scripted{debits: map[string]money.Amount{}},
		done: make(chan struct{})}
	log := event.NewLog(d)
	r.dir = party.NewDirectory(d)
	r.reg = party.NewRegistry(d, r.dir, log, 1, party.DefaultSight())
	ring, err := seal.New(map[int][]byte{1: make([]byte, 32)})
	r.must(err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.must(err)
	board := fx.New(d, fx.Config{RepeatLastDay: true})
	_, err = board.Import(context.Background(), strings.NewReader(string(rates.Recent)), "test")
	r.must(err)
	quiet := slog.New(slog.DiscardHandler)
	r.Service = payment.New(payment.Config{DB: d, Log: log, Lane: 1, Directory: r.dir,
		Registry: r.reg, Board: board, Codes: table, Chart: ledger.NewChart(d),
		Connectors: map[string]link.Connector{"scripted": r.wallet}, Seal: ring,
		CIIs: map[string]string{"alipay": "251001"}, Rules: risk.Default(), Logger: quiet,
		PublicURL: public})
	t.Cleanup(r.Service.Close)
	r.seed()
	r.pages = till.New(till.Config{Payments: r.Service, Terminals: terminals{r.reg, r.dir},
		Events: log, Wallets: r.dir, Done: r.done, Logger: quiet})
	return r
}

// seed signs the bank, the wallet and the shop.
func (r *rig) seed() {
	r.t.Helper()
	hash, err := party.HashPIN(pin)
	r.must(err)
	most := int64(20_000)
	r.must(r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
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
			BaseURL: "http://127.0.0.1:1", CodeGroup: "alipay", OwnCodes: true}); err != nil {
			return err
		}
		if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: r.issuer.No, Role: party.Issuer, Currency: "CNY",
			Zone: "Asia/Shanghai", SpreadPPM: 10_000}); err != nil {
			return err
		}
		shop, err := r.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: r.bank.No,
			ID: "M1", Name: "Hirata Sake", NameJA: "平田酒造場", MCC: "5921", MDRPPM: 19_800})
		if err != nil {
			return err
		}
		if r.store, err = r.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: shop.No,
			ID: "S1", Name: "Hirata Sake, Sanmachi", NameJA: "平田酒造場 三町店", Prefecture: "21",
			MCC: "5921", ManagerPINHash: hash, PINAboveMinor: pinAbove}); err != nil {
			return err
		}
		for i, label := range []string{"Till 1", "Till 2"} {
			r.terminals[i], err = r.reg.AddTerminal(ctx, tx, "test", party.Terminal{
				StoreNo: r.store.No, ID: "T" + label[5:], Label: label, CanRefund: i == 0,
				RefundDayMaxMinor: &most})
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

// code is a fresh payment code of the wallet's user.
func (r *rig) code() string {
	r.t.Helper()
	codes, err := r.IssueCodes(context.Background(), r.issuer.No, "user-1", "CN", 1)
	r.must(err)
	return codes[0].Code
}

// browser is a browser with cookies, without scripts.
type browser struct {
	*http.Client
	r    *rig
	base string
	lang string
}

// browser opens one; it is not activated.
func (r *rig) browser(lang string) *browser {
	r.t.Helper()
	s := httptest.NewServer(r.pages)
	r.t.Cleanup(s.Close)
	jar, err := cookiejar.New(nil)
	r.must(err)
	return &browser{Client: &http.Client{Jar: jar}, r: r, base: s.URL, lang: lang}
}

// till opens a browser that is activated for terminal i.
func (r *rig) till(i int, lang string) *browser {
	r.t.Helper()
	b := r.browser(lang)
	b.get("/till/activate/" + r.activation(i))
	return b
}

// activation makes a one-time secret for terminal i.
func (r *rig) activation(i int) (secret string) {
	r.t.Helper()
	r.must(r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		secret, err = r.reg.NewActivation(ctx, tx, "test", r.terminals[i].No, time.Hour)
		return err
	}))
	return secret
}

// page is an answer as a browser would show it.
type page struct {
	t      testing.TB
	status int
	path   string
	header http.Header
	root   *html.Node
	source string
}

func (b *browser) get(path string) *page {
	b.r.t.Helper()
	req, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	b.r.must(err)
	return b.do(req)
}

// post sends a form as the till's own pages do.
func (b *browser) post(path string, form ...string) *page {
	b.r.t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, b.base+path,
		strings.NewReader(values.Encode()))
	b.r.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

func (b *browser) do(req *http.Request) *page {
	b.r.t.Helper()
	req.Header.Set("Accept-Language", b.lang)
	res, err := b.Do(req)
	b.r.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	b.r.must(err)
	root, err := html.Parse(strings.NewReader(string(text)))
	b.r.must(err)
	return &page{t: b.r.t, status: res.StatusCode, path: res.Request.URL.Path,
		header: res.Header, root: root, source: string(text)}
}

// sell takes a payment through the forms and returns the last page.
func (b *browser) sell(amount, request string) *page {
	b.r.t.Helper()
	return b.post("/till/sales", "amount", amount, "code", b.r.code(), "request", request)
}

// all finds elements by CSS selector.
func (p *page) all(selector string) []*html.Node {
	p.t.Helper()
	return cascadia.QueryAll(p.root, cascadia.MustCompile(selector))
}

// text is the text of the first element that fits, its spaces made single; "" when there is none.
func (p *page) text(selector string) string {
	p.t.Helper()
	n := cascadia.Query(p.root, cascadia.MustCompile(selector))
	if n == nil {
		return ""
	}
	return textOf(n)
}

// value is an attribute of the first element that fits.
func (p *page) value(selector, name string) string {
	p.t.Helper()
	if n := cascadia.Query(p.root, cascadia.MustCompile(selector)); n != nil {
		return attribute(n, name)
	}
	return ""
}

// has fails the test unless the first element that fits contains a text.
func (p *page) has(selector, text string) {
	p.t.Helper()
	if got := p.text(selector); !strings.Contains(got, text) {
		p.t.Errorf("%s %d: %s says %q, want %q", p.path, p.status, selector, got, text)
	}
}

func (p *page) is(status int) *page {
	p.t.Helper()
	if p.status != status {
		p.t.Errorf("%s: status %d, want %d: %s", p.path, p.status, status, p.text("main"))
	}
	return p
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// scripted stands for a wallet.
type scripted struct {
	mu      sync.Mutex
	mode    string // "": yes; decline; silence; slow refund
	reason  link.Reason
	debits  map[string]money.Amount
	refunds string // "": yes; silence
	order   string // our request id of the last order that was made
}

func (w *scripted) set(mode string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mode = mode
}

func (w *scripted) Name() string { return "scripted" }

func (w *scripted) Capabilities() link.Capabilities {
	return link.Capabilities{IDMax: 64, CallMax: 6 * time.Second, InquiryMax: 5 * time.Second,
		Inquiries: []time.Duration{20 * time.Millisecond}, Deadline: 3 * time.Minute,
		CodeLife: time.Minute, PartialRefund: true, RefundWindow: 365 * 24 * time.Hour,
		Ways:        []link.Way{link.WayCode, link.WayOrder, link.WayPage},
		CancelUntil: func(t time.Time) time.Time { return t.Add(24 * time.Hour) },
		WalletUntil: func(t time.Time) time.Time { return t.Add(25 * time.Hour) }}
}

func (w *scripted) Authorise(
	_ context.Context, _ link.Endpoint, q link.Authorise,
) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch w.mode {
	case "decline":
		return link.Answer{Outcome: link.Declined, Reason: w.reason, Code: "NO"}
	case "silence":
		return link.Answer{Outcome: link.Unknown}
	}
	w.debits[q.OurRequestID] = q.PayTo
	return w.yes(q.OurRequestID)
}

func (w *scripted) Prepare(
	_ context.Context, _ link.Endpoint, q link.Prepare,
) (link.Form, link.Answer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mode == "decline" {
		return link.Form{}, link.Answer{Outcome: link.Declined, Reason: w.reason}
	}
	w.order = q.OurRequestID
	return link.Form{CodeText: "testpay://order/" + q.OurRequestID},
		link.Answer{Outcome: link.Unknown, UserActing: true, TheirID: "W" + q.OurRequestID}
}

// paysOrder is the yes of the wallet's user to the last order.
func (r *rig) paysOrder() {
	r.t.Helper()
	r.wallet.mu.Lock()
	answer := r.wallet.yes(r.wallet.order)
	r.wallet.mu.Unlock()
	r.must(r.Notify(context.Background(), r.issuer.No,
		link.Notice{OurRequestID: answer.RequestID, Answer: answer}))
}

func (w *scripted) yes(id string) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "W" + id, RequestID: id,
		Customer: "user-1", At: clock.Now(), Code: "SUCCESS"}
}

func (w *scripted) Inquire(_ context.Context, _ link.Endpoint, q link.Inquire) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.mode == "silence" {
		return link.Answer{Outcome: link.Unknown}
	}
	return w.yes(q.OurRequestID)
}

func (w *scripted) Cancel(context.Context, link.Endpoint, link.Cancel) link.Answer {
	return link.Answer{Outcome: link.Approved}
}

func (w *scripted) Refund(_ context.Context, _ link.Endpoint, q link.Refund) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refunds == "silence" {
		return link.Answer{Outcome: link.Unknown}
	}
	return link.Answer{Outcome: link.Approved, TheirID: "R" + q.RefundID}
}
