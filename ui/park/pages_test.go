package park_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/i18n"
	"watari/ui/console"
	"watari/visit/order"
	"watari/visit/park/gate"
	"watari/visit/park/queue"

	parks "watari/visit/park"
)

// sold fills the park: today two of three came, tomorrow one ticket was given back.
func sold(r *rig) (today, tomorrow *order.Order) {
	r.t.Helper()
	ctx := context.Background()
	today = r.buy("day", day, 2, 1)
	r.buy("formula", day, 1, 0)
	tomorrow = r.buy("day", next, 2, 0)
	r.enter(r.station(), today, 2)
	cut := order.Cut{Lines: []int64{1}, Reason: order.ByVisitor}
	q, err := r.orders.QuoteCancel(ctx, tomorrow.ID, cut)
	r.do("quote", err)
	_, err = r.orders.Cancel(ctx, tomorrow.ID, cut, q.Refund, "c1", "test")
	r.do("cancel", err)
	return today, tomorrow
}

// Goal: what was sold, used and given back is the same number wherever it stands, and comes from
// the orders. Method: the pages and the file after a few sales, a visit and a return.
func TestNumbersAgree(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		today, tomorrow := sold(r)
		holds(t, "today", r.page("/park"), "Inside now 2", "Entries 2", "Sold for today 4",
			"2 redeemed", "JPY 25,400")
		for _, by := range []string{"day", "slot", "product", "channel", "unit"} {
			holds(t, by, r.page("/park/sales?by="+by), "Sold 5", "Redeemed 2", "Refunded 1",
				"JPY 3,400", "JPY 35,600")
		}
		holds(t, "a part", r.page("/park/sales?product=formula"), "Sold 1", "JPY 6,800")
		orders := r.page("/park/orders")
		holds(t, "orders", orders, "JPY 18,600", "JPY 13,600", "Partly given back")
		if n := strings.Count(orders, "Ticket counter · 1"); n != 3 {
			t.Errorf("%d orders are listed: %s", n, orders)
		}
		holds(t, "an order", r.page("/park/orders/"+today.ID), "Used", "Valid", "JPY 18,600")
		holds(t, "the other", r.page("/park/orders/"+tomorrow.ID), "Given back", "JPY 3,400",
			"The visitor’s wish")
		holds(t, "gates", r.page("/park/gates"), "10:00", "Adult First entry 2")
		r.forward(24 * time.Hour)
		holds(t, "a day later", r.page("/park/sales"), "Sold 5", "No-show 2 40.0 %")
		holds(t, "quotas", r.page("/park/quotas?day="+day), "Left 996", "4 of 1,000")
	})
}

// Goal: the file of sales opens in a spreadsheet as it is: a byte order mark, RFC 4180, no formula,
// and its sums are those of the page. Method: the file, read back.
func TestFileOfSales(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		sold(r)
		w := r.send(http.MethodGet, "/park/sales.csv", "owner", nil)
		body := w.Body.String()
		if w.Code != http.StatusOK || !strings.HasPrefix(body, "\ufeff") ||
			!strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") {
			t.Fatalf("%d %v %q", w.Code, w.Header(), body)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
		r.do("read the file", err)
		if !strings.Contains(body, "\r\n") || len(rows) != 5 {
			t.Errorf("%d rows: %q", len(rows), body)
		}
		var people, net int
		for _, row := range rows[1:] {
			var n, yen int
			_, err := fmt.Sscan(row[6]+" "+row[len(row)-1], &n, &yen)
			r.do("read a row", err)
			people, net = people+n, net+yen
			for _, cell := range row {
				if strings.ContainsAny(cell[:min(1, len(cell))], "=+@") {
					t.Errorf("a cell would be a formula: %q", cell)
				}
			}
		}
		if people != 5 || net != 35_600 || !strings.Contains(body, "'=1+1") {
			t.Errorf("%d people, %d yen: %q", people, net, body)
		}
	})
}

// paths are the pages of a park with an order, a closure and a device.
func paths(r *rig, o *order.Order) []string {
	return []string{"/park", "/park/sales", "/park/sales.csv", "/park/orders",
		"/park/orders/" + o.ID, "/park/closures", "/park/closures/new", "/park/gates",
		"/park/gates/new", "/park/queues", "/park/products", "/park/products/new",
		"/park/products/day", "/park/calendar", "/park/calendar/edit", "/park/quotas",
		"/park/quotas/edit", "/park/discounts", "/park/discounts/new", "/park/vouchers",
		"/park/vouchers.csv", "/park/vouchers/new", "/park/map", "/park/map/file",
		"/park/map/new", "/park/shops", "/park/refunds", "/park/keys"}
}

// Goal: every page is there with data and without, in five languages, and shows no name of a text.
// Method: all of them, of a park that sold something and of one that did not.
func TestEveryPageIsThere(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.buy("day", day, 2, 1)
		for _, path := range paths(r, o) {
			for _, lang := range i18n.Langs() {
				to := path + "?lang=" + string(lang)
				w := r.send(http.MethodGet, to, "owner", nil)
				if w.Code != http.StatusOK {
					t.Errorf("%s: %d %s", to, w.Code, text(w.Body.String()))
				}
				for _, key := range []string{" order.", " figure.", " closure.", " give.",
					" zone.", " accuracy.", "%!"} {
					if strings.Contains(text(w.Body.String()), key) {
						t.Errorf("%s shows %q", to, key)
					}
				}
			}
			if path == "/park/orders/"+o.ID {
				continue
			}
			if w := r.send(http.MethodGet, path, "stranger", nil); w.Code != http.StatusOK {
				t.Errorf("%s without data: %d", path, w.Code)
			}
		}
	})
}

