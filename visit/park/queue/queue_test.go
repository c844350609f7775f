package queue_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/kit/fault"
	"watari/visit/park/queue"
)

// slug is the problem of an answer.
func slug(problem map[string]any) string {
	text, _ := problem["type"].(string)
	return text[strings.LastIndex(text, "/")+1:]
}

const rideBody = `{"code":"%s","kind":"ride","name":{"en":"Raijin","ja":"雷神"},
	"design":{"seats":24,"dispatch_seconds":85,"priority_ppm":120000}}`

// Goal: a park's owner and managers keep its queues over the API, others read or do not see them,
// and what cannot be is refused by field. Method: every step with every role; a table of mistakes.
func TestQueuesAreKeptByTheirPark(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		const all = "/v1/parks/kogen/queues"
		made := r.call("owner", "POST "+all, fmt.Sprintf(rideBody, "raijin"), 201)
		one := all + "/" + made["id"].(string)
		for who, want := range map[string]int{"gate": 403, "bank": 403, "operator": 403, "shop": 404,
			"rival": 404, "abroad": 404} {
			r.call(who, "POST "+all, fmt.Sprintf(rideBody, "stranger"), want)
			r.call(who, "PUT "+one, fmt.Sprintf(rideBody, "stranger"), want)
			r.call(who, "DELETE "+one, "", want)
		}
		for who, want := range map[string]int{"manager": 200, "gate": 200, "bank": 200,
			"operator": 200, "shop": 404, "rival": 404, "abroad": 404, "other": 404} {
			r.call(who, "GET "+all, "", want)
			r.call(who, "GET "+one, "", want)
			r.call(who, "GET "+all+"/raijin", "", want)
		}
		if got := r.call("manager", "POST "+all, fmt.Sprintf(rideBody, "raijin"), 409); slug(got) !=
			"queue-code-taken" {
			t.Errorf("a second raijin: %v", got)
		}
		for field, body := range map[string]string{
			"/code":                    fmt.Sprintf(rideBody, "Rai Jin"),
			"/name":                    strings.Replace(fmt.Sprintf(rideBody, "x"), `"en"`, `"fr"`, 1),
			"/design/seats":            strings.Replace(fmt.Sprintf(rideBody, "x"), "24", "0", 1),
			"/design/dispatch_seconds": strings.Replace(fmt.Sprintf(rideBody, "x"), "85", "9000", 1),
			"/design/priority_ppm": strings.Replace(fmt.Sprintf(rideBody, "x"), "120000",
				"1000000", 1),
			"/design/windows": `{"code":"x","kind":"counter","name":{"en":"X"},"design":{}}`,
			"/virtual/offered": `{"code":"x","kind":"counter","name":{"en":"X"},"design":{"windows":2,
				"service_seconds":30},"virtual":{"share_ppm":100000,"window_seconds":900,"party_max":4}}`,
			"/virtual/window_seconds": `{"code":"x","kind":"ride","name":{"en":"X"},"design":{"seats":2,
				"dispatch_seconds":30},"virtual":{"share_ppm":100000,"window_seconds":9,"party_max":4}}`,
		} {
			got := r.call("owner", "POST "+all, body, 422)
			if slug(got) != "queue-invalid" || !strings.Contains(fmt.Sprint(got["errors"]), field) {
				t.Errorf("%s: %v", field, got)
			}
		}
		got := r.call("manager", "PUT "+one, strings.Replace(fmt.Sprintf(rideBody, "raijin"), "24",
			"32", 1), 200)
		if got["version"] != 2.0 {
			t.Errorf("changed: %v", got)
		}
		stale := strings.Replace(fmt.Sprintf(rideBody, "raijin"), "{", `{"version":1,`, 1)
		if got := r.call("manager", "PUT "+one, stale, 409); slug(got) != "queue-changed" {
			t.Errorf("an old version: %v", got)
		}
		r.call("owner", "DELETE "+one, "", 204)
		r.call("owner", "GET "+one, "", 404)
		r.call("owner", "POST "+all, fmt.Sprintf(rideBody, "raijin"), 201)
		if n := r.told("queue.place_added"); n != 2 {
			t.Errorf("%d places were told", n)
		}
	})
}

