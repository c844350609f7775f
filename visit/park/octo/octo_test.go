package octo_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/visit/order"
	"watari/visit/park"
)

// The ids of the slots of "raijin" on the day.
const (
	slot10 = day + "T10:00:00+09:00"
	slot11 = day + "T11:00:00+09:00"
)

// uuid is the n-th uuid of a test.
func uuid(n int) string { return fmt.Sprintf("7b1f1f52-6a2c-4f0e-9a55-0c5f0a8f%04d", n) }

// booking is the body of a booking of adults.
func booking(n int, product, availability string, adults int) j {
	items := []j{}
	for range adults {
		items = append(items, j{"unitId": "adult"})
	}
	return j{"uuid": uuid(n), "productId": product, "optionId": "DEFAULT",
		"availabilityId": availability, "unitItems": items}
}

// Goal: who has no key, or one that is no reseller's, is refused in OCTO's shape; the key of a
// reseller opens nothing else; the capabilities that are understood are named.
func TestWhoMayCall(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi")
		for _, header := range []string{"", "Bearer", "Bearer none", "Basic x"} {
			c.with("Authorization", header).refused(401, "UNAUTHORIZED", "", "GET",
				"/octo/supplier", nil)
		}
		office := r.reseller(r.park, "the office")
		office.refused(403, "FORBIDDEN", "", "GET", "/octo/supplier", nil)
		r.reseller(r.park, "reseller:"+strings.Repeat("x", 60)).refused(403, "FORBIDDEN", "", "GET",
			"/octo/supplier", nil)
		office.want(200, "GET", "/v1/parks/fuji-kogen", nil)
		c.want(403, "GET", "/v1/parks/fuji-kogen", nil)
		c.want(403, "POST", "/v1/parks/fuji-kogen/closures", j{"day": day, "reason": j{"en": "x"}})
		for asked, active := range map[string]string{"": "", "octo/pricing": "octo/pricing",
			"octo/content, OCTO/Pricing": "octo/pricing", "octo/pricing2": ""} {
			a := c.with("Octo-Capabilities", asked)
			status, _, h := a.ask("GET", "/octo/supplier", nil)
			if status != 200 || h.Get("Octo-Capabilities") != active {
				t.Errorf("%q: %d %q", asked, status, h.Get("Octo-Capabilities"))
			}
			_, priced := a.want(200, "GET", "/octo/products/fuji-kogen.day", nil)["defaultCurrency"]
			if priced != (active != "") {
				t.Errorf("%q: prices %v", asked, priced)
			}
		}
	})
}

// Goal: the supplier and what is sold through resellers, with every member that OCTO needs.
func TestProducts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi").with("Octo-Capabilities", "octo/pricing")
		s := c.want(200, "GET", "/octo/supplier", nil)
		if known := c.list("GET", "/octo/capabilities", nil); len(known) != 1 ||
			known[0]["id"] != "octo/pricing" || known[0]["required"] != false {
			t.Errorf("capabilities %v", known)
		}
		if s["id"] != "FUJI" || s["endpoint"] != "https://pay.example/octo" || s["contact"] == nil {
			t.Errorf("supplier %v", s)
		}
		all := c.list("GET", "/octo/products", nil)
		var ids []string
		for _, p := range all {
			ids = append(ids, p["id"].(string))
			for _, member := range []string{"internalName", "reference", "locale",
				"allowFreesale", "instantConfirmation", "instantDelivery",
				"availabilityRequired", "availabilityType", "deliveryFormats",
				"deliveryMethods", "redemptionMethod", "options"} {
				if _, ok := p[member]; !ok {
					t.Errorf("%s has no %s", p["id"], member)
				}
			}
		}
		if strings.Join(ids, " ") != "fuji-kogen.day fuji-kogen.group fuji-kogen.raijin" {
			t.Errorf("products %v", ids)
		}
		p := c.want(200, "GET", "/octo/products/fuji-kogen.raijin", nil)
		o := p["options"].([]any)[0].(j)
		child := o["units"].([]any)[1].(j)
		if p["availabilityType"] != "START_TIME" || p["timeZone"] != "Asia/Tokyo" ||
			o["id"] != "DEFAULT" || o["cancellationCutoff"] != "24 hours" ||
			len(o["availabilityLocalStartTimes"].([]any)) != 2 || child["type"] != "CHILD" ||
			!is(child["restrictions"].(j)["minAge"], 3) ||
			!is(child["restrictions"].(j)["maxAge"], 11) ||
			!is(child["pricingFrom"].([]any)[0].(j)["retail"], 5000) {
			t.Errorf("product %v", p)
		}
		g := c.want(200, "GET", "/octo/products/fuji-kogen.group", nil)["options"].([]any)[0].(j)
		if x := g["restrictions"].(j); !is(x["minUnits"], 3) || !is(x["maxUnits"], 8) {
			t.Errorf("a group: %v", g)
		}
		for _, id := range []string{"fuji-kogen.moon", "fuji-kogen.night", "umi.day", "x"} {
			c.refused(400, "INVALID_PRODUCT_ID", "productId", "GET", "/octo/products/"+id, nil)
		}
	})
}

