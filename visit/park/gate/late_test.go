package gate_test

import (
	"context"
	"testing"
	"time"

	"watari/visit/park/gate"
)

// Goal: the scans of a device that was withdrawn are uploaded when its browser is a device again:
// those that had arrived before under the old one are kept once, nobody is told to have entered
// twice, and nothing is lost (G2). Method: an upload and an answer of the network that did not
// reach the browser, and one scan that was never sent.
func TestAWithdrawnDeviceUploadsItsDayLate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, ts := r.buy(item("once", "adult", 4))
		d := r.device(r.st, 0)
		r.forward(time.Minute)
		for _, one := range ts[:2] {
			d.scan(one.Text, gate.Entry)
		}
		d.upload(1) // the answer is lost: the browser keeps them
		d.scan(ts[2].Text, gate.Entry)
		asked := d.kept[2]
		v, err := r.Scan(ctx, d.st, asked.ScanInput) // so is this
		if err != nil || !v.Admitted {
			t.Fatalf("online: %+v, %v", v, err)
		}
		d.scan(ts[3].Text, gate.Entry)
		r.do("end the device", r.EndDevice(ctx, r.park.ID, d.st.Device.ID, "test"))
		r.tomorrow()
		d.st = r.station(r.gate.ID, "Phone 1 again")
		if told := d.upload(2); told != 0 {
			t.Errorf("%d conflicts are told", told)
		}
		for i, one := range r.tickets(ts[0].OrderID) {
			if one.Entries != 1 || one.State != gate.Used {
				t.Errorf("ticket %d: %d entries, %s", i, one.Entries, one.State)
			}
		}
		if first, again := r.entered(day); first != 4 || again != 0 {
			t.Errorf("%d entered, %d again", first, again)
		}
		// Another device that is still one is somebody else, whatever it calls its scans.
		other := r.device(r.station(r.gate.ID, "Phone 2"), 0)
		other.kept = d.kept[3:]
		if told := other.upload(1); told != 1 {
			t.Errorf("%d conflicts are told of the same entry at another device", told)
		}
		r.verify()
	})
}

// Goal: a device whose clock was set forward since it last spoke with the network says when its
// scans were in an order that holds: who left and came back is not told to have entered twice (G7).
func TestAClockThatWasSetForward(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		_, ts := r.buy(item("day", "adult", 5))
		for i := range ts {
			printed, err := r.Print(context.Background(), ts[i].ID)
			r.do("print", err)
			ts[i] = printed
		}
		d := r.device(r.st, 0)
		d.skew = 3 * time.Hour
		for _, kind := range []gate.Kind{gate.Entry, gate.Exit, gate.Entry, gate.Exit, gate.Entry} {
			r.forward(time.Second)
			for _, one := range ts {
				d.scan(one.Text, kind)
			}
		}
		if told := d.upload(2); told != 0 {
			t.Errorf("%d conflicts are told", told)
		}
		for i, one := range r.tickets(ts[0].OrderID) {
			if one.State != gate.Revoked && (one.Entries != 3 || one.Exits != 2 || !one.Inside ||
				one.Last.After(r.now())) {
				t.Errorf("ticket %d: %d in, %d out, inside %v, last %s", i, one.Entries, one.Exits,
					one.Inside, one.Last)
			}
		}
		r.verify()
	})
}
