package park

import (
	"context"
	"io/fs"
	"log/slog"
	"reflect"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/kit/seal"
	"watari/pay/code"
	"watari/pay/fx"
	"watari/pay/ledger"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/promo"
	"watari/pay/risk"
	"watari/sandbox"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

func sets() []fs.FS {
	return []fs.FS{event.Migrations(), party.Migrations, code.Migrations, fx.Migrations,
		ledger.Migrations, risk.Migrations, payment.Migrations, promo.Migrations,
		order.Migrations, park.Migrations(), gate.Migrations()}
}

// world is a network with the park in it, whose clock stands at ten in the morning of a Thursday.
type world struct {
	t      *testing.T
	db     *db.DB
	dir    *party.Directory
	store  *sandbox.Store
	now    time.Time
	deskAt func(now func() time.Time) (Desk, func())
}

const thursday = "2026-11-26"

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	ctx := context.Background()
	w := &world{t: t, db: d, dir: party.NewDirectory(d), now: park.At(thursday, 10*60)}
	log, lane := event.NewLog(d), event.FirstLane
	reg := party.NewRegistry(d, w.dir, log, lane, party.DefaultSight())
	chart := ledger.NewChart(d)
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	w.do("make a ring", err)
	table, err := code.New([]code.Entry{{Prefix: "251001", Min: 24, Max: 24, Wallet: "alipay"}})
	w.do("make a table", err)
	pay := payment.New(payment.Config{DB: d, Log: log, Lane: lane, Directory: w.dir,
		Registry: reg, Board: fx.New(d, fx.Config{RepeatLastDay: true}), Codes: table,
		Chart: chart, Seal: ring, Rules: risk.Default(), PublicURL: "https://pay.example"})
	t.Cleanup(pay.Close)
	w.deskAt = func(now func() time.Time) (Desk, func()) {
		orders := order.New(order.Config{DB: d, Log: log, Lane: lane, Payments: pay,
			Directory: w.dir, Chart: chart, Now: now})
		parks := park.New(park.Config{DB: d, Log: log, Lane: lane, Directory: w.dir,
			Orders: orders, Now: now})
		gates := gate.New(gate.Config{DB: d, Log: log, Lane: lane, Ring: ring, Parks: parks,
			Now: now})
		orders.Add(parks)
		parks.Use(nil, gates)
		return Desk{parks, orders, gates}, orders.Close
	}
	w.store, err = sandbox.OpenStore(ctx, t.TempDir(), "")
	w.do("open the sandbox", err)
	t.Cleanup(func() { _ = w.store.Close() })
	var at party.Point
	w.do("seed", d.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if at.Acquirer, err = reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "ACQ_YAMA", Name: "Yamanashi Bank", ClientID: "YAMA"}); err != nil {
			return err
		}
		for _, id := range []string{"weilai", "lianhua", "pochi"} {
			if _, err := reg.AddParticipant(ctx, tx, "test", party.Participant{ID: id, Name: id,
				ClientID: id, Connector: "none", BaseURL: "http://127.0.0.1:1",
				CodeGroup: id}); err != nil {
				return err
			}
		}
		at.Merchant, err = reg.AddMerchant(ctx, tx, "test", party.Merchant{
			AcquirerNo: at.Acquirer.No, ID: "PARK", Name: "Fuji Kogen", MCC: "7996",
			MDRPPM: 19_800})
		if err != nil {
			return err
		}
		at.Store, err = reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: at.Acquirer.No,
			MerchantNo: at.Merchant.No, ID: "TICKETS", Name: "Tickets", Prefecture: "19",
			MCC: "7996"})
		return err
	}))
	desk, done := w.deskAt(clock.Now)
	defer done()
	n := Network{Directory: w.dir, Parks: desk.Parks, Gates: desk.Gates, Days: 15, Past: 15,
		Now: func() time.Time { return w.now }}
	p, err := desk.Parks.AddPark(ctx, thePark(at), "test")
	w.do("plant the park", err)
	w.do("plant what it sells", n.plantCatalogue(ctx, p))
	w.do("plant the gates", n.plantGates(ctx, p))
	w.do("plant the calendar", n.plantCalendar(ctx, p))
	return w
}