// Goal: availability names days and slots, what is left of the reseller's allotment, and with
// octo/pricing what each unit costs on the day.
func TestAvailability(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.quotas(r.park, park.Quota{Pool: "gate", Day: day, Channel: park.ByOCTO, Size: 1})
		c := r.reseller(r.park, "reseller:tabi")
		ask := j{"productId": "fuji-kogen.day", "optionId": "DEFAULT", "localDateStart": day,
			"localDateEnd": "2026-12-26", "units": []j{{"id": "adult", "quantity": 2}}}
		days := c.list("POST", "/octo/availability/calendar", ask)
		if a, b, no := days[0], days[1], days[2]; a["status"] != "SOLD_OUT" ||
			a["available"] != false || !is(a["vacancies"], 1) || b["status"] != "LIMITED" ||
			!is(b["vacancies"], 10) || no["status"] != "CLOSED" || no["vacancies"] != nil ||
			b["openingHours"].([]any)[0].(j)["from"] != "09:00" {
			t.Errorf("calendar %v", days)
		}
		delete(ask, "units")
		priced := c.with("Octo-Capabilities", "octo/pricing")
		days = priced.list("POST", "/octo/availability/calendar", ask)
		if from := days[1]["unitPricingFrom"].([]any); len(from) != 2 || days[0]["available"] !=
			true || !is(from[0].(j)["net"], 7800) || !is(from[1].(j)["net"], 5000) {
			t.Errorf("with prices %v", days)
		}
		ask["productId"] = "fuji-kogen.group"
		r.quotas(r.park, park.Quota{Pool: "gate", Day: day, Channel: park.ByOCTO, Size: -1})
		if days = c.list("POST", "/octo/availability/calendar", ask); days[0]["available"] != true {
			t.Errorf("a group %v", days)
		}
		ask["productId"], ask["units"] = "fuji-kogen.raijin", []j{{"id": "adult", "quantity": 3}}
		slots := priced.list("POST", "/octo/availability", ask)
		if a, b := slots[0], slots[1]; len(slots) != 6 || a["id"] != slot10 ||
			a["status"] != "SOLD_OUT" || b["status"] != "LIMITED" ||
			a["localDateTimeStart"] != day+"T10:00:00+09:00" ||
			a["utcCutoffAt"] != "2026-12-24T02:00:00Z" ||
			!is(b["pricing"].(j)["retail"], 3*6800) {
			t.Errorf("availability %v", slots)
		}
		for _, id := range []string{slot11, day + "/11:00", "2026-12-24T02:00:00Z"} {
			one := c.list("POST", "/octo/availability", j{"productId": "fuji-kogen.raijin",
				"optionId": "DEFAULT", "availabilityIds": []string{id}})
			if len(one) != 1 || one[0]["id"] != slot11 {
				t.Errorf("one slot %v", one)
			}
		}
	})
}

