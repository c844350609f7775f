package checkout_test

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
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
	"watari/kit/web"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
	"watari/sandbox/rates"
	"watari/ui/checkout"
)

// public is where the codes of the rig lead.
const public = "https://pay.test"

// rig is a network of one bank, one shop and four wallets of different protocols, with the pages
// in front of it. Only the wallets, which are somebody else's, are not the real ones.
type rig struct {
	*payment.Service
	t       testing.TB
	db      *db.DB
	dir     *party.Directory
	reg     *party.Registry
	bank    party.Participant
	store   party.Store
	wallets map[string]*scripted // by the folder of their protocol
	issuers map[string]party.Participant
	server  *httptest.Server
	n       int
	skew    time.Duration // of the pages' and the service's clock
	mu      sync.Mutex
}

// brands are the wallets by protocol: id, name, currency.
var brands = map[string][3]string{
	"alipayplus": {"LIANHUA", "Lianhua", "CNY"}, "wechatpay": {"WEILAI", "Weilai", "JPY"},
	"paypay": {"POCHI", "Pochi", "JPY"}, "linepay": {"MIDORI", "Midori", "USD"},
}

func newRig(t testing.TB) *rig {
	t.Helper()
	d := dbtest.New(t, db.SQLite, []fs.FS{event.Migrations(), party.Migrations, code.Migrations,
		fx.Migrations, ledger.Migrations, risk.Migrations, payment.Migrations}...)
	r := &rig{t: t, db: d, wallets: map[string]*scripted{},
		issuers: map[string]party.Participant{}}
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
	connectors := map[string]link.Connector{}
	for name := range brands {
		r.wallets[name] = &scripted{name: name, asked: map[string]link.Prepare{},
			paid: map[string]bool{}}
		connectors[name] = r.wallets[name]
		if name == "alipayplus" {
			connectors[name] = resolver{r.wallets[name]}
		}
	}
	quiet := slog.New(slog.DiscardHandler)
	r.Service = payment.New(payment.Config{DB: d, Log: log, Lane: 1, Directory: r.dir,
		Registry: r.reg, Board: board, Codes: table, Chart: ledger.NewChart(d),
		Connectors: connectors, Seal: ring, CIIs: map[string]string{"alipay": "251001"},
		Rules: risk.Default(), Logger: quiet, PublicURL: public, Now: r.now})
	t.Cleanup(r.Service.Close)
	r.must(d.Update(context.Background(), r.seed))
	server := web.New(web.Config{Log: quiet})
	pages := checkout.New(checkout.Config{Payments: r.Service, Places: r.dir, Events: log,
		PublicURL: public, Logger: quiet, Now: r.now})
	for _, path := range checkout.Paths() {
		server.Handle(path, pages)
	}
	r.server = httptest.NewServer(server)
	t.Cleanup(r.server.Close)
	return r
}

// now is the rig's clock.
func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return clock.Now().Add(r.skew)
}

// forward lets time pass.
func (r *rig) forward(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skew += d
}

// seed signs the bank, the wallets and the shop.
func (r *rig) seed(ctx context.Context, tx *db.Tx) (err error) {
	if r.bank, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
		ID: "HIDA", Name: "Hida Bank", ClientID: "HIDA"}); err != nil {
		return err
	}
	if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: r.bank.No,
		Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"}); err != nil {
		return err
	}
	for name, b := range brands {
		p, err := r.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: b[0], Name: b[1],
			ClientID: b[0], Connector: name, BaseURL: "http://127.0.0.1:1", CodeGroup: name})
		if err != nil {
			return err
		}
		r.issuers[name] = p
		if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
			Role: party.Issuer, Currency: money.Currency(b[2]), Zone: "Asia/Shanghai",
			SpreadPPM: 10_000}); err != nil {
			return err
		}
	}
	shop, err := r.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: r.bank.No,
		ID: "M1", Name: "Hirata Sake", NameJA: "平田酒造場", MCC: "5921", MDRPPM: 19_800})
	if err != nil {
		return err
	}
	r.store, err = r.reg.AddStore(ctx, tx, "test", party.Store{MerchantNo: shop.No, ID: "S1",
		Name: "Hirata Sake, Sanmachi", NameJA: "平田酒造場 三町店", Prefecture: "21", MCC: "5921"})
	return err
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// order opens one of the shop, and returns the address of its page.
func (r *rig) order(minor int64, change ...func(*payment.Order)) (*payment.Payment, string) {
	r.t.Helper()
	r.n++
	o := payment.Order{Origin: payment.Origin{AcquirerNo: r.bank.No, Channel: payment.ChannelAPI,
		RequestID: "order-" + strconv.Itoa(r.n), Actor: "test", Began: r.now()},
		MerchantID: "M1", StoreID: "S1", OrderRef: "A-1", Description: "Sake, 2 bottles",
		Amount: money.MustNew(minor, "JPY"), Way: link.WayOrder}
	for _, c := range change {
		c(&o)
	}
	p, err := r.Open(context.Background(), o)
	r.must(err)
	return p, "/q/" + p.Token()
}

