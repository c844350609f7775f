package gate_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/i18n"
	"watari/kit/seal"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
	"watari/sandbox/rates"
	pages "watari/ui/gate"
	"watari/ui/theme"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, order.Migrations,
		park.Migrations(), gate.Migrations()}
}

// day is the day of the tests; the clock stands at ten in its morning.
const (
	day   = "2026-12-24"
	next  = "2026-12-25"
	after = "2026-12-26"
)

// serve starts the pages of a park that is open and has one gate, and returns a browser that is no
// device yet, and the link that makes it one.
func serve(t *testing.T) (r *rig, link string) {
	t.Helper()
	return serveOn(t, dbtest.New(t, db.SQLite, sets()...))
}

func serveOn(t *testing.T, d *db.DB) (r *rig, link string) {
	t.Helper()
	r = newRig(t, d)
	_, secret, err := r.AddDevice(context.Background(), r.park.ID, r.gate.ID, "Phone 1", "test")
	r.do("add a device", err)
	mux := http.NewServeMux()
	mux.Handle("/gate/", pages.New(pages.Config{Gates: r.Service, Parks: r.parks, Now: r.now}))
	mux.Handle(theme.Prefix, theme.Handler())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if r.down.Load() {
			panic(http.ErrAbortHandler)
		}
		mux.ServeHTTP(w, q)
	}))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	r.do("make a jar", err)
	r.base, r.browser = server.URL, &http.Client{Jar: jar}
	return r, gate.LinkPath + secret
}

// rig is a node on which a park sells and lets in: real orders, real tickets.
type rig struct {
	*gate.Service
	t       testing.TB
	db      *db.DB
	reg     *party.Registry
	dir     *party.Directory
	orders  *order.Service
	parks   *park.Service
	log     *event.Log
	park    park.Park
	gate    gate.Gate
	base    string
	browser *http.Client
	down    atomic.Bool // the network does not answer
	shift   *atomic.Int64
	n       *atomic.Int64
}

func newRig(t testing.TB, d *db.DB) *rig {
	r := &rig{t: t, shift: &atomic.Int64{}, n: &atomic.Int64{}}
	r.shift.Store(int64(park.At(day, 10*60).Sub(clock.Now())))
	r.open(d, event.FirstLane)
	r.seed()
	return r
}

func (r *rig) now() time.Time { return clock.Now().Add(time.Duration(r.shift.Load())) }

