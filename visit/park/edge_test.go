package park_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/fault"
	"watari/visit/order"
	"watari/visit/park"
)

// at puts the clock at a moment.
func (r *rig) at(t time.Time) { r.forward(t.Sub(r.now())) }

// Goal: an allotment is kept until the very moment that it ends, here midnight in Japan; then who
// waits gets it before who comes by.
func TestReleaseAtMidnight(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		midnight := park.VisitBegins(day).Add(-24 * time.Hour)
		r.quotas(park.Quota{Pool: "gate", Day: day, Channel: park.ByOCTO, Size: 4,
			Release: midnight})
		r.hold(r.request(item("day", "adult", 6)))
		w, err := r.JoinWait(ctx, park.Wait{ParkID: r.park.ID, VisitorID: "vis_w",
			Product: "day", Day: day, Places: 3})
		r.do("wait", err)
		buy := func() error {
			_, err := r.orders.Hold(ctx, r.request(item("day", "adult", 1)))
			return err
		}
		state := func() park.WaitState {
			ws, err := r.Waits(ctx, "vis_w")
			r.do("waits", err)
			return ws[0].State
		}
		r.at(midnight.Add(-time.Second))
		r.do("tick", r.Tick(ctx))
		r.refused("before midnight", buy(), park.ErrSoldOut)
		if state() != park.Waiting {
			t.Errorf("before midnight it is %s", state())
		}
		r.at(midnight)
		r.refused("who comes by at midnight", buy(), park.ErrSoldOut)
		r.do("tick", r.Tick(ctx))
		if state() != park.Offered || r.taken("gate", day, "") != 9 {
			t.Errorf("at midnight %s is %s, %d are taken", w.ID, state(), r.taken("gate", day, ""))
		}
		r.forward(20 * time.Second)
		r.do("the last one", buy())
		r.refused("no more", buy(), park.ErrSoldOut)
		r.verify()
	})
}

// Goal: a day of the park ends at five in the morning: until then it is sold, and days ahead count
// from it.
func TestTheDayEndsAtFive(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		r.do("days", r.PutDays(ctx, r.park.ID, []park.Day{{Day: day, Type: "B", Open: 540,
			Close: 28 * 60}}, "test"))
		r.product(park.Product{Code: "soon", Kind: park.DayTicket, Name: name("Soon"),
			Pools: []string{"gate"}, Ahead: 1}, 5000, 4000)
		buy := func(it order.Item) error {
			_, err := r.orders.Hold(ctx, r.request(it))
			return err
		}
		begins := park.At(day, 5*60)
		r.at(begins.Add(-time.Minute))
		r.refused("two days before", buy(other(item("soon", "adult", 1), next)), park.ErrNotSold)
		r.at(begins)
		r.do("the day before", buy(other(item("soon", "adult", 1), next)))
		r.at(park.At(next, 4*60-1)) // its date is over, the park is open
		r.do("at night", buy(item("day", "adult", 1)))
		r.at(park.At(next, 4*60))
		r.refused("after it has closed", buy(item("day", "adult", 1)), park.ErrNotSold)
		offers, err := r.Offers(ctx, park.OfferQuery{ParkID: r.park.ID, Day: day})
		if err != nil || offers[0].State != park.SaleOver {
			t.Errorf("offered %v, %v", offers[0].State, err)
		}
	})
}

// Goal: nobody waits for ever behind others who wait for something else, or for more than there is.
func TestWaitersBehindMany(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		slot := func(s string, n int64) order.Item {
			it := item("raijin", "adult", n)
			it.Slot = s
			return it
		}
		r.buy(slot("10:00", 2))
		o := r.buy(slot("11:00", 3))
		join := func(n int, s string, places int64) {
			_, err := r.JoinWait(ctx, park.Wait{ParkID: r.park.ID, VisitorID: fmt.Sprintf(
				"vis_%s_%d", s, n), Product: "raijin", Day: day, Slot: s, Places: places})
			r.do("wait", err)
		}
		for i := range 120 {
			join(i, "10:00", 1)
			join(i, "11:00", 2)
		}
		join(200, "11:00", 1)
		_, err := r.orders.Cancel(ctx, o.ID, order.Cut{Lines: []int64{1},
			Reason: order.ByVisitor}, 7500, "c1", "visitor")
		r.do("cancel", err)
		ws, err := r.Waits(ctx, "vis_11:00_200")
		if err != nil || ws[0].State != park.Offered || r.taken("raijin", day, "11:00") != 3 {
			t.Errorf("the last is %s; %d are taken, %v", ws[0].State,
				r.taken("raijin", day, "11:00"), err)
		}
		r.verify()
	})
}

