package park_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"testing"
	"time"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/web"
	"watari/kit/web/webtest"
	"watari/visit/order"
	"watari/visit/park"
)

// caller speaks to the API with a key.
type caller struct {
	r         *rig
	base, key string
	once      string // names the request, see web.Idempotent
}

// j is a body in JSON.
type j = map[string]any

// ask sends a request and returns the status and the answer.
func (c *caller) ask(method, path string, body any) (int, []byte) {
	c.r.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		c.r.do("marshal", err)
		in = bytes.NewReader(b)
	}
	q, err := http.NewRequest(method, c.base+path, in)
	c.r.do("make a request", err)
	q.Header.Set("Authorization", "Bearer "+c.key)
	q.Header.Set("Content-Type", "application/json")
	if c.once != "" {
		q.Header.Set("Idempotency-Key", c.once)
	}
	a, err := http.DefaultClient.Do(q)
	c.r.do("ask", err)
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	c.r.do("read", err)
	return a.StatusCode, text
}

// unmarshal reads JSON with its numbers as they are written.
func unmarshal(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}

// is says whether a member is a whole number.
func is(v any, n int64) bool { return v == json.Number(strconv.FormatInt(n, 10)) }

// want sends a request and wants a status.
func (c *caller) want(status int, method, path string, body any) map[string]any {
	c.r.t.Helper()
	got, text := c.ask(method, path, body)
	out := map[string]any{}
	if len(text) > 0 {
		c.r.do("unmarshal "+string(text), unmarshal(text, &out))
	}
	if got != status {
		c.r.t.Errorf("%s %s: %d, want %d: %v", method, path, got, status, out)
	}
	return out
}

// callers serves the API and makes keys of the park's owner, of another merchant, and of its bank.
func callers(r *rig) (owner, stranger, bank *caller) {
	r.t.Helper()
	keys := access.New(r.db)
	w := web.New(web.Config{Keys: keys, Log: slog.New(slog.DiscardHandler)})
	r.Register(w)
	base := webtest.Start(r.t, w)
	key := func(role access.Role, merchantNo int64) *caller {
		c := &caller{r: r, base: base}
		r.do("make a key", r.db.Update(context.Background(), func(
			ctx context.Context, tx *db.Tx,
		) (err error) {
			c.key, err = keys.Create(ctx, tx, access.Grant{Role: role,
				ParticipantNo: r.bank.No, MerchantNo: merchantNo, Label: "test"})
			return err
		}))
		return c
	}
	return key(access.MerchantOwner, r.park.MerchantNo),
		key(access.MerchantOwner, r.park.MerchantNo+1), key(access.AcquirerViewer, 0)
}

