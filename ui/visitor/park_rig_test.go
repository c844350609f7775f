package visitor_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/i18n"
	"watari/kit/money"
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
	"watari/ui/visitor"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ground"
	"watari/visit/park/queue"
	who "watari/visit/visitor"
)

// The days that are open; the clock stands at noon two days before the first.
const (
	day  = "2026-12-24"
	next = "2026-12-25"
	full = "2026-12-26" // sold out
)

func parkSets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, order.Migrations,
		park.Migrations(), gate.Migrations(), queue.Migrations(), ground.Migrations(),
		who.Migrations}
}

// fair is the app with a park that sells: real services, and a wallet outside that debits whoever
// says yes.
type fair struct {
	*rig
	db     *db.DB
	log    *event.Log
	orders *order.Service
	parks  *park.Service
	gates  *gate.Service
	queues *queue.Queues
	pay    *payment.Service
	purse  *purse
	park   park.Park
	wallet party.Participant
	shift  *atomic.Int64
	ride   queue.Place // a ride with a virtual queue
}

// parks runs a test on both engines.
func parks(t *testing.T, fn func(t *testing.T, f *fair)) {
	t.Helper()
	dbtest.Each(t, parkSets(), func(t *testing.T, d *db.DB) { fn(t, openPark(t, d)) })
}

// onePark is a park on the engine of one process.
func onePark(t *testing.T) *fair {
	t.Helper()
	return openPark(t, dbtest.New(t, db.SQLite, parkSets()...))
}

func (f *fair) now() time.Time { return clock.Now().Add(time.Duration(f.shift.Load())) }

func (f *fair) forward(d time.Duration) { f.shift.Add(int64(d)) }