// Goal: counts are taken whole or not at all, a repeat changes nothing, and only the park's people
// send them. Method: the same call twice, several sensors, a table of mistakes.
func TestCountsAreTakenOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.ride("raijin")
		r.at("10:00")
		body := `{"sensor":"s1","counts":[{"queue":"raijin","minute":"2026-11-23T09:58:20+09:00",
			"entered":100,"served":0},{"queue":"` + p.ID + `","minute":"2026-11-23T09:59:00+09:00",
			"entered":36,"served":0,"cycles":0}]}`
		for range 2 {
			if got := r.call("manager", "POST /v1/parks/kogen/queue-counts", body,
				200); got["taken"] != 2.0 {
				t.Errorf("taken: %v", got)
			}
		}
		r.call("owner", "POST /v1/parks/kogen/queues/raijin/counts", `{"sensor":"s2","counts":[
			{"minute":"2026-11-23T09:59:30+09:00","entered":64,"served":0}]}`, 200)
		r.must(r.Tick(t.Context(), "kogen"))
		if w := r.wait(p.ID); w.InLine == nil || *w.InLine != 200 {
			t.Errorf("in line: %+v", w)
		}
		for who, want := range map[string]int{"gate": 403, "bank": 403, "rival": 404, "shop": 404,
			"abroad": 404} {
			r.call(who, "POST /v1/parks/kogen/queue-counts", body, want)
		}
		for mistake, want := range map[string]string{
			`{"queue":"nowhere","minute":"2026-11-23T09:59:00+09:00","entered":1}`: "queue-unknown",
			`{"queue":"raijin","minute":"2026-11-23T10:05:00+09:00","entered":1}`:  "queue-counts-invalid",
			`{"queue":"raijin","minute":"2026-11-01T10:05:00+09:00","entered":1}`:  "queue-counts-invalid",
			`{"queue":"raijin","minute":"2026-11-23T09:59:00+09:00"}`:              "queue-counts-invalid",
			`{"queue":"raijin","minute":"2026-11-23T09:59:00+09:00","served":99999}`: "queue-counts-" +
				"invalid",
		} {
			// The good count before the bad one is not kept either.
			got, _ := r.send("manager", "POST /v1/parks/kogen/queue-counts", `{"sensor":"s1","counts":[
				{"queue":"raijin","minute":"2026-11-23T09:59:00+09:00","entered":5},`+mistake+`]}`,
				map[bool]int{true: 404, false: 422}[want == "queue-unknown"])
			if slug(got) != want {
				t.Errorf("%s: %v", mistake, got)
			}
		}
		r.must(r.Tick(t.Context(), "kogen"))
		if w := r.wait(p.ID); *w.InLine != 200 {
			t.Errorf("in line after mistakes: %d", *w.InLine)
		}
	})
}

// Goal: what is found is kept, shown and told: a wait that grows, a breakdown, silence, closing.
// Method: a day in fast motion on two nodes; state events come once.
func TestBoardFollowsTheDay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.ride("raijin")
		if w := r.wait(p.ID); w.State != queue.Unknown || w.Minutes != nil || w.Fresh != queue.Stale {
			t.Errorf("nobody has said anything: %+v", w)
		}
		other := r.node()
		r.at("10:00")
		r.pass(p.ID, 30, 24, 14, 1)
		r.must(other.Tick(t.Context(), "kogen"))
		w := r.wait(p.ID)
		if w.State != queue.Operating || w.Minutes == nil || *w.Minutes < 20 || *w.Minutes > 30 ||
			w.Fresh != queue.Fresh || w.Source != queue.FromSensor || w.Trend != 1 ||
			*w.Low > *w.Minutes || *w.High < *w.Low {
			t.Errorf("300 in line: %+v", w)
		}
		if seen, err := other.Live(t.Context(), "kogen"); err != nil || *seen[0].Minutes != *w.Minutes {
			t.Errorf("the other node shows %+v, %v", seen, err)
		}
		r.pass(p.ID, 9, 2, 0, 0) // it stands still
		r.must(other.Tick(t.Context(), "kogen"))
		if w := r.wait(p.ID); w.State != queue.Down || w.Minutes != nil || w.Last == nil {
			t.Errorf("stands still: %+v", w)
		}
		r.pass(p.ID, 3, 0, 14, 1)
		if w := r.wait(p.ID); w.State != queue.Operating || w.Minutes == nil {
			t.Errorf("goes on: %+v", w)
		}
		r.later(9 * time.Minute)
		r.must(r.Tick(t.Context(), "kogen"))
		if w := r.wait(p.ID); w.Fresh != queue.Ageing || w.Minutes == nil {
			t.Errorf("nine minutes of silence: %+v", w)
		}
		r.later(9 * time.Minute)
		r.must(r.Tick(t.Context(), "kogen"))
		if w := r.wait(p.ID); w.State != queue.Unknown || w.Minutes != nil || w.Last == nil ||
			w.LastAt.IsZero() {
			t.Errorf("18 minutes of silence: %+v", w)
		}
		r.at("20:30")
		r.must(r.Tick(t.Context(), "kogen"))
		if w := r.wait(p.ID); w.State != queue.Closed || w.Minutes != nil {
			t.Errorf("closed: %+v", w)
		}
		if n := r.told("queue.state"); n != 5 {
			t.Errorf("%d changes of state were told: operating, down, operating, unknown, closed", n)
		}
		found, err := r.History(t.Context(), "kogen", p.ID, day, day.Add(24*time.Hour))
		if err != nil || len(found) < 600 {
			t.Errorf("%d moments, %v: minutes that nobody looked at are found later", len(found), err)
		}
	})
}

