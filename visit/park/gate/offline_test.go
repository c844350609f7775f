package gate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
)

// device is a phone at a gate whose clock is wrong, as the page of the gate works: it measures how
// far its clock is behind, takes a pack along, decides alone, keeps what it scanned and uploads it.
type device struct {
	r      *rig
	st     gate.Station
	skew   time.Duration // its clock runs ahead by this
	offset time.Duration // how far its clock is behind ours, as it measured
	brain  *gate.Phone
	clock  int64
	kept   []gate.Kept
	n      int
}

func (r *rig) device(st gate.Station, skew time.Duration) *device {
	d := &device{r: r, st: st, skew: skew}
	d.sync()
	return d
}

func (d *device) now() time.Time { return d.r.now().Add(d.skew) }

// sync takes a pack along; later only what changed.
func (d *device) sync() {
	d.r.t.Helper()
	var since time.Time
	if d.clock != 0 {
		since = time.UnixMilli(d.clock)
	}
	asked := d.now()
	made, err := d.r.Pack(context.Background(), d.st, since, d.offset, int64(len(d.kept)))
	d.r.do("make a pack", err)
	wire, err := json.Marshal(made)
	d.r.do("write a pack", err)
	var p gate.Pack
	d.r.do("read a pack", json.Unmarshal(wire, &p))
	half := d.now().Sub(asked) / 2
	d.offset = time.UnixMilli(p.Clock).Sub(asked.Add(half))
	d.clock = p.Clock
	if d.brain == nil {
		d.brain = gate.NewPhone(p)
	} else {
		d.brain.Take(p)
	}
}

// scan decides alone and keeps the scan.
func (d *device) scan(text string, kind gate.Kind) gate.Reason {
	d.n++
	in := gate.ScanInput{Text: text, Kind: kind, Nonce: fmt.Sprintf("%s-%d", d.st.Device.Label, d.n)}
	at := d.now()
	reason, admitted := d.brain.Decide(in, at.Add(d.offset))
	d.kept = append(d.kept, gate.Kept{ScanInput: in, At: at, Offset: d.offset,
		Admitted: admitted, Reason: reason})
	return reason
}

// override types a code and lets its people in all the same.
func (d *device) override(code, why string) bool {
	d.n++
	in := gate.ScanInput{Text: code, Typed: true, Kind: gate.Entry, Override: why,
		Nonce: fmt.Sprintf("%s-%d", d.st.Device.Label, d.n)}
	at := d.now()
	reason, admitted := d.brain.Decide(in, at.Add(d.offset))
	d.kept = append(d.kept, gate.Kept{ScanInput: in, At: at, Offset: d.offset,
		Admitted: admitted, Reason: reason})
	return admitted
}

// upload sends all that is kept, as often as times says.
func (d *device) upload(times int) (conflicts int) {
	d.r.t.Helper()
	for part := range slices.Chunk(d.kept, 50) {
		for range times {
			out, err := d.r.Upload(context.Background(), d.st, gate.Upload{Scans: part})
			d.r.do("upload", err)
			if len(out.Taken) != len(part) {
				d.r.t.Errorf("%d of %d scans are taken", len(out.Taken), len(part))
			}
			conflicts += out.Conflicts
		}
	}
	return conflicts
}