func openPark(t *testing.T, d *db.DB) *fair {
	t.Helper()
	f := &fair{rig: &rig{t: t}, db: d, log: event.NewLog(d), shift: &atomic.Int64{},
		purse: &purse{asked: map[string]money.Amount{}, paid: map[string]bool{}}}
	f.shift.Store(int64(park.At(day, -36*60).Sub(clock.Now())))
	dir := party.NewDirectory(d)
	reg := party.NewRegistry(d, dir, f.log, event.FirstLane, party.DefaultSight())
	chart := ledger.NewChart(d)
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	do(t, err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	do(t, err)
	f.pay = payment.New(payment.Config{DB: d, Log: f.log, Lane: event.FirstLane, Directory: dir,
		Registry: reg, Board: fx.New(d, fx.Config{RepeatLastDay: true}), Codes: table,
		Chart: chart, Connectors: map[string]link.Connector{"linepay": f.purse}, Seal: ring,
		Rules: risk.Default(), Now: f.now, PublicURL: "https://pay.example"})
	f.orders = order.New(order.Config{DB: d, Log: f.log, Lane: event.FirstLane, Payments: f.pay,
		Directory: dir, Chart: chart, Now: f.now, Look: 20 * time.Millisecond})
	f.parks = park.New(park.Config{DB: d, Log: f.log, Lane: event.FirstLane, Directory: dir,
		Orders: f.orders, Now: f.now})
	f.gates = gate.New(gate.Config{DB: d, Log: f.log, Lane: event.FirstLane, Ring: ring,
		Parks: f.parks, Now: f.now})
	f.parks.Use(nil, f.gates)
	f.orders.Add(f.parks)
	f.queues = queue.New(queue.Config{DB: d, Log: f.log, Lane: event.FirstLane,
		Parks: oneOfQueues{f.parks}, Now: f.now})
	t.Cleanup(func() { f.orders.Close(); f.pay.Close(); f.queues.Close() })
	at, in := startWallet(t)
	f.seed(reg, at)
	quiet := slog.New(slog.DiscardHandler)
	f.known = who.New(who.Config{DB: d, Log: f.log, Lane: event.FirstLane, Ring: ring,
		Directory: dir, SignIns: map[string]link.SignIn{"linepay": in}, Logger: quiet, Now: f.now})
	pages := visitor.New(visitor.Config{Visitors: f.known, Receipts: f.known, Logger: quiet,
		Now: f.now})
	pages.Park(visitor.ParkConfig{Parks: f.parks, Orders: f.orders, Tickets: f.gates,
		Queues: f.queues, Maps: f.grounds(),
		Wallet: func(context.Context, string) string { return "Midori Pay" }})
	mux := http.NewServeMux()
	pages.Mount(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	f.base = server.URL
	return f
}

// oneOfQueues tells queues of parks.
type oneOfQueues struct{ *park.Service }

func queuePark(p park.Park) queue.Park {
	return queue.Park{ID: p.ID, Slug: p.Slug, AcquirerNo: p.AcquirerNo, MerchantNo: p.MerchantNo,
		StoreNo: p.StoreNo, Name: p.Name}
}

func (q oneOfQueues) Park(ctx context.Context, idOrSlug string) (queue.Park, bool, error) {
	p, err := q.Find(ctx, idOrSlug)
	if errors.Is(err, park.ErrUnknown) {
		return queue.Park{}, false, nil
	}
	return queuePark(p), err == nil, err
}

func (q oneOfQueues) Parks(ctx context.Context) ([]queue.Park, error) {
	all, err := q.Service.Parks(ctx)
	var out []queue.Park
	for _, p := range all {
		out = append(out, queuePark(p))
	}
	return out, err
}

func (q oneOfQueues) Hours(ctx context.Context, id, from, to string) ([]queue.Hours, error) {
	days, err := q.Days(ctx, id, from, to)
	var out []queue.Hours
	for _, d := range days {
		out = append(out, queue.Hours{Day: d.Day, Open: park.At(d.Day, d.Open),
			Close: park.At(d.Day, d.Close), Closed: d.Closed})
	}
	return out, err
}

func called(s string) i18n.Text { return i18n.Text{i18n.English: s, i18n.Japanese: s + "（日）"} }

// seed makes a bank, the wallet, and a park with day tickets, timed rides, an annual pass, a
// discount of the wallet, and a ride that people queue for.
func (f *fair) seed(reg *party.Registry, at string) {
	f.t.Helper()
	ctx := f.t.Context()
	_, err := fx.New(f.db, fx.Config{RepeatLastDay: true}).Import(ctx,
		strings.NewReader(string(rates.Recent)), "test")
	do(f.t, err)
	var store party.Store
	do(f.t, f.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		bank, err := reg.AddParticipant(ctx, tx, "test", party.Participant{ID: "ACQ_YAMA",
			Name: "Yamanashi Bank", ClientID: "YAMA"})
		if err != nil {
			return err
		}
		if _, err = reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: bank.No,
			Role: party.Acquirer, Currency: "JPY", Zone: "Asia/Tokyo"}); err != nil {
			return err
		}
		if f.wallet, err = reg.AddParticipant(ctx, tx, "test", party.Participant{ID: midori,
			Name: "Midori Pay", ClientID: midori, Connector: "linepay", BaseURL: at,
			CodeGroup: "midori", OwnCodes: true}); err != nil {
			return err
		}
		if _, err = reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: f.wallet.No, Role: party.Issuer, Currency: "USD",
			Zone: "Asia/Taipei"}); err != nil {
			return err
		}
		m, err := reg.AddMerchant(ctx, tx, "test", party.Merchant{AcquirerNo: bank.No,
			ID: "PARK", Name: "Fuji Kogen", MCC: "7996", MDRPPM: 19_800})
		if err != nil {
			return err
		}
		store, err = reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: bank.No,
			MerchantNo: m.No, ID: "GATE", Name: "Fuji Kogen tickets", Prefecture: "19",
			MCC: "7996"})
		return err
	}))
	f.park, err = f.parks.AddPark(ctx, park.Park{Slug: "fuji-kogen", AcquirerNo: store.AcquirerNo,
		MerchantNo: store.MerchantNo, StoreNo: store.No, Name: called("Fuji Kogen"),
		Prefecture: "19", OnSale: true, PerVisitor: 8, Policy: park.Policy{Changes: 1,
			Steps: []park.PolicyStep{{}}}}, "test")
	do(f.t, err)
	f.stock()
	f.ride, err = f.queues.AddPlace(ctx, queue.Place{ParkID: f.park.ID, Code: "carousel",
		Kind: queue.Ride, Name: called("Carousel"),
		Design: queue.Design{Seats: 20, Dispatch: time.Minute},
		Virtual: queue.Virtual{Offered: true, PartyMax: 4, SharePPM: 250_000,
			Window: 15 * time.Minute}}, "test")
	do(f.t, err)
}