// Goal: staff post what they see, cashiers too; it is shown at once. Method: over the API.
func TestStaffPostWhatTheySee(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.ride("raijin")
		r.at("10:00")
		const posts = "POST /v1/parks/kogen/queues/raijin/posts"
		got := r.call("gate", posts, `{"state":"operating","minutes":40,"note":"long"}`, 200)
		if got["minutes"] != 40.0 || got["source"] != "staff" || got["state"] != "operating" {
			t.Errorf("posted %v", got)
		}
		got = r.call("gate", posts, `{"state":"operating","minutes":10,"at_most":true}`, 200)
		if got["minutes"] != 10.0 || got["at_most"] != true {
			t.Errorf("at most: %v", got)
		}
		got = r.call("gate", posts, `{"state":"operating","timed_only":true}`, 200)
		if got["minutes"] != nil || got["timed_only"] != true {
			t.Errorf("timed tickets only: %v", got)
		}
		r.later(time.Minute)
		r.call("gate", posts, `{"state":"operating","minutes":25}`, 200)
		r.later(time.Minute)
		got = r.call("gate", posts, `{"state":"down"}`, 200)
		if got["minutes"] != nil || got["state"] != "down" || got["last_minutes"] != 25.0 ||
			got["freshness"] != "fresh" || got["source"] != "staff" {
			t.Errorf("down: %v", got)
		}
		for _, bad := range []string{`{}`, `{"state":"down","minutes":5}`, `{"at_most":true}`,
			`{"windows":3}`} {
			r.call("gate", posts, bad, 422)
		}
		for who, want := range map[string]int{"bank": 403, "rival": 404, "shop": 404} {
			r.call(who, posts, `{"state":"closed"}`, want)
		}
		list := items(r.call("bank", "GET /v1/parks/kogen/queue-posts", "", 200))
		if len(list) != 5 || list[0]["note"] != "long" || list[0]["queue_id"] != p.ID {
			t.Errorf("posts: %v", list)
		}
		r.call("bank", "GET /v1/parks/kogen/queue-posts?day=yesterday", "", 400)
	})
}

