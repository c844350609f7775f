package park_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"watari/visit/park/queue"
)

// take gives somebody a number.
func (r *rig) take(p queue.Place, visitor string, party int64) queue.Ticket {
	r.t.Helper()
	n, err := r.queues.Join(context.Background(), queue.Join{ParkID: r.park.ID, PlaceID: p.ID,
		VisitorID: visitor, Party: party})
	r.do("take a number", err)
	return n
}

// state is how a number stands.
func (r *rig) state(n queue.Ticket) queue.TicketState {
	r.t.Helper()
	is, err := r.queues.TicketOf(context.Background(), n.VisitorID, n.ID)
	r.do("read a number", err)
	return is.State
}

// Goal: a park sets up a virtual queue, opens it, and lets people in by what their phones show, in
// their windows and at their ride only. Method: from the page of a ride without one to the second
// number, by an owner and a cashier; bad settings, codes and hours between.
func TestNumbersAreGivenAndTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		add := func(code string, v queue.Virtual) queue.Place {
			p, err := r.queues.AddPlace(ctx, queue.Place{ParkID: r.park.ID, Code: code,
				Kind: queue.Ride, Name: name("Ride " + code), Virtual: v,
				Design: queue.Design{Seats: 24, Dispatch: time.Minute}}, "test")
			r.do("add a ride", err)
			return p
		}
		ride := add("one", queue.Virtual{})
		at := "/park/numbers/" + ride.ID
		holds(t, "the ride", r.page("/park/queues/"+ride.ID), "gives no numbers",
			"Set up a virtual queue")
		holds(t, "none", r.page("/park/numbers"), "No ride gives numbers")
		set := []string{"version", "1", "offered", "yes", "virtual.share_ppm", "100",
			"virtual.lead_seconds", "5", "virtual.window_seconds", "15",
			"virtual.grace_seconds", "5", "virtual.draw_seconds", "0", "virtual.party_max", "4"}
		w := r.post(at+"/settings", append(set, "virtual.window_seconds", "3")...)
		holds(t, "a short window", text(w.Body.String()), "5 to 120 minutes.")
		w = r.post(at+"/settings", append(set, "virtual.share_ppm", "0.5")...)
		holds(t, "a small part", text(w.Body.String()), "1 to 100 %.")
		if p, _ := r.queues.Place(ctx, r.park.ID, ride.ID); p.Virtual.Offered {
			t.Error("bad settings were kept")
		}
		if w := r.post(at+"/settings", set...); w.Code != http.StatusSeeOther {
			t.Fatalf("settings: %d %s", w.Code, text(w.Body.String()))
		}
		p, err := r.queues.Place(ctx, r.park.ID, ride.ID)
		r.do("read the ride", err)
		want := queue.Virtual{Offered: true, SharePPM: 1_000_000, Lead: 5 * time.Minute,
			Window: 15 * time.Minute, Grace: 5 * time.Minute, PartyMax: 4}
		if p.Virtual != want {
			t.Errorf("the settings are %+v", p.Virtual)
		}
		w = r.post(at+"/settings", set...)
		holds(t, "an old page", text(w.Body.String()), "Somebody changed it meanwhile.")

		if w := r.post(at+"/steer", "step", "open"); w.Code != http.StatusSeeOther {
			t.Fatalf("open: %d %s", w.Code, text(w.Body.String()))
		}
		a, b := r.take(p, "vis_a", 4), r.take(p, "vis_b", 2)
		holds(t, "taken", r.page(at), a.Code, b.Code, "waits to be called", "gives numbers")
		r.windows(t, p, at, a, b)
		other := add("two", want)
		w = r.post("/park/numbers/"+other.ID, "number", b.Code)
		holds(t, "at another ride", text(w.Body.String()), "Nobody holds this number")
		if s := r.state(b); s != queue.Called {
			t.Errorf("it was let in elsewhere: %s", s)
		}
		holds(t, "two rides", r.page("/park/numbers"), "Ride one", "Ride two", "closed")
		if w := r.post(at+"/steer", "step", "close"); w.Code != http.StatusSeeOther {
			t.Errorf("close: %d", w.Code)
		}
		if s := r.state(b); s != queue.Expired {
			t.Errorf("closed, it is %s", s)
		}
	})
}

// windows lets the first of two numbers in, by a cashier: not before its window, and once.
func (r *rig) windows(t *testing.T, p queue.Place, at string, a, b queue.Ticket) {
	t.Helper()
	let := func(code string) string {
		w := r.send(http.MethodPost, at, "cashier", url.Values{"number": {code}})
		if w.Code == http.StatusSeeOther {
			return "in"
		}
		return text(w.Body.String())
	}
	holds(t, "not called", let(a.Code), "This cannot be done now")
	r.forward(2 * time.Minute)
	r.do("call", r.queues.CallNumbers(context.Background(), r.park.ID))
	holds(t, "called", r.page(at), "at the latest")
	holds(t, "early", let(a.Code), "has not begun")
	r.forward(6 * time.Minute)
	if w := r.post(at+"/steer", "step", "pause"); w.Code != http.StatusSeeOther {
		t.Errorf("pause: %d", w.Code)
	}
	holds(t, "paused", let(a.Code), "This cannot be done now")
	if w := r.post(at+"/steer", "step", "resume"); w.Code != http.StatusSeeOther {
		t.Errorf("resume: %d", w.Code)
	}
	w := r.send(http.MethodPost, at+"/steer", "cashier", url.Values{"step": {"close"}})
	if w.Code != http.StatusForbidden && w.Code != http.StatusNotFound {
		t.Errorf("a cashier steers: %d", w.Code)
	}
	if got := let(" " + a.Code + " "); got != "in" || r.state(a) != queue.Redeemed {
		t.Errorf("let in: %s, %s", got, r.state(a))
	}
	holds(t, "again", let(a.Code), "Nobody holds this number")
	if s := r.state(b); s != queue.Called {
		t.Errorf("the other is %s", s)
	}
}
