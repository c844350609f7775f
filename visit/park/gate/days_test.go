package gate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ticket"
)

// tomorrow is the same time on the next day.
func (r *rig) tomorrow() { r.forward(24 * time.Hour) }

// entered is how many entered on a day for the first time of it, and again.
func (r *rig) entered(day string) (first, again int64) {
	r.t.Helper()
	hs, err := r.Hours(context.Background(), r.park.ID, day)
	r.do("count hours", err)
	for _, h := range hs {
		first, again = first+h.First, again+h.Again
	}
	return first, again
}

// Goal: a pass for many days lets in once on each of them, also by a device alone, and counts on
// each; a double entry on one of them is told, two days are none.
func TestManyDaysLetInOnEach(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		_, ts := r.buy(item("year", "adult", 2))
		r.expect("the first day", gate.Admitted, gate.ScanInput{Text: ts[0].Text})
		r.expect("again on it", gate.Again, gate.ScanInput{Text: ts[0].Text})
		r.tomorrow()
		d := r.device(r.st, 0)
		r.expect("the second day", gate.Admitted, gate.ScanInput{Text: ts[0].Text})
		r.expect("again on it", gate.Again, gate.ScanInput{Text: ts[0].Text})
		for _, want := range []gate.Reason{gate.Admitted, gate.Again} {
			if got := d.scan(ts[1].Text, gate.Entry); got != want {
				t.Errorf("alone it is %s, want %s", got, want)
			}
		}
		r.tomorrow()
		if got := d.scan(ts[1].Text, gate.Entry); got != gate.Admitted {
			t.Errorf("alone, a day later, it is %s", got)
		}
		r.forward(time.Minute)
		other := r.device(r.station(r.gate.ID, "Phone 2"), 0)
		if got := other.scan(ts[1].Text, gate.Entry); got != gate.Admitted {
			t.Errorf("at another gate that knows nothing it is %s", got)
		}
		r.forward(time.Minute)
		d.upload(1)
		if told := other.upload(1); told != 1 {
			t.Errorf("%d conflicts are told, one entered twice on the third day", told)
		}
		for i, want := range []int64{1, 2, 1} {
			at := park.DayOf(park.At(day, 600).AddDate(0, 0, i))
			if first, _ := r.entered(at); first != want {
				t.Errorf("%d entered on %s, want %d", first, at, want)
			}
		}
		o, err := r.Occupancy(context.Background(), r.park.ID)
		r.do("count who is inside", err)
		if o.Now != 1 || o.Entered != 1 {
			t.Errorf("inside are %+v", o)
		}
		r.verify()
	})
}

// Goal: who was not seen going out is out when the day ends: the count of those inside begins anew
// and is never below nothing, and a ticket that lets in after an exit lets in.
// Method: lost exits, exits without an entry, and the cut of the day.
func TestLostExits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		inside := func(want int64) {
			t.Helper()
			o, err := r.Occupancy(ctx, r.park.ID)
			r.do("count who is inside", err)
			sum := int64(0)
			for _, n := range o.ByUnit {
				sum += n
			}
			if o.Now != want || sum != want {
				t.Errorf("inside are %+v, want %d", o, want)
			}
		}
		_, err := r.parks.PutProduct(ctx, park.Product{ParkID: r.park.ID, Code: "two",
			Kind: park.DayTicket, Name: name("two"), Pools: []string{"gate"}, Days: 2,
			Reentry: park.AfterExit}, "test")
		r.do("put a product", err)
		r.do("put a price", r.parks.PutPrices(ctx, r.park.ID, []park.Price{
			{Product: "two", Unit: park.Adult, Yen: 9000}}, "test"))
		_, ts := r.buy(item("two", "adult", 2))
		r.expect("out without having come in", gate.Admitted,
			gate.ScanInput{Text: ts[0].Text, Kind: gate.Exit})
		inside(0)
		r.expect("in", gate.Admitted, gate.ScanInput{Text: ts[0].Text})
		r.expect("in", gate.Admitted, gate.ScanInput{Text: ts[1].Text})
		inside(2)
		for range 3 {
			r.expect("out, again and again", gate.Admitted,
				gate.ScanInput{Text: ts[0].Text, Kind: gate.Exit})
		}
		inside(1)
		r.expect("in while inside", gate.Again, gate.ScanInput{Text: ts[1].Text})
		r.forward(park.At(next, 5*60).Sub(r.now()))
		inside(0)
		r.expect("the next day", gate.Admitted, gate.ScanInput{Text: ts[1].Text})
		inside(1)
		r.verify()
	})
}