// stock is what the park sells.
func (f *fair) stock() {
	f.t.Helper()
	ctx := f.t.Context()
	do(f.t, f.parks.PutPools(ctx, f.park.ID, []park.Pool{{Code: "gate", Name: called("Gate")},
		{Code: "raijin", Name: called("Raijin"), Slotted: true}}, "test"))
	f.product(park.Product{Code: "day", Kind: park.DayTicket, Name: called("Day pass"),
		Pools: []string{"gate"}, Reentry: park.AfterExit, Rotating: true}, 6800, 5000)
	f.product(park.Product{Code: "raijin", Kind: park.Timed, Name: called("Raijin"), Sort: 3,
		Pools: []string{"raijin"}, MaxCount: 2, Slots: []park.Slot{{Code: "10:00", From: 600,
			Until: 660}}}, 1500, 1500)
	f.product(park.Product{Code: "party", Kind: park.DayTicket, Name: called("Party"), Sort: 4,
		Pools: []string{"gate"}, MinCount: 5}, 6000, 4000)
	f.product(park.Product{Code: "year", Kind: park.Annual, Name: called("Year"), Sort: 9,
		Days: 365}, 30000, 20000)
	var days []park.Day
	for _, d := range []string{day, next, full} {
		days = append(days, park.Day{Day: d, Type: "B", Open: 9 * 60, Close: 20 * 60})
	}
	do(f.t, f.parks.PutDays(ctx, f.park.ID, days, "test"))
	do(f.t, f.parks.PutQuotas(ctx, f.park.ID, []park.Quota{{Pool: "gate", Day: day, Size: 20},
		{Pool: "gate", Day: next, Size: 20}, {Pool: "gate", Day: full, Size: 0},
		{Pool: "raijin", Day: day, Slot: "10:00", Size: 1},
		{Pool: "raijin", Day: next, Slot: "10:00", Size: 1}}, "test"))
	promotest.Pledge(f.t, f.db, f.wallet.No, f.park.MerchantNo)
	_, err := f.parks.PutDiscount(ctx, park.Discount{ParkID: f.park.ID, Name: called("Wallet day"),
		Rule: park.Rule{ID: "midori-day", Kind: park.ForWallet, OffYen: 300, WalletPPM: 500_000,
			Issuers: []string{midori}, Products: []string{"day"}}}, "test")
	do(f.t, err)
}

func (f *fair) product(p park.Product, adult, child int64) {
	f.t.Helper()
	p.ParkID = f.park.ID
	_, err := f.parks.PutProduct(f.t.Context(), p, "test")
	do(f.t, err)
	do(f.t, f.parks.PutPrices(f.t.Context(), f.park.ID, []park.Price{
		{Product: p.Code, Unit: park.Adult, Yen: adult},
		{Product: p.Code, Unit: park.Child, Yen: child}}, "test"))
}

// Addresses of the park.
const (
	parkAt = "/visit/park/fuji-kogen"
	buyAt  = parkAt + "/buy"
)