// Goal: a booking is held, held longer, confirmed with its tickets and given back; doing it twice
// is the same as once; the stock is the park's own.
func TestBooking(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi").with("Octo-Capabilities", "octo/pricing")
		body := booking(1, "fuji-kogen.raijin", day+"/10:00", 2)
		body["expirationMinutes"] = 20
		b := c.want(200, "POST", "/octo/bookings", body)
		if b["status"] != "ON_HOLD" || len(b["unitItems"].([]any)) != 2 || b["uuid"] != uuid(1) ||
			r.taken("raijin", "10:00") != 2 || !is(b["pricing"].(j)["net"], 2*6800) ||
			b["cancellable"] != true || b["utcConfirmedAt"] != nil {
			t.Fatalf("booking %v", b)
		}
		body["uuid"] = strings.ToUpper(uuid(1))
		if again := c.want(200, "POST", "/octo/bookings", body); again["id"] != b["id"] ||
			r.taken("raijin", "10:00") != 2 {
			t.Errorf("the same uuid again: %v", again)
		}
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "POST", "/octo/bookings", booking(1,
			"fuji-kogen.raijin", day+"/11:00", 2))
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "POST", "/octo/bookings", booking(2,
			"fuji-kogen.raijin", day+"/10:00", 1))
		at := "/octo/bookings/" + uuid(1)
		longer := c.want(200, "POST", at+"/extend", j{"expirationMinutes": 60})["utcExpiresAt"]
		if want := r.now().Add(59 * time.Minute).UTC().Format(time.RFC3339); longer.(string) < want {
			t.Errorf("it is held until %v, want after %s", longer, want)
		}
		confirm := j{"contact": j{"fullName": "A. Person"}, "resellerReference": "T-1"}
		b = c.want(200, "POST", at+"/confirm", confirm)
		item := b["unitItems"].([]any)[0].(j)
		if b["status"] != "CONFIRMED" || b["resellerReference"] != "T-1" ||
			b["contact"].(j)["fullName"] != "A. Person" || b["utcConfirmedAt"] == nil ||
			item["ticket"].(j)["deliveryOptions"].([]any)[0].(j)["deliveryValue"] == "" {
			t.Errorf("confirmed %v", b)
		}
		if kept := c.want(200, "GET", at, nil); kept["contact"].(j)["fullName"] != nil {
			t.Errorf("who travels is kept: %v", kept)
		}
		if again := c.want(200, "POST", at+"/confirm", confirm); again["status"] != "CONFIRMED" {
			t.Errorf("confirmed twice %v", again)
		}
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "POST", at+"/extend", j{})
		for range 2 {
			b = c.want(200, "POST", at+"/cancel", j{"reason": "rain"})
			if b["status"] != "CANCELLED" || b["cancellation"].(j)["refund"] != "FULL" ||
				b["cancellation"].(j)["reason"] != "rain" ||
				r.taken("raijin", "10:00") != 0 || b["cancellable"] != false {
				t.Errorf("cancelled %v", b)
			}
		}
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "POST", at+"/confirm", confirm)
		r.verify()
	})
}

// Goal: a hold ends by itself and gives its places back; it cannot be confirmed then, and a booking
// that is given back late returns what the policy says, or nothing any more.
func TestExpiryAndPolicy(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); r.orders.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
		c := r.reseller(r.park, "reseller:tabi")
		body := booking(1, "fuji-kogen.day", day, 1)
		body["expirationMinutes"] = 1
		c.want(200, "POST", "/octo/bookings", body)
		for _, n := range []int{2, 3} {
			c.want(200, "POST", "/octo/bookings", booking(n, "fuji-kogen.day", day, 2))
			c.want(200, "POST", "/octo/bookings/"+uuid(n)+"/confirm", j{})
		}
		r.forward(2 * time.Minute)
		for range 400 {
			if r.taken("gate", "") == 4 {
				break
			}
			time.Sleep(25 * time.Millisecond)
		}
		if b := c.want(200, "GET", "/octo/bookings/"+uuid(1), nil); b["status"] != "EXPIRED" ||
			r.taken("gate", "") != 4 {
			t.Errorf("%v, %d are taken", b["status"], r.taken("gate", ""))
		}
		for _, what := range []string{"confirm", "extend"} {
			c.refused(400, "UNPROCESSABLE_ENTITY", "", "POST", "/octo/bookings/"+uuid(1)+"/"+what,
				j{})
		}
		r.forward(24 * time.Hour) // the day before
		b := c.want(200, "POST", "/octo/bookings/"+uuid(2)+"/cancel", nil)
		if b["cancellation"].(j)["refund"] != "PARTIAL" {
			t.Errorf("the day before: %v", b)
		}
		r.forward(24 * time.Hour)
		if b := c.want(200, "GET", "/octo/bookings/"+uuid(3), nil); b["cancellable"] != false {
			t.Errorf("on the day it is cancellable: %v", b)
		}
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "POST", "/octo/bookings/"+uuid(3)+"/cancel",
			nil)
		r.verify()
	})
}