// Goal: hours are right across midnight: a night ticket's entries at 23:50 and 00:10 stand in two
// hours of one park day.
func TestHoursAcrossMidnight(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		_, ts := r.buy(item("night", "adult", 3))
		for i, minute := range []int64{23*60 + 50, 24*60 + 10, 28*60 + 59} {
			r.forward(park.At(day, minute).Sub(r.now()))
			r.expect("a late one", gate.Admitted, gate.ScanInput{Text: ts[i].Text})
		}
		hs, err := r.Hours(context.Background(), r.park.ID, day)
		r.do("count hours", err)
		if len(hs) != 3 || !hs[0].From.Equal(park.At(day, 23*60)) ||
			!hs[1].From.Equal(park.At(day, 24*60)) || !hs[2].From.Equal(park.At(day, 28*60)) {
			t.Errorf("the hours are %+v", hs)
		}
		if first, _ := r.entered(next); first != 0 {
			t.Errorf("%d entered on the next day", first)
		}
	})
}

// Goal: a device that stays on for days knows each day's tickets: what was cancelled long before
// its day is refused on it without a network, and yesterday's tickets are not kept.
// Method: a pack of today, and differences until the day after tomorrow.
func TestPackFollowsTheDays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, today := r.buy(item("once", "adult", 1))
		o, later := r.buy(order.Item{Product: "once", Day: after, Unit: "adult", Count: 2})
		d := r.device(r.st, 0)
		_, err := r.orders.Cancel(ctx, o.ID, order.Cut{Lines: []int64{1}, Reason: order.BySeller,
			Full: true}, 6800, "c1", "test")
		r.do("cancel", err)
		for range 2 {
			d.sync()
			r.tomorrow()
			d.sync()
		}
		if got := d.scan(later[0].Text, gate.Entry); got != gate.Cancelled {
			t.Errorf("on its day the cancelled one is %s", got)
		}
		if got := d.scan(later[1].Text, gate.Entry); got != gate.Admitted {
			t.Errorf("on its day the other is %s", got)
		}
		if d.brain.Knows(today[0].Number) || !d.brain.Knows(later[1].Number) {
			t.Error("a device keeps what is past, or lacks what is today")
		}
	})
}

// Goal: a park's gate whose products change takes the others, also by a device that is alone.
func TestPackFollowsTheGate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		p, err := r.Pack(ctx, r.st, time.Time{}, 0, 0)
		r.do("make a pack", err)
		g := r.gate
		g.Products = []string{"ride"}
		_, err = r.ChangeGate(ctx, g, "test")
		r.do("change the gate", err)
		gates, err := r.Gates(ctx, r.park.ID)
		r.do("list gates", err)
		later, err := r.Pack(ctx, gate.Station{Device: r.st.Device, Gate: gates[0]},
			time.UnixMilli(p.Clock), 0, 0)
		r.do("make a pack", err)
		if !later.Delta || later.Version == p.Version {
			t.Errorf("a changed gate is at version %d, before at %d", later.Version, p.Version)
		}
	})
}

// Goal: 20,000 tickets of a day fit a phone and come fast. Method: a pack of as many, its bytes
// and its time.
func TestPackFitsAPhone(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
	ctx := context.Background()
	const many = 20_000
	r.do("issue", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		var all []park.NewTicket
		for i := range many {
			all = append(all, park.NewTicket{ParkID: r.park.ID, OrderID: fmt.Sprintf("ord_%d", i/4),
				Line: int64(i%4 + 1), Product: "day", ProductNo: 1, Kind: park.DayTicket,
				Unit: park.Adult, Class: ticket.Class(1), Day: day, NotBefore: park.At(day, 300),
				NotAfter: park.At(day, 1740), Reentry: park.AfterExit, Rotating: true})
		}
		return r.Issue(ctx, tx, r.now(), all)
	}))
	began := r.now()
	p, err := r.Pack(ctx, r.st, time.Time{}, 0, 0)
	r.do("make a pack", err)
	wire, err := json.Marshal(p)
	r.do("write a pack", err)
	took := r.now().Sub(began)
	t.Logf("a pack of %d tickets has %d bytes and took %s", len(p.Tickets), len(wire), took)
	if len(p.Tickets) != many || p.Partial || len(wire) > 2<<20 {
		t.Errorf("%d tickets, %d bytes", len(p.Tickets), len(wire))
	}
	small, err := r.Pack(ctx, r.st, r.now(), 0, 0)
	r.do("make a pack", err)
	if !small.Delta {
		t.Error("a difference is everything")
	}
}
