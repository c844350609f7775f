package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/webhook"
)

// held lets a receiver keep its first message waiting for an answer.
func held(v *receiver, then int) (arrived, release chan struct{}) {
	arrived, release = make(chan struct{}), make(chan struct{})
	v.answers(func(_ int, h heard) int {
		if h.Type == "endpoint.verify" {
			return fine
		}
		close(arrived)
		<-release
		return then
	})
	return arrived, release
}

// The goal is that what an address answers after its owner has left it says nothing of the new one.
// The method: an attempt that is under way while the endpoint moves and proves itself, and is then
// answered 410; the message must come to the new address.
func TestOldAddressDoesNotEndTheNew(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		s := r.node(d, short, look)
		v, to, o := r.receiver("old.example"), r.receiver("new.example"), r.shops[0].owner()
		e := r.subscribe(s, o, v)
		arrived, release := held(v, gone)
		r.run(s)
		p := r.sell(r.shops[0], 1980)
		<-arrived
		_, err := s.Change(t.Context(), o, "test", e.ID, webhook.Terms{URL: to.url()})
		r.do("move", err)
		_, err = s.Verify(t.Context(), o, "test", e.ID)
		r.do("verify", err)
		close(release)
		eventually(t, "it comes to the new address", func() bool {
			return len(to.messages()) == 1
		})
		inOrder(t, to.messages(), []*payment.Payment{p})
		if e, err = s.Find(t.Context(), o, e.ID); err != nil || e.Status != webhook.Active {
			t.Errorf("%+v, %v", e, err)
		}
	})
}

// The goal is that a message which its receiver never takes does not keep the others waiting for
// three days: its owner gives it up, and the next comes at once. The method: pauses of an hour; a
// message that was refused, and one that is being refused just then; afterwards it is sent again.
func TestOwnerGivesAMessageUp(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		s := r.node(d, []time.Duration{time.Hour}, look)
		v, o := r.receiver("shop.example"), r.shops[0].owner()
		e := r.subscribe(s, o, v)
		v.answers(func(int, heard) int { return broken })
		r.run(s)
		a := r.sell(r.shops[0], 1980)
		first := func(state webhook.State) webhook.Delivery {
			ds, _, err := s.Deliveries(t.Context(), o, e.ID, webhook.DeliveryFilter{State: state})
			r.do("list", err)
			if len(ds) == 0 {
				return webhook.Delivery{}
			}
			return ds[len(ds)-1]
		}
		eventually(t, "it was refused", func() bool { return first(webhook.Waiting).Tries == 1 })
		arrived, release := held(v, broken)
		b, c := r.sell(r.shops[0], 2000), r.sell(r.shops[0], 2100)
		got, err := s.GiveUp(t.Context(), o, "test", e.ID, first(webhook.Waiting).ID)
		if r.do("give up", err); got.State != webhook.GivenUp || got.Subject != a.ID ||
			got.Note == "" || got.Ended.IsZero() {
			t.Errorf("%+v", got)
		}
		<-arrived // b, at once
		_, err = s.GiveUp(t.Context(), o, "test", e.ID, first(webhook.Waiting).ID)
		r.do("give up what is under way", err)
		v.mu.Lock()
		v.answer = nil
		v.mu.Unlock()
		close(release)
		eventually(t, "the next comes", func() bool { return len(v.messages()) == 3 })
		inOrder(t, v.messages(), []*payment.Payment{a, b, c})
		eventually(t, "it is kept", func() bool { return first(webhook.Delivered).ID != "" })
		_, err = s.GiveUp(t.Context(), o, "test", e.ID, first(webhook.Delivered).ID)
		if !errors.Is(err, webhook.ErrNotWaiting) {
			t.Errorf("what was taken is given up: %v", err)
		}
		_, err = s.GiveUp(t.Context(), r.banks[0], "test", e.ID, got.ID)
		if !errors.Is(err, webhook.ErrUnknown) {
			t.Errorf("another's is given up: %v", err)
		}
		_, err = s.Replay(t.Context(), o, "test", e.ID, got.ID)
		r.do("replay", err)
		eventually(t, "it is sent again", func() bool { return len(v.messages()) == 4 })
		inOrder(t, v.messages()[3:], []*payment.Payment{a})
	})
}

// The goal is that nobody can have a node wait for the same address many times at once (W6). The
// method: a challenge that is not answered, and others meanwhile.
func TestOneChallengeAtATime(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t, db.SQLite, sets()...)
	r := newRig(t, d)
	s := r.node(d, short, look)
	v, o := r.receiver("shop.example"), r.shops[0].owner()
	e, secret, err := s.Add(t.Context(), o, "test", webhook.Terms{URL: v.url()})
	r.do("add", err)
	v.keeps(secret, "")
	arrived, release := make(chan struct{}, 9), make(chan struct{})
	v.answers(func(int, heard) int { arrived <- struct{}{}; <-release; return fine })
	done := make(chan error)
	go func() {
		_, err := s.Verify(context.Background(), o, "test", e.ID)
		done <- err
	}()
	<-arrived
	for range 3 {
		_, err := s.Verify(t.Context(), o, "test", e.ID)
		if !errors.Is(err, webhook.ErrChallenge) || !strings.Contains(err.Error(), "on its way") {
			t.Errorf("a second challenge: %v", err)
		}
	}
	close(release)
	r.do("verify", <-done)
	_, err = s.Verify(t.Context(), o, "test", e.ID)
	r.do("verify again", err)
}

// The goal is that an endpoint misses nothing of a node whose clock is behind, and hears nothing of
// the time before it was proved from one whose clock is ahead (W2). The method: events with times
// of an hour before and after, around the challenge.
func TestClocksThatDifferLoseNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		s := r.node(d, short, look)
		v, o := r.receiver("shop.example"), r.shops[0].owner()
		r.subscribe(s, r.banks[0], r.receiver("bank.example")) // somebody listens already
		happens := func(to party.Status, at time.Duration) {
			data, _ := json.Marshal(map[string]any{"to": to})
			r.do("append", d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return r.log.Append(ctx, tx, 3, []event.Event{{At: clock.Now().Add(at),
					Kind: "merchant.suspend", AcquirerNo: o.AcquirerNo, Actor: "test", Data: data,
					Subject: party.Subject(party.KindMerchant, o.MerchantNo)}})
			}))
		}
		happens("before", time.Hour)
		e := r.subscribe(s, o, v)
		happens("after", -time.Hour)
		r.run(s)
		eventually(t, "it is told", func() bool { return len(v.messages()) > 0 })
		_, err := s.Disable(t.Context(), o, "test", e.ID)
		r.do("disable", err)
		happens("meanwhile", time.Hour)
		_, err = s.Verify(t.Context(), o, "test", e.ID)
		r.do("verify", err)
		happens("again", -time.Hour)
		eventually(t, "it is told", func() bool { return len(v.messages()) > 1 })
		time.Sleep(10 * look)
		var got []string
		for _, m := range v.messages() {
			text, _ := m.Data.Merchant["status"].(string)
			got = append(got, text)
		}
		if strings.Join(got, " ") != "after again" {
			t.Errorf("told of %v", got)
		}
	})
}