// open makes the services of a node.
func (r *rig) open(d *db.DB, lane int) {
	r.db, r.log, r.dir = d, event.NewLog(d), party.NewDirectory(d)
	r.reg = party.NewRegistry(d, r.dir, r.log, lane, party.DefaultSight())
	chart := ledger.NewChart(d)
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	r.do("make a ring", err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.do("make a table", err)
	pay := payment.New(payment.Config{DB: d, Log: r.log, Lane: lane, Directory: r.dir,
		Registry: r.reg, Board: fx.New(d, fx.Config{RepeatLastDay: true}), Codes: table,
		Chart: chart, Seal: ring, Rules: risk.Default(), Now: r.now,
		PublicURL: "https://pay.example"})
	r.orders = order.New(order.Config{DB: d, Log: r.log, Lane: lane, Payments: pay,
		Directory: r.dir, Chart: chart, Now: r.now, Look: 20 * time.Millisecond})
	r.parks = park.New(park.Config{DB: d, Log: r.log, Lane: lane, Directory: r.dir,
		Orders: r.orders, Now: r.now})
	r.Service = gate.New(gate.Config{DB: d, Log: r.log, Lane: lane, Ring: ring, Parks: r.parks,
		Now: r.now})
	r.parks.Use(nil, r.Service)
	r.orders.Add(r.parks)
	r.t.Cleanup(func() { r.orders.Close(); pay.Close() })
}

func (r *rig) do(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

func name(s string) i18n.Text { return i18n.Text{i18n.English: s, i18n.Japanese: s + "（日）"} }

func (r *rig) seed() {
	r.t.Helper()
	ctx := context.Background()
	board := fx.New(r.db, fx.Config{RepeatLastDay: true})
	_, err := board.Import(ctx, strings.NewReader(string(rates.Recent)), "test")
	r.do("import rates", err)
	var store party.Store
	r.do("seed", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		bank, err := r.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "ACQ_YAMA",
			Name: "Yamanashi Bank", ClientID: "YAMA"})
		if err != nil {
			return err
		}
		if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: bank.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		m, err := r.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: bank.No,
			ID: "PARK", Name: "Fuji Kogen", MCC: "7996", MDRPPM: 19_800})
		if err != nil {
			return err
		}
		store, err = r.reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: bank.No,
			MerchantNo: m.No, ID: "GATE", Name: "Fuji Kogen tickets", Prefecture: "19", MCC: "7996"})
		return err
	}))
	r.park, err = r.parks.AddPark(ctx, park.Park{Slug: "fuji-kogen", AcquirerNo: store.AcquirerNo,
		MerchantNo: store.MerchantNo, StoreNo: store.No, Name: name("Fuji Kogen"),
		Prefecture: "19", OnSale: true, Policy: park.Policy{Changes: 1,
			Steps: []park.PolicyStep{{Before: -24 * time.Hour}}}}, "test")
	r.do("add a park", err)
	r.do("pools", r.parks.PutPools(ctx, r.park.ID, []park.Pool{{Code: "gate",
		Name: name("Gate")}}, "test"))
	r.products()
	for _, d := range []string{day, next, after} {
		r.do("put a day", r.parks.PutDays(ctx, r.park.ID, []park.Day{{Day: d, Type: "B",
			Open: 9 * 60, Close: 20 * 60}}, "test"))
		r.do("put a quota", r.parks.PutQuotas(ctx, r.park.ID, []park.Quota{{Pool: "gate", Day: d,
			Size: 100_000}}, "test"))
	}
	r.gate, err = r.AddGate(ctx, gate.Gate{ParkID: r.park.ID, Code: "gate-main",
		Name: name("Main Entrance")}, "test")
	r.do("add a gate", err)
}

// products of the park: rotating with coming back, once, whenever, the night, and a ride.
func (r *rig) products() {
	r.t.Helper()
	ctx := context.Background()
	for i, p := range []park.Product{
		{Code: "day", Kind: park.DayTicket, Reentry: park.AfterExit, Rotating: true},
		{Code: "once", Kind: park.DayTicket},
		{Code: "free", Kind: park.DayTicket, Reentry: park.AnyTime},
		{Code: "night", Kind: park.Night, From: 17 * 60},
		{Code: "ride", Kind: park.Ride, Place: "raijin"},
	} {
		p.ParkID, p.Sort, p.Name = r.park.ID, int64(i), name(p.Code)
		p.Pools = []string{"gate"}
		_, err := r.parks.PutProduct(ctx, p, "test")
		r.do("put a product", err)
		r.do("put prices", r.parks.PutPrices(ctx, r.park.ID, []park.Price{
			{Product: p.Code, Unit: park.Adult, Yen: 6800},
			{Product: p.Code, Unit: park.Child, Yen: 5000}}, "test"))
	}
}

func item(product, unit string, n int64) order.Item {
	return order.Item{Product: product, Day: day, Unit: unit, Count: n}
}

// buy holds and sells on account, as a counter does for cash, and returns the tickets.
func (r *rig) buy(items ...order.Item) (*order.Order, []gate.Ticket) {
	r.t.Helper()
	ctx := context.Background()
	n := r.n.Add(1)
	o, err := r.orders.Hold(ctx, order.Request{RequestID: fmt.Sprintf("req-%d", n),
		Seller: park.SellerKind, Place: r.park.ID, VisitorID: fmt.Sprintf("vis_%d", n),
		Channel: park.ByVisitor, Lang: i18n.English, Items: items})
	r.do("hold", err)
	o, err = r.orders.Confirm(ctx, o.ID, "cash", "counter:1")
	r.do("sell", err)
	ts, err := r.TicketsOf(ctx, o.ID)
	r.do("read tickets", err)
	return o, ts
}
