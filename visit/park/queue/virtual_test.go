package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"watari/kit/fault"
	"watari/visit/park/queue"
)

// open opens the virtual queue of a ride at 10:00 and goes to the end of its draw.
func (r *rig) open(p queue.Place) {
	r.t.Helper()
	r.at("10:00")
	r.must(r.Tick(r.t.Context(), "kogen"))
	r.call("manager", "POST /v1/parks/kogen/queues/"+p.ID+"/virtual", `{"step":"open"}`, 200)
}

func (r *rig) join(p queue.Place, visitor string, party int64) queue.Ticket {
	r.t.Helper()
	t, err := r.Join(r.t.Context(), queue.Join{ParkID: "kogen", PlaceID: p.ID, VisitorID: visitor,
		Party: party})
	r.must(err)
	return t
}

func (r *rig) ticket(t queue.Ticket) queue.Ticket {
	r.t.Helper()
	is, err := r.TicketOf(r.t.Context(), t.VisitorID, t.ID)
	r.must(err)
	return is
}

func (r *rig) refused(err error, want *fault.Problem) {
	r.t.Helper()
	if !errors.Is(err, want) {
		r.t.Errorf("%v, want %s", err, want.Slug)
	}
}

// served lets minutes pass in which the ride runs and numbers are called.
func (r *rig) served(p queue.Place, minutes int) {
	r.t.Helper()
	for range minutes {
		r.pass(p.ID, 1, 10, 10, 1)
		r.must(r.CallNumbers(r.t.Context(), "kogen"))
	}
}

// Goal: a number goes its way: taken, called in turn, redeemed inside its window and only there.
// Method: three parties over an hour.
func TestNumbersAreCalledInTurn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		p := r.ride("raijin")
		_, err := r.Join(ctx, queue.Join{ParkID: "kogen", PlaceID: p.ID, VisitorID: "vis_a", Party: 1})
		r.refused(err, queue.ErrVirtualShut)
		r.open(p)
		r.later(3 * time.Minute) // the draw is over: first come, first called
		a, b, c := r.join(p, "vis_a", 4), r.join(p, "vis_b", 4), r.join(p, "vis_c", 2)
		if a.Number != 1 || c.Ahead != 8 || !c.Drawn || c.EstimateFrom.Before(r.clock()) ||
			a.Code == b.Code {
			t.Errorf("taken: %+v, %+v", a, c)
		}
		if again := r.join(p, "vis_a", 4); again.ID != a.ID {
			t.Errorf("taken again: %+v", again)
		}
		for _, j := range []queue.Join{{VisitorID: "vis_a", Party: 2}, {VisitorID: "vis_z", Party: 5},
			{VisitorID: "vis_z"}} {
			j.ParkID, j.PlaceID = "kogen", p.ID
			want := queue.ErrVirtualParty
			if j.Party == 2 {
				want = queue.ErrVirtualHeld
			}
			_, err := r.Join(ctx, j)
			r.refused(err, want)
		}
		_, err = r.Redeem(ctx, "kogen", a.ID, "gate")
		r.refused(err, queue.ErrVirtualStep)
		// A quarter of 13.6 a minute: four people in a little over a minute.
		r.served(p, 1)
		if a, b := r.ticket(a), r.ticket(b); a.State != queue.Called || b.State != queue.Joined ||
			a.To.Sub(a.From) != 15*time.Minute || a.From.Sub(r.clock()) > 5*time.Minute {
			t.Errorf("after a minute: %+v, %+v", a, b)
		}
		_, err = r.Redeem(ctx, "kogen", a.Code, "gate")
		r.refused(err, queue.ErrVirtualEarly)
		r.served(p, 7)
		got := r.call("gate", "POST /v1/parks/kogen/queue-redemptions", `{"number":"`+a.Code+`"}`, 200)
		if got["state"] != "redeemed" || got["party"] != 4.0 {
			t.Errorf("redeemed: %v", got)
		}
		r.call("gate", "POST /v1/parks/kogen/queue-redemptions", `{"number":"`+a.Code+`"}`, 409)
		r.call("rival", "POST /v1/parks/kogen/queue-redemptions", `{"number":"`+b.Code+`"}`, 404)
		if held, err := r.Held(ctx, "kogen", "vis_a"); err != nil || held != nil {
			t.Errorf("still held: %+v, %v", held, err)
		}
		if left, err := r.Leave(ctx, "vis_c", c.ID); err != nil || left.State != queue.Left {
			t.Errorf("left: %+v, %v", left, err)
		}
		_, err = r.Leave(ctx, "vis_a", c.ID)
		r.refused(err, queue.ErrUnknown)
		r.served(p, 30) // nobody comes for b
		if b := r.ticket(b); b.State != queue.Expired {
			t.Errorf("nobody came: %+v", b)
		}
		_, err = r.Redeem(ctx, "kogen", b.Code, "gate")
		r.refused(err, queue.ErrVirtualStep)
		for kind, want := range map[string]int{"called": 2, "redeemed": 1, "left": 1, "expired": 1} {
			if kind == "called" {
				want = r.told("queue.number_called") // c may have been called before it left
			}
			if n := r.told("queue.number_" + kind); n != want || n == 0 {
				t.Errorf("%d numbers %s, want %d", n, kind, want)
			}
		}
	})
}