func (w *world) do(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// player is a process that plays the plan.
func (w *world) player() (*player, func()) {
	w.t.Helper()
	ctx := context.Background()
	p := &player{orders: map[string]string{}, Trade: Trade{At: w.deskAt, Memory: w.store,
		Progress: &Progress{}, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return w.now }}}
	desk, done := w.deskAt(p.time)
	p.Desk = desk
	one, err := desk.Parks.Find(ctx, Slug)
	w.do("find the park", err)
	p.park = one
	w.do("find the devices", p.staff(ctx))
	return p, done
}

// tally is what there is of everything.
func (w *world) tally() (out []int64) {
	w.t.Helper()
	w.do("count", w.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		out = nil
		return tx.Each(ctx, func(r db.Row) error {
			var n int64
			err := r.Scan(&n)
			out = append(out, n)
			return err
		}, `select n from (
			select 1 as k, count(*) as n from visit_order where state in ('paid', 'cancelled')
			union all select 2, count(*) from visit_order_line where state = 'used'
			union all select 3, count(*) from visit_order_line where state = 'cancelled'
			union all select 4, count(*) from gate_scan where admitted and kind = 'entry'
			union all select 5, count(*) from gate_scan where conflict = 'double') x order by k`)
	}))
	return out
}

// Goal: days of a park are played through its services, once: people buy, come, go and give back,
// the numbers hold, and what is played again, by two processes at once, changes nothing. Method:
// two days, twice, and the checks of `watari verify`.
func TestDaysArePlayedOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		w := newWorld(t, d)
		from := park.At(later(thursday, -1), fiveAM)
		one, done := w.player()
		defer done()
		w.do("play", one.play(ctx, from, w.now, true))
		was := w.tally()
		if was[0] < 30 || was[1] < 80 || was[3] < 80 || was[0] > 120 {
			t.Errorf("orders, used, given back, entries, doubles: %v", was)
		}
		if done, total := one.Progress.Share(); done != total || total == 0 {
			t.Errorf("%d of %d steps are done", done, total)
		}
		if text, err := w.store.Noted(ctx, notePlayed); err != nil || text == "" {
			t.Errorf("nobody noted how far it is: %q, %v", text, err)
		}
		two, doneToo := w.player()
		defer doneToo()
		again, doneThree := w.player()
		defer doneThree()
		var both sync.WaitGroup
		for _, p := range []*player{two, again} {
			both.Go(func() {
				if err := p.play(ctx, from, w.now, false); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if is := w.tally(); !reflect.DeepEqual(is, was) {
			t.Errorf("played again there are %v, there were %v", is, was)
		}
		w.do("check", d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
			for _, check := range []order.Check{park.Check, gate.Check} {
				found, err := check(ctx, tx)
				if err != nil {
					return err
				}
				for _, f := range found {
					t.Errorf("%s %s: %s", f.Rule, f.What, f.Text)
				}
			}
			return nil
		}))
	})
}

// Goal: the plan of a day is always the same, fits the day and the catalogue, and is not much.
// Method: a year of plans.
func TestPlanIsBounded(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, p := range products() {
		known[p.Code] = true
	}
	day := "2026-01-01"
	for range 365 {
		deals := dealsOf(day)
		if !reflect.DeepEqual(deals, dealsOf(day)) {
			t.Fatalf("%s has two plans", day)
		}
		tickets := int64(0)
		for _, d := range deals {
			for _, it := range d.items {
				tickets += it.Count
				if !known[it.Product] || it.Count < 1 || it.Day != d.visit {
					t.Errorf("%s: %+v", d.id, it)
				}
			}
			if park.DayOf(d.at) != day || d.visit < day || d.visit > later(day, aheadMost) ||
				!d.arrive.IsZero() && (park.DayOf(d.arrive) != d.visit || d.arrive.Before(d.at)) ||
				!d.leave.IsZero() && park.DayOf(d.leave) != d.visit {
				t.Errorf("%s: bought %s for %s, there %s to %s", d.id, d.at, d.visit, d.arrive,
					d.leave)
			}
		}
		if len(deals) < 30 || len(deals) > 70 || tickets > 260 {
			t.Errorf("%s: %d purchases of %d tickets", day, len(deals), tickets)
		}
		day = later(day, 1)
	}
}
