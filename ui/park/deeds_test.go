package park_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"watari/kit/db"
	"watari/visit/order"
	"watari/visit/park/gate"

	parks "watari/visit/park"
)

// hidden reads a field that a page carries on.
func hidden(t *testing.T, page, field string) string {
	t.Helper()
	found := regexp.MustCompile(`name="` + field + `" value="([^"]*)"`).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("the page carries no %s: %s", field, text(page))
	}
	return found[1]
}

// Goal: a day is closed by who typed how many orders that gives back, and not otherwise (R5); then
// everybody has their money. Method: the forms with less than that, with a number that is wrong,
// after the sale went on, and as they should be; twice.
func TestClosureIsMeant(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		today := r.buy("day", day, 2, 1)
		r.enter(r.station(), today, 1)
		r.buy("day", day, 1, 0)
		r.buy("formula", day, 1, 0)
		open := func(what string) {
			t.Helper()
			list, err := r.parks.Closures(ctx, r.park.ID)
			if r.do("list closures", err); len(list) != 0 {
				t.Fatalf("%s closed the day", what)
			}
		}
		form := []string{"day", day, "reason.en", "Wind", "products.day", "yes"}
		for what, bad := range map[string][]string{"no reason": {"day", day},
			"no day":                         {"day", "soon", "reason.en", "Wind"},
			"a day that is not in the year":  {"day", "2031-01-01", "reason.en", "Wind"},
			"a reason that nobody can write": {"day", day, "reason.en", strings.Repeat("x", 201)},
		} {
			w := r.post("/park/closures/new", bad...)
			if what == "a reason that nobody can write" && w.Code == http.StatusOK {
				w = r.post("/park/closures/new", append(bad, "orders", "3", "count", "3")...)
			}
			if w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusConflict {
				t.Errorf("%s: %d %s", what, w.Code, text(w.Body.String()))
			}
			open(what)
		}
		w := r.post("/park/closures/new", form...)
		holds(t, "the question", text(w.Body.String()), "2 orders with 3 tickets",
			"JPY 18,600 are owed", "Day pass")
		form = append(form, "orders", hidden(t, w.Body.String(), "orders"), "count")
		for _, wrong := range []string{"", "3", "two", "-2", "99999999999999999999"} {
			w := r.post("/park/closures/new", append(form, wrong)...)
			if w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%q: %d %s", wrong, w.Code, text(w.Body.String()))
			}
			open("the number " + wrong)
		}
		for range 11 {
			r.buy("day", day, 1, 0)
		}
		w = r.post("/park/closures/new", append(form, "2")...)
		holds(t, "the question again", text(w.Body.String()), "13 orders with 14 tickets",
			"More was sold meanwhile")
		open("a number that is old")
		form[len(form)-2] = hidden(t, w.Body.String(), "orders")
		if w = r.post("/park/closures/new", append(form, "13")...); w.Code != http.StatusSeeOther {
			t.Fatalf("closing: %d %s", w.Code, text(w.Body.String()))
		}
		to := w.Header().Get("Location")
		w = r.post("/park/closures/new", append(form, "13")...)
		if holds(t, "the second click", text(w.Body.String()), "closed already"); w.Code !=
			http.StatusUnprocessableEntity {
			t.Errorf("the second click: %d", w.Code)
		}
		r.run(func() bool { return strings.Contains(r.page(to), "All given back") })
		holds(t, "the closure", r.page(to), "13 of 13", "JPY 93,400", "Wind", "Day pass")
		holds(t, "sales", r.page("/park/sales"), "Refunded 14", "JPY 93,400")
		r.verify()
	})
}

// run lets the services work until something is so.
func (r *rig) run(until func() bool) {
	r.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); r.orders.Run(ctx) }()
	defer func() { stop(); <-done }()
	for range 600 {
		if until() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.t.Fatal("it did not come to be")
}

