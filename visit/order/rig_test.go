package order_test

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
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/promo/promotest"
	"watari/pay/risk"
	"watari/sandbox/rates"
	"watari/visit/order"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, order.Migrations, stallTables}
}

// each runs a test on both engines with a bank, a park and two wallets.
func each(t *testing.T, fn func(t *testing.T, r *rig)) {
	t.Helper()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.seed()
		fn(t, r)
	})
}

// rig is a node of a network on which a stall sells.
type rig struct {
	*order.Service
	t             testing.TB
	db            *db.DB
	log           *event.Log
	dir           *party.Directory
	reg           *party.Registry
	chart         *ledger.Chart
	pay           *payment.Service
	wallet        *purse
	stall         *stall
	bank          party.Participant
	issuer, other party.Participant
	shift         *atomic.Int64 // how far the clock is put forward
	n             *atomic.Int64
}

const day = "2026-12-24"

func (r *rig) now() time.Time { return clock.Now().Add(time.Duration(r.shift.Load())) }

func newRig(t testing.TB, d *db.DB) *rig {
	r := &rig{t: t, shift: &atomic.Int64{}, n: &atomic.Int64{}, wallet: newPurse(),
		stall: &stall{hold: 10 * time.Minute}}
	r.open(d, event.FirstLane)
	return r
}

// open makes the services of a node.
func (r *rig) open(d *db.DB, lane int) {
	r.db, r.log = d, event.NewLog(d)
	r.dir = party.NewDirectory(d)
	r.reg = party.NewRegistry(d, r.dir, r.log, lane, party.DefaultSight())
	r.chart = ledger.NewChart(d)
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	r.do("make a ring", err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	r.do("make a table", err)
	r.pay = payment.New(payment.Config{DB: d, Log: r.log, Lane: lane, Directory: r.dir,
		Registry: r.reg, Board: fx.New(d, fx.Config{RepeatLastDay: true}), Codes: table,
		Chart: r.chart, Connectors: map[string]link.Connector{"purse": r.wallet}, Seal: ring,
		Rules: rules(), Now: r.now, PublicURL: "https://pay.example"})
	r.Service = order.New(order.Config{DB: d, Log: r.log, Lane: lane, Payments: r.pay,
		Directory: r.dir, Chart: r.chart, Sellers: []order.Seller{r.stall}, Now: r.now,
		Look: 20 * time.Millisecond, Senders: 64, MassPause: time.Millisecond,
		MassSettle: 2 * time.Second, Lease: 5 * time.Second})
	r.t.Cleanup(func() { r.Service.Close(); r.pay.Close() })
}

// rules let as many pay at the same place as a test wants.
func rules() risk.Rules {
	r := risk.Default()
	return r
}

// second is another node on the same database, with the same wallet and stall.
func (r *rig) second(d *db.DB) *rig {
	other := *r
	other.open(d, event.FirstLane+1)
	return &other
}

func (r *rig) seed() {
	r.t.Helper()
	ctx := context.Background()
	merchantNo := int64(0)
	board := fx.New(r.db, fx.Config{RepeatLastDay: true})
	_, err := board.Import(ctx, strings.NewReader(string(rates.Recent)), "test")
	r.do("import rates", err)
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
		if r.issuer, err = r.addWallet(ctx, tx, "PSP_TEST", "CNY"); err != nil {
			return err
		}
		if r.other, err = r.addWallet(ctx, tx, "PSP_OTHER", "THB"); err != nil {
			return err
		}
		shop, err := r.reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: r.bank.No,
			ID: "PARK", Name: "Fuji Kogen", MCC: "7996", MDRPPM: 19_800})
		if err != nil {
			return err
		}
		merchantNo = shop.No
		_, err = r.reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: r.bank.No,
			MerchantNo: shop.No, ID: "GATE", Name: "Fuji Kogen tickets", Prefecture: "19",
			MCC: "7996"})
		return err
	}))
	r.stall.point = order.Point{AcquirerNo: r.bank.No, MerchantID: "PARK", StoreID: "GATE"}
	r.stall.issuerNo, r.stall.issuerID = r.issuer.No, r.issuer.ID
	for _, wallet := range []party.Participant{r.issuer, r.other} {
		promotest.Pledge(r.t, r.db, wallet.No, merchantNo)
	}
	r.openDay(day, 500)
}

func (r *rig) addWallet(ctx context.Context, tx *db.Tx, id, currency string) (
	p party.Participant, err error,
) {
	p, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{ID: id, Name: id,
		ClientID: id, Connector: "purse", BaseURL: "http://127.0.0.1:1",
		CodeGroup: strings.ToLower(id), OwnCodes: true})
	if err != nil {
		return p, err
	}
	_, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: p.No,
		Role: party.Issuer, Currency: moneyOf(currency), Zone: "Asia/Shanghai",
		SpreadPPM: 10_000, InterchangePPM: 9_000, SchemePPM: 1_500})
	return p, err
}

// openDay gives the stall a day with room for so many.
func (r *rig) openDay(day string, size int64) {
	r.exec(`insert into stall_day (day, size, taken, closed) values ($1, $2, 0, false)`, day, size)
}

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

