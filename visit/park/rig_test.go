package park_test

import (
	"context"
	"errors"
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
	"watari/pay/promo/promotest"
	"watari/pay/risk"
	"watari/sandbox/rates"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, order.Migrations,
		park.Migrations(), gate.Migrations()}
}

// day is the day that tests buy; the clock stands at noon two days before.
const (
	day  = "2026-12-24"
	next = "2026-12-25"
)

// each runs a test on both engines with a bank, two wallets and a park that is open.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.seed()
		fn(t, r)
	})
}

// rig is a node on which a park sells: real orders, real payments, real gates.
type rig struct {
	*park.Service
	t      testing.TB
	db     *db.DB
	dir    *party.Directory
	reg    *party.Registry
	log    *event.Log
	orders *order.Service
	gate   *gate.Service
	park   park.Park
	bank   party.Participant
	wallet party.Participant
	shift  *atomic.Int64
	n      *atomic.Int64
}

func newRig(t testing.TB, d *db.DB) *rig {
	r := &rig{t: t, shift: &atomic.Int64{}, n: &atomic.Int64{}}
	noon := park.At(day, -36*60)
	r.shift.Store(int64(noon.Sub(clock.Now())))
	r.open(d, event.FirstLane)
	return r
}

func (r *rig) now() time.Time { return clock.Now().Add(time.Duration(r.shift.Load())) }

func (r *rig) forward(d time.Duration) { r.shift.Add(int64(d)) }

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
		Directory: r.dir, Chart: chart, Now: r.now, Look: 20 * time.Millisecond,
		MassPause: time.Millisecond})
	r.Service = park.New(park.Config{DB: d, Log: r.log, Lane: lane, Directory: r.dir,
		Orders: r.orders, Now: r.now, Every: 20 * time.Millisecond})
	r.gate = gate.New(gate.Config{DB: d, Log: r.log, Lane: lane, Ring: ring, Parks: r.Service,
		Now: r.now})
	r.Use(nil, r.gate)
	r.orders.Add(r.Service)
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
		if r.bank, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "ACQ_YAMA", Name: "Yamanashi Bank", ClientID: "YAMA"}); err != nil {
			return err
		}
		if _, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: r.bank.No, Role: party.Acquirer, Currency: "JPY",
			Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		if r.wallet, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "PSP_TEST", Name: "Test", ClientID: "PSP", Connector: "none",
			BaseURL: "http://127.0.0.1:1", CodeGroup: "psp"}); err != nil {
			return err
		}
		m, err := r.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: r.bank.No,
			ID: "PARK", Name: "Fuji Kogen", MCC: "7996", MDRPPM: 19_800})
		if err != nil {
			return err
		}
		store, err = r.reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: r.bank.No,
			MerchantNo: m.No, ID: "GATE", Name: "Fuji Kogen tickets", Prefecture: "19",
			MCC: "7996"})
		return err
	}))
	promotest.Pledge(r.t, r.db, r.wallet.No, store.MerchantNo)
	r.park, err = r.AddPark(ctx, park.Park{Slug: "fuji-kogen", AcquirerNo: r.bank.No,
		MerchantNo: store.MerchantNo, StoreNo: store.No, Name: name("Fuji Kogen"),
		Prefecture: "19", OnSale: true, Policy: park.Policy{Changes: 1,
			Steps: []park.PolicyStep{{}, {Before: -24 * time.Hour, FeePPM: 500_000}}}}, "test")
	r.do("add a park", err)
	r.do("pools", r.PutPools(ctx, r.park.ID, []park.Pool{{Code: "gate", Name: name("Gate")},
		{Code: "raijin", Name: name("Raijin"), Slotted: true}}, "test"))
	r.product(park.Product{Code: "day", Kind: park.DayTicket, Name: name("Day pass"),
		Pools: []string{"gate"}, Reentry: park.AfterExit, Rotating: true}, 6800, 5000)
	r.product(park.Product{Code: "night", Kind: park.Night, Name: name("Night pass"), Sort: 2,
		Pools: []string{"gate"}, From: 17 * 60}, 4000, 3000)
	r.product(park.Product{Code: "raijin", Kind: park.Timed, Name: name("Raijin"), Sort: 3,
		Pools: []string{"gate", "raijin"}, Slots: []park.Slot{{Code: "10:00", From: 600,
			Until: 660}, {Code: "11:00", From: 660, Until: 720}}}, 7500, 6000)
	r.product(park.Product{Code: "year", Kind: park.Annual, Name: name("Year"), Sort: 9,
		Days: 365}, 30000, 20000)
	r.days(day, next)
	r.quotas(park.Quota{Pool: "gate", Day: day, Size: 10},
		park.Quota{Pool: "gate", Day: next, Size: 10},
		park.Quota{Pool: "raijin", Day: day, Slot: "10:00", Size: 2},
		park.Quota{Pool: "raijin", Day: day, Slot: "11:00", Size: 3})
}