// Goal: two gates are without a network for six hours, share tickets, and their clocks are ten
// minutes apart: no scan is lost, and every double entry is reported, and nothing else.
// Method: people who enter at one gate, at both, leave and come back; both upload twice, at the
// same time. What must come out is counted beside it.
func TestSixHoursOffline(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		_, once := r.buy(item("once", "adult", 40))
		_, back := r.buy(item("day", "child", 40))
		gates := []*device{r.device(r.st, 5*time.Minute),
			r.device(r.station(r.gate.ID, "Phone 2"), -5*time.Minute)}
		sold, late := r.buy(item("once", "adult", 2)) // after the packs were made
		doubles := map[string]bool{}
		admit := func(d *device, ticket gate.Ticket, kind gate.Kind, want gate.Reason) {
			t.Helper()
			if got := d.scan(r.shown(ticket), kind); got != want {
				t.Errorf("%s at %s: %s, want %s", ticket.Code(), d.st.Device.Label, got, want)
			}
		}
		for i := range once {
			r.forward(6 * time.Hour / 40)
			here, there := gates[i%2], gates[(i+1)%2]
			admit(here, once[i], gate.Entry, gate.Admitted)
			admit(here, once[i], gate.Entry, gate.Again)
			admit(here, back[i], gate.Entry, gate.Admitted)
			r.forward(time.Minute)
			switch i % 4 {
			case 0: // a copy at the other gate
				admit(there, once[i], gate.Entry, gate.Admitted)
				doubles[once[i].Number] = true
				admit(there, back[i], gate.Entry, gate.Admitted)
				doubles[back[i].Number] = true
			case 1: // out at the other gate and in again, as it may
				admit(there, back[i], gate.Exit, gate.Admitted)
				r.forward(time.Minute)
				admit(there, back[i], gate.Entry, gate.Admitted)
			case 2: // out and in again with what lets in once: the other gate does not know
				admit(here, once[i], gate.Exit, gate.Admitted)
				r.forward(time.Minute)
				admit(there, once[i], gate.Entry, gate.Admitted)
				doubles[once[i].Number] = true
			}
		}
		admit(gates[0], late[0], gate.Entry, gate.Admitted)
		gates[0].scan("https://somebody.example", gate.Entry)
		kept := len(gates[0].kept) + len(gates[1].kept)
		r.forward(10 * time.Minute)
		var found [2]int
		var wg sync.WaitGroup
		for i, d := range gates {
			wg.Go(func() { found[i] = d.upload(2) })
		}
		wg.Wait()
		r.count(kept, doubles)
		if found[0]+found[1] < len(doubles) {
			t.Errorf("uploads told of %v, %d are double", found, len(doubles))
		}
		gates[0].sync()
		if got := gates[0].scan(r.shown(once[1]), gate.Entry); got != gate.Again {
			t.Errorf("with a new pack a used ticket is %s", got)
		}
		if sold.State != order.StatePaid {
			t.Errorf("the order is %s", sold.State)
		}
		r.verify()
	})
}

// count holds what the network knows to what was scanned and entered twice.
func (r *rig) count(scans int, doubles map[string]bool) {
	r.t.Helper()
	ctx := context.Background()
	ls, err := r.Looks(ctx, r.park.ID, "", day)
	r.do("list scans", err)
	if len(ls) != scans {
		r.t.Errorf("%d scans are kept, %d were made", len(ls), scans)
	}
	cs, err := r.Clashes(ctx, r.park.ID, day)
	r.do("list conflicts", err)
	told := map[string]bool{}
	for _, c := range cs {
		if c.Conflict != gate.Double || c.First == nil || c.First.At.After(c.This.At) {
			r.t.Errorf("a conflict is %+v", c)
		}
		if !doubles[c.Ticket.Number] {
			r.t.Errorf("%s did not enter twice", c.Ticket.Code())
		}
		told[c.Ticket.Number] = true
	}
	if len(told) != len(doubles) {
		r.t.Errorf("%d double entries are told, %d were made", len(told), len(doubles))
	}
	events, entered := 0, int64(0)
	for _, c := range cs {
		all, err := r.log.Subject(ctx, c.ScanID)
		r.do("read events", err)
		events += len(all)
	}
	if events < len(cs) {
		r.t.Errorf("%d events tell of %d double entries", events, len(cs))
	}
	hs, err := r.Hours(ctx, r.park.ID, day)
	r.do("count hours", err)
	for _, h := range hs {
		entered += h.First
		if h.Offline != h.First+h.Again+h.Exits {
			r.t.Errorf("an hour is %+v", h)
		}
	}
	if entered != 81 {
		r.t.Errorf("%d entered for the first time, want 81", entered)
	}
	o, err := r.Occupancy(ctx, r.park.ID)
	r.do("count who is inside", err)
	if o.Now != 81 || o.Exits == 0 || o.ByUnit[park.Child] != 40 {
		r.t.Errorf("inside are %+v", o)
	}
}