// Goal: what is given back of an order is what was shown, once (R6). Method: the form without a
// ticket, the question for each reason, the answer twice, and after something else was given back.
func TestGivingBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.buy("day", day, 2, 1)
		to := "/park/orders/" + o.ID + "/give"
		if w := r.post(to); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("no ticket: %d", w.Code)
		}
		holds(t, "too late for the visitor's wish", text(r.post(to, "line.1", "yes", "why",
			"visitor").Body.String()), "it is too late")
		tomorrow := r.buy("day", next, 2, 0)
		holds(t, "the visitor's wish", text(r.post("/park/orders/"+tomorrow.ID+"/give", "line.1",
			"yes", "why", "visitor").Body.String()), "Give back JPY 3,400", "fee of JPY 3,400")
		w := r.post(to, "line.1", "yes", "why", "park")
		price := r.price(o, 1)
		holds(t, "the park's reason", text(w.Body.String()), "Give back JPY "+price, "JPY 0")
		request := hidden(t, w.Body.String(), "request")
		refund := hidden(t, w.Body.String(), "refund")
		stale := r.post(to, "line.1", "yes", "why", "park", "request", "other", "refund", "1")
		if stale.Code != http.StatusConflict {
			t.Errorf("another amount than was shown: %d", stale.Code)
		}
		holds(t, "asked again", text(stale.Body.String()), "The amount changed", "JPY "+price)
		for range 2 {
			w := r.post(to, "line.1", "yes", "why", "park", "request", request, "refund", refund)
			if w.Code != http.StatusSeeOther {
				t.Errorf("the answer: %d %s", w.Code, text(w.Body.String()))
			}
		}
		rs, err := r.orders.Returns(ctx, o.ID)
		r.do("read returns", err)
		if len(rs) != 1 || rs[0].Actor != "person:owner" || rs[0].Reason != order.BySeller {
			t.Errorf("%d returns: %+v", len(rs), rs)
		}
		r.enter(r.station(), o, 0)
		w = r.post(to, "line.1", "yes", "why", "park", "request", "again", "refund", refund)
		if w.Code != http.StatusConflict {
			t.Errorf("a ticket that was given back: %d", w.Code)
		}
		if w := r.post("/park/orders/"+o.ID+"/retry", "return", "ret_none"); w.Code !=
			http.StatusNotFound {
			t.Errorf("a return that is none: %d", w.Code)
		}
		if w := r.post("/park/orders/"+o.ID+"/retry", "return", rs[0].ID); w.Code !=
			http.StatusConflict {
			t.Errorf("a return that succeeded: %d", w.Code)
		}
		r.verify()
	})
}

// price is what a line of an order costs, as pages write it.
func (r *rig) price(o *order.Order, no int64) string {
	return map[int64]string{6800: "6,800", 5000: "5,000"}[o.Line(no).Price]
}

// Goal: a form that cannot be is answered beside its fields, with what was typed, and changes
// nothing. Method: each form with the worst that people type.
func TestBadInputChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		long := strings.Repeat("あ", 300)
		for path, bad := range map[string][][]string{
			"/park/products/new": {{}, {"code", "A B", "kind", "day", "name.en", "x"},
				{"code", "new", "kind", "day", "name.en", long},
				{"code", "new", "kind", "nonsense", "name.en", "x"},
				{"code", "new", "kind", "day", "name.en", "x", "slots", "10:00"},
				{"code", "new", "kind", "day", "name.en", "x", "from", "half past"}},
			"/park/products/day": {{"version", "1", "kind", "day"},
				{"version", "99", "kind", "day", "name.en", "x"},
				{"version", "1", "kind", "day", "name.en", "x", "days", "-1"}},
			"/park/products/day/prices": {{}, {"price.adult.", "-1"}, {"price.adult.", "1e9"},
				{"price.adult.", "99999999999999"}},
			"/park/calendar/edit": {{}, {"from", day, "to", "2026-01-01"},
				{"from", day, "to", day, "type", "B", "open", "20:00", "close", "09:00"},
				{"from", day, "to", day, "type", "much too long", "open", "09:00",
					"close", "20:00"}},
			"/park/quotas/edit": {{"from", day, "to", day, "pool", "gate"},
				{"from", day, "to", day, "pool", "gate", "size", "many"},
				{"from", day, "to", "2036-12-24", "pool", "gate", "size", "5"}},
			"/park/discounts/new": {{}, {"id", "d", "kind", "wallet", "name.en", "x",
				"off_ppm", "10", "off_yen", "5"}, {"id", "d", "kind", "member", "name.en", "x",
				"off_ppm", "101", "claim", "member"}, {"id", "d", "kind", "group",
				"name.en", "x", "off_ppm", "10"}},
			"/park/vouchers/new": {{}, {"label", "x", "count", "0"},
				{"label", "x", "count", "999999"}, {"label", long, "count", "1"},
				{"label", "x", "count", "1", "discount", "none"}},
			"/park/gates/new": {{}, {"code", "Main Gate", "name.en", "x"},
				{"code", "main", "name.en", "x"}, {"code", "b", "name.en", long}},
			"/park/map/new": {{}, {"code", "a", "kind", "ride", "name.en", "x",
				"latitude", "north", "longitude", "0"}, {"code", "a", "kind", "volcano",
				"name.en", "x", "latitude", "35", "longitude", "138"}},
		} {
			for _, form := range bad {
				w := r.post(path, form...)
				if w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusConflict &&
					w.Code != http.StatusBadRequest && w.Code != http.StatusNotFound {
					t.Errorf("%s %v: %d %s", path, form, w.Code, text(w.Body.String()))
				}
			}
		}
		ps, err := r.parks.Products(ctx, r.park.ID)
		r.do("read products", err)
		prices, err := r.parks.Prices(ctx, r.park.ID)
		r.do("read prices", err)
		ds, err := r.parks.Discounts(ctx, r.park.ID)
		r.do("read discounts", err)
		vs, _, err := r.parks.Vouchers(ctx, r.park.ID, "", "")
		r.do("read vouchers", err)
		gs, err := r.gates.Gates(ctx, r.park.ID)
		r.do("read gates", err)
		m, err := r.grounds.Map(ctx, r.park.ID)
		r.do("read the map", err)
		if len(ps) != 2 || ps[0].Version != 1 || len(prices) != 4 || len(ds)+len(vs) != 0 ||
			len(gs) != 1 || len(m.Points) != 0 {
			t.Errorf("something was changed: %+v %v %v %v %v", ps, prices, ds, vs, gs)
		}
	})
}