// wish is a form for buying: names and values in turn.
func wish(pairs ...string) url.Values {
	form := url.Values{"request": {"r1"}, "day": {day}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// alert is what a page says is wrong, "" for nothing.
func (p page) alert() string {
	_, text, _ := strings.Cut(p.text, `role="alert"`)
	_, text, _ = strings.Cut(text, "<p>")
	text, _, _ = strings.Cut(text, "</p>")
	return text
}

// signedIn is a phone on which a user of the wallet is signed in.
func (f *fair) signedIn(user string) *browser {
	f.t.Helper()
	b := f.browser()
	b.user = user
	b.signIn("/visit")
	b.get("/visit") // it shows what the sign-in had to say
	return b
}

// order reads the order that an address is of.
func (f *fair) order(at string) *order.Order {
	f.t.Helper()
	o, err := f.orders.Find(f.t.Context(), path.Base(at))
	do(f.t, err)
	return o
}

// hold chooses tickets, and returns the page of the order.
func (f *fair) hold(b *browser, form url.Values) string {
	f.t.Helper()
	p := b.post(buyAt, form)
	if p.status != 303 || !strings.HasPrefix(p.to, "/visit/orders/ord_") {
		f.t.Fatalf("holding: %d, to %q: %s", p.status, p.to, p.text)
	}
	return p.to
}

// open goes from the page of an order to its payment's, and from there to the wallet's; it returns
// what the wallet calls it.
func (f *fair) open(b *browser, at string) (leg string) {
	f.t.Helper()
	to := b.post(at+"/pay", nil).to
	const pages = "https://pay.example/pay/"
	if !strings.HasPrefix(to, pages) {
		f.t.Fatalf("paying leads to %q", to)
	}
	p, err := f.pay.ByToken(f.t.Context(), to[len(pages):])
	do(f.t, err)
	form, err := f.pay.Choose(f.t.Context(), payment.Choice{Payment: p, IssuerNo: f.wallet.No,
		Way: link.WayPage, Began: f.now()})
	do(f.t, err)
	return form.PageURL[len(walletPage):]
}

// agree is the payer's yes, of which the network is told.
func (f *fair) agree(leg string) {
	f.t.Helper()
	do(f.t, f.pay.Notify(f.t.Context(), f.wallet.No, link.Notice{OurRequestID: leg,
		Answer: f.purse.pays(leg)}))
}

// buy holds and pays, and returns the page of the order.
func (f *fair) buy(b *browser, form url.Values) string {
	f.t.Helper()
	at := f.hold(b, form)
	f.agree(f.open(b, at))
	b.get(at)
	if o := f.order(at); o.State != order.StatePaid {
		f.t.Fatalf("the order is %s", o.State)
	}
	return at
}

// walletPage begins the addresses of the wallet's own pages.
const walletPage = "https://wallet.example/"

// purse stands for the wallet that debits: a counterparty outside.
type purse struct {
	mu    sync.Mutex
	asked map[string]money.Amount
	paid  map[string]bool
}

func (w *purse) Name() string { return "linepay" }

func (w *purse) Capabilities() link.Capabilities {
	return link.Capabilities{IDMax: 64, CallMax: 6 * time.Second, InquiryMax: 5 * time.Second,
		Inquiries: []time.Duration{10 * time.Millisecond}, Deadline: 180 * time.Second,
		CodeLife: time.Minute, PartialRefund: true, RefundWindow: 365 * 24 * time.Hour,
		CancelUntil: func(t time.Time) time.Time { return t.Add(24 * time.Hour) },
		WalletUntil: func(t time.Time) time.Time { return t.Add(25 * time.Hour) },
		Ways:        []link.Way{link.WayPage, link.WayOrder}}
}

var errAsked = errors.New("the payer was not asked yet")

func (w *purse) waits() link.Answer {
	return link.Answer{Outcome: link.Unknown, UserActing: true, Cause: errAsked}
}

func (w *purse) yes(leg string) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "W" + leg, Customer: "user",
		RequestID: leg, At: clock.Now()}
}

func (w *purse) Authorise(context.Context, link.Endpoint, link.Authorise) link.Answer {
	return link.Answer{Outcome: link.Declined, Reason: link.ReasonOther}
}

func (w *purse) Prepare(_ context.Context, _ link.Endpoint, q link.Prepare) (
	link.Form, link.Answer,
) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[q.OurRequestID] = q.PayTo
	return link.Form{PageURL: walletPage + q.OurRequestID}, w.waits()
}

func (w *purse) pays(leg string) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paid[leg] = true
	return w.yes(leg)
}

func (w *purse) Inquire(_ context.Context, _ link.Endpoint, q link.Inquire) link.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.paid[q.OurRequestID] {
		return w.yes(q.OurRequestID)
	}
	return w.waits()
}

func (w *purse) Cancel(context.Context, link.Endpoint, link.Cancel) link.Answer {
	return link.Answer{Outcome: link.Approved}
}

func (w *purse) Refund(_ context.Context, _ link.Endpoint, q link.Refund) link.Answer {
	return link.Answer{Outcome: link.Approved, TheirID: "R" + q.RefundID}
}
