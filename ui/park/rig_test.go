package park_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/foureyes"
	"watari/kit/i18n"
	"watari/kit/seal"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/promo"
	"watari/pay/report"
	"watari/pay/risk"
	"watari/ui/console"
	"watari/ui/park"
	"watari/visit/order"
	"watari/visit/park/gate"
	"watari/visit/park/ground"
	"watari/visit/park/queue"

	parks "watari/visit/park"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, promo.Migrations,
		order.Migrations, parks.Migrations(), gate.Migrations(), queue.Migrations(),
		ground.Migrations()}
}

// The days of the tests; the clock stands at ten in the morning of the first.
const (
	day   = "2026-12-24"
	next  = "2026-12-25"
	later = "2026-12-26"
)

// rig is the console of a park that sells, with everything real behind it but who signed in.
type rig struct {
	t       testing.TB
	console *console.Console
	db      *db.DB
	dir     *party.Directory
	reg     *party.Registry
	log     *event.Log
	orders  *order.Service
	pledges *promo.Pledges
	parks   *parks.Service
	gates   *gate.Service
	queues  *queue.Queues
	grounds *ground.Grounds
	park    parks.Park
	bank    party.Participant
	wallet  party.Participant
	who     map[string]access.Caller
	shift   *atomic.Int64
	n       *atomic.Int64
}

// each runs a test on both engines.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) { fn(t, newRig(t, d)) })
}

func newRig(t testing.TB, d *db.DB) *rig {
	r := &rig{t: t, db: d, shift: &atomic.Int64{}, n: &atomic.Int64{},
		who: map[string]access.Caller{}}
	r.shift.Store(int64(parks.At(day, 10*60).Sub(clock.Now())))
	r.open()
	r.seed()
	return r
}

func (r *rig) now() time.Time { return clock.Now().Add(time.Duration(r.shift.Load())) }

func (r *rig) forward(d time.Duration) { r.shift.Add(int64(d)) }

func (r *rig) do(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

// Session says who a secret is: the name of somebody whom the test knows.
func (r *rig) Session(_ context.Context, secret string) (access.Caller, console.Person, error) {
	c, ok := r.who[secret]
	if !ok {
		return access.Caller{}, console.Person{}, access.ErrUnauthenticated.Newf("nobody")
	}
	return c, console.Person{ID: "per_" + secret, Email: secret + "@park.example"}, nil
}

// open makes the services.
func (r *rig) open() {
	r.log, r.dir = event.NewLog(r.db), party.NewDirectory(r.db)
	lane := event.FirstLane
	r.reg = party.NewRegistry(r.db, r.dir, r.log, lane, party.DefaultSight())
	chart := ledger.NewChart(r.db)
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	r.do("make a ring", err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.do("make a table", err)
	pay := payment.New(payment.Config{DB: r.db, Log: r.log, Lane: lane, Directory: r.dir,
		Registry: r.reg, Board: fx.New(r.db, fx.Config{RepeatLastDay: true}), Codes: table,
		Chart: chart, Seal: ring, Rules: risk.Default(), Now: r.now,
		PublicURL: "https://pay.example"})
	r.orders = order.New(order.Config{DB: r.db, Log: r.log, Lane: lane, Payments: pay,
		Directory: r.dir, Chart: chart, Now: r.now, Look: 20 * time.Millisecond,
		MassPause: time.Millisecond, MassSettle: time.Millisecond})
	r.pledges = promo.NewPledges(promo.PledgesConfig{DB: r.db, Log: r.log, Lane: lane,
		Directory: r.dir, Desk: foureyes.New(r.db, nil, 0)})
	r.parks = parks.New(parks.Config{DB: r.db, Log: r.log, Lane: lane, Directory: r.dir,
		Orders: r.orders, Now: r.now})
	r.gates = gate.New(gate.Config{DB: r.db, Log: r.log, Lane: lane, Ring: ring,
		Parks: r.parks, Now: r.now})
	r.parks.Use(nil, r.gates)
	r.orders.Add(r.parks)
	r.grounds = ground.New(ground.Config{DB: r.db, Log: r.log, Lane: lane, Park: func(
		ctx context.Context, idOrSlug string,
	) (ground.Park, bool, error) {
		p, err := r.parks.Find(ctx, idOrSlug)
		if errors.Is(err, parks.ErrUnknown) {
			return ground.Park{}, false, nil
		}
		return ground.Park{ID: p.ID, AcquirerNo: p.AcquirerNo, MerchantNo: p.MerchantNo,
			StoreNo: p.StoreNo}, err == nil, err
	}})
	r.queues = queue.New(queue.Config{DB: r.db, Log: r.log, Lane: lane, Parks: known{r.parks},
		Now: r.now})
	r.console = park.New(park.Config{Console: console.Config{Sessions: r, Now: r.now,
		Logger: slog.New(slog.NewTextHandler(said{r.t}, nil))},
		Parks: r.parks, Orders: r.orders, Gates: r.gates, Queues: r.queues, Grounds: r.grounds,
		Takings: report.New(r.db), PublicURL: "https://pay.example",
		Pledges: func(ctx context.Context, merchantNo int64) ([]promo.Pledge, error) {
			return r.pledges.List(ctx, 0, 0, merchantNo)
		},
		Wallets: func(context.Context) ([]park.Wallet, error) {
			return []park.Wallet{{No: r.wallet.No, ID: r.wallet.ID, Name: r.wallet.Name}}, nil
		}})
	r.t.Cleanup(func() { r.queues.Close(); r.orders.Close(); pay.Close() })
}

// said writes what the console logs to the test, so that a page that fails says why.
type said struct{ t testing.TB }

// Write is part of io.Writer.
func (s said) Write(line []byte) (int, error) {
	s.t.Logf("%s", line)
	return len(line), nil
}

// known tells queues of parks.
type known struct{ *parks.Service }

// Park is part of queue.Parks.
func (k known) Park(ctx context.Context, idOrSlug string) (queue.Park, bool, error) {
	p, err := k.Find(ctx, idOrSlug)
	if errors.Is(err, parks.ErrUnknown) {
		return queue.Park{}, false, nil
	}
	return queue.Park{ID: p.ID, Slug: p.Slug, AcquirerNo: p.AcquirerNo,
		MerchantNo: p.MerchantNo, StoreNo: p.StoreNo, Name: p.Name}, err == nil, err
}

// Parks is part of queue.Parks.
func (k known) Parks(context.Context) ([]queue.Park, error) { return nil, nil }

// Hours is part of queue.Parks.
func (k known) Hours(context.Context, string, string, string) ([]queue.Hours, error) {
	return nil, nil
}

func name(s string) i18n.Text { return i18n.Text{i18n.English: s, i18n.Japanese: s + "（日）"} }

// merchant adds a merchant with one store.
func (r *rig) merchant(id, title string) (s party.Store) {
	r.t.Helper()
	r.do("add "+id, r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		m, err := r.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: r.bank.No,
			ID: id, Name: title, MCC: "7996", MDRPPM: 19_800})
		if err != nil {
			return err
		}
		s, err = r.reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: r.bank.No,
			MerchantNo: m.No, ID: id + "-1", Name: title + " tickets", Prefecture: "19",
			MCC: "7996"})
		return err
	}))
	return s
}