// Goal: who runs another park reaches nothing of this one, and a cashier changes nothing and sees
// no money (R1, R2). Method: every address with an id, and every form, as them.
func TestEveryoneSeesTheirOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.buy("day", day, 2, 1)
		st := r.station()
		c, err := r.parks.Close(ctx, parks.Closure{ParkID: r.park.ID, Day: later,
			Reason: name("Wind")}, "test")
		r.do("close", err)
		_, err = r.parks.PutDiscount(ctx, parks.Discount{ParkID: r.park.ID, Name: name("Club"),
			Rule: parks.Rule{ID: "club", Kind: parks.ForMembers, Claim: "member",
				OffPPM: 50_000}}, "test")
		r.do("put a discount", err)
		q, err := r.queues.AddPlace(ctx, queue.Place{ParkID: r.park.ID, Code: "raijin",
			Kind: queue.Ride, Name: name("Raijin"), Design: queue.Design{Seats: 24,
				Dispatch: time.Minute}}, "test")
		r.do("add a queue", err)
		gets := []string{"/park/orders/" + o.ID, "/park/closures/" + c.ID,
			"/park/gates/" + st.Gate.ID + "/device", "/park/queues/" + q.ID,
			"/park/discounts/club"}
		posts := []string{"/park/orders/" + o.ID + "/give", "/park/orders/" + o.ID + "/retry",
			"/park/closures/" + c.ID + "/reopen", "/park/gates/" + st.Gate.ID + "/end",
			"/park/gates/" + st.Gate.ID + "/device", "/park/devices/" + st.Device.ID + "/link",
			"/park/devices/" + st.Device.ID + "/end",
			"/park/devices/" + st.Device.ID + "/overrides", "/park/queues/" + q.ID,
			"/park/discounts/club", "/park/discounts/club/end"}
		form := url.Values{"line.1": {"yes"}, "label": {"Mine"}, "minutes": {"5"},
			"name.en": {"Mine"}}
		for _, path := range gets {
			if w := r.send(http.MethodGet, path, "stranger", nil); w.Code != http.StatusNotFound {
				t.Errorf("%s as a stranger: %d", path, w.Code)
			}
			if w := r.send(http.MethodGet, path, "cashier", nil); w.Code != http.StatusForbidden {
				t.Errorf("%s as a cashier: %d", path, w.Code)
			}
		}
		for _, path := range posts {
			if w := r.send(http.MethodPost, path, "stranger", form); w.Code != http.StatusNotFound {
				t.Errorf("%s as a stranger: %d %s", path, w.Code, text(w.Body.String()))
			}
			if w := r.send(http.MethodPost, path, "cashier", form); w.Code != http.StatusForbidden {
				t.Errorf("%s as a cashier: %d", path, w.Code)
			}
		}
		mine := "/park/orders?q=" + o.ID
		if w := r.send(http.MethodGet, mine, "stranger", nil); w.Code != http.StatusOK ||
			strings.Contains(w.Body.String(), "/park/orders/"+o.ID) {
			t.Errorf("a stranger finds an order: %d", w.Code)
		}
		ts, err := r.gates.TicketsOf(ctx, o.ID)
		r.do("read tickets", err)
		ds, err := r.gates.Devices(ctx, r.park.ID)
		r.do("read devices", err)
		if len(ts) != 3 || ts[0].State != gate.Valid || len(ds) != 1 || ds[0].Label != "Phone" {
			t.Errorf("something was changed: %+v %+v", ts, ds)
		}
		w := r.send(http.MethodGet, "/park", "cashier", nil)
		if w.Code != http.StatusOK || strings.Contains(text(w.Body.String()), "JPY") {
			t.Errorf("a cashier sees %d %s", w.Code, text(w.Body.String()))
		}
	})
}

// Goal: no other site sends the forms of the console, and nobody who is not signed in. Method: a
// form of a page elsewhere, with the owner's cookie.
func TestForeignFormsAreRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.buy("day", day, 1, 0)
		q := httptest.NewRequest(http.MethodPost, "/park/orders/"+o.ID+"/give",
			strings.NewReader("line.1=yes"))
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Sec-Fetch-Site", "cross-site")
		q.Header.Set("Origin", "https://evil.example")
		q.AddCookie(&http.Cookie{Name: console.SessionCookie, Value: "owner"})
		w := httptest.NewRecorder()
		r.console.ServeHTTP(w, q)
		if w.Code != http.StatusForbidden {
			t.Errorf("a foreign form: %d", w.Code)
		}
		if w := r.send(http.MethodPost, "/park/orders/"+o.ID+"/give", "nobody",
			url.Values{"line.1": {"yes"}}); w.Code != http.StatusSeeOther {
			t.Errorf("nobody: %d", w.Code)
		}
		r.who["bound"] = access.Caller{Role: access.MerchantManager,
			ParticipantNo: r.bank.No, MerchantNo: r.who["owner"].MerchantNo, StoreNo: 1 << 40}
		if w := r.send(http.MethodGet, "/park", "bound", nil); w.Code != http.StatusNotFound {
			t.Errorf("who works at another store of the merchant: %d", w.Code)
		}
		_, _ = io.Copy(io.Discard, w.Body)
	})
}
