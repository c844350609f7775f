package park_test

import (
	"context"
	"log/slog"
	"testing"

	"watari/kit/access"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/web"
	"watari/kit/web/webtest"
	"watari/visit/park"
	"watari/visit/park/octo"
)

// reseller serves OCTO and makes a key with a label.
func (r *rig) reseller(label string) *caller {
	r.t.Helper()
	keys := access.New(r.db)
	w := web.New(web.Config{Keys: keys, Log: slog.New(slog.DiscardHandler)})
	octo.New(octo.Config{Parks: r.Service, Orders: r.orders, Tickets: r.gate, Keys: keys,
		Public: "https://pay.example", Now: r.now}).Register(w)
	c := &caller{r: r, base: webtest.Start(r.t, w)}
	r.do("make a key", r.db.Update(context.Background(), func(
		ctx context.Context, tx *db.Tx,
	) (err error) {
		c.key, err = keys.Create(ctx, tx, access.Grant{Role: access.MerchantOwner,
			ParticipantNo: r.bank.No, MerchantNo: r.park.MerchantNo, Label: label})
		return err
	}))
	return c
}

const uuid1 = "7b1f1f52-6a2c-4f0e-9a55-0c5f0a8f0001"

type j = map[string]any

// Goal: a reseller finds a product, looks when there is room, books, confirms and cancels; the
// same uuid is the same booking; the inventory is the park's own; others see nothing of it.
func TestOCTO(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, append(sets(), access.Migrations), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.seed()
		c, other, owner := r.reseller("reseller:tabi"), r.reseller("reseller:kanko"),
			r.reseller("the office")
		owner.want(403, "GET", "/octo/supplier", nil)
		(&caller{r: r, base: c.base, key: "none"}).want(401, "GET", "/octo/supplier", nil)
		if s := c.want(200, "GET", "/octo/supplier", nil); s["id"] != "PARK" {
			t.Errorf("supplier %v", s)
		}
		p := c.want(200, "GET", "/octo/products/fuji-kogen.raijin", nil)
		if p["availabilityType"] != "START_TIME" || p["timeZone"] != "Asia/Tokyo" {
			t.Errorf("product %v", p)
		}
		no := c.want(400, "GET", "/octo/products/fuji-kogen.moon", nil)
		if no["error"] != "INVALID_PRODUCT_ID" || no["productId"] != "fuji-kogen.moon" {
			t.Errorf("refusal %v", no)
		}
		body := j{"uuid": uuid1, "productId": "fuji-kogen.raijin", "optionId": "DEFAULT",
			"availabilityId": day + "/10:00", "expirationMinutes": 20,
			"unitItems": []j{{"unitId": "adult"}, {"unitId": "adult"}}}
		b := c.want(200, "POST", "/octo/bookings", body)
		if b["status"] != "ON_HOLD" || len(b["unitItems"].([]any)) != 2 ||
			r.taken("raijin", day, "10:00") != 2 {
			t.Fatalf("booking %v", b)
		}
		if again := c.want(200, "POST", "/octo/bookings", body); again["id"] != b["id"] ||
			r.taken("raijin", day, "10:00") != 2 {
			t.Errorf("the same uuid again: %v", again)
		}
		body["uuid"] = "7b1f1f52-6a2c-4f0e-9a55-0c5f0a8f0002"
		if no := c.want(400, "POST", "/octo/bookings", body); no["error"] !=
			"UNPROCESSABLE_ENTITY" {
			t.Errorf("sold out: %v", no)
		}
		at := "/octo/bookings/" + uuid1
		other.want(400, "GET", at, nil)
		c.want(200, "POST", at+"/extend", j{"expirationMinutes": 60})
		b = c.want(200, "POST", at+"/confirm", j{"contact": j{"fullName": "A. Person"},
			"resellerReference": "T-1"})
		item := b["unitItems"].([]any)[0].(j)
		if b["status"] != "CONFIRMED" || b["resellerReference"] != "T-1" ||
			item["ticket"].(j)["deliveryOptions"].([]any)[0].(j)["deliveryValue"] == "" {
			t.Errorf("confirmed %v", b)
		}
		c.want(200, "POST", at+"/confirm", j{"contact": j{}, "resellerReference": "T-1"})
		if b = c.want(200, "POST", at+"/cancel", j{"reason": "rain"}); b["status"] !=
			"CANCELLED" || b["cancellation"].(j)["refund"] != "FULL" ||
			r.taken("raijin", day, "10:00") != 0 {
			t.Errorf("cancelled %v", b)
		}
		r.verify()
	})
}

// Goal: availability names days and slots, what is left of the reseller's allotment, and with
// octo/pricing what each unit costs.
func TestOCTOAvailability(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, append(sets(), access.Migrations), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		r.seed()
		r.quotas(park.Quota{Pool: "gate", Day: day, Channel: park.ByOCTO, Size: 1})
		c := r.reseller("reseller:tabi")
		ask := j{"productId": "fuji-kogen.day", "optionId": "DEFAULT", "localDateStart": day,
			"localDateEnd": next, "units": []j{{"id": "adult", "quantity": 2}}}
		days := c.list("POST", "/octo/availability/calendar", ask)
		if a, b := days[0].(j), days[1].(j); a["status"] != "SOLD_OUT" || !is(a["vacancies"], 1) ||
			b["status"] != "LIMITED" || !is(b["vacancies"], 10) {
			t.Errorf("calendar %v", days)
		}
		c.pricing = true
		ask["productId"] = "fuji-kogen.raijin"
		slots := c.list("POST", "/octo/availability", ask)
		first := slots[0].(j)
		if len(slots) != 4 || first["id"] != day+"/10:00" || first["available"] != false ||
			first["localDateTimeStart"] != day+"T10:00:00+09:00" ||
			!is(first["pricing"].(j)["retail"], 15000) {
			t.Errorf("availability %v", slots)
		}
	})
}
