package octo_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/visit/park"
)

// items are the unit items of a booking.
func items(b j) (out []j) {
	for _, x := range b["unitItems"].([]any) {
		out = append(out, x.(j))
	}
	return out
}

// named are unit items as an update names them.
func named(all []j) (out []j) {
	for _, x := range all {
		out = append(out, j{"uuid": x["uuid"], "unitId": x["unitId"]})
	}
	return out
}

func uuids(all []j) (out []string) {
	for _, x := range all {
		out = append(out, x["uuid"].(string))
	}
	slices.Sort(out)
	return out
}

// Goal: a hold becomes what the reseller wants now, under the same uuid: other units, another
// slot, another product, longer, with its reference; who stays keeps the uuid. Places are taken
// once (R5), and what is confirmed is what was changed.
func TestChangeAHold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi").with("Octo-Capabilities", "octo/pricing")
		at := "/octo/bookings/" + uuid(1)
		first := c.want(200, "POST", "/octo/bookings", booking(1, "fuji-kogen.day", day, 2))
		was := items(first)
		b := c.want(200, "PATCH", at, j{"unitItems": append(named(was), j{"unitId": "child"}),
			"notes": "by bus", "contact": j{"fullName": "A. Person"}})
		if now := items(b); len(now) != 3 || r.taken("gate", "") != 3 || b["uuid"] != uuid(1) ||
			b["id"] != first["id"] || b["status"] != "ON_HOLD" || b["notes"] != "by bus" ||
			b["contact"].(j)["fullName"] != "A. Person" || !is(b["pricing"].(j)["net"], 18_600) ||
			b["utcExpiresAt"] != first["utcExpiresAt"] || b["utcCreatedAt"] != first["utcCreatedAt"] ||
			!slices.Contains(uuids(now), was[0]["uuid"].(string)) {
			t.Fatalf("one more: %v", b)
		}
		same := c.want(200, "PATCH", at, j{"unitItems": named(items(b)), "availabilityId": day})
		if same["supplierReference"] != b["supplierReference"] {
			t.Errorf("what changes nothing took another hold: %v", same)
		}
		b = c.want(200, "PATCH", at, j{"productId": "fuji-kogen.raijin", "availabilityId": slot11,
			"unitItems": named(was), "resellerReference": "T-7", "expirationMinutes": 90})
		if b["availabilityId"] != slot11 || r.taken("raijin", "11:00") != 2 ||
			r.taken("gate", "") != 2 || b["resellerReference"] != "T-7" ||
			!slices.Equal(uuids(items(b)), uuids(was)) || b["notes"] != nil ||
			b["utcExpiresAt"].(string) <= first["utcExpiresAt"].(string) {
			t.Errorf("another product: %v", b)
		}
		for q, n := range map[string]int{"?resellerReference=T-7": 1, "?localDate=" + day: 1,
			"?supplierReference=" + b["supplierReference"].(string):     1,
			"?supplierReference=" + first["supplierReference"].(string): 0} {
			if all := c.list("GET", "/octo/bookings"+q, nil); len(all) != n {
				t.Errorf("%s finds %d, want %d", q, len(all), n)
			}
		}
		b = c.want(200, "POST", at+"/confirm", j{"unitItems": named(was)[:1]})
		if b["status"] != "CONFIRMED" || len(items(b)) != 1 || r.taken("raijin", "11:00") != 1 ||
			b["resellerReference"] != "T-7" || items(b)[0]["ticket"] == nil {
			t.Errorf("confirmed with one of them: %v", b)
		}
		b = c.want(200, "PATCH", at, j{"resellerReference": "T-8"})
		if got := c.want(200, "GET", at, nil); got["resellerReference"] != "T-8" ||
			got["utcUpdatedAt"] == nil {
			t.Errorf("another reference: %v", got)
		}
		if all := c.list("GET", "/octo/bookings?resellerReference=T-8", nil); len(all) != 1 {
			t.Errorf("by its new reference: %v", all)
		}
		if all := c.list("GET", "/octo/bookings?resellerReference=T-7", nil); len(all) != 0 {
			t.Errorf("by its old reference: %v", all)
		}
		r.verify()
	})
}