func (r *rig) do(what string, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatalf("%s: %v", what, err)
	}
}

// forward puts the clock forward.
func (r *rig) forward(d time.Duration) { r.shift.Add(int64(d)) }

// request is a wish of a visitor with the stall's wallet, for so many adults and children.
func (r *rig) request(adults, children int64) order.Request {
	q := order.Request{RequestID: fmt.Sprintf("req-%d", r.n.Add(1)), Seller: "stall",
		Place: "stl_1", VisitorID: fmt.Sprintf("vis_%d", r.n.Load()), Channel: "visitor",
		IssuerID: r.issuer.ID, Lang: i18n.English}
	for unit, n := range map[string]int64{"adult": adults, "child": children} {
		if n > 0 {
			q.Items = append(q.Items, order.Item{Product: "day", Day: day, Unit: unit, Count: n})
		}
	}
	if len(q.Items) == 2 && q.Items[0].Unit == "child" {
		q.Items[0], q.Items[1] = q.Items[1], q.Items[0]
	}
	return q
}

func (r *rig) hold(adults, children int64) *order.Order {
	r.t.Helper()
	o, err := r.Hold(context.Background(), r.request(adults, children))
	r.do("hold", err)
	return o
}

const back = "https://park.example/done"

// checkout opens the payment of an order and picks the wallet; it returns the id of the leg.
func (r *rig) checkout(o *order.Order) (payment.Payment, string) {
	r.t.Helper()
	ctx := context.Background()
	address, o, err := r.Pay(ctx, o.ID, back)
	r.do("pay", err)
	if !strings.HasPrefix(address, "https://pay.example/pay/") {
		r.t.Fatalf("the payment's page is %s", address)
	}
	p, err := r.pay.ByToken(ctx, address[len("https://pay.example/pay/"):])
	r.do("find the payment", err)
	form, err := r.pay.Choose(ctx, payment.Choice{Payment: p, IssuerNo: r.issuer.No,
		Way: link.WayPage, Began: r.now()})
	r.do("choose", err)
	return *p, form.PageURL[len("https://wallet.example/"):]
}

// pays is the payer's yes in the wallet, of which the network is told.
func (r *rig) pays(leg string) {
	r.t.Helper()
	a := r.wallet.pays(leg)
	r.do("notify", r.pay.Notify(context.Background(), r.issuer.No,
		link.Notice{OurRequestID: leg, Answer: a}))
}

// buy holds and pays.
func (r *rig) buy(adults, children int64) *order.Order {
	r.t.Helper()
	o := r.hold(adults, children)
	_, leg := r.checkout(o)
	r.pays(leg)
	o, err := r.Settle(context.Background(), o.ID)
	r.do("settle", err)
	if o.State != order.StatePaid {
		r.t.Fatalf("the order is %s", o.State)
	}
	return o
}

func (r *rig) find(id string) *order.Order {
	r.t.Helper()
	o, err := r.Find(context.Background(), id)
	r.do("find", err)
	return o
}

// run does what is due until the test ends, or stop is called.
func (r *rig) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	r.t.Cleanup(stop)
	return stop
}

// soon waits until something holds.
func (r *rig) soon(what string, fn func() bool) {
	r.t.Helper()
	for range 2400 {
		if fn() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Fatalf("never: %s", what)
}

// until waits for a state of an order with nothing on its way back.
func (r *rig) until(id string, st order.State) *order.Order {
	r.t.Helper()
	var o *order.Order
	r.soon(id+" is "+string(st), func() bool {
		o = r.find(id)
		return o.State == st && o.Refunding == 0
	})
	return o
}

// told counts the events of a kind about an order.
func (r *rig) told(id, kind string) (n int) {
	r.t.Helper()
	all, err := r.log.Subject(context.Background(), id)
	r.do("read events", err)
	for _, e := range all {
		if e.Kind == "order."+kind {
			n++
		}
	}
	return n
}

// verify checks the whole store, and returns what is in flight.
func (r *rig) verify() (open []order.Open) {
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
		paid, err := payment.Verify(ctx, tx, accounts)
		if err != nil {
			return err
		}
		sold, err := order.Verify(ctx, tx, accounts, stallCheck)
		if err != nil {
			return err
		}
		open = sold.InFlight
		for _, f := range append(append(books.Findings, paid.Findings...), sold.Findings...) {
			r.t.Errorf("%s %s: %s", f.Rule, f.What, f.Text)
		}
		if paid.Expected+sold.Expected != books.Transfers {
			r.t.Errorf("%d transfers, want %d of payments and %d of discounts", books.Transfers,
				paid.Expected, sold.Expected)
		}
		return nil
	})
	r.do("verify", err)
	r.do("verify events", r.log.VerifyChain(context.Background()))
	return open
}

// stands returns what stands on an account in yen.
func (r *rig) stands(book int64, kind ledger.Kind, owner int64) int64 {
	r.t.Helper()
	var b ledger.Balance
	r.do("balance", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		b, err = ledger.BalanceOf(ctx, tx, ledger.Key{Book: book, Kind: kind, Owner: owner,
			Currency: "JPY"})
		return err
	}))
	return b.Net()
}
