package queue_test

import (
	"testing"
	"time"

	"watari/visit/park/queue"
)

// Goal: what the map says is closed is closed on every board and nowhere a number (U10), whatever
// sensors and staff say; it gives and calls no numbers, and others are as before. Method: two rides
// that run, one closed on the map and opened again; the board, what anybody reads, and its line.
func TestWhatTheMapClosesIsClosed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		p, other := r.ride("raijin"), r.ride("koma")
		r.open(p)
		early := r.join(p, "vis_early", 2)
		for range 5 {
			r.pass(other.ID, 1, 30, 14, 1)
			r.observe(p.ID, 30, 14, 1)
			r.must(r.Tick(ctx, "kogen"))
		}
		if w := r.wait(p.ID); w.Minutes == nil || w.Shut {
			t.Fatalf("before: %+v", w)
		}
		r.mapSays("raijin")
		r.later(2 * time.Second)
		w := r.wait(p.ID)
		if !w.Shut || w.State != queue.Closed || w.Minutes != nil || w.Last != nil ||
			w.InLine != nil || w.High != nil || w.Virtual.State != queue.LineClosed {
			t.Errorf("closed: %+v %+v", w, w.Virtual)
		}
		if w := r.wait(other.ID); w.Shut || w.State != queue.Operating || w.Minutes == nil {
			t.Errorf("the other: %+v", w)
		}
		n := int64(25)
		w, err := r.Post(ctx, queue.Post{ParkID: "kogen", PlaceID: p.ID, Minutes: &n, Actor: "test"})
		if r.must(err); w.State != queue.Closed || w.Minutes != nil {
			t.Errorf("staff cannot open it: %+v", w)
		}
		public := r.call("", "GET /v1/parks/kogen/waits", "", 200)
		for _, one := range public["waits"].([]any) {
			item := one.(map[string]any)
			if item["code"] == "raijin" && (item["state"] != "closed" || item["minutes"] != nil ||
				item["last_minutes"] != nil || item["in_line"] != nil) {
				t.Errorf("anybody reads %v", item)
			}
		}
		_, err = r.Join(ctx, queue.Join{ParkID: "kogen", PlaceID: p.ID, VisitorID: "vis_late",
			Party: 2})
		r.refused(err, queue.ErrVirtualShut)
		r.served(p, 20)
		if is := r.ticket(early); is.State != queue.Joined {
			t.Errorf("a number is called to a closed door: %+v", is)
		}
		r.mapSays()
		r.served(p, 20)
		if w := r.wait(p.ID); w.Shut || w.State != queue.Operating || w.Minutes == nil {
			t.Errorf("open again: %+v", w)
		}
		if is := r.ticket(early); is.State == queue.Joined {
			t.Errorf("nobody is called: %+v", is)
		}
	})
}
