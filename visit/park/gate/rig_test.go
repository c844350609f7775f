package gate_test

import (
	"context"
	"fmt"
	"io/fs"
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
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ticket"
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

// each runs a test on both engines with a park that is open and one gate.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		fn(t, r)
	})
}

// rig is a node on which a park sells and lets in: real orders, real tickets.
type rig struct {
	*gate.Service
	t      testing.TB
	db     *db.DB
	reg    *party.Registry
	dir    *party.Directory
	orders *order.Service
	parks  *park.Service
	log    *event.Log
	park   park.Park
	gate   gate.Gate
	st     gate.Station
	shift  *atomic.Int64
	n      *atomic.Int64
}

func newRig(t testing.TB, d *db.DB) *rig {
	r := &rig{t: t, shift: &atomic.Int64{}, n: &atomic.Int64{}}
	r.shift.Store(int64(park.At(day, 10*60).Sub(clock.Now())))
	r.open(d, event.FirstLane)
	r.seed()
	return r
}

func (r *rig) now() time.Time { return clock.Now().Add(time.Duration(r.shift.Load())) }

func (r *rig) forward(d time.Duration) { r.shift.Add(int64(d)) }

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

// second is another node on the same database.
func (r *rig) second(d *db.DB) *rig {
	other := *r
	other.open(d, event.FirstLane+1)
	return &other
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
	r.st = r.station(r.gate.ID, "Phone 1")
}

// products of the park: rotating with coming back, once, whenever, the night, a ride, and a year.
func (r *rig) products() {
	r.t.Helper()
	ctx := context.Background()
	for i, p := range []park.Product{
		{Code: "day", Kind: park.DayTicket, Reentry: park.AfterExit, Rotating: true},
		{Code: "once", Kind: park.DayTicket},
		{Code: "free", Kind: park.DayTicket, Reentry: park.AnyTime},
		{Code: "night", Kind: park.Night, From: 17 * 60},
		{Code: "ride", Kind: park.Ride, Place: "raijin"},
		{Code: "year", Kind: park.Annual, Days: 365},
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

// station makes and activates a device at a gate.
func (r *rig) station(gateID, label string) gate.Station {
	r.t.Helper()
	ctx := context.Background()
	_, link, err := r.AddDevice(ctx, r.park.ID, gateID, label, "test")
	r.do("add a device", err)
	session, _, err := r.Activate(ctx, link)
	r.do("activate", err)
	d, g, err := r.Session(ctx, session)
	r.do("find the session", err)
	return gate.Station{Device: d, Gate: g}
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
	return o, r.tickets(o.ID)
}

func (r *rig) tickets(orderID string) []gate.Ticket {
	r.t.Helper()
	ts, err := r.TicketsOf(context.Background(), orderID)
	r.do("read tickets", err)
	return ts
}

// shown is a ticket as a phone shows it now, with its digits when it changes.
func (r *rig) shown(t gate.Ticket) string { return r.shownAt(t, r.now()) }

func (r *rig) shownAt(t gate.Ticket, at time.Time) string {
	r.t.Helper()
	if !t.Rotating {
		return t.Text
	}
	secret, err := r.Secret(context.Background(), t, park.DayOf(at))
	r.do("make digits", err)
	return t.Text + ticket.Digits(secret, at)
}

func (r *rig) nonce() string { return fmt.Sprintf("n-%d", r.n.Add(1)) }

func (r *rig) scan(in gate.ScanInput) gate.Verdict {
	r.t.Helper()
	if in.Nonce == "" {
		in.Nonce = r.nonce()
	}
	if in.Kind == "" {
		in.Kind = gate.Entry
	}
	v, err := r.Scan(context.Background(), r.st, in)
	r.do("scan", err)
	return v
}

// expect scans and wants a reason, and admission only for gate.Admitted.
func (r *rig) expect(what string, want gate.Reason, in gate.ScanInput) gate.Verdict {
	r.t.Helper()
	v := r.scan(in)
	if v.Reason != want || v.Admitted != (want == gate.Admitted) {
		r.t.Errorf("%s: %s, admitted %t; want %s", what, v.Reason, v.Admitted, want)
	}
	return v
}

// verify compares tickets with orders and scans.
func (r *rig) verify() {
	r.t.Helper()
	r.do("verify", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		accounts, err := ledger.Accounts(ctx, tx)
		if err != nil {
			return err
		}
		sold, err := order.Verify(ctx, tx, accounts, park.Check, gate.Check)
		for _, f := range sold.Findings {
			r.t.Errorf("%s %s: %s", f.Rule, f.What, f.Text)
		}
		return err
	}))
}