func (r *rig) seed() {
	r.t.Helper()
	ctx := context.Background()
	r.do("seed", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if r.bank, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "ACQ_YAMA", Name: "Yamanashi Bank", ClientID: "YAMA"}); err != nil {
			return err
		}
		r.wallet, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "PSP_TEST", Name: "Test Pay", ClientID: "PSP", Connector: "none",
			BaseURL: "http://127.0.0.1:1", CodeGroup: "psp"})
		if err != nil {
			return err
		}
		_, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: r.bank.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"})
		return err
	}))
	s, other := r.merchant("PARK", "Fuji Kogen"), r.merchant("OTHER", "Other Park")
	for who, role := range map[string]access.Role{"owner": access.MerchantOwner,
		"manager": access.MerchantManager, "cashier": access.MerchantCashier} {
		r.who[who] = access.Caller{Role: role, ParticipantNo: r.bank.No,
			MerchantNo: s.MerchantNo, PersonID: "per_" + who, Actor: "person:" + who}
	}
	r.who["stranger"] = access.Caller{Role: access.MerchantOwner, ParticipantNo: r.bank.No,
		MerchantNo: other.MerchantNo, PersonID: "per_stranger", Actor: "person:stranger"}
	r.park = r.plant(s, "fuji-kogen", "Fuji Kogen")
	r.plant(other, "other-park", "Other Park")
}