// Goal: what was cancelled while a device was alone is let in by it, and told afterwards; a device
// that was told before refuses. Scans whose answer was lost are kept once.
func TestCancelledWhileOffline(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o, ts := r.buy(item("once", "adult", 3))
		d := r.device(r.st, 0)
		_, err := r.orders.Cancel(ctx, o.ID, order.Cut{Lines: []int64{1}, Reason: order.BySeller,
			Full: true}, 6800, "c1", "test")
		r.do("cancel", err)
		if got := d.scan(ts[0].Text, gate.Entry); got != gate.Admitted {
			t.Errorf("alone it is %s", got)
		}
		d.sync()
		if got := d.scan(ts[0].Text, gate.Entry); got != gate.Cancelled {
			t.Errorf("with what changed it is %s", got)
		}
		// The network admits, the answer is lost, and the device decides alone.
		nonce := fmt.Sprintf("%s-%d", r.st.Device.Label, d.n+1)
		r.expect("online", gate.Admitted, gate.ScanInput{Text: ts[1].Text, Nonce: nonce})
		if got := d.scan(ts[1].Text, gate.Entry); got != gate.Admitted {
			t.Errorf("alone it is %s", got)
		}
		// The network refuses what was used elsewhere, the answer is lost too.
		other := r.station(r.gate.ID, "Phone 2")
		_, err = r.Scan(ctx, other, gate.ScanInput{Text: ts[2].Text, Kind: gate.Entry, Nonce: "x"})
		r.do("scan", err)
		nonce = fmt.Sprintf("%s-%d", r.st.Device.Label, d.n+1)
		r.expect("online", gate.Again, gate.ScanInput{Text: ts[2].Text, Nonce: nonce})
		if got := d.scan(ts[2].Text, gate.Entry); got != gate.Admitted {
			t.Errorf("alone it is %s", got)
		}
		d.upload(2)
		cs, err := r.Clashes(ctx, r.park.ID, day)
		r.do("list conflicts", err)
		told := map[gate.Conflict]string{}
		for _, c := range cs {
			told[c.Conflict] += c.Ticket.Number
		}
		if len(cs) != 2 || told[gate.Conflict(gate.Cancelled)] != ts[0].Number ||
			told[gate.Double] != ts[2].Number {
			t.Errorf("the conflicts are %v", told)
		}
		r.verify()
	})
}

// Goal: an upload that cannot be read changes nothing and says where.
func TestBadUpload(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		good := gate.Kept{ScanInput: gate.ScanInput{Text: "x", Kind: gate.Entry, Nonce: "n"},
			At: r.now(), Reason: gate.Invalid}
		bad := map[string]func(*gate.Kept){
			"an unknown reason":      func(k *gate.Kept) { k.Reason = "because" },
			"admitted and refused":   func(k *gate.Kept) { k.Admitted = true },
			"refused and admitted":   func(k *gate.Kept) { k.Reason = gate.Admitted },
			"a forgery let in":       func(k *gate.Kept) { k.Admitted, k.Override = true, "so" },
			"no nonce":               func(k *gate.Kept) { k.Nonce = "" },
			"no time":                func(k *gate.Kept) { k.At = time.Time{} },
			"a clock out of reason":  func(k *gate.Kept) { k.Offset = 1e6 * time.Hour },
			"a direction of its own": func(k *gate.Kept) { k.Kind = "up" },
		}
		for what, change := range bad {
			k := good
			change(&k)
			_, err := r.Upload(context.Background(), r.st, gate.Upload{Scans: []gate.Kept{good, k}})
			if err == nil {
				t.Errorf("%s is taken", what)
			}
		}
		ls, err := r.Looks(context.Background(), r.park.ID, "", day)
		r.do("list scans", err)
		if len(ls) != 0 {
			t.Errorf("%d scans are kept", len(ls))
		}
	})
}