// Goal: a reseller sees its own bookings and nobody else's: not those of another reseller of the
// park, not those of its own name at another merchant's, not what visitors bought (R2).
func TestBookingsOfOthers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c, other := r.reseller(r.park, "reseller:tabi"), r.reseller(r.park, "reseller:kanko")
		namesake := r.reseller(r.sea, "reseller:tabi")
		b := c.want(200, "POST", "/octo/bookings", booking(1, "fuji-kogen.day", day, 1))
		c.want(200, "POST", "/octo/bookings/"+uuid(1)+"/confirm", j{"resellerReference": "T-1"})
		o, err := r.orders.Hold(context.Background(), order.Request{RequestID: uuid(9),
			Seller: park.SellerKind, Place: r.park.ID, VisitorID: "vis_1",
			Channel: park.ByVisitor, Items: []order.Item{{Product: "day", Day: day,
				Unit: "adult", Count: 1}}})
		r.do("a visitor buys", err)
		for who, x := range map[string]*caller{"another": other, "a namesake": namesake} {
			at := "/octo/bookings/" + uuid(1)
			x.refused(400, "INVALID_BOOKING_UUID", "uuid", "GET", at, nil)
			x.refused(400, "INVALID_BOOKING_UUID", "uuid", "PATCH", at, j{})
			for _, what := range []string{"confirm", "extend", "cancel"} {
				x.refused(400, "INVALID_BOOKING_UUID", "uuid", "POST", at+"/"+what, j{})
			}
			for _, q := range []string{"?resellerReference=T-1", "?localDate=" + day,
				"?supplierReference=" + b["id"].(string)} {
				if all := x.list("GET", "/octo/bookings"+q, nil); len(all) != 0 {
					t.Errorf("%s sees %v", who, all)
				}
			}
		}
		for q, n := range map[string]int{"?resellerReference=T-1": 1,
			"?resellerReference=T-2": 0, "?supplierReference=" + b["id"].(string): 1,
			"?supplierReference=" + o.ID: 0, "?localDate=" + day: 1, "?localDate=" + next: 0,
			"?localDateStart=2026-12-20&localDateEnd=" + day:    1,
			"?localDate=" + day + "&productId=fuji-kogen.day":   1,
			"?localDate=" + day + "&productId=fuji-kogen.group": 0} {
			if all := c.list("GET", "/octo/bookings"+q, nil); len(all) != n {
				t.Errorf("%q finds %d, want %d", q, len(all), n)
			}
		}
		c.refused(400, "INVALID_BOOKING_UUID", "uuid", "GET", "/octo/bookings/"+uuid(9), nil)
		if b := other.want(200, "POST", "/octo/bookings", booking(1, "fuji-kogen.day", day,
			1)); b["status"] != "ON_HOLD" {
			t.Errorf("the same uuid of another: %v", b)
		}
	})
}

