package queue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"watari/kit/i18n"
	"watari/visit/park/queue"
)

// wants holds members of an object to a list "name", or "name=value"; a name with ? may be absent.
// Nothing else may be there: clients of that shape are generated from schemas.
func wants(t *testing.T, what string, got any, members ...string) {
	t.Helper()
	object, ok := got.(map[string]any)
	if !ok {
		t.Fatalf("%s is %v", what, got)
	}
	var names []string
	for _, m := range members {
		name, value, fixed := strings.Cut(m, "=")
		optional := strings.HasSuffix(name, "?")
		name = strings.TrimSuffix(name, "?")
		names = append(names, name)
		is, there := object[name]
		switch {
		case !there && !optional:
			t.Errorf("%s lacks %s: %v", what, name, got)
		case there && fixed && fmt.Sprint(is) != value:
			t.Errorf("%s: %s is %v, want %s", what, name, is, value)
		}
	}
	for name := range object {
		if !slices.Contains(names, name) && name != "$schema" {
			t.Errorf("%s has %s, which that shape does not know", what, name)
		}
	}
}

// first is the first element of a list.
func first(t *testing.T, list any) any {
	t.Helper()
	all, ok := list.([]any)
	if !ok || len(all) == 0 {
		t.Fatalf("no list: %v", list)
	}
	return all[0]
}

// desk adds a ticket counter with two windows.
func (r *rig) desk(code string) queue.Place {
	r.t.Helper()
	p, err := r.AddPlace(r.t.Context(), queue.Place{ParkID: "kogen", Code: code,
		Kind: queue.Counter, Name: i18n.Text{i18n.English: "Desk"},
		Design: queue.Design{Windows: 2, Service: time.Minute}}, "test")
	r.must(err)
	return p
}

// Goal: clients of ThemeParks.wiki find our parks and what is in them: every answer has the members
// of that shape's type library 2.0.0, with its words, for any page, with times to keep it. Method:
// a park with a ride and a counter; each address.
func TestEntitiesHaveTheThemeParksShape(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p, desk := r.ride("raijin"), r.desk("desk")
		r.at("10:00")
		got, head := r.send("", "GET /v1/destinations", "", 200)
		if head.Get("Access-Control-Allow-Origin") != "*" || head.Get("Cache-Control") !=
			"public, max-age=3600" {
			t.Errorf("headers %v", head)
		}
		d := first(t, got["destinations"])
		wants(t, "destination", d, "id=dst_kogen", "name=Kogen Land", "slug=kogen", "parks")
		wants(t, "park of it", first(t, d.(map[string]any)["parks"]), "id=prk_kogen",
			"name=Kogen Land")

		e := r.call("", "GET /v1/entity/dst_kogen", "", 200)
		wants(t, "destination", e, "id=dst_kogen", "name", "slug", "entityType=DESTINATION",
			"timezone=Asia/Tokyo", "location")
		e = r.call("", "GET /v1/entity/prk_kogen", "", 200)
		wants(t, "park", e, "id=prk_kogen", "name", "slug", "entityType=PARK", "parentId=dst_kogen",
			"destinationId=dst_kogen", "timezone", "location")
		wants(t, "location", e["location"], "latitude=35.487", "longitude=138.78")
		e = r.call("", "GET /v1/entity/"+p.ID, "", 200)
		wants(t, "ride", e, "id", "name=The raijin", "entityType=ATTRACTION", "attractionType=RIDE",
			"parentId=prk_kogen", "parkId=prk_kogen", "destinationId=dst_kogen", "timezone",
			"externalId=raijin")
		e = r.call("", "GET /v1/entity/"+desk.ID, "", 200)
		wants(t, "desk", e, "id", "name", "entityType=ATTRACTION", "attractionType=OTHER", "parentId",
			"parkId", "destinationId", "timezone", "externalId")

		c := r.call("", "GET /v1/entity/dst_kogen/children", "", 200)
		wants(t, "children", c, "id", "name", "entityType", "timezone", "children")
		if n := len(c["children"].([]any)); n != 3 {
			t.Errorf("%d children, want the park and two", n)
		}

		s := r.call("", "GET /v1/entity/"+p.ID+"/schedule", "", 200)
		wants(t, "schedule", s, "id", "name", "entityType", "timezone", "schedule")
		wants(t, "day", first(t, s["schedule"]), "date=2026-11-23", "type=OPERATING",
			"openingTime=2026-11-23T09:00:00+09:00", "closingTime=2026-11-23T20:00:00+09:00")
		s = r.call("", "GET /v1/entity/prk_kogen/schedule/2026/12", "", 200)
		if n := len(s["schedule"].([]any)); n != 31 {
			t.Errorf("%d days in December", n)
		}
		r.call("", "GET /v1/entity/prk_kogen/schedule/2026/13", "", 422)
	})
}

