package gate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

// Goal: staff who let somebody in for another reason than a second entry did not know of it: it is
// told. What staff let in although it was used is an override, and no double entry.
// Method: two gates without a network that let the same people in.
func TestOverridesHideNoDoubleEntry(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o, ts := r.buy(item("day", "adult", 3))
		a, b := r.device(r.st, 0), r.device(r.station(r.gate.ID, "Phone 2"), 0)
		letIn := func(d *device, code, why string) {
			t.Helper()
			if got := d.override(code, why); !got {
				t.Errorf("%s was not let in", code)
			}
			r.forward(time.Minute)
		}
		a.scan(r.shown(ts[0]), gate.Entry)
		r.forward(time.Minute)
		letIn(b, ts[0].Code(), "no battery") // a copy of the code
		a.scan(r.shown(ts[1]), gate.Entry)
		r.forward(time.Minute)
		letIn(a, ts[1].Code(), "scanned by mistake") // the device knows that it was used
		_, err := r.orders.Cancel(ctx, o.ID, order.Cut{Lines: []int64{3}, Reason: order.BySeller,
			Full: true}, 6800, "c1", "test")
		r.do("cancel", err)
		letIn(b, ts[2].Code(), "no battery") // its price was given back
		a.upload(1)
		b.upload(2)
		cs, err := r.Clashes(ctx, r.park.ID, day)
		r.do("list conflicts", err)
		told := map[string]gate.Conflict{}
		for _, c := range cs {
			told[c.Ticket.Number] = c.Conflict
		}
		if len(cs) != 2 || told[ts[0].Number] != gate.Double ||
			told[ts[2].Number] != gate.Conflict(gate.Cancelled) {
			t.Errorf("told are %v", told)
		}
		r.verify()
	})
}

// Goal: who types the code of a ticket that was used hears that, and not that its digits are
// missing: "no battery" is the oldest excuse.
func TestUsedComesBeforeDigits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		_, ts := r.buy(item("day", "adult", 1))
		r.expect("in", gate.Admitted, gate.ScanInput{Text: r.shown(ts[0])})
		v := r.expect("its code", gate.Again, gate.ScanInput{Text: ts[0].Code(), Typed: true})
		if v.Last == nil {
			t.Error("when it was used is not told")
		}
		d := r.device(r.st, 0)
		if got := d.scan(ts[0].Text, gate.Entry); got != gate.Again {
			t.Errorf("alone it is %s", got)
		}
	})
}

// Goal: staff at a device that may not let people in against a refusal cannot; what one did before
// it heard of that is kept and told.
func TestWhoMayOverride(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, ts := r.buy(item("day", "adult", 2))
		d := r.device(r.st, 0)
		got, err := r.AllowOverrides(ctx, r.park.ID, r.st.Device.ID, false, "test")
		r.do("change the device", err)
		if got.Overrides {
			t.Error("it may still")
		}
		r.st.Device = got
		v := r.scan(gate.ScanInput{Text: ts[0].Code(), Typed: true, Override: "a friend"})
		if v.Admitted || v.Override != "" || v.Reason != gate.Digits {
			t.Errorf("the verdict is %+v", v)
		}
		d.override(ts[1].Code(), "a friend")
		d.st.Device = got
		if n := d.upload(2); n != 1 {
			t.Errorf("%d conflicts are told", n)
		}
		os, err := r.Overrides(ctx, r.park.ID, day)
		r.do("list who was let in", err)
		if len(os) != 1 || os[0].Override != "a friend" || os[0].Ticket.ID != ts[1].ID ||
			os[0].DeviceID != r.st.Device.ID || !os[0].Offline || os[0].Reason == gate.Admitted {
			t.Errorf("let in are %+v", os)
		}
		if none, err := r.Overrides(ctx, r.park.ID, next); err != nil || len(none) != 0 {
			t.Errorf("on the next day %+v %v", none, err)
		}
		if _, err := r.Overrides(ctx, r.park.ID, "soon"); !errors.Is(err, gate.ErrDay) {
			t.Errorf("on no day: %v", err)
		}
		p, err := r.Pack(ctx, r.st, time.Time{}, 0, 0)
		r.do("make a pack", err)
		if p.Overrides {
			t.Error("the pack lets staff override")
		}
		_, err = r.AllowOverrides(ctx, r.park.ID, "gdv_none", true, "test")
		if !errors.Is(err, gate.ErrUnknown) {
			t.Errorf("of no device: %v", err)
		}
		r.verify()
	})
}

// Goal: a ticket of another park is another park's, not a forgery.
func TestAnotherParksTicket(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, ts := r.buy(item("once", "adult", 1))
		p := r.park
		other, err := r.parks.AddPark(ctx, park.Park{Slug: "another", AcquirerNo: p.AcquirerNo,
			MerchantNo: p.MerchantNo, StoreNo: p.StoreNo, Name: name("Another"), Prefecture: "19",
			Policy: p.Policy}, "test")
		r.do("add a park", err)
		g, err := r.AddGate(ctx, gate.Gate{ParkID: other.ID, Code: "g", Name: name("G")}, "test")
		r.do("add a gate", err)
		_, link, err := r.AddDevice(ctx, other.ID, g.ID, "Phone 9", "test")
		r.do("add a device", err)
		session, _, err := r.Activate(ctx, link)
		r.do("activate", err)
		d, g, err := r.Session(ctx, session)
		r.do("find the session", err)
		st := gate.Station{Device: d, Gate: g}
		v, err := r.Scan(ctx, st, gate.ScanInput{Text: ts[0].Text, Kind: gate.Entry, Nonce: "n"})
		r.do("scan", err)
		if v.Admitted || v.Reason != gate.Foreign || v.Ticket != nil {
			t.Errorf("there it is %+v", v)
		}
		if got := r.device(st, 0).scan(ts[0].Text, gate.Entry); got != gate.Foreign {
			t.Errorf("alone it is %s", got)
		}
	})
}

// Goal: a device that was lost is none any more, whatever it sends.
func TestLostDevice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		d, link, err := r.AddDevice(ctx, r.park.ID, r.gate.ID, "Lost", "test")
		r.do("add a device", err)
		session, _, err := r.Activate(ctx, link)
		r.do("activate", err)
		r.do("end it", r.EndDevice(ctx, r.park.ID, d.ID, "test"))
		if _, _, err := r.Session(ctx, session); !errors.Is(err, gate.ErrSession) {
			t.Errorf("its session: %v", err)
		}
		if _, _, err := r.Activate(ctx, link); !errors.Is(err, gate.ErrLink) {
			t.Errorf("its link: %v", err)
		}
		p, err := r.Pack(ctx, r.st, time.Time{}, 0, 0)
		r.do("make a pack", err)
		if _, ok := p.Days[next]; len(p.Days) != 2 || !ok {
			t.Errorf("a pack has the keys of %v", p.Days)
		}
	})
}