// Goal: the fastest finger has no advantage: those who take a number in the first minutes are
// called by lot, those who come later after them, and everybody as fast as the ride's share allows.
// Method: 60 who come at once and 20 later; the order of calling against the order of coming.
func TestOpeningIsDrawnByLot(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.ride("raijin")
		r.open(p)
		early := r.join(p, "vis_early", 2)
		if early.Drawn || early.DrawAt.Sub(r.clock()) != 2*time.Minute {
			t.Errorf("before the draw: %+v", early)
		}
		r.must(r.CallNumbers(t.Context(), "kogen"))
		order := map[string]int{}
		for i := range 60 {
			order[r.join(p, fmt.Sprintf("vis_%02d", i), 1).ID] = i
		}
		if r.ticket(early).State != queue.Joined {
			t.Error("called before the draw")
		}
		r.later(3 * time.Minute)
		late := r.join(p, "vis_late", 1)
		if late.Ahead != 62 {
			t.Errorf("%d are ahead of who comes late, want 62", late.Ahead)
		}
		held, err := r.List(t.Context(), "kogen", p.ID)
		r.must(err)
		inOrder, last := 0, -1
		for _, one := range held {
			if i, ok := order[one.ID]; ok {
				if i == last+1 {
					inOrder++
				}
				last = i
			}
		}
		if inOrder > 10 || held[len(held)-1].ID != late.ID {
			t.Errorf("%d of 60 are called right after who came right before", inOrder)
		}
		r.served(p, 10)
		held, err = r.List(t.Context(), "kogen", p.ID)
		r.must(err)
		called := int64(0)
		for _, one := range held {
			if one.State == queue.Called {
				called += one.Party
			}
		}
		if called < 30 || called > 48 { // 3.4 a minute, and a dispatch at most that was saved up
			t.Errorf("%d people were called in ten minutes", called)
		}
	})
}

// Goal: a breakdown costs nobody their window: nothing is called, nothing lapses, and windows move
// by as long as it lasts. Method: a breakdown longer than window and grace.
func TestBreakdownMovesWindows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		p := r.ride("raijin")
		r.open(p)
		r.later(3 * time.Minute)
		a := r.join(p, "vis_a", 4)
		r.served(p, 1)
		b := r.join(p, "vis_b", 4)
		before := r.ticket(a)
		r.call("gate", "POST /v1/parks/kogen/queues/raijin/posts", `{"state":"down"}`, 200)
		l, err := r.Numbers(ctx, "kogen", p.ID)
		r.must(err)
		if l.State != queue.LinePaused || !r.ticket(a).Paused || !r.ticket(b).EstimateFrom.IsZero() {
			t.Errorf("paused: %+v", l)
		}
		_, err = r.Join(ctx, queue.Join{ParkID: "kogen", PlaceID: p.ID, VisitorID: "vis_c", Party: 1})
		r.refused(err, queue.ErrVirtualShut)
		for range 40 {
			r.pass(p.ID, 1, 0, 0, 0)
			r.must(r.CallNumbers(ctx, "kogen"))
		}
		if a, b := r.ticket(a), r.ticket(b); a.State != queue.Called || b.State != queue.Joined {
			t.Errorf("during the breakdown: %s, %s", a.State, b.State)
		}
		r.call("gate", "POST /v1/parks/kogen/queues/raijin/posts", `{"state":"operating"}`, 200)
		after := r.ticket(a)
		if moved := after.From.Sub(before.From); moved != 40*time.Minute || after.Paused ||
			after.To.Sub(after.From) != 15*time.Minute {
			t.Errorf("the window moved by %s", moved)
		}
		r.served(p, 6)
		if _, err := r.Redeem(ctx, "kogen", a.ID, "gate"); err != nil {
			t.Errorf("after the breakdown: %v", err)
		}
		r.call("manager", "POST /v1/parks/kogen/queues/raijin/virtual", `{"step":"close"}`, 200)
		if b := r.ticket(b); b.State != queue.Expired {
			t.Errorf("closed: %s", b.State)
		}
		r.call("manager", "POST /v1/parks/kogen/queues/raijin/virtual", `{"step":"pause"}`, 409)
	})
}