// Goal: waits and states are read in that shape, virtual queues as return times. Method: a ride
// that has a wait, one that is down, a counter that is closed.
func TestWaitsHaveTheThemeParksShape(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p, down, desk := r.ride("raijin"), r.ride("koma"), r.desk("desk")
		r.at("10:00")
		r.pass(p.ID, 20, 25, 14, 1)
		r.call("gate", "POST /v1/parks/kogen/queues/koma/posts", `{"state":"down"}`, 200)
		r.call("manager", "POST /v1/parks/kogen/queues/raijin/virtual", `{"step":"open"}`, 200)
		l, head := r.send("", "GET /v1/entity/prk_kogen/live", "", 200)
		wants(t, "live", l, "id", "name", "entityType=PARK", "timezone", "liveData")
		if !strings.Contains(head.Get("Cache-Control"), "max-age=10") {
			t.Errorf("live may be kept: %v", head)
		}
		byID := map[string]map[string]any{}
		for _, one := range l["liveData"].([]any) {
			m := one.(map[string]any)
			byID[m["id"].(string)] = m
			wants(t, "live data", m, "id", "name", "entityType", "parkId", "externalId", "status",
				"queue?", "operatingHours?", "lastUpdated")
			wants(t, "hours", first(t, m["operatingHours"]), "type=OPERATING", "startTime", "endTime")
		}
		q := byID[p.ID]["queue"].(map[string]any)
		wants(t, "queue", q, "STANDBY", "RETURN_TIME")
		wants(t, "standby", q["STANDBY"], fmt.Sprintf("waitTime=%d", *r.wait(p.ID).Minutes))
		wants(t, "return time", q["RETURN_TIME"], "state=AVAILABLE", "returnStart", "returnEnd")
		if byID[down.ID]["status"] != "DOWN" || byID[down.ID]["queue"].(map[string]any)["STANDBY"] !=
			nil || byID[desk.ID]["status"] != "CLOSED" {
			t.Errorf("states %v, %v", byID[down.ID], byID[desk.ID])
		}
		one := r.call("", "GET /v1/entity/"+p.ID+"/live", "", 200)
		if len(one["liveData"].([]any)) != 1 {
			t.Errorf("live of one: %v", one)
		}
	})
}

// Goal: histories have that shape too, and what cannot be read is refused in its words. Method: a
// day of changes, the days of a week, each mistake.
func TestHistoriesHaveTheThemeParksShape(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.ride("raijin")
		r.at("10:00")
		r.pass(p.ID, 30, 25, 14, 1)
		h := r.call("", "GET /v1/entity/"+p.ID+"/history?date=2026-11-23", "", 200)
		wants(t, "history", h, "id", "name", "entityType=ATTRACTION", "parentId", "destinationId",
			"timezone", "range", "coverage", "opening", "history", "next=<nil>")
		wants(t, "range", h["range"], "from=2026-11-23", "to=2026-11-23")
		wants(t, "coverage", h["coverage"], "firstRecordedAt=2026-11-23")
		row := first(t, h["history"])
		wants(t, "row", row, "time", "changed", "status=OPERATING", "queue")
		if changed := row.(map[string]any)["changed"]; fmt.Sprint(changed) == "[]" {
			t.Errorf("a row without a change: %v", row)
		}
		r.later(24 * time.Hour)
		r.must(r.CloseDays(t.Context(), "kogen"))
		d := r.call("", "GET /v1/entity/"+p.ID+"/history/daily?from=2026-11-20&to=2026-11-24", "", 200)
		wants(t, "daily", d, "id", "name", "entityType", "parentId", "destinationId", "timezone",
			"range", "coverage", "days", "next=<nil>")
		one := first(t, d["days"])
		wants(t, "day", one, "date=2026-11-23", "firstOperatingAt", "lastClosedAt",
			"operatingMinutes", "downMinutes", "standby", "changes")
		wants(t, "standby", one.(map[string]any)["standby"], "min", "p50", "mean", "p90", "max")
		for query, kind := range map[string]string{"date=soon": "INVALID_DATE",
			"from=2026-11-24&to=2026-11-23": "INVALID_RANGE",
			"date=2026-11-23&to=2026-11-24": "INVALID_RANGE",
			"from=2026-01-01&to=2026-11-23": "RANGE_TOO_LONG", "from=2026-11-24": "INVALID_DATE"} {
			got := r.call("", "GET /v1/entity/"+p.ID+"/history?"+query, "", 400)
			wants(t, query, got["error"], "type="+kind, "message")
		}
		got := r.call("", "GET /v1/entity/que_none/history", "", 404)
		wants(t, "none", got["error"], "type=NOT_FOUND", "message")
		r.call("", "GET /v1/entity/prk_kogen/history", "", 404)
	})
}
