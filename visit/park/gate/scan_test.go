package gate_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/visit/order"
	"watari/visit/park"
	"watari/visit/park/gate"
	"watari/visit/park/ticket"
)

// Goal: each check of a scan refuses for its own reason, and what is right is admitted.
func TestScanDecides(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		_, ts := r.buy(item("day", "adult", 2), item("once", "child", 1), item("night", "adult", 1),
			item("ride", "adult", 1))
		a, b, once, night, ride := ts[0], ts[1], ts[2], ts[3], ts[4]
		v := r.expect("a good one", gate.Admitted, gate.ScanInput{Text: r.shown(a)})
		if v.Of != 2 || v.In != 1 || v.Ticket.Unit != park.Adult || v.Ticket.State != gate.Used {
			t.Errorf("the verdict says %+v", v)
		}
		r.expect("again without leaving", gate.Again, gate.ScanInput{Text: r.shown(a)})
		r.expect("out", gate.Admitted, gate.ScanInput{Text: a.Text, Kind: gate.Exit})
		r.expect("and in again", gate.Admitted, gate.ScanInput{Text: r.shown(a)})
		r.expect("without digits", gate.Digits, gate.ScanInput{Text: b.Text})
		r.expect("a screenshot", gate.Digits,
			gate.ScanInput{Text: r.shownAt(b, r.now().Add(-2*time.Minute))})
		r.expect("the code typed", gate.Digits, gate.ScanInput{Text: b.Code(), Typed: true})
		r.expect("a child", gate.Admitted, gate.ScanInput{Text: once.Text})
		r.expect("out", gate.Admitted, gate.ScanInput{Text: once.Text, Kind: gate.Exit})
		r.expect("once is once", gate.Again, gate.ScanInput{Text: once.Text})
		r.expect("too early", gate.Early, gate.ScanInput{Text: night.Text})
		r.expect("a ride at the gate", gate.Product, gate.ScanInput{Text: ride.Text})
		r.expect("nothing", gate.Invalid, gate.ScanInput{Text: "https://park.example"})
		r.expect("a payment code", gate.Invalid,
			gate.ScanInput{Text: "281001000000000000000000", Typed: true})
		r.expect("an unknown number", gate.Unknown,
			gate.ScanInput{Text: "0123-4567-89AB-CDEF", Typed: true})
		key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32)))
		claim, _, err := ticket.Parse(once.Text)
		r.do("parse", err)
		r.expect("forged", gate.Forged, gate.ScanInput{Text: ticket.Sign(key, claim)})
		claim.Key = 99
		r.expect("of another park", gate.Foreign, gate.ScanInput{Text: ticket.Sign(key, claim)})
		r.forward(b.NotAfter.Add(2 * time.Minute).Sub(r.now()))
		r.expect("too late", gate.Late, gate.ScanInput{Text: r.shown(b)})
		r.expect("but out", gate.Admitted, gate.ScanInput{Text: r.shown(a), Kind: gate.Exit})
		r.verify()
	})
}

// Goal: staff can let somebody in with a reason, but not with what is no ticket or was given back.
func TestOverride(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o, ts := r.buy(item("day", "adult", 2))
		v := r.scan(gate.ScanInput{Text: ts[0].Code(), Typed: true, Override: "battery is empty"})
		if !v.Admitted || v.Reason != gate.Digits || v.Override != "battery is empty" {
			t.Errorf("an override is %+v", v)
		}
		v = r.scan(gate.ScanInput{Text: "nonsense", Override: "friend of mine"})
		if v.Admitted || v.Override != "" {
			t.Errorf("nonsense is let in: %+v", v)
		}
		_, err := r.orders.Cancel(context.Background(), o.ID, order.Cut{Lines: []int64{2},
			Reason: order.ByVisitor}, 6800, "c1", "test")
		r.do("cancel", err)
		v = r.scan(gate.ScanInput{Text: r.shown(ts[1]), Override: "please"})
		if v.Admitted || v.Reason != gate.Cancelled {
			t.Errorf("a cancelled one is let in: %+v", v)
		}
		all, err := r.log.Subject(context.Background(), r.scan(gate.ScanInput{Text: r.shown(ts[0]),
			Override: "came back"}).ScanID)
		r.do("read events", err)
		if len(all) != 1 || all[0].Kind != "gate.override" {
			t.Errorf("an override is told as %v", all)
		}
		r.verify()
	})
}

// Goal: a repeat of a nonce is the same scan, and a scan that cannot be read changes nothing.
func TestRepeatIsTheSame(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		_, ts := r.buy(item("once", "adult", 1))
		first := r.scan(gate.ScanInput{Text: ts[0].Text, Nonce: "n1"})
		again := r.scan(gate.ScanInput{Text: ts[0].Text, Nonce: "n1"})
		if !again.Repeated || again.ScanID != first.ScanID || !again.Admitted {
			t.Errorf("a repeat is %+v, first %+v", again, first)
		}
		for _, bad := range []gate.ScanInput{{}, {Text: "x", Kind: "in", Nonce: "n"},
			{Text: "x", Kind: gate.Entry}, {Text: strings.Repeat("x", 201), Kind: gate.Entry,
				Nonce: "n"}, {Text: "x", Kind: gate.Entry, Nonce: "n", Override: "a\nb"}} {
			if _, err := r.Scan(context.Background(), r.st, bad); !errors.Is(err, gate.ErrScan) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		ls, err := r.Looks(context.Background(), r.park.ID, "", day)
		r.do("list scans", err)
		if len(ls) != 1 {
			t.Errorf("%d scans are kept", len(ls))
		}
	})
}