// Goal: on two nodes at once nobody gets two numbers, no number is called twice, and no more people
// are called than the share allows. Method: 40 visitors who press twice, two nodes that call.
func TestTwoNodesGiveAndCallOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		p := r.ride("raijin")
		r.open(p)
		r.later(3 * time.Minute)
		nodes := []*queue.Queues{r.Queues, r.node()}
		var mu sync.Mutex
		var ids []string
		var running sync.WaitGroup
		for i := range 80 {
			running.Go(func() {
				got, err := nodes[i%2].Join(ctx, queue.Join{ParkID: "kogen", PlaceID: p.ID,
					VisitorID: fmt.Sprintf("vis_%d", i/2), Party: 1})
				if err != nil {
					t.Errorf("join: %v", err)
				}
				mu.Lock()
				ids = append(ids, got.ID)
				mu.Unlock()
			})
		}
		running.Wait()
		slices.Sort(ids)
		if ids = slices.Compact(ids); len(ids) != 40 {
			t.Errorf("%d numbers for 40 visitors", len(ids))
		}
		r.later(5 * time.Minute)
		for i := range 6 {
			running.Go(func() {
				if err := nodes[i%2].CallNumbers(context.WithoutCancel(ctx), "kogen"); err != nil {
					t.Errorf("call: %v", err)
				}
			})
		}
		running.Wait()
		if n := r.told("queue.number_called"); n < 15 || n > 21 { // 3.4 × 5, or a dispatch
			t.Errorf("%d were called", n)
		}
	})
}

// Goal: limits hold: the people of a day, and a place that offers no virtual queue. Method: a ride
// with ten places; a ride without any.
func TestVirtualQueuesHaveLimits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		p := r.ride("raijin")
		p.Virtual.DayMax = 10
		p, err := r.ChangePlace(ctx, p, "test")
		r.must(err)
		r.open(p)
		for i := range 2 {
			r.join(p, fmt.Sprintf("vis_%d", i), 4)
		}
		_, err = r.Join(ctx, queue.Join{ParkID: "kogen", PlaceID: p.ID, VisitorID: "vis_x", Party: 4})
		r.refused(err, queue.ErrVirtualFull)
		r.join(p, "vis_x", 2)
		got := r.call("bank", "GET /v1/parks/kogen/queues/raijin/virtual", "", 200)
		if got["people_left"] != 0.0 || got["waiting_people"] != 10.0 || got["state"] != "open" ||
			len(got["numbers"].([]any)) != 3 {
			t.Errorf("the virtual queue: %v", got)
		}
		bare := r.ride("bare")
		bare.Virtual = queue.Virtual{}
		_, err = r.ChangePlace(ctx, bare, "test")
		r.must(err)
		_, err = r.Join(ctx, queue.Join{ParkID: "kogen", PlaceID: "bare", VisitorID: "v", Party: 1})
		r.refused(err, queue.ErrVirtualNone)
		r.call("gate", "POST /v1/parks/kogen/queues/raijin/virtual", `{"step":"pause"}`, 403)
		r.call("rival", "POST /v1/parks/kogen/queues/raijin/virtual", `{"step":"pause"}`, 404)
		r.must(r.EndPlace(ctx, "kogen", p.ID, "test"))
		if held, err := r.Held(ctx, "kogen", "vis_0"); err != nil || held != nil {
			t.Errorf("the place ended, and %+v is held, %v", held, err)
		}
	})
}

// Goal: who takes numbers and gives them up keeps nobody out: they are free for others again, and
// one visitor takes so many on a day. Method: one who does it all day long, at a ride with ten.
func TestTakingAndLeavingKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		p := r.ride("raijin")
		p.Virtual.DayMax = 10
		p, err := r.ChangePlace(ctx, p, "test")
		r.must(err)
		r.open(p)
		for range queue.NumbersMax {
			_, err := r.Leave(ctx, "vis_pest", r.join(p, "vis_pest", 4).ID)
			r.must(err)
		}
		_, err = r.Join(ctx, queue.Join{ParkID: "kogen", PlaceID: p.ID, VisitorID: "vis_pest",
			Party: 4})
		r.refused(err, queue.ErrVirtualOften)
		l, err := r.Numbers(ctx, "kogen", p.ID)
		r.must(err)
		if l.Given != 0 || l.Left != 10 || l.Waiting != 0 {
			t.Errorf("after that %+v", l)
		}
		r.later(3 * time.Minute)
		a := r.join(p, "vis_a", 4)
		r.join(p, "vis_b", 4)
		r.served(p, 2)
		if r.ticket(a).State != queue.Called {
			t.Fatalf("not called: %+v", r.ticket(a))
		}
		_, err = r.Leave(ctx, "vis_a", a.ID) // its turn is over: nobody else can have it
		r.must(err)
		if l, err = r.Numbers(ctx, "kogen", p.ID); err != nil || l.Given != 8 {
			t.Errorf("after a called one left %+v, %v", l, err)
		}
	})
}

