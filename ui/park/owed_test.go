package park_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"watari/kit/db"
	"watari/visit/order"
)

// failed gives back a ticket of a new order, and lets that refund have failed at its wallet.
func (r *rig) failed() (*order.Order, order.Return) {
	r.t.Helper()
	ctx := context.Background()
	o := r.buy("day", next, 1, 0)
	cut := order.Cut{Lines: []int64{1}, Reason: order.BySeller}
	q, err := r.orders.QuoteCancel(ctx, o.ID, cut)
	r.do("quote", err)
	_, err = r.orders.Cancel(ctx, o.ID, cut, q.Refund, "cut-"+o.ID, "test")
	r.do("cancel", err)
	r.do("let it fail", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update visit_order_return set state = 'failed',
			note = 'the wallet: USER_STATUS_ABNORMAL', payment_id = 'pay_none' where order_id = $1`,
			o.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update visit_order set
			refunding_minor = refunded_minor, refunded_minor = 0 where id = $1`, o.ID)
		return err
	}))
	rs, err := r.orders.Returns(ctx, o.ID)
	r.do("read returns", err)
	return o, rs[0]
}

// returnOf is how the refund of an order stands.
func (r *rig) returnOf(o *order.Order) order.Return {
	r.t.Helper()
	rs, err := r.orders.Returns(context.Background(), o.ID)
	if r.do("read returns", err); len(rs) != 1 {
		r.t.Fatalf("%d returns", len(rs))
	}
	return rs[0]
}

// Goal: who runs a park sees what failed and why, asks again for one or for all, and keeps once
// what was given back otherwise; the books know it. Method: three refunds that a wallet refused,
// each way on, the same forms again, and forms that cannot be.
func TestRefundsThatFailed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		if got := r.page("/park"); strings.Contains(got, "owed") {
			t.Errorf("nothing is owed: %s", got)
		}
		holds(t, "none", r.page("/park/refunds"), "Nothing is owed")
		o, ret := r.failed()
		others := []*order.Order{}
		for range 2 {
			another, _ := r.failed()
			others = append(others, another)
		}
		holds(t, "today", r.page("/park"), "3 refunds failed: JPY 20,400 are owed")
		holds(t, "the list", r.page("/park/refunds"), "The wallet refused it", "JPY 6,800",
			"USER_STATUS_ABNORMAL", o.ID)
		holds(t, "the order", r.page("/park/orders/"+o.ID), "Failed", "Given back otherwise",
			"The wallet refused it")
		one := "/park/orders/" + o.ID + "/returns/" + ret.ID
		holds(t, "one", r.page(one), "JPY 6,800 are still owed", "Try again",
			"this cannot be undone")
		if w := r.post(one + "/retry"); w.Code != http.StatusSeeOther {
			t.Errorf("again: %d %s", w.Code, text(w.Body.String()))
		}
		w := r.post(one+"/retry", "x", "y")
		if holds(t, "twice", text(w.Body.String()), "It was asked for again or given back"); w.Code/
			100 != 4 {
			t.Errorf("twice: %d", w.Code)
		}
		r.run(func() bool { return r.returnOf(o).State == order.ReturnFailed })
		holds(t, "why now", r.page(one), "The payment was not found")
		for what, bad := range map[string][]string{"no word": {"sure", "yes"},
			"not sure": {"how", "cash"}, "too much": {"sure", "yes", "how",
				strings.Repeat("x", 201)}} {
			w := r.post(one+"/repay", bad...)
			if w.Code != http.StatusUnprocessableEntity || r.returnOf(o).Outside != "" {
				t.Errorf("%s: %d %s", what, w.Code, text(w.Body.String()))
			}
		}
		paid := []string{"how", "in cash <b>at counter 2", "sure", "yes"}
		if w := r.post(one+"/repay", paid...); w.Code != http.StatusSeeOther {
			t.Fatalf("repaid: %d %s", w.Code, text(w.Body.String()))
		}
		if w := r.post(one+"/repay", paid...); w.Code/100 != 4 {
			t.Errorf("repaid twice: %d", w.Code)
		}
		holds(t, "the order after", r.page("/park/orders/"+o.ID),
			"Given back otherwise: in cash &lt;b&gt;at counter 2", "Returned JPY 6,800")
		holds(t, "one after", r.page(one), "Given back otherwise: in cash")
		holds(t, "today after", r.page("/park"), "2 refunds failed: JPY 13,600 are owed")
		w = r.post("/park/refunds/retry", "closure", "")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/park/refunds" {
			t.Errorf("all again: %d %s", w.Code, text(w.Body.String()))
		}
		for _, another := range others {
			if s := r.returnOf(another).State; s == order.ReturnFailed {
				t.Errorf("one was left out: %s", s)
			}
		}
		r.verify()
	})
}

// Goal: what failed is the affair of who runs this park (R1, R2). Method: the pages and forms as a
// cashier, as the owner of another park, and with a closure of nobody.
func TestWhatFailedIsTheParksOwn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o, ret := r.failed()
		one := "/park/orders/" + o.ID + "/returns/" + ret.ID
		form := url.Values{"how": {"cash"}, "sure": {"yes"}}
		for what, want := range map[string]map[string]int{
			"GET " + one:                 {"cashier": 403, "stranger": 404, "manager": 200},
			"POST " + one + "/retry":     {"cashier": 403, "stranger": 404},
			"POST " + one + "/repay":     {"cashier": 403, "stranger": 404},
			"GET /park/refunds":          {"cashier": 403, "stranger": 200, "manager": 200},
			"POST /park/refunds/retry":   {"cashier": 403, "stranger": 303},
			"GET " + one + "x":           {"owner": 404},
			"POST " + one + "x/repay":    {"owner": 404},
			"GET /park/keys/1":           {"cashier": 403, "stranger": 404},
			"POST /park/keys/1/withdraw": {"cashier": 403, "stranger": 404},
		} {
			method, path, _ := strings.Cut(what, " ")
			for who, code := range want {
				w := r.send(method, path, who, form)
				if w.Code != code {
					t.Errorf("%s as %s: %d, want %d", what, who, w.Code, code)
				}
				if who == "stranger" && !strings.Contains(path, o.ID) &&
					strings.Contains(w.Body.String(), o.ID) {
					t.Errorf("%s shows a stranger the order", what)
				}
			}
		}
		if w := r.post("/park/refunds/retry", "closure", "clo_none"); w.Code != 404 {
			t.Errorf("of no closure: %d", w.Code)
		}
		if w := r.send("GET", "/park", "cashier", nil); strings.Contains(w.Body.String(), "owed") {
			t.Error("a cashier sees what is owed")
		}
		if is := r.returnOf(o); is.State != order.ReturnFailed {
			t.Errorf("somebody changed it: %+v", is)
		}
	})
}