// Goal: one waits for what one could buy, and for nothing else: not for more than the limits, not
// for what needs a voucher.
func TestWaitForWhatCanBeBought(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		p, err := r.Find(ctx, "fuji-kogen")
		r.do("find", err)
		p.PerVisitor = 4
		r.park, err = r.ChangePark(ctx, p, "test")
		r.do("change the park", err)
		for _, x := range []park.Product{{Code: "press", VoucherOnly: true}, {Code: "many",
			MinCount: 3}, {Code: "few", MaxCount: 2}} {
			x.Kind, x.Name, x.Pools = park.DayTicket, name(x.Code), []string{"gate"}
			r.product(x, 4000, 3000)
		}
		mine := r.request(item("day", "adult", 2))
		mine.VisitorID = "vis_w"
		r.hold(mine)
		for range 2 {
			r.buy(item("day", "adult", 4))
		}
		for _, c := range []struct {
			product string
			places  int64
			want    *fault.Problem
		}{{"day", 3, park.ErrLimit}, {"day", 0, park.ErrLimit}, {"press", 1, park.ErrWait},
			{"many", 2, park.ErrLimit}, {"few", 3, park.ErrLimit}, {"year", 1, park.ErrWait}} {
			_, err := r.JoinWait(ctx, park.Wait{ParkID: r.park.ID, VisitorID: "vis_w",
				Product: c.product, Day: day, Places: c.places})
			r.refused(fmt.Sprintf("%d of %s", c.places, c.product), err, c.want)
		}
		_, err = r.JoinWait(ctx, park.Wait{ParkID: r.park.ID, VisitorID: "vis_w", Product: "day",
			Day: day, Places: 2})
		r.do("wait", err)
	})
}

// Goal: what is sold with a voucher is sold with one for it: not with one for something else, and
// not with the places of a waiting list.
func TestVoucherForSomethingElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		r.product(park.Product{Code: "press", Kind: park.DayTicket, Name: name("Press"),
			Pools: []string{"gate"}, VoucherOnly: true}, 2000, 100)
		for id, products := range map[string][]string{"spring": {"day"}, "staff": {"press"}} {
			_, err := r.PutDiscount(ctx, park.Discount{ParkID: r.park.ID, Name: name(id),
				Rule: park.Rule{ID: id, Kind: park.ForVoucher, OffYen: 50,
					Products: products}}, "test")
			r.do("put a discount", err)
		}
		code := func(discount string) string {
			vs, err := r.MakeVouchers(ctx, r.park.ID, park.VoucherBatch{Count: 1,
				Discount: discount}, r.voucherID(), "test")
			r.do("make a voucher", err)
			return vs[0].Code
		}
		with := func(code string, items ...order.Item) error {
			q := r.request(items...)
			q.Voucher = code
			_, err := r.orders.Hold(ctx, q)
			return err
		}
		both := []order.Item{item("day", "adult", 1), item("press", "adult", 1)}
		r.refused("without", with("", both...), park.ErrVoucher)
		r.refused("with another", with(code("spring"), both...), park.ErrVoucher)
		r.do("with its own", with(code("staff"), both...))
		r.do("with one for everything", with(code(""), both...))
		_, err := r.MakeVouchers(ctx, r.park.ID, park.VoucherBatch{Count: 1, Code: "=1+1"},
			r.voucherID(), "test")
		r.refused("a formula", err, park.ErrInvalid)
	})
}

// Goal: a ticket that is sold can be made: nothing lets in before its day begins at five.
func TestHoursBeforeTheDay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		base := park.Product{ParkID: r.park.ID, Code: "odd", Kind: park.Timed, Name: name("Odd")}
		for _, hours := range [][2]int64{{0, 60}, {240, 300}, {600, 600}, {700, 1741}} {
			p := base
			p.Slots = []park.Slot{{Code: "x", From: hours[0], Until: hours[1]}}
			_, err := r.PutProduct(ctx, p, "test")
			r.refused(fmt.Sprint("slot ", hours), err, park.ErrInvalid)
			p = base
			p.Kind, p.From, p.Until = park.Night, hours[0], hours[1]
			_, err = r.PutProduct(ctx, p, "test")
			r.refused(fmt.Sprint("hours ", hours), err, park.ErrInvalid)
		}
		base.Slots = []park.Slot{{Code: "early", From: 240, Until: 301}}
		r.product(base, 1000, 500)
		it := item("odd", "adult", 1)
		it.Slot = "early"
		if valid, _ := r.tickets(r.buy(it).ID); valid != 1 {
			t.Errorf("%d tickets", valid)
		}
	})
}