// Goal: a virtual queue that gave no more numbers gives none after a breakdown either.
func TestBreakdownOpensNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		p := r.ride("raijin")
		r.open(p)
		state := func(want queue.LineState) {
			t.Helper()
			if l, err := r.Numbers(ctx, "kogen", p.ID); err != nil || l.State != want {
				t.Errorf("it is %s, want %s, %v", l.State, want, err)
			}
		}
		const virtual = "POST /v1/parks/kogen/queues/raijin/virtual"
		const posts = "POST /v1/parks/kogen/queues/raijin/posts"
		r.call("manager", virtual, `{"step":"stop_giving"}`, 200)
		for range 2 {
			r.call("gate", posts, `{"state":"down"}`, 200)
			state(queue.LinePaused)
			r.later(time.Minute)
			r.call("gate", posts, `{"state":"operating"}`, 200)
			state(queue.LineFull)
			r.later(time.Minute)
		}
		r.call("manager", virtual, `{"step":"open"}`, 200)
		r.call("manager", virtual, `{"step":"pause"}`, 200)
		r.call("manager", virtual, `{"step":"resume"}`, 200)
		state(queue.LineOpen)
		r.call("manager", virtual, `{"step":"resume_full"}`, 422)
	})
}

// Goal: nobody is called to a closed door: a queue that is opened before its ride is, or while it
// stands still, gives numbers and calls them when the ride runs, and not all at once.
func TestNobodyIsCalledToAClosedDoor(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		p := r.ride("raijin")
		r.at("08:30") // the park opens at nine
		r.must(r.Tick(ctx, "kogen"))
		r.call("manager", "POST /v1/parks/kogen/queues/raijin/virtual", `{"step":"open"}`, 200)
		var all []queue.Ticket
		for i := range 20 {
			all = append(all, r.join(p, fmt.Sprintf("vis_%d", i), 4))
		}
		called := func() (n int) {
			for _, one := range all {
				if r.ticket(one).State == queue.Called {
					n++
				}
			}
			return n
		}
		for range 29 {
			r.later(time.Minute)
			r.must(r.Tick(ctx, "kogen"))
			r.must(r.CallNumbers(ctx, "kogen"))
		}
		if n := called(); n != 0 {
			t.Errorf("%d numbers are called before the ride is open", n)
		}
		r.at("09:00")
		r.must(r.Tick(ctx, "kogen"))
		r.served(p, 4) // 3.4 people a minute
		if n := called(); n < 2 || n > 6 {
			t.Errorf("%d numbers of four are called in four minutes", n)
		}
	})
}

// Goal: where a park wants it, only who holds a ticket for today takes a number; who took one keeps
// it; elsewhere everybody does. The API says and sets it.
func TestNumbersForWhoHoldsATicket(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		r.mu.Lock()
		r.bare = map[string]bool{"vis_bare": true}
		r.mu.Unlock()
		p := r.ride("raijin")
		r.open(p)
		given := r.join(p, "vis_bare", 2)
		_, err := r.Leave(ctx, "vis_bare", given.ID)
		r.must(err)
		at := "/v1/parks/kogen/queues/raijin"
		body := r.call("manager", "GET "+at, "", 200)
		virtual := body["virtual"].(map[string]any)
		if virtual["ticket_only"] != nil {
			t.Errorf("a queue for everybody: %v", virtual)
		}
		virtual["ticket_only"] = true
		delete(body, "id")
		delete(body, "wait")
		text, err := json.Marshal(body)
		r.must(err)
		now := r.call("manager", "PUT "+at, string(text), 200)
		if now["virtual"].(map[string]any)["ticket_only"] != true {
			t.Errorf("it was set: %v", now)
		}
		join := func(who string) error {
			_, err := r.Join(ctx, queue.Join{ParkID: "kogen", PlaceID: p.ID, VisitorID: who, Party: 2})
			return err
		}
		r.must(join("vis_holder"))
		r.refused(join("vis_bare"), queue.ErrVirtualTicket)
		l, err := r.Numbers(ctx, "kogen", p.ID)
		r.must(err)
		if l.Given != 2 || l.Waiting != 2 {
			t.Errorf("after a refusal: %+v", l)
		}
		r.mu.Lock()
		r.bare["vis_holder"] = true // the ticket was given back
		r.mu.Unlock()
		r.must(join("vis_holder")) // the same number again
	})
}