// pays is the yes of a wallet's user to the last order that it was asked for; the network hears
// of it by a notice.
func (r *rig) pays(connector string) {
	r.t.Helper()
	w := r.wallets[connector]
	w.mu.Lock()
	id := w.last
	w.paid[id] = true
	w.mu.Unlock()
	r.must(r.Notify(context.Background(), r.issuers[connector].No, link.Notice{
		OurRequestID: id, Answer: w.yes(id)}))
}

// declines is the no of a wallet.
func (r *rig) declines(connector string, reason link.Reason) {
	r.t.Helper()
	r.must(r.Notify(context.Background(), r.issuers[connector].No, link.Notice{
		OurRequestID: r.wallets[connector].last, Answer: link.Answer{Outcome: link.Declined,
			Reason: reason, RequestID: r.wallets[connector].last}}))
}

// browser is a browser with cookies, without scripts.
type browser struct {
	*http.Client
	r     *rig
	lang  string
	agent string
	from  string // X-Forwarded-For
}

func (r *rig) browser(lang string) *browser {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	r.must(err)
	return &browser{Client: &http.Client{Jar: jar}, r: r, lang: lang}
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
	req, err := http.NewRequest(http.MethodGet, b.r.server.URL+path, nil)
	b.r.must(err)
	return b.do(req)
}

// post sends a form as the pages do.
func (b *browser) post(path string, form ...string) *page {
	b.r.t.Helper()
	values := url.Values{}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	req, err := http.NewRequest(http.MethodPost, b.r.server.URL+path,
		strings.NewReader(values.Encode()))
	b.r.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(req)
}

func (b *browser) do(req *http.Request) *page {
	b.r.t.Helper()
	req.Header.Set("Accept-Language", b.lang)
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	}
	if b.agent != "" {
		req.Header.Set("User-Agent", b.agent)
	}
	if b.from != "" {
		req.Header.Set("X-Forwarded-For", b.from)
	}
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

// machine asks as a program does, and reads the answer into out.
func (b *browser) machine(method, path string, body, out any) int {
	b.r.t.Helper()
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		b.r.must(err)
		in = strings.NewReader(string(raw))
	}
	req, err := http.NewRequest(method, b.r.server.URL+path, in)
	b.r.must(err)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	p := b.do(req)
	if out != nil {
		if err := json.Unmarshal([]byte(p.source), out); err != nil {
			b.r.t.Fatalf("%s %s: %v: %s", method, path, err, p.source)
		}
	}
	return p.status
}

// all finds elements by CSS selector.
func (p *page) all(selector string) []*html.Node {
	p.t.Helper()
	return cascadia.QueryAll(p.root, cascadia.MustCompile(selector))
}

// text is the text of the first element that fits, its spaces made single.
func (p *page) text(selector string) string {
	p.t.Helper()
	n := cascadia.Query(p.root, cascadia.MustCompile(selector))
	if n == nil {
		return ""
	}
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// value is an attribute of the first element that fits.
func (p *page) value(selector, name string) string {
	p.t.Helper()
	if n := cascadia.Query(p.root, cascadia.MustCompile(selector)); n != nil {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val
			}
		}
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

// stage is what the page is about.
func (p *page) stage() string { return p.value("#screen", "data-stage") }