// Goal: what is wrong is refused in OCTO's shape, with its code and what it is about; nothing is
// taken.
func TestRefusals(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi")
		book := func(change func(j)) j {
			b := booking(1, "fuji-kogen.raijin", day+"/10:00", 1)
			change(b)
			return b
		}
		set := func(k string, v any) j { return book(func(b j) { b[k] = v }) }
		type refusal struct {
			code, member string
			body         any
		}
		for _, x := range []refusal{
			{"INVALID_PRODUCT_ID", "", nil},
			{"INVALID_PRODUCT_ID", "productId", set("productId", "fuji-kogen.moon")},
			{"INVALID_PRODUCT_ID", "productId", set("productId", "\x00")},
			{"INVALID_OPTION_ID", "optionId", set("optionId", "OTHER")},
			{"INVALID_AVAILABILITY_ID", "availabilityId", set("availabilityId", day)},
			{"INVALID_AVAILABILITY_ID", "availabilityId", set("availabilityId", day+"/23:00")},
			{"INVALID_AVAILABILITY_ID", "availabilityId", set("availabilityId", "2026-12-32/x")},
			{"INVALID_UNIT_ID", "unitId", set("unitItems", []j{{"unitId": "dog"}})},
			{"INVALID_UNIT_ID", "unitId", set("unitItems", []j{{"unitId": "senior"}})},
			{"UNPROCESSABLE_ENTITY", "", set("unitItems", []j{})},
			{"BAD_REQUEST", "", set("uuid", "1")},
			{"BAD_REQUEST", "", set("expirationMinutes", -5)},
			{"BAD_REQUEST", "", set("expirationMinutes", 100_000)},
			{"BAD_REQUEST", "", set("notes", strings.Repeat("x", 501))},
			{"BAD_REQUEST", "", set("unitItems", []j{{"unitId": "adult", "uuid": "1"}})},
			{"BAD_REQUEST", "", set("unitItems", "two")},
			{"BAD_REQUEST", "", "{"},
			{"BAD_REQUEST", "", "[] []"},
			{"BAD_REQUEST", "", `"` + strings.Repeat("x", 2<<20) + `"`},
		} {
			c.refused(400, x.code, x.member, "POST", "/octo/bookings", x.body)
		}
		ask := j{"productId": "fuji-kogen.day", "optionId": "DEFAULT"}
		days := func(from, to string, units ...j) j {
			return j{"productId": "fuji-kogen.day", "optionId": "DEFAULT",
				"localDateStart": from, "localDateEnd": to, "units": units}
		}
		for _, path := range []string{"/octo/availability", "/octo/availability/calendar"} {
			for _, x := range []refusal{{"BAD_REQUEST", "", ask},
				{"BAD_REQUEST", "", days(next, day)}, {"BAD_REQUEST", "", days(day, "x")},
				{"BAD_REQUEST", "", days(day, "2028-12-24")},
				{"INVALID_UNIT_ID", "unitId", days(day, day, j{"id": "dog", "quantity": 1})},
				{"BAD_REQUEST", "", days(day, day, j{"id": "adult", "quantity": -1})},
				{"BAD_REQUEST", "", days(day, day, j{"id": "adult", "quantity": 150},
					j{"id": "child", "quantity": 150})}} {
				c.refused(400, x.code, x.member, "POST", path, x.body)
			}
		}
		for _, q := range []string{"", "productId=fuji-kogen.day", "resellerReference=%00",
			"supplierReference=%ff",
			"localDate=1", "localDateStart=" + day, "productId=" + strings.Repeat("x", 200)} {
			c.refused(400, "BAD_REQUEST", "", "GET", "/octo/bookings?"+q, nil)
		}
		b := c.want(200, "POST", "/octo/bookings", set("uuid", nil))
		at := "/octo/bookings/" + b["uuid"].(string)
		c.refused(400, "BAD_REQUEST", "", "POST", at+"/confirm", j{"contact": "me"})
		c.refused(400, "BAD_REQUEST", "", "POST", at+"/confirm", j{"resellerReference": "a\nb"})
		c.refused(400, "BAD_REQUEST", "", "POST", at+"/extend", j{"expirationMinutes": 9999})
		if r.taken("raijin", "10:00") != 1 {
			t.Errorf("%d are taken", r.taken("raijin", "10:00"))
		}
	})
}

// Goal: one uuid that is sent many times at once is one booking (R1).
func TestSameUUIDAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi")
		var all sync.WaitGroup
		ids := make([]any, 8)
		for i := range ids {
			all.Go(func() {
				ids[i] = c.want(200, "POST", "/octo/bookings", booking(1, "fuji-kogen.day", day,
					2))["id"]
			})
		}
		all.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Errorf("bookings %v", ids)
			}
		}
		if r.taken("gate", "") != 2 {
			t.Errorf("%d are taken", r.taken("gate", ""))
		}
	})
}