// Goal: what is typed into the forms is what is kept. Method: each form once, and the page after.
func TestFormsKeepWhatIsTyped(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		kept := func(path string, form ...string) {
			t.Helper()
			if w := r.post(path, form...); w.Code != http.StatusSeeOther {
				t.Errorf("%s %v: %d %s", path, form, w.Code, text(w.Body.String()))
			}
		}
		kept("/park/products/new", "code", "night", "kind", "night", "name.en", "Night pass",
			"from", "17:00", "pools.gate", "yes", "reentry", "none")
		kept("/park/products/night/prices", "price.adult.", "2800", "price.child.", "0")
		holds(t, "products", r.page("/park/products"), "Night pass", "JPY 2,800")
		kept("/park/calendar/edit", "from", later, "to", later, "type", "D", "open", "09:00",
			"close", "25:00", "note.en", "Fireworks")
		holds(t, "calendar", r.page("/park/calendar?month="+later), "09:00–25:00", "Fireworks")
		kept("/park/quotas/edit", "from", day, "to", day, "pool", "gate", "size", "700",
			"oversell", "7")
		holds(t, "quotas", r.page("/park/quotas?day="+day), "Left 707", "0 of 700")
		kept("/park/quotas/edit", "from", later, "to", later, "pool", "gate", "size", "0")
		holds(t, "nothing", r.page("/park/quotas?day="+later), "Left 0", "0 of 0")
		kept("/park/discounts/new", "id", "club", "kind", "member", "name.en", "Club",
			"claim", "member", "off_ppm", "12.5")
		holds(t, "discounts", r.page("/park/discounts"), "Club", "12.5 %")
		fair := []string{"label", "=fair", "count", "3", "uses", "2", "request",
			hidden(t, r.send(http.MethodGet, "/park/vouchers/new", "owner", nil).Body.String(),
				"request")}
		kept("/park/vouchers/new", fair...)
		kept("/park/vouchers/new", fair...) // the answer was lost
		if n := strings.Count(r.page("/park/vouchers"), "=fair"); n != 3 {
			t.Errorf("3 vouchers were wanted, there are %d", n)
		}
		holds(t, "vouchers", r.page("/park/vouchers"), "=fair", "0 / 2")
		file := r.send(http.MethodGet, "/park/vouchers.csv", "owner", nil).Body.String()
		holds(t, "the file", file, "'=fair")
		kept("/park/gates/new", "code", "east", "name.en", "East gate")
		kept("/park/map/new", "code", "fountain", "kind", "restroom", "name.en", "Fountain",
			"latitude", "35.4870", "longitude", "138.7800", "zone", "north")
		holds(t, "map", r.page("/park/map"), "Fountain", "Restroom", "North")
		m, err := r.grounds.Map(context.Background(), r.park.ID)
		r.do("read the map", err)
		q := m.Points[0]
		kept("/park/map/points/"+q.ID, "version", "1", "code", "other", "kind", "restroom",
			"name.en", "Old fountain", "latitude", "35.4871", "longitude", "138.7800",
			"closed", "yes")
		holds(t, "map", r.page("/park/map"), "Old fountain", "fountain", "Closed")
		kept("/park/map/points/" + q.ID + "/remove")
		holds(t, "map", r.page("/park/map"), "Nothing on the map yet")
	})
}

// verify compares the orders with what the parks keep.
func (r *rig) verify() {
	r.t.Helper()
	r.do("verify", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		for _, check := range []order.Check{parks.Check, gate.Check} {
			found, err := check(ctx, tx)
			if err != nil {
				return err
			}
			for _, f := range found {
				r.t.Errorf("%s %s: %s", f.Rule, f.What, f.Text)
			}
		}
		return nil
	}))
}