// Goal: a change that is refused changes nothing: the hold stays as it was, with its places.
func TestRefusedChangesOfAHold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi")
		at := "/octo/bookings/" + uuid(1)
		b := c.want(200, "POST", "/octo/bookings", booking(1, "fuji-kogen.raijin", slot10, 2))
		mine := named(items(b))
		for _, x := range []struct {
			code, member string
			body         j
		}{
			{"INVALID_PRODUCT_ID", "productId", j{"productId": "fuji-kogen.moon"}},
			{"INVALID_OPTION_ID", "optionId", j{"optionId": "X"}},
			{"INVALID_AVAILABILITY_ID", "availabilityId", j{"availabilityId": day}},
			{"INVALID_AVAILABILITY_ID", "availabilityId", j{"availabilityId": day + "T10:30:00+09:00"}},
			{"INVALID_UNIT_ID", "unitId", j{"unitItems": []j{{"unitId": "dog"}}}},
			{"UNPROCESSABLE_ENTITY", "", j{"unitItems": []j{}}},
			{"BAD_REQUEST", "", j{"unitItems": []j{mine[0], mine[0]}}},
			{"BAD_REQUEST", "", j{"unitItems": []j{{"unitId": "adult", "uuid": "1"}}}},
			{"BAD_REQUEST", "", j{"resellerReference": "a\nb"}},
			{"BAD_REQUEST", "", j{"notes": strings.Repeat("x", 501)}},
			{"BAD_REQUEST", "", j{"contact": j{"fullName": strings.Repeat("x", 501)}}},
			{"BAD_REQUEST", "", j{"contact": "me"}},
			{"BAD_REQUEST", "", j{"expirationMinutes": 9999}},
			{"UNPROCESSABLE_ENTITY", "", j{"availabilityId": slot11,
				"unitItems": append(mine, j{"unitId": "adult"}, j{"unitId": "adult"})}}, // 3 are left
		} {
			c.refused(400, x.code, x.member, "PATCH", at, x.body)
		}
		if now := c.want(200, "GET", at, nil); now["availabilityId"] != slot10 ||
			now["supplierReference"] != b["supplierReference"] || r.taken("raijin", "10:00") != 2 ||
			r.taken("raijin", "11:00") != 0 || now["utcExpiresAt"] != b["utcExpiresAt"] {
			t.Errorf("after refusals %v", now)
		}
		r.forward(31 * time.Minute)
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "PATCH", at, j{"availabilityId": slot11})
		r.verify()
	})
}

// Goal: changing a hold again and again does not hold places for more than a day.
func TestAHoldThatIsChangedLastsNoLonger(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi")
		at := "/octo/bookings/" + uuid(1)
		body := booking(1, "fuji-kogen.raijin", slot10, 1)
		body["expirationMinutes"] = 24 * 60
		c.want(200, "POST", "/octo/bookings", body)
		r.forward(23 * time.Hour)
		c.want(200, "PATCH", at, j{"availabilityId": slot11})
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "POST", at+"/extend", j{"expirationMinutes": 90})
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "PATCH", at, j{"availabilityId": slot10,
			"expirationMinutes": 90})
		c.want(200, "PATCH", at, j{"availabilityId": slot10, "expirationMinutes": 50})
	})
}

// Goal: a node that stops between the new hold and the end of the old one leaves one booking: the
// next who looks at it ends the old hold, and when that was sold first the new one (R5).
func TestAChangeThatStopsHalfWay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi")
		at := "/octo/bookings/" + uuid(1)
		old := c.want(200, "POST", "/octo/bookings", booking(1, "fuji-kogen.raijin", slot10, 1))
		b := c.want(200, "PATCH", at, j{"availabilityId": slot11})
		half := func(was, is any) {
			r.do("half way", r.db.Update(context.Background(), func(
				ctx context.Context, tx *db.Tx,
			) error {
				_, err := tx.Exec(ctx, `update octo_booking set order_id = $1, was_id = $2`, is, was)
				return err
			}))
		}
		// The old order is a booking that was sold meanwhile.
		c.want(200, "POST", "/octo/bookings", booking(2, "fuji-kogen.raijin", slot10, 1))
		sold := c.want(200, "POST", "/octo/bookings/"+uuid(2)+"/confirm", j{})
		half(sold["supplierReference"], b["supplierReference"])
		now := c.want(200, "POST", at+"/confirm", j{})
		if now["supplierReference"] != sold["supplierReference"] || now["status"] != "CONFIRMED" ||
			r.taken("raijin", "11:00") != 0 || r.taken("raijin", "10:00") != 1 {
			t.Errorf("the old one was sold: %v", now)
		}
		// The old one is still held.
		c.want(200, "POST", "/octo/bookings", booking(3, "fuji-kogen.raijin", slot10, 1))
		held := c.want(200, "GET", "/octo/bookings/"+uuid(3), nil)
		c.want(200, "POST", "/octo/bookings", booking(4, "fuji-kogen.raijin", slot11, 1))
		next := c.want(200, "GET", "/octo/bookings/"+uuid(4), nil)
		half(held["supplierReference"], next["supplierReference"])
		if got := c.want(200, "GET", at, nil); got["availabilityId"] != slot11 ||
			r.taken("raijin", "10:00") != 1 || r.taken("raijin", "11:00") != 1 {
			t.Errorf("the old one was held: %v", got)
		}
		_ = old
		r.verify()
	})
}