// plant makes a park that sells two products for three days, with a gate.
func (r *rig) plant(s party.Store, slug, title string) parks.Park {
	r.t.Helper()
	ctx := context.Background()
	p, err := r.parks.AddPark(ctx, parks.Park{Slug: slug, AcquirerNo: r.bank.No,
		MerchantNo: s.MerchantNo, StoreNo: s.No, Name: name(title), Prefecture: "19",
		OnSale: true, Policy: parks.Policy{Changes: 1,
			Steps: []parks.PolicyStep{{Before: 24 * time.Hour}, {FeePPM: 500_000}}}}, "test")
	r.do("add a park", err)
	r.do("pools", r.parks.PutPools(ctx, p.ID, []parks.Pool{{Code: "gate", Name: name("Gate")}},
		"test"))
	for i, one := range []parks.Product{
		{Code: "day", Kind: parks.DayTicket, Name: name("Day pass"), Reentry: parks.AfterExit},
		{Code: "formula", Kind: parks.DayTicket, Name: name("=1+1")}} {
		one.ParkID, one.Pools, one.Sort = p.ID, []string{"gate"}, int64(i)
		_, err := r.parks.PutProduct(ctx, one, "test")
		r.do("put a product", err)
		r.do("put prices", r.parks.PutPrices(ctx, p.ID, []parks.Price{
			{Product: one.Code, Unit: parks.Adult, Yen: 6800},
			{Product: one.Code, Unit: parks.Child, Yen: 5000}}, "test"))
	}
	for _, d := range []string{day, next, later} {
		r.do("put a day", r.parks.PutDays(ctx, p.ID, []parks.Day{{Day: d, Type: "B",
			Open: 9 * 60, Close: 20 * 60}}, "test"))
		r.do("put a quota", r.parks.PutQuotas(ctx, p.ID, []parks.Quota{{Pool: "gate", Day: d,
			Size: 1000}}, "test"))
	}
	_, err = r.gates.AddGate(ctx, gate.Gate{ParkID: p.ID, Code: "main",
		Name: name("Main Entrance")}, "test")
	r.do("add a gate", err)
	return p
}

// buy sells on account, as a counter does.
func (r *rig) buy(product, on string, adults, children int64) *order.Order {
	r.t.Helper()
	ctx := context.Background()
	q := order.Request{RequestID: fmt.Sprintf("req-%d", r.n.Add(1)), Seller: parks.SellerKind,
		Place: r.park.ID, Channel: parks.ByCounter, Account: "counter:1", Lang: i18n.English}
	for i, n := range []int64{adults, children} {
		if n > 0 {
			q.Items = append(q.Items, order.Item{Product: product, Day: on, Count: n,
				Unit: string([]parks.Unit{parks.Adult, parks.Child}[i])})
		}
	}
	o, err := r.orders.Hold(ctx, q)
	r.do("hold", err)
	o, err = r.orders.Confirm(ctx, o.ID, "cash", "counter:1")
	r.do("sell", err)
	return o
}

// station is a device of the park's gate.
func (r *rig) station() gate.Station {
	r.t.Helper()
	ctx := context.Background()
	gs, err := r.gates.Gates(ctx, r.park.ID)
	r.do("list gates", err)
	_, link, err := r.gates.AddDevice(ctx, r.park.ID, gs[0].ID, "Phone", "test")
	r.do("add a device", err)
	_, d, err := r.gates.Activate(ctx, link)
	r.do("activate", err)
	return gate.Station{Device: d, Gate: gs[0]}
}

// enter lets n people of an order in.
func (r *rig) enter(st gate.Station, o *order.Order, n int) {
	r.t.Helper()
	ctx := context.Background()
	ts, err := r.gates.TicketsOf(ctx, o.ID)
	r.do("read tickets", err)
	for _, t := range ts[:n] {
		v, err := r.gates.Scan(ctx, st, gate.ScanInput{Text: t.Text, Kind: gate.Entry,
			Nonce: t.ID})
		if r.do("scan", err); !v.Admitted {
			r.t.Fatalf("a ticket is refused: %+v", v)
		}
	}
}

// send makes a request as somebody.
func (r *rig) send(method, path, who string, form url.Values) *httptest.ResponseRecorder {
	r.t.Helper()
	q := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	q.Header.Set("Accept-Language", "en")
	q.AddCookie(&http.Cookie{Name: console.SessionCookie, Value: who})
	w := httptest.NewRecorder()
	r.console.ServeHTTP(w, q)
	return w
}

// page is a page that the owner sees, as text.
func (r *rig) page(path string) string {
	r.t.Helper()
	w := r.send(http.MethodGet, path, "owner", nil)
	if w.Code != http.StatusOK {
		r.t.Fatalf("%s: %d %s", path, w.Code, text(w.Body.String()))
	}
	return text(w.Body.String())
}

// post sends a form as the owner.
func (r *rig) post(path string, pairs ...string) *httptest.ResponseRecorder {
	r.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return r.send(http.MethodPost, path, "owner", form)
}

var (
	tags   = regexp.MustCompile(`(?s)<(script|style)[^>]*>.*?</(script|style)>|<[^>]*>`)
	blanks = regexp.MustCompile(`[\s\x{00a0}]+`)
)

// text is what a page says.
func text(page string) string {
	_, body, ok := strings.Cut(page, "<main")
	if !ok {
		body = page
	}
	return blanks.ReplaceAllString(tags.ReplaceAllString(body, " "), " ")
}

// holds fails the test unless a text has all the parts, in any order.
func holds(t testing.TB, where, got string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(got, p) {
			t.Errorf("%s lacks %q: %.900s", where, p, got)
		}
	}
}
