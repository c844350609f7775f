package gate_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/seal"
	"watari/visit/order"
	"watari/visit/park/gate"
	"watari/visit/park/ticket"
)

// Goal: a key that was stolen is withdrawn: what a thief signs with it lets in nowhere, on the
// network at once, alone with the next pack. Who has bought comes in all the same: with the new
// text everywhere, with the old one on the network, alone with the code. New tickets are signed
// with the next key.
func TestStolenKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o, ts := r.buy(item("once", "adult", 4), item("day", "adult", 1))
		ks, err := r.Keys(ctx, r.park.ID)
		r.do("keys", err)
		stolen := ks[0].No
		before := r.packSince(time.Time{})
		_, err = r.orders.Cancel(ctx, o.ID, order.Cut{Lines: []int64{4}, Reason: order.BySeller},
			6800, "c", "test")
		r.do("give one back", err)
		n, err := r.WithdrawKey(ctx, r.park.ID, stolen, "test")
		if err != nil || n != 4 {
			t.Fatalf("%d tickets are signed anew, %v", n, err)
		}
		for range 2 { // a repeat has nothing to do
			if n, err = r.WithdrawKey(ctx, r.park.ID, stolen, "test"); n != 0 || err != nil {
				t.Errorf("again %d, %v", n, err)
			}
		}
		if _, err = r.WithdrawKey(ctx, r.park.ID, stolen+7, "test"); !errors.Is(err,
			gate.ErrUnknown) {
			t.Errorf("no such key: %v", err)
		}
		r.forward(10 * time.Second)
		now := r.tickets(o.ID)
		for i, x := range now[:3] {
			c, _, err := ticket.Parse(x.Text)
			if err != nil || c.Key != stolen+1 || x.Number != ts[i].Number || x.Text == ts[i].Text {
				t.Errorf("ticket %d has the key %d, %v", i, c.Key, err)
			}
		}
		r.expect("the old text", gate.Admitted, gate.ScanInput{Text: ts[0].Text})
		r.expect("twice", gate.Again, gate.ScanInput{Text: now[0].Text})
		r.expect("the new text", gate.Admitted, gate.ScanInput{Text: now[1].Text})
		r.expect("given back", gate.Cancelled, gate.ScanInput{Text: ts[3].Text})
		r.expect("the old text without digits", gate.Digits, gate.ScanInput{Text: ts[4].Text})
		c, _, err := ticket.Parse(ts[0].Text)
		r.do("parse", err)
		c.Ticket = ticket.NewID()
		forged := ticket.Sign(r.secret(stolen), c)
		r.expect("what a thief signs", gate.Foreign, gate.ScanInput{Text: forged})
		r.alone(before, forged, ts, now)
		_, fresh := r.buy(item("once", "adult", 1))
		if c, _, err := ticket.Parse(fresh[0].Text); err != nil || c.Key != stolen+1 {
			t.Errorf("a new ticket has the key %d, %v", c.Key, err)
		}
		r.verify()
	})
}

// alone looks at what a device without a network does before and after it hears of it.
func (r *rig) alone(before gate.Pack, forged string, old, now []gate.Ticket) {
	r.t.Helper()
	phone := gate.NewPhone(before)
	at := r.now()
	if reason, _ := phone.Decide(gate.ScanInput{Text: forged, Kind: gate.Entry}, at); reason !=
		gate.Admitted {
		r.t.Errorf("alone, before it has heard: %s", reason)
	}
	phone.Take(r.packSince(time.UnixMilli(before.Clock)))
	for what, x := range map[string]struct {
		in   gate.ScanInput
		want gate.Reason
	}{
		"what a thief signs": {gate.ScanInput{Text: forged}, gate.Foreign},
		"the old text":       {gate.ScanInput{Text: old[2].Text}, gate.Foreign},
		"the new text":       {gate.ScanInput{Text: now[2].Text}, gate.Admitted},
		"the code": {gate.ScanInput{Text: now[1].Code(), Typed: true},
			gate.Again},
	} {
		x.in.Kind = gate.Entry
		if reason, _ := phone.Decide(x.in, at); reason != x.want {
			r.t.Errorf("alone, %s: %s, want %s", what, reason, x.want)
		}
	}
}

// packSince is what the device takes along.
func (r *rig) packSince(since time.Time) gate.Pack {
	r.t.Helper()
	p, err := r.Pack(context.Background(), r.st, since, 0, 0)
	r.do("pack", err)
	return p
}

// secret is a key of the park as a thief has it.
func (r *rig) secret(no uint16) ed25519.PrivateKey {
	r.t.Helper()
	var sealed string
	r.do("read a key", r.db.View(context.Background(), func(
		ctx context.Context, tx *db.Tx,
	) (err error) {
		sealed, err = db.One(ctx, tx, func(r db.Row) (s string, err error) {
			return s, r.Scan(&s)
		}, `select sealed from gate_key where no = $1`, int64(no))
		return err
	}))
	ring, err := seal.New(map[int][]byte{1: make([]byte, seal.KeyBytes)})
	r.do("make a ring", err)
	plain, err := ring.Unseal(sealed)
	r.do("unseal", err)
	seed, err := base64.StdEncoding.DecodeString(plain)
	r.do("decode", err)
	return ed25519.NewKeyFromSeed(seed)
}