// Goal: changes, confirmations and cancellations of one booking at once sell it at most once, and
// hold no place that nobody has (R5).
func TestChangesAtOnceSellOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi")
		r.quotas(r.park, park.Quota{Pool: "raijin", Day: day, Slot: "10:00", Size: 50},
			park.Quota{Pool: "raijin", Day: day, Slot: "11:00", Size: 50},
			park.Quota{Pool: "gate", Day: day, Size: 100})
		for n := range 4 {
			c.want(200, "POST", "/octo/bookings", booking(n, "fuji-kogen.raijin", slot10, 2))
			at := "/octo/bookings/" + uuid(n)
			var all sync.WaitGroup
			for i := range 6 {
				all.Go(func() {
					switch {
					case i == 5 || n == 3 && i == 4:
						c.ask("POST", at+"/confirm", j{})
					default:
						c.ask("PATCH", at, j{"availabilityId": []string{slot10, slot11}[i%2]})
					}
				})
			}
			all.Wait()
			b := c.want(200, "POST", at+"/confirm", j{})
			if b["status"] != "CONFIRMED" || len(items(b)) != 2 {
				t.Errorf("booking %d: %v", n, b)
			}
		}
		if n := r.taken("raijin", "10:00") + r.taken("raijin", "11:00"); n != 8 ||
			r.taken("gate", "") != 8 {
			t.Errorf("%d places are taken for 8", n)
		}
		r.verify()
	})
}

// Goal: a booking that is confirmed moves to another slot or day where the park allows it, with new
// tickets, and gives some of its units back by the park's policy; it does not grow, and it does not
// change when it cannot be cancelled any more.
func TestChangeWhatIsConfirmed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		c := r.reseller(r.park, "reseller:tabi").with("Octo-Capabilities", "octo/pricing")
		at := "/octo/bookings/" + uuid(1)
		c.want(200, "POST", "/octo/bookings", booking(1, "fuji-kogen.raijin", slot10, 2))
		b := c.want(200, "POST", at+"/confirm", j{"resellerReference": "T-1"})
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "PATCH", at, j{"availabilityId": slot11})
		p, err := r.parks.Find(t.Context(), r.park.ID)
		r.do("find", err)
		p.Policy.Changes = 1
		_, err = r.parks.ChangePark(t.Context(), p, "test")
		r.do("allow changes", err)
		// It holds for what is bought from now on.
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "PATCH", at, j{"availabilityId": slot11})
		c.want(200, "POST", at+"/cancel", nil)
		at = "/octo/bookings/" + uuid(2)
		c.want(200, "POST", "/octo/bookings", booking(2, "fuji-kogen.raijin", slot10, 2))
		b = c.want(200, "POST", at+"/confirm", j{"resellerReference": "T-2"})
		text := func(b j) any {
			return items(b)[0]["ticket"].(j)["deliveryOptions"].([]any)[0].(j)["deliveryValue"]
		}
		moved := c.want(200, "PATCH", at, j{"availabilityId": slot11})
		if moved["availabilityId"] != slot11 || r.taken("raijin", "10:00") != 0 ||
			r.taken("raijin", "11:00") != 2 || text(moved) == text(b) || moved["id"] != b["id"] ||
			!slices.Equal(uuids(items(moved)), uuids(items(b))) ||
			moved["resellerReference"] != "T-2" || moved["status"] != "CONFIRMED" {
			t.Errorf("moved %v", moved)
		}
		again := c.want(200, "PATCH", at, j{"availabilityId": slot11})
		if text(again) != text(moved) {
			t.Errorf("the same change again made new tickets")
		}
		mine := named(items(b))
		for _, body := range []j{{"availabilityId": slot10}, {"productId": "fuji-kogen.day",
			"availabilityId": day}, {"unitItems": append(mine, j{"unitId": "adult"})},
			{"unitItems": []j{{"uuid": mine[0]["uuid"], "unitId": "child"}}},
			{"unitItems": mine[:1], "availabilityId": slot10}} {
			c.refused(400, "UNPROCESSABLE_ENTITY", "", "PATCH", at, body)
		}
		short := c.want(200, "PATCH", at, j{"unitItems": mine[1:]})
		if got := items(short); len(got) != 1 || got[0]["uuid"] != mine[1]["uuid"] ||
			r.taken("raijin", "11:00") != 1 || short["availabilityId"] != slot11 ||
			!is(short["pricing"].(j)["net"], 6800) || short["cancellable"] != true {
			t.Errorf("one less %v", short)
		}
		r.forward(48 * time.Hour)
		c.refused(400, "UNPROCESSABLE_ENTITY", "", "PATCH", at, j{"resellerReference": "T-9"})
		r.verify()
	})
}