// Goal: a day that comes closed with the calendar is opened by the calendar; one that a closure
// closed is not.
func TestCalendarOpensItsOwnDays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		put := func(d string, closed bool) bool {
			r.do("put days", r.PutDays(ctx, r.park.ID, []park.Day{{Day: d, Type: "A", Open: 540,
				Close: 1200, Closed: closed}}, "test"))
			ds, err := r.Days(ctx, r.park.ID, d, d)
			r.do("days", err)
			return ds[0].Closed
		}
		if !put("2026-12-29", true) || !put("2026-12-29", true) || put("2026-12-29", false) ||
			put("2026-12-29", true) {
			t.Error("a day of the calendar does not open, or closes while it is sold")
		}
		_, err := r.Close(ctx, park.Closure{ParkID: r.park.ID, Day: next, Reason: name("Snow")},
			"test")
		r.do("close", err)
		if !put(next, false) {
			t.Error("the calendar opens what a closure closed")
		}
	})
}

// Goal: the calendar says of every day what a look at the day itself says, through each channel:
// with slots that are full, allotted, released, of another product, or not there any more.
func TestCalendarAgreesWithTheDay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		days := []string{day, next, "2026-12-26", "2026-12-27", "2026-12-28"}
		r.days(days...)
		end := r.now().Add(time.Hour)
		r.quotas(
			park.Quota{Pool: "raijin", Day: day, Slot: "10:00", Size: 0},
			park.Quota{Pool: "raijin", Day: day, Slot: "11:00", Size: 0},
			park.Quota{Pool: "raijin", Day: day, Slot: "gone", Size: 9},
			park.Quota{Pool: "gate", Day: "2026-12-26", Size: 50},
			park.Quota{Pool: "raijin", Day: "2026-12-26", Slot: "10:00", Size: 9},
			park.Quota{Pool: "raijin", Day: "2026-12-26", Slot: "10:00", Channel: park.ByOCTO,
				Size: 7, Release: end},
			park.Quota{Pool: "raijin", Day: "2026-12-26", Slot: "11:00", Size: 3},
			park.Quota{Pool: "gate", Day: "2026-12-27", Size: 50},
			park.Quota{Pool: "raijin", Day: "2026-12-27", Slot: "10:00", Size: 9, Oversell: 2},
			park.Quota{Pool: "raijin", Day: "2026-12-27", Slot: "10:00", Channel: park.ByCounter,
				Size: 20},
			park.Quota{Pool: "gate", Day: "2026-12-28", Size: 4, Oversell: 1},
			park.Quota{Pool: "raijin", Day: "2026-12-28", Slot: "11:00", Size: 9})
		compare := func(when string) {
			t.Helper()
			for _, channel := range park.Channels() {
				cal, err := r.Calendar(ctx, park.CalendarQuery{ParkID: r.park.ID, From: day,
					To: days[len(days)-1], Product: "raijin", Channel: channel, Each: true})
				r.do("calendar", err)
				for _, c := range cal {
					os, err := r.Offers(ctx, park.OfferQuery{ParkID: r.park.ID, Day: c.Day,
						Channel: channel, Product: "raijin"})
					r.do("offers", err)
					if len(os) != 1 || c.State != os[0].State || c.Remaining != os[0].Remaining ||
						len(c.Units) != len(os[0].Units) || c.Units[0].Price != os[0].Units[0].Price {
						t.Errorf("%s, %s by %s: %s, %d left; the day itself: %s, %d", when, c.Day,
							channel, c.State, c.Remaining, os[0].State, os[0].Remaining)
					}
				}
			}
		}
		compare("before")
		r.forward(2 * time.Hour)
		compare("when an allotment has ended")
		p, err := r.Product(ctx, r.park.ID, "raijin")
		r.do("product", err)
		p.Code, p.Version = "other", 0
		p.Slots = slices.Concat(p.Slots, []park.Slot{{Code: "gone", From: 800, Until: 860}})
		r.product(p, 7500, 6000)
		compare("when another product has other slots")
	})
}