// Goal: of many gates that scan one ticket at the same moment, on two nodes, one admits.
func TestOneOfManyAdmits(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			place := dbtest.Migrated(t, e, sets()...)
			r := newRig(t, dbtest.Open(t, place, db.Options{}))
			nodes := []*rig{r, r.second(dbtest.Open(t, place, db.Options{}))}
			var stations []gate.Station
			for range 8 {
				stations = append(stations, r.station(r.gate.ID, "Phone"))
			}
			for range 5 {
				_, ts := r.buy(item("once", "adult", 1))
				var admitted, used sync.Map
				var wg sync.WaitGroup
				for i, st := range stations {
					wg.Go(func() {
						v, err := nodes[i%2].Scan(context.Background(), st, gate.ScanInput{
							Text: ts[0].Text, Kind: gate.Entry, Nonce: ts[0].ID})
						if err != nil {
							t.Error(err)
						}
						if v.Admitted {
							admitted.Store(i, true)
						} else if v.Reason == gate.Again {
							used.Store(i, true)
						}
					})
				}
				wg.Wait()
				if a, u := size(&admitted), size(&used); a != 1 || u != 7 {
					t.Errorf("%d are admitted, %d refused as used", a, u)
				}
			}
			r.verify()
		})
	}
}

func size(m *sync.Map) (n int) {
	m.Range(func(any, any) bool { n++; return true })
	return n
}

// Goal: a ticket that is given back while it is scanned was either used or given back, never both.
// Method: both at the same moment, many times, on two nodes.
func TestCancelledWhileScanned(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			place := dbtest.Migrated(t, e, sets()...)
			r := newRig(t, dbtest.Open(t, place, db.Options{}))
			other := r.second(dbtest.Open(t, place, db.Options{}))
			entered, back := 0, 0
			for range 12 {
				o, ts := r.buy(item("once", "adult", 1))
				var v gate.Verdict
				var cancelled error
				var wg sync.WaitGroup
				wg.Go(func() { v = r.scan(gate.ScanInput{Text: ts[0].Text}) })
				wg.Go(func() {
					_, cancelled = other.orders.Cancel(context.Background(), o.ID,
						order.Cut{Reason: order.ByVisitor}, 6800, "c", "test")
				})
				wg.Wait()
				switch {
				case v.Admitted && errors.Is(cancelled, order.ErrLine):
					entered++
				case !v.Admitted && v.Reason == gate.Cancelled && cancelled == nil:
					back++
				default:
					t.Errorf("%s, admitted %t, and cancelled: %v", v.Reason, v.Admitted, cancelled)
				}
			}
			t.Logf("%d entered, %d were given back", entered, back)
			r.verify()
		})
	}
}

// Goal: another day makes another ticket, and the old text is not valid any more.
func TestChangeOfDateReplaces(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o, ts := r.buy(order.Item{Product: "day", Day: next, Unit: "adult", Count: 1})
		_, err := r.parks.Change(context.Background(), park.Change{OrderID: o.ID, Day: after}, 0,
			"c1", "test")
		r.do("change the day", err)
		r.expect("the old one", gate.Replaced, gate.ScanInput{Text: r.shown(ts[0])})
		now := r.tickets(o.ID)
		if len(now) != 2 {
			t.Fatalf("%d tickets", len(now))
		}
		fresh := now[0]
		if fresh.State == gate.Revoked {
			fresh = now[1]
		}
		r.expect("the new one", gate.Early, gate.ScanInput{Text: r.shown(fresh)})
		r.forward(48 * time.Hour)
		r.expect("on its day", gate.Admitted, gate.ScanInput{Text: r.shown(fresh)})
		r.verify()
	})
}

// Goal: a new key signs what is sold from now on, and what was sold before stays valid; paper is
// static.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		_, old := r.buy(item("once", "adult", 1))
		k, err := r.RotateKey(ctx, r.park.ID, "test")
		r.do("rotate", err)
		_, fresh := r.buy(item("day", "adult", 1))
		c, _, err := ticket.Parse(fresh[0].Text)
		r.do("parse", err)
		was, _, err := ticket.Parse(old[0].Text)
		r.do("parse", err)
		if k.No != was.Key+1 || c.Key != k.No {
			t.Errorf("the new key is %d, and signs as %d", k.No, c.Key)
		}
		r.expect("the old key's", gate.Admitted, gate.ScanInput{Text: old[0].Text})
		paper, err := r.Print(ctx, fresh[0].ID)
		r.do("print", err)
		if paper.Rotating || paper.Number != fresh[0].Number {
			t.Errorf("paper is %+v", paper)
		}
		r.expect("on paper", gate.Admitted, gate.ScanInput{Text: paper.Text})
		ks, err := r.Keys(ctx, r.park.ID)
		r.do("list keys", err)
		if len(ks) != 2 || len(ks[0].Public) != ed25519.PublicKeySize {
			t.Errorf("the keys are %v", ks)
		}
	})
}

// Goal: a text of any script that fits the page fits here, so that no upload is refused for it.
func TestLongTextsOfAnyScript(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.expect("200 characters", gate.Invalid,
			gate.ScanInput{Text: strings.Repeat("富", 200)})
	})
}