func (r *rig) product(p park.Product, adult, child int64) {
	r.t.Helper()
	p.ParkID = r.park.ID
	_, err := r.PutProduct(context.Background(), p, "test")
	r.do("put a product", err)
	r.do("put prices", r.PutPrices(context.Background(), r.park.ID, []park.Price{
		{Product: p.Code, Unit: park.Adult, Yen: adult},
		{Product: p.Code, Unit: park.Child, Yen: child},
		{Product: p.Code, Unit: park.Infant, Yen: 0},
		{Product: p.Code, Unit: park.Adult, DayType: "D", Yen: adult + 1000},
		{Product: p.Code, Unit: park.Adult, DayType: "A", Yen: adult - 1000}}, "test"))
}

func (r *rig) days(days ...string) {
	r.t.Helper()
	var ds []park.Day
	for _, d := range days {
		ds = append(ds, park.Day{Day: d, Type: "B", Open: 9 * 60, Close: 20 * 60})
	}
	r.do("put days", r.PutDays(context.Background(), r.park.ID, ds, "test"))
}

func (r *rig) quotas(qs ...park.Quota) {
	r.t.Helper()
	r.do("put quotas", r.PutQuotas(context.Background(), r.park.ID, qs, "test"))
}

// voucherID is a new request id for vouchers.
func (r *rig) voucherID() string { return fmt.Sprintf("vouchers-%d", r.n.Add(1)) }

// request is a wish of a new visitor.
func (r *rig) request(items ...order.Item) order.Request {
	n := r.n.Add(1)
	return order.Request{RequestID: fmt.Sprintf("req-%d", n), Seller: park.SellerKind,
		Place: r.park.ID, VisitorID: fmt.Sprintf("vis_%d", n), Channel: park.ByVisitor,
		Lang: i18n.English, Items: items}
}

func item(product, unit string, n int64) order.Item {
	return order.Item{Product: product, Day: day, Unit: unit, Count: n}
}

func (r *rig) hold(q order.Request) *order.Order {
	r.t.Helper()
	o, err := r.orders.Hold(context.Background(), q)
	r.do("hold", err)
	return o
}

// buy holds and sells on account, as a counter does for cash.
func (r *rig) buy(items ...order.Item) *order.Order {
	r.t.Helper()
	return r.sell(r.hold(r.request(items...)))
}

func (r *rig) sell(o *order.Order) *order.Order {
	r.t.Helper()
	o, err := r.orders.Confirm(context.Background(), o.ID, "cash", "counter:1")
	r.do("sell", err)
	if o.State != order.StatePaid {
		r.t.Fatalf("the order is %s", o.State)
	}
	return o
}

// taken is how many a quota counts, of all channels.
func (r *rig) taken(pool, day, slot string) int64 {
	r.t.Helper()
	qs, err := r.Quotas(context.Background(), r.park.ID, day, day)
	r.do("read quotas", err)
	for _, q := range qs {
		if q.Pool == pool && q.Slot == slot && q.Channel == "" {
			return q.Taken
		}
	}
	r.t.Fatalf("there is no quota %s %s %s", pool, day, slot)
	return 0
}

// tickets counts the tickets of an order by their states.
func (r *rig) tickets(orderID string) (valid, revoked int) {
	r.t.Helper()
	ts, err := r.gate.TicketsOf(context.Background(), orderID)
	r.do("read tickets", err)
	for _, t := range ts {
		if t.State == gate.Valid {
			valid++
		} else if t.State == gate.Revoked {
			revoked++
		}
	}
	return valid, revoked
}

// run runs what is due of orders and parks until the test ends.
func (r *rig) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{}, 2)
	go func() { r.orders.Run(ctx); done <- struct{}{} }()
	go func() { r.Service.Run(ctx); done <- struct{}{} }()
	r.t.Cleanup(func() { cancel(); <-done; <-done })
}

// soon waits until something holds.
func (r *rig) soon(what string, fn func() bool) {
	r.t.Helper()
	for range 1200 {
		if fn() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Fatalf("never: %s", what)
}

// verify compares quotas, orders and the ledger.
func (r *rig) verify() {
	r.t.Helper()
	r.do("verify", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		accounts, err := ledger.Accounts(ctx, tx)
		if err != nil {
			return err
		}
		sold, err := order.Verify(ctx, tx, accounts, park.Check)
		for _, f := range sold.Findings {
			r.t.Errorf("%s %s: %s", f.Rule, f.What, f.Text)
		}
		return err
	}))
}

// refused wants an error of a kind.
func (r *rig) refused(what string, err, want error) {
	r.t.Helper()
	if !errors.Is(err, want) {
		r.t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func isSoldOut(err error) bool { return errors.Is(err, park.ErrSoldOut) }