// Goal: a park is set up and sells by its API alone; another merchant sees nothing of it, its bank
// reads; what cannot be is refused with the field.
func TestAPI(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, append(sets(), access.Migrations), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.seed()
		owner, stranger, bank := callers(r)
		english := func(s string) j { return j{"en": s} }
		made := owner.want(201, "POST", "/v1/parks", j{"store_id": "GATE", "slug": "umi",
			"name": english("Umi"), "prefecture": "19", "on_sale": true,
			"policy": j{"changes": 1, "steps": []j{{"before_hours": 0, "fee_ppm": 0}}}})
		root := "/v1/parks/umi"
		owner.want(409, "POST", "/v1/parks", j{"store_id": "GATE", "slug": "umi",
			"name": english("Umi"), "prefecture": "19", "policy": j{}})
		owner.want(204, "PUT", root+"/pools", j{"pools": []j{{"code": "gate",
			"name": english("Gate")}}})
		p := owner.want(200, "PUT", root+"/products/day", j{"kind": "day",
			"name": english("Day"), "pools": []string{"gate"}, "reentry": "any"})
		if !is(p["no"], 1) || !is(p["version"], 1) || p["code"] != "day" {
			t.Errorf("the product is %v", p)
		}
		no := owner.want(422, "PUT", root+"/products/bad", j{"kind": "moon",
			"name": english("Day")})
		if no["errors"] == nil && no["fields"] == nil {
			t.Errorf("it does not say where: %v", no)
		}
		owner.want(204, "PUT", root+"/prices", j{"prices": []j{{"product": "day",
			"unit": "adult", "yen": 5000}}})
		owner.want(204, "PUT", root+"/days", j{"days": []j{{"day": day, "type": "A",
			"open_minute": 540, "close_minute": 1200}}})
		owner.want(204, "PUT", root+"/quotas", j{"quotas": []j{{"pool": "gate", "day": day,
			"size": 3}}})
		owner.want(200, "PUT", root+"/discounts/home", j{"kind": "resident",
			"name": english("Home"), "off_yen": 500, "claim": "resident:19"})
		owner.want(422, "POST", root+"/vouchers", j{"count": 2, "label": "x"})
		owner.once = "v-1"
		vs := owner.want(201, "POST", root+"/vouchers", j{"count": 2, "label": "x"})
		if len(vs["items"].([]any)) != 2 {
			t.Errorf("vouchers: %v", vs)
		}
		again := owner.want(201, "POST", root+"/vouchers", j{"count": 2, "label": "x"})
		if !reflect.DeepEqual(again, vs) {
			t.Errorf("again: %v, first %v", again, vs)
		}
		owner.want(409, "POST", root+"/vouchers", j{"count": 3, "label": "x"})
		owner.once = ""
		q := r.request(item("day", "adult", 1))
		q.Place = made["id"].(string)
		r.sell(r.hold(q))
		offers := bank.want(200, "GET", root+"/offers?day="+day, nil)["items"].([]any)
		if o := offers[0].(j); !is(o["remaining"], 2) || o["state"] != string(park.Few) {
			t.Errorf("offers: %v", offers)
		}
		cal := bank.want(200, "GET", root+"/calendar?from="+day+"&to="+day+"&adults=2", nil)
		if c := cal["items"].([]any)[0].(j); !is(c["price_yen"], 10000) {
			t.Errorf("calendar: %v", cal)
		}
		sales := bank.want(200, "GET", root+"/sales?from="+day+"&to="+day, nil)
		if total := sales["total"].(j); !is(total["sold"], 1) || !is(total["net_yen"], 5000) {
			t.Errorf("sales: %v", sales)
		}
		owner.want(201, "POST", root+"/closures", j{"day": day, "reason": english("Snow")})
		bank.want(403, "POST", root+"/closures", j{"day": day, "reason": english("Snow")})
		stranger.want(404, "GET", root, nil)
		stranger.want(404, "PUT", root+"/prices", j{"prices": []j{}})
		if all := stranger.want(200, "GET", "/v1/parks", nil)["items"].([]any); len(all) != 0 {
			t.Errorf("another merchant sees %v", all)
		}
	})
}

// Goal: the report counts what was sold, redeemed, not used and given back, and who gave the
// discounts, to the yen.
func TestSales(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, err := r.PutDiscount(ctx, park.Discount{ParkID: r.park.ID, Name: name("Wallet"),
			Rule: park.Rule{ID: "wallet-10", Kind: park.ForWallet, OffPPM: 100_000,
				WalletPPM: 500_000}}, "test")
		r.do("put a discount", err)
		q := r.request(item("day", "adult", 2), item("day", "child", 1))
		q.Claims = []string{"resident:19"}
		o := r.sell(r.hold(q))
		r.buy(item("night", "adult", 1))
		r.forward(38 * time.Hour)
		_, err = r.orders.Cancel(ctx, o.ID, order.Cut{Lines: []int64{1}, Reason: order.ByVisitor},
			3400, "c1", "visitor")
		r.do("cancel", err)
		r.do("use", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := order.Use(ctx, tx, o.ID, []int64{2})
			return err
		}))
		r.forward(48 * time.Hour)
		rep, err := r.Sales(ctx, park.SalesQuery{ParkID: r.park.ID, From: day, To: next})
		r.do("sales", err)
		var total park.SalesRow
		for _, row := range rep.Rows {
			total.Add(row)
		}
		want := park.SalesRow{Sold: 3, Redeemed: 1, NoShow: 2, Refunded: 1,
			List: 6800 + 5000 + 4000, Paid: 6800 + 5000 + 4000, Returned: 3400, Fees: 3400}
		if total != want || len(rep.Rows) != 3 || total.Net() != want.Paid+3400 {
			t.Errorf("sold %+v, want %+v", total, want)
		}
	})
}