// Goal: what the API is told about a park and cannot be is refused with the field, and changes
// nothing.
func TestFieldsOfRefusals(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, append(sets(), access.Migrations), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.seed()
		owner, _, _ := callers(r)
		owner.once = "v-1"
		root := "/v1/parks/fuji-kogen"
		english := j{"en": "Text"}
		before, err := r.Find(context.Background(), "fuji-kogen")
		r.do("find", err)
		for _, c := range []struct {
			method, path string
			body         j
			field        string
		}{
			{"PUT", root, j{"slug": "Big", "name": english, "prefecture": "19", "policy": j{}},
				"/slug"},
			{"PUT", root, j{"slug": "fuji-kogen", "name": english, "prefecture": "19",
				"policy": j{}, "hold_seconds": -9_000_000_000_000_000_000}, "/hold_seconds"},
			{"PUT", root, j{"slug": "fuji-kogen", "name": english, "prefecture": "19",
				"policy": j{}, "ages": []j{{"unit": "adult", "from": 1}, {"unit": "adult",
					"from": 2}}}, "/ages"},
			{"PUT", root + "/products/night", j{"kind": "night", "name": english, "version": 1,
				"from": 600, "until": 200}, "/until"},
			{"PUT", root + "/prices", j{"prices": []j{{"product": "moon", "unit": "adult",
				"yen": 1}}}, "/prices/0/product"},
			{"PUT", root + "/days", j{"days": []j{{"day": day, "open_minute": 600,
				"close_minute": 540}}}, "/days/0/close_minute"},
			{"PUT", root + "/days", j{"days": []j{{"day": "24.12.", "open_minute": 600,
				"close_minute": 640}}}, "/days/0/day"},
			{"PUT", root + "/quotas", j{"quotas": []j{{"pool": "gate", "day": day, "size": 5,
				"release_at": "2026-12-01T00:00:00Z"}}}, "/quotas/0/release_at"},
			{"PUT", root + "/quotas", j{"quotas": []j{{"pool": "moon", "day": day,
				"size": 5}}}, "/quotas/0/pool"},
			{"PUT", root + "/pools", j{"pools": []j{{"code": "gate", "name": english,
				"slotted": true}}}, "/pools/0/slotted"},
			{"PUT", root + "/discounts/x", j{"kind": "wallet", "name": english, "off_yen": 5,
				"wallets": []string{"NOBODY"}}, "/wallets"},
			{"PUT", root + "/discounts/x", j{"kind": "voucher", "name": english, "off_yen": 5,
				"products": []string{"day", "dya"}}, "/products/1"},
			{"PUT", root + "/discounts/x", j{"kind": "voucher", "name": english, "off_yen": 5,
				"first_day": "2026-12-02", "last_day": "2026-12-01"}, "/last_day"},
			{"POST", root + "/vouchers", j{"count": 1, "code": "a/b c"}, "/code"},
			{"POST", root + "/vouchers", j{"count": 1, "label": "a\nb"}, "/label"},
			{"POST", root + "/closures", j{"day": "2026-13-01", "reason": english}, "/day"},
		} {
			no := owner.refused(c.method, c.path, c.body)
			if no.status != 422 && no.status != 404 || !slices.Contains(no.fields, c.field) {
				t.Errorf("%s %s %v: %d %v, want %s", c.method, c.path, c.body, no.status, no.fields,
					c.field)
			}
		}
		if p, err := r.Find(context.Background(), "fuji-kogen"); err != nil ||
			p.Version != before.Version {
			t.Errorf("it is at version %d, was %d, %v", p.Version, before.Version, err)
		}
	})
}

// refusal is a status and the fields that are named.
type refusal struct {
	status int
	fields []string
}

// refused sends a request and returns how it was refused.
func (c *caller) refused(method, path string, body any) (out refusal) {
	c.r.t.Helper()
	status, text := c.ask(method, path, body)
	var doc struct {
		Errors []struct {
			Pointer string `json:"pointer"`
		} `json:"errors"`
	}
	if len(text) > 0 {
		c.r.do("unmarshal "+string(text), unmarshal(text, &doc))
	}
	out.status = status
	for _, e := range doc.Errors {
		out.fields = append(out.fields, e.Pointer)
	}
	return out
}
