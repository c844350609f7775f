package gate_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ticket"
)

// desk is the page's own script at a gate, in a process of its own (ui/web/test/gate-device.mjs),
// with a clock that is wrong.
type desk struct {
	r       *rig
	in      io.Writer
	out     *bufio.Scanner
	session string
	device  gate.Device
	skew    time.Duration
}

// state is what a desk answers to every order.
type state struct {
	Verdicts []struct {
		Admitted, Offline, Unready, Broken bool
		Reason                             gate.Reason
		Of, In                             int64
	}
	Waiting, Due, Scans, Tickets int
	Pack, Ended                  bool
	Offset                       int64
}

// desk makes a device of a gate, and begins with the network.
func (r *rig) desk(t *testing.T, label string, skew time.Duration) *desk {
	t.Helper()
	cmd := exec.Command("node", "../web/test/gate-device.mjs")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	r.do("pipe", err)
	out, err := cmd.StdoutPipe()
	r.do("pipe", err)
	r.do("start node", cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	d := &desk{r: r, in: in, out: bufio.NewScanner(out), skew: skew}
	d.out.Buffer(nil, 1<<20)
	d.activate(label)
	d.begin()
	return d
}

// activate makes the browser another device of the gate.
func (d *desk) activate(label string) {
	d.r.t.Helper()
	ctx := context.Background()
	made, link, err := d.r.AddDevice(ctx, d.r.park.ID, d.r.gate.ID, label, "test")
	d.r.do("add a device", err)
	d.device = made
	d.session, _, err = d.r.Activate(ctx, link)
	d.r.do("activate", err)
}

// begin opens the page.
func (d *desk) begin() state {
	d.r.t.Helper()
	return d.order("begin", map[string]any{"base": d.r.base, "device": d.device.ID,
		"cookie": "watari_gate=" + d.session})
}

// order has the desk do something, at this moment of its own clock.
func (d *desk) order(what string, more map[string]any) (s state) {
	d.r.t.Helper()
	if what != "clock" {
		d.order("clock", map[string]any{"at": d.r.now().Add(d.skew).UnixMilli()})
	}
	line := map[string]any{"order": what}
	for k, v := range more {
		line[k] = v
	}
	raw, err := json.Marshal(line)
	d.r.do("write", err)
	_, err = d.in.Write(append(raw, '\n'))
	d.r.do("tell node", err)
	if !d.out.Scan() {
		d.r.t.Fatalf("%s: node says nothing: %v", what, d.out.Err())
	}
	d.r.do("read "+d.out.Text(), json.Unmarshal(d.out.Bytes(), &s))
	return s
}

// scan holds what people show before the camera, and wants their verdicts, which it decides alone.
func (d *desk) scan(text string, kind gate.Kind, want ...gate.Reason) state {
	d.r.t.Helper()
	s := d.order("scan", map[string]any{"text": text, "kind": kind})
	var got []gate.Reason
	for _, v := range s.Verdicts {
		got = append(got, v.Reason)
		if v.Admitted != (v.Reason == gate.Admitted) {
			d.r.t.Errorf("a verdict is %+v", v)
		}
	}
	if !slices.Equal(got, want) {
		d.r.t.Errorf("%s: %v, want %v", d.device.Label, got, want)
	}
	return s
}

func (r *rig) forward(d time.Duration) { r.shift.Add(int64(d)) }

// shown is what one code shows now of people who come together.
func (r *rig) shown(ts ...gate.Ticket) string {
	r.t.Helper()
	var all []string
	for _, t := range ts {
		text := t.Text
		if t.Rotating {
			secret, err := r.Secret(context.Background(), t, park.DayOf(r.now()))
			r.do("make digits", err)
			text += ticket.Digits(secret, r.now())
		}
		all = append(all, text)
	}
	return ticket.Join(all...)
}

// Goal: the page at two gates, without a network for six hours and with clocks ten minutes apart,
// loses no scan, and every double entry of every person is reported, and nothing else.
// Method: the page's own script, twice, with families under one code; uploads that are cut after
// the network took them, and repeated. What must come out is counted beside it.
func TestSixHoursOfThePage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r, _ := serveOn(t, d)
		var families [][]gate.Ticket
		for range 20 {
			_, ts := r.buy(item("once", "adult", 2), item("day", "child", 2))
			families = append(families, ts)
		}
		desks := []*desk{r.desk(t, "Phone 1", 5*time.Minute), r.desk(t, "Phone 2", -5*time.Minute)}
		for _, d := range desks {
			if s := d.order("net", map[string]any{"down": true}); s.Tickets != 80 {
				t.Errorf("%d tickets were taken along", s.Tickets)
			}
		}
		const in, used = gate.Admitted, gate.Again
		scans, doubles := 0, map[string]bool{}
		for i, f := range families {
			r.forward(6 * time.Hour / 20)
			here, there := desks[i%2], desks[(i+1)%2]
			s := here.scan(r.shown(f...), gate.Entry, in, in, in, in)
			if v := s.Verdicts[0]; v.Of != 2 || v.In != 2 || !v.Offline {
				t.Errorf("together they are %+v", v)
			}
			here.scan(r.shown(f...), gate.Entry, used, used, used, used)
			scans += 8
			r.forward(time.Minute)
			switch i % 3 {
			case 0: // two of them again at the other gate, by a copy
				there.scan(r.shown(f[1], f[3]), gate.Entry, in, in)
				doubles[f[1].Number], doubles[f[3].Number] = true, true
				scans += 2
			case 1: // the children leave there and come back, as they may
				there.scan(r.shown(f[2], f[3]), gate.Exit, in, in)
				r.forward(time.Minute)
				there.scan(r.shown(f[2], f[3]), gate.Entry, in, in)
				scans += 4
			}
		}
		// The page is closed and opened again, without a network.
		if s := desks[0].begin(); s.Waiting+desks[1].begin().Waiting != scans {
			t.Errorf("after a restart %d scans wait at the first, %d were made", s.Waiting, scans)
		}
		r.forward(10 * time.Minute)
		for _, d := range desks {
			d.order("net", map[string]any{"down": false, "cut": 2, "path": "/gate/uploads"})
			for range 4 {
				d.order("sync", nil)
			}
			if s := d.order("sync", nil); s.Waiting != 0 || s.Offset != -d.skew.Milliseconds() &&
				(s.Offset+d.skew.Milliseconds() > 2000 || s.Offset+d.skew.Milliseconds() < -2000) {
				t.Errorf("in the end %+v", s)
			}
		}
		r.count(scans, 80, doubles)
	})
}