// Goal: what days teach is used: a day that is over is summed up once, its waits are found if
// nobody looked, the usual course is that of like days, and timed riders judge what was shown.
// Method: a week of counts sent at once.
func TestDaysAreSummedUp(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.ride("raijin")
		ctx := t.Context()
		var counts []queue.Count
		for back := 1; back <= 7; back++ {
			for m := range 60 {
				at := day.Add(-time.Duration(back)*24*time.Hour + 5*time.Hour)
				counts = append(counts, queue.Count{Place: "raijin", Entered: ptr(25), Cycles: ptr(1),
					Minute: at.Add(time.Duration(m) * time.Minute), Served: ptr(14)})
			}
			// Then the line is emptied, and it turns out that a tenth was counted too much.
			for m := range 40 {
				at := day.Add(-time.Duration(back)*24*time.Hour + 6*time.Hour)
				counts = append(counts, queue.Count{Place: "raijin", Entered: ptr(0), Cycles: ptr(1),
					Minute: at.Add(time.Duration(m) * time.Minute), Served: ptr(13)})
			}
		}
		_, err := r.Observe(ctx, "kogen", "s1", counts)
		r.must(err)
		for range 2 {
			r.must(r.CloseDays(ctx, "kogen"))
		}
		days, err := r.Daily(ctx, "kogen", "2026-11-16", "2026-11-22")
		if err != nil || len(days) != 7 {
			t.Fatalf("%d days, %v", len(days), err)
		}
		d := days[6]
		if d.Day != "2026-11-22" || d.Entered != 1500 || d.Served != 1360 || d.OperatingMinutes < 90 ||
			d.Mean == nil || *d.High < 30 || *d.P50 < 5 || *d.Low > *d.P50 || *d.P90 > *d.High {
			t.Errorf("a day: %+v", d)
		}
		c, err := r.Course(ctx, "kogen", "raijin", "2026-11-23") // a Monday: five weekdays before
		if err != nil || c.Days != 5 || len(c.Slots) < 6 || c.Slots[3].Usual == nil ||
			*c.Slots[3].Usual < 15 || c.Slots[3].Today != nil {
			t.Errorf("the usual course: %+v, %v", c, err)
		}
		r.at("10:00")
		r.pass(p.ID, 20, 40, 14, 1) // 36 a minute really come
		if w := r.wait(p.ID); *w.InLine < 425 || *w.InLine > 465 {
			t.Errorf("%d in line: the sensor's bias is known by now", *w.InLine)
		}
		r.at("11:00")
		_, err = r.Sample(ctx, "kogen", "tokens", []queue.Sample{
			{Place: "raijin", Joined: day.Add(5*time.Hour + 15*time.Minute + 30*time.Second),
				Served: day.Add(5*time.Hour + 45*time.Minute)},
			{Place: p.ID, Joined: day.Add(4 * time.Hour), Served: day.Add(4*time.Hour + time.Minute)}})
		r.must(err)
		report := items(r.call("bank", "GET /v1/parks/kogen/queue-accuracy", "", 200))
		if len(report) != 2 || report[0]["riders"] != 1.0 || report[0]["riders_without"] != 1.0 ||
			report[0]["waited_seconds"] != 1770.0 || report[1]["queue_id"] != p.ID ||
			report[0]["estimate_error_seconds"].(float64) > 900 {
			t.Errorf("accuracy: %v", report)
		}
		r.call("manager", "POST /v1/parks/kogen/queue-samples", `{"sensor":"t","samples":[{"queue":
			"raijin","joined_at":"2026-11-23T10:30:00+09:00","served_at":"2026-11-23T10:00:00+09:00"}]}`,
			422)
		r.call("bank", "GET /v1/parks/kogen/queue-days?from=2026-11-16&to=2026-11-22", "", 200)
		r.call("bank", "GET /v1/parks/kogen/queue-days?from=2026-11-16&to=2026-12-31", "", 400)
	})
}

// Goal: a shorter line elsewhere is told only when it surely is. Method: gates with close and with
// clearly different waits, and with old news.
func TestSuggestionsAreSure(t *testing.T) {
	t.Parallel()
	wait := func(id string, shown, low, high int64) queue.Wait {
		return queue.Wait{Place: queue.Place{ID: id, Kind: queue.Entrance}, State: queue.Operating,
			Minutes: ptr(shown), Low: ptr(low), High: ptr(high), Fresh: queue.Fresh}
	}
	a, b, c := wait("a", 30, 24, 34), wait("b", 20, 15, 25), wait("c", 15, 10, 20)
	if best, minutes, ok := queue.Better([]queue.Wait{a, b, c}, "a"); !ok || best.Place.ID != "c" ||
		minutes != 15 {
		t.Errorf("suggested %+v, %d", best, minutes)
	}
	if best, _, ok := queue.Better([]queue.Wait{a, b}, "a"); ok {
		t.Errorf("within the error, %+v was suggested", best)
	}
	c.Fresh = queue.Ageing
	if best, _, ok := queue.Better([]queue.Wait{a, b, c}, "a"); ok {
		t.Errorf("old news, %+v was suggested", best)
	}
	c.Fresh, c.Place.Kind = queue.Fresh, queue.Ride
	if best, _, ok := queue.Better([]queue.Wait{a, b, c}, "a"); ok {
		t.Errorf("instead of a gate, %+v was suggested", best)
	}
}

// Goal: a park that is nobody's and a place that is another park's are answered alike.
func TestUnknownThingsAreAlike(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.ride("raijin")
		ctx := t.Context()
		_, err1 := r.Place(ctx, "prk_none", p.ID)
		_, err2 := r.Place(ctx, "umi", p.ID)
		_, err3 := r.Live(ctx, "none")
		for _, err := range []error{err1, err2, err3, r.EndPlace(ctx, "umi", p.ID, "x"),
			r.Tick(ctx, "none")} {
			var f *fault.Error
			if !errors.As(err, &f) || f.Problem != queue.ErrUnknown {
				t.Errorf("%v", err)
			}
		}
		r.call("", "GET /v1/parks/none/waits", "", http.StatusNotFound)
		r.call("", "GET /v1/entity/que_none/live", "", http.StatusNotFound)
	})
}
