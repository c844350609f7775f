package park_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"watari/visit/park/gate"
)

// keys are the keys of the park, the newest last.
func (r *rig) keys() []gate.Key {
	r.t.Helper()
	ks, err := r.gates.Keys(context.Background(), r.park.ID)
	r.do("list keys", err)
	return ks
}

// Goal: a key is withdrawn after a question that says what it does to tickets, by who has read it,
// and tickets that were sold let in all the same. Method: another key, the question, the form
// without and with the tick, again, and a ticket of before at the gate.
func TestKeysAreWithdrawn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.buy("day", day, 2, 0)
		before, err := r.gates.TicketsOf(ctx, o.ID)
		r.do("read tickets", err)
		first := strconv.Itoa(int(r.keys()[0].No))
		holds(t, "the list", r.page("/park/keys"), "Key "+first, "Signs new tickets")
		if w := r.post("/park/keys"); w.Code != http.StatusSeeOther || len(r.keys()) != 2 {
			t.Fatalf("another key: %d %s", w.Code, text(w.Body.String()))
		}
		holds(t, "two", r.page("/park/keys"), "Signs new tickets", "Its tickets are valid")
		ask := "/park/keys/" + first
		holds(t, "the question", r.page(ask), "stolen or leaked", "cannot be undone",
			"signed anew", "Tickets on paper", "Gates without a network")
		w := r.post(ask + "/withdraw")
		if w.Code != http.StatusUnprocessableEntity || !r.keys()[0].Withdrawn.IsZero() {
			t.Errorf("unread: %d %s", w.Code, text(w.Body.String()))
		}
		if w := r.post(ask+"/withdraw", "sure", "yes"); w.Code != http.StatusSeeOther {
			t.Fatalf("withdrawn: %d %s", w.Code, text(w.Body.String()))
		}
		holds(t, "after", r.page("/park/keys"), "Withdrawn", "Sign what was left")
		if w := r.post(ask + "/withdraw"); w.Code != http.StatusSeeOther {
			t.Errorf("what was left: %d", w.Code)
		}
		after, err := r.gates.TicketsOf(ctx, o.ID)
		r.do("read tickets", err)
		if after[0].Text == before[0].Text || after[0].Number != before[0].Number {
			t.Errorf("it was not signed anew: %+v", after[0])
		}
		v, err := r.gates.Scan(ctx, r.station(), gate.ScanInput{Text: before[1].Text,
			Kind: gate.Entry, Nonce: "old"})
		if r.do("scan", err); !v.Admitted {
			t.Errorf("on paper it is %s", v.Reason)
		}
		for _, no := range []string{"0", "x", "99999", "-1"} {
			if w := r.post("/park/keys/"+no+"/withdraw", "sure", "yes"); w.Code != 404 {
				t.Errorf("key %s: %d", no, w.Code)
			}
		}
		r.verify()
	})
}

// Goal: the right to overrule a refusal is given and taken a device, and who used it stands with
// the reason on the page. Method: somebody let in, the right taken, the same again, and given back.
func TestWhoOverruledIsListed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		holds(t, "nobody", r.page("/park/gates"), "Nobody was let in against a refusal")
		st := r.station()
		o := r.buy("day", next, 2, 0)
		ts, err := r.gates.TicketsOf(ctx, o.ID)
		r.do("read tickets", err)
		overrule := func(i int, st gate.Station) bool {
			v, err := r.gates.Scan(ctx, st, gate.ScanInput{Text: ts[i].Text, Kind: gate.Entry,
				Nonce: ts[i].ID, Override: "came a day early"})
			r.do("scan", err)
			return v.Admitted
		}
		if !overrule(0, st) {
			t.Fatal("staff may not overrule")
		}
		holds(t, "the list", r.page("/park/gates"), "came a day early", "Too early", "Phone",
			"Staff may overrule a refusal")
		to := "/park/devices/" + st.Device.ID + "/overrides"
		for _, who := range []string{"cashier", "stranger"} {
			if w := r.send(http.MethodPost, to, who, nil); w.Code/100 != 4 {
				t.Errorf("%s took it: %d", who, w.Code)
			}
		}
		set := func(allowed string) gate.Station {
			if w := r.post(to, "allowed", allowed); w.Code != http.StatusSeeOther {
				t.Errorf("%s: %d %s", allowed, w.Code, text(w.Body.String()))
			}
			ds, err := r.gates.Devices(ctx, r.park.ID)
			r.do("list devices", err)
			return gate.Station{Device: ds[0], Gate: st.Gate}
		}
		if taken := set("no"); taken.Device.Overrides || overrule(1, taken) {
			t.Error("the right was not taken")
		}
		holds(t, "taken", r.page("/park/gates"), "Staff may not overrule a refusal")
		if given := set("yes"); !given.Device.Overrides {
			t.Error("the right was not given")
		}
		w := r.send(http.MethodGet, "/park/gates", "cashier", nil)
		if got := w.Body.String(); !strings.Contains(got, "came a day early") ||
			strings.Contains(got, "/overrides") {
			t.Error("a cashier sees the list and changes nothing")
		}
	})
}