// count holds what the network knows to what was scanned, entered, and entered twice.
func (r *rig) count(scans int, people int64, doubles map[string]bool) {
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
		told[c.Ticket.Number] = true
		if c.Conflict != gate.Double || !doubles[c.Ticket.Number] {
			r.t.Errorf("%s is told as %s", c.Ticket.Code(), c.Conflict)
		}
	}
	if len(told) != len(doubles) || len(cs) != len(doubles) {
		r.t.Errorf("%d of %d double entries are told, %d times", len(told), len(doubles), len(cs))
	}
	hs, err := r.Hours(ctx, r.park.ID, day)
	r.do("count hours", err)
	first := int64(0)
	for _, h := range hs {
		first += h.First
	}
	if first != people {
		r.t.Errorf("%d people entered, want %d", first, people)
	}
}

// Goal: a device that was lost stops at its next word with the network and drops what it could
// decide by; what it scanned is not lost when its browser becomes a device again.
func TestLostDeviceStops(t *testing.T) {
	t.Parallel()
	r, _ := serve(t)
	_, ts := r.buy(item("once", "adult", 3))
	d := r.desk(t, "Phone 1", 24*time.Hour) // its clock is a day off, too
	d.order("net", map[string]any{"down": true})
	d.scan(r.shown(ts[0]), gate.Entry, gate.Admitted)
	r.do("end it", r.EndDevice(context.Background(), r.park.ID, d.device.ID, "test"))
	d.scan(r.shown(ts[1]), gate.Entry, gate.Admitted) // nobody can tell it
	d.order("net", map[string]any{"down": false})
	s := d.order("scan", map[string]any{"text": r.shown(ts[2]), "kind": gate.Entry})
	if len(s.Verdicts) != 1 || s.Verdicts[0].Admitted || !s.Ended || s.Pack || s.Waiting != 2 {
		t.Errorf("the lost one says %+v", s)
	}
	d.order("net", map[string]any{"down": true})
	if s := d.begin(); s.Tickets != 0 || s.Waiting != 2 {
		t.Errorf("opened again it is %+v", s)
	}
	if s := d.order("scan", map[string]any{"text": r.shown(ts[2]), "kind": gate.Entry}); len(
		s.Verdicts) != 1 || !s.Verdicts[0].Unready {
		t.Errorf("without what it took along it says %+v", s)
	}
	d.order("net", map[string]any{"down": false})
	d.activate("Phone 2")
	if s := d.begin(); s.Waiting != 0 || s.Tickets != 3 {
		t.Errorf("as another device it is %+v", s)
	}
	r.count(2, 2, nil)
}

// Goal: a scan that the network does not take holds no other back, and is kept; a phone that is
// full lets nobody in whom it could not write down, and goes on with the network.
func TestTroubleOfThePhone(t *testing.T) {
	t.Parallel()
	r, _ := serve(t)
	_, ts := r.buy(item("once", "adult", 6))
	d := r.desk(t, "Phone 1", 0)
	d.order("net", map[string]any{"down": true})
	for _, one := range ts[:4] {
		d.scan(r.shown(one), gate.Entry, gate.Admitted)
	}
	d.order("disk", map[string]any{"poison": true})
	d.begin()
	d.order("net", map[string]any{"down": false})
	if s := d.order("sync", nil); s.Waiting != 1 || s.Due != 0 {
		t.Errorf("with a scan that cannot be taken: %+v", s)
	}
	r.count(3, 3, nil)
	d.order("disk", map[string]any{"full": true})
	d.scan(r.shown(ts[4]), gate.Entry, gate.Admitted)
	d.order("net", map[string]any{"down": true})
	if s := d.order("scan", map[string]any{"text": r.shown(ts[5]), "kind": gate.Entry}); len(
		s.Verdicts) != 1 || !s.Verdicts[0].Broken {
		t.Errorf("a full phone says %+v", s)
	}
	d.order("net", map[string]any{"down": false})
	d.order("disk", map[string]any{"full": false, "lost": true})
	if s := d.begin(); s.Tickets != 6 || s.Scans != 0 {
		t.Errorf("after the browser dropped all, it is %+v", s)
	}
	d.scan(r.shown(ts[4]), gate.Entry, gate.Again)
}
