package webhook_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/event"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/webhook"
)

// The goal is that an owner hears of its own and of nothing else: a bank of all its shops, a
// merchant of its stores, each only of the kinds that it chose, and a merchant nothing of what
// banks pay each other. The method: payments at three shops of two banks, on both engines.
func TestEachOwnerHearsOfItsOwn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		s := r.node(d, short, look)
		r.run(s)
		bank, merchant := r.receiver("bank.example"), r.receiver("merchant.example")
		picky, other := r.receiver("picky.example"), r.receiver("other.example")
		r.subscribe(s, r.banks[0], bank)
		r.subscribe(s, r.shops[0].owner(), merchant)
		r.subscribe(s, r.shops[1].owner(), picky, "refund.succeeded", "merchant.status")
		r.subscribe(s, r.banks[1], other)

		a, b, c := r.sell(r.shops[0], 1980), r.sell(r.shops[1], 2500), r.sell(r.shops[2], 3000)
		declined := r.sell(r.shops[0], 1984)
		f := r.refund(b, 1000)

		eventually(t, "all are told", func() bool {
			return len(bank.messages()) >= 4 && len(merchant.messages()) >= 2 &&
				len(picky.messages()) >= 1 && len(other.messages()) >= 1
		})
		time.Sleep(10 * look)
		inOrder(t, bank.messages(), []*payment.Payment{a, b, declined, b})
		inOrder(t, merchant.messages(), []*payment.Payment{a, declined})
		inOrder(t, picky.messages(), []*payment.Payment{b})
		inOrder(t, other.messages(), []*payment.Payment{c})
		told := picky.messages()[0]
		if told.Type != "refund.succeeded" || told.Data.Refund["id"] != f.ID ||
			told.Data.Payment["refunded_minor"] != json.Number("1000") {
			t.Errorf("the refund is told as %s", told.body)
		}
		of := func(v *receiver) map[string]any {
			fees, _ := v.messages()[0].Data.Payment["fees"].(map[string]any)
			return fees
		}
		if len(of(merchant)) != 1 || of(merchant)["mdr_minor"] == nil || len(of(bank)) != 3 {
			t.Errorf("fees: the merchant sees %v, the bank %v", of(merchant), of(bank))
		}

		r.do("suspend", r.reg.Change(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return r.reg.SetStatus(ctx, tx, "test", party.KindMerchant, r.shops[1].merchant,
				party.Suspended)
		}))
		eventually(t, "the status is told", func() bool {
			return len(picky.messages()) == 2 && len(bank.messages()) == 5
		})
		if m := picky.messages()[1].Data.Merchant; m["id"] != r.shops[1].store ||
			m["status"] != "suspended" {
			t.Errorf("the merchant is told as %v", m)
		}
	})
}

// The goal is that nobody is told at an address that is not proved. The method: receivers that
// answer a challenge in wrong ways, then the right one; what happened before is not told.
func TestNothingIsSentBeforeTheChallengeIsEchoed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		s := r.node(d, short, look)
		r.run(s)
		v, o := r.receiver("shop.example"), r.shops[0].owner()
		elsewhere := r.receiver("elsewhere.example")
		e, secret, err := s.Add(t.Context(), o, "test", webhook.Terms{URL: v.url()})
		r.do("add", err)
		v.keeps(secret, "")
		r.sell(r.shops[0], 1980)
		for _, status := range []int{broken, 302, moved} {
			v.answers(func(int, heard) int { return status })
			_, err = s.Verify(t.Context(), o, "test", e.ID)
			if !errors.Is(err, webhook.ErrChallenge) {
				t.Errorf("a challenge that is answered %d: %v", status, err)
			}
		}
		v.down.Store(true)
		if _, err = s.Verify(t.Context(), o, "test", e.ID); !errors.Is(err, webhook.ErrChallenge) {
			t.Errorf("nobody answers the challenge: %v", err)
		}
		v.down.Store(false)
		if e, err = s.Find(t.Context(), o, e.ID); err != nil || e.Status != webhook.Unverified {
			t.Errorf("%+v, %v", e, err)
		}
		v.answers(nil)
		e, err = s.Verify(t.Context(), o, "test", e.ID)
		if err != nil || e.Status != webhook.Active || e.Verified.IsZero() {
			t.Fatalf("%+v, %v", e, err)
		}
		p := r.sell(r.shops[0], 2000)
		eventually(t, "it is told", func() bool { return len(v.messages()) > 0 })
		inOrder(t, v.messages(), []*payment.Payment{p})

		other := r.receiver("other.example")
		e, err = s.Change(t.Context(), o, "test", e.ID, webhook.Terms{URL: other.url()})
		if err != nil || e.Status != webhook.Unverified {
			t.Errorf("after a move: %+v, %v", e, err)
		}
		r.sell(r.shops[0], 2010)
		time.Sleep(10 * look)
		if len(other.messages())+len(elsewhere.messages())+len(v.messages()) != 1 {
			t.Error("an address was told that is not proved")
		}
	})
}

// The goal is that an endpoint that was down for a day has everything once it is back, in order,
// each message verifiable and none twice. The method: a day in virtual time with a sale every 20
// minutes; the receiver checks each signature with the specification's own library.
func TestEndpointThatWasDownForADayHearsEverythingInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
		s := r.node(r.db, nil, 20*time.Second)
		v, o := r.receiver("shop.example"), r.shops[0].owner()
		e := r.subscribe(s, o, v)
		stop := r.run(s)
		v.down.Store(true)
		var sold []*payment.Payment
		for range 72 {
			sold = append(sold, r.sell(r.shops[0], 1980))
			time.Sleep(20 * time.Minute)
		}
		if e, err := s.Find(t.Context(), o, e.ID); err != nil || e.Waiting != 72 ||
			e.Fails < 8 || e.Next.IsZero() || e.FailingSince.IsZero() {
			t.Errorf("while it is down: %+v, %v", e, err)
		}
		v.down.Store(false)
		back := clock.Now()
		time.Sleep(3 * time.Hour)
		stop()

		got := v.messages()
		inOrder(t, got, sold)
		ids := map[string]bool{}
		for _, h := range got {
			ids[h.id] = true
		}
		longest := webhook.Pauses()[len(webhook.Pauses())-1]
		if took := got[len(got)-1].at.Sub(back); len(ids) != 72 || took > longest*6/5+time.Minute {
			t.Errorf("%d ids, the last message %s after it was back", len(ids), took)
		}
		e, err := s.Find(t.Context(), o, e.ID)
		if err != nil || e.Waiting != 0 || e.Fails != 0 || !e.Next.IsZero() ||
			!e.FailingSince.IsZero() {
			t.Errorf("after it is back: %+v, %v", e, err)
		}
	})
}

// The goal is three days of attempts at growing pauses under one webhook-id with one body, then an
// end of which somebody hears, while later messages have their turn; what was given up is sent
// again by hand. The method: an endpoint that refuses for 80 hours, in virtual time.
func TestMessageIsGivenUpAfterThreeDaysAndLaterOnesGoOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
		s := r.node(r.db, nil, 20*time.Second)
		v, o := r.receiver("shop.example"), r.shops[0].owner()
		e := r.subscribe(s, o, v)
		stop := r.run(s)
		v.answers(func(int, heard) int { return refuses })
		first := r.sell(r.shops[0], 1980)
		time.Sleep(4 * time.Hour)
		second := r.sell(r.shops[0], 1990)
		time.Sleep(36 * time.Hour)
		third := r.sell(r.shops[0], 2000)
		time.Sleep(40 * time.Hour)
		v.answers(nil)
		time.Sleep(3 * time.Hour)

		got := v.messages()
		checkSchedule(t, got, first)
		if end := got[len(got)-1]; end.subject() != third.ID {
			t.Errorf("the end is about %s, want %s", end.subject(), third.ID)
		}
		if n := count(t, r.log, "webhook.given_up"); n != 1 {
			t.Errorf("%d alarms, want one", n)
		}

		given, next, err := s.Deliveries(t.Context(), o, e.ID,
			webhook.DeliveryFilter{State: webhook.GivenUp})
		if err != nil || next != 0 || len(given) != 2 || given[1].Subject != first.ID ||
			given[1].Answer != 503 || given[1].Note == "" || given[1].Excerpt != "thank you" {
			t.Fatalf("given up: %+v, %v", given, err)
		}
		n, err := s.ReplayFailed(t.Context(), o, "test", e.ID, clock.Now().Add(-82*time.Hour))
		if err != nil || n != 1 {
			t.Errorf("%d are sent again, %v", n, err)
		}
		time.Sleep(time.Minute)
		d, err := s.Replay(t.Context(), o, "test", e.ID, given[1].ID)
		if err != nil || d.State != webhook.Waiting {
			t.Errorf("%+v, %v", d, err)
		}
		time.Sleep(time.Minute)
		stop()
		got = v.messages()
		end := got[len(got)-2:]
		if end[0].subject() != second.ID || end[1].subject() != first.ID ||
			end[1].id != got[0].id || end[1].body != got[0].body {
			t.Errorf("sent again: %+v", end)
		}
	})
}

// checkSchedule wants the attempts at the first message: at their pauses, alike, for three days.
func checkSchedule(t *testing.T, got []heard, p *payment.Payment) {
	t.Helper()
	pauses := webhook.Pauses()
	last := 0
	for i, h := range got {
		if h.subject() != p.ID {
			break
		}
		if last = i; i == 0 {
			continue
		}
		pause := pauses[min(i, len(pauses))-1]
		was := h.at.Sub(got[i-1].at)
		end := got[0].at.Add(webhook.TriesFor)
		if was > pause*6/5+30*time.Second || was < pause*4/5 && h.at.Before(end) {
			t.Errorf("pause %d was %s, want %s", i, was, pause)
		}
		if h.id != got[0].id || h.body != got[0].body {
			t.Errorf("attempt %d differs", i)
		}
	}
	if took := got[last].at.Sub(got[0].at); took < webhook.TriesFor-time.Minute ||
		took > webhook.TriesFor+time.Minute {
		t.Errorf("the last attempt was after %s", took)
	}
}

// count returns how many events of a kind there are.
func count(t *testing.T, l *event.Log, kind string) int {
	t.Helper()
	evs, _, err := l.Read(t.Context(), event.Cursor{}, event.Filter{Kinds: []string{kind}}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(evs)
}

// The goal is that nobody is tried for ever: an endpoint that takes nothing for a week is disabled,
// and so is one that answers 410; what waits is kept until it is verified again. The method: both,
// with a sale every two hours, in virtual time.
func TestSilentEndpointIsDisabledAfterAWeek(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
		s := r.node(r.db, nil, time.Minute)
		silent, leaving := r.receiver("silent.example"), r.receiver("leaving.example")
		es := r.subscribe(s, r.shops[0].owner(), silent)
		el := r.subscribe(s, r.banks[0], leaving)
		stop := r.run(s)
		silent.down.Store(true)
		leaving.answers(func(int, heard) int { return gone })
		var last *payment.Payment
		for range 90 {
			last = r.sell(r.shops[0], 1980)
			time.Sleep(2 * time.Hour)
		}
		for _, e := range []webhook.Endpoint{es, el} {
			e, err := s.Find(t.Context(), e.Owner, e.ID)
			if err != nil || e.Status != webhook.Disabled || e.Note == "" || !e.Next.IsZero() {
				t.Errorf("%+v, %v", e, err)
			}
		}
		if n := len(leaving.messages()); n != 1 {
			t.Errorf("it was told %d times although it answers 410", n)
		}
		if n := count(t, r.log, "webhook.disabled"); n != 2 {
			t.Errorf("%d events, want 2", n)
		}
		_, err := s.ReplayFailed(t.Context(), es.Owner, "test", es.ID, time.Time{})
		if !errors.Is(err, webhook.ErrNotActive) {
			t.Errorf("sent again to a disabled endpoint: %v", err)
		}
		silent.down.Store(false)
		_, err = s.Verify(t.Context(), es.Owner, "test", es.ID)
		r.do("verify again", err)
		time.Sleep(time.Hour)
		stop()
		got := silent.messages()
		if len(got) < 30 || got[len(got)-1].subject() == last.ID {
			t.Errorf("%d messages were kept; what happened meanwhile must not be among them",
				len(got))
		}
	})
}

// The goal is that after a rotation both secrets sign for a day, and then the new one alone.
func TestBothSecretsSignForADay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
		s := r.node(r.db, nil, time.Minute)
		v, o := r.receiver("shop.example"), r.shops[0].owner()
		e, first, err := s.Add(t.Context(), o, "test", webhook.Terms{URL: v.url()})
		r.do("add", err)
		v.keeps(first, "")
		_, err = s.Verify(t.Context(), o, "test", e.ID)
		r.do("verify", err)
		stop := r.run(s)
		r.sell(r.shops[0], 1980)
		time.Sleep(5 * time.Minute)

		e, second, err := s.Rotate(t.Context(), o, "test", e.ID)
		if err != nil || e.OldUntil.Sub(clock.Now()) != webhook.OldSecretFor ||
			second == first || e.SecretEnd != second[len(second)-4:] {
			t.Fatalf("%+v, %v", e, err)
		}
		v.keeps(second, first)
		r.sell(r.shops[0], 1990)
		time.Sleep(23 * time.Hour)
		r.sell(r.shops[0], 2000)
		time.Sleep(2 * time.Hour)
		v.keeps(second, "")
		r.sell(r.shops[0], 2010)
		time.Sleep(5 * time.Minute)
		stop()
		var signed []int
		for _, h := range v.messages() {
			signed = append(signed, h.signatures)
		}
		if !slices.Equal(signed, []int{1, 2, 2, 1}) {
			t.Errorf("signatures: %v", signed)
		}
	})
}

// append writes events as other packages do.
func (r *rig) append(evs ...event.Event) {
	r.t.Helper()
	r.do("append", r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		return r.log.Append(ctx, tx, 1, evs)
	}))
}

// The goal is that banks hear of sign-ups and consents, and merchants do not, and that a payment
// that cannot be shown holds up nobody: it is told by its id. The method: events as other packages
// write them, one of a payment that is not there.
func TestWhatHasNoResourceIsToldByItsID(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
	s := r.node(r.db, short, look)
	r.run(s)
	bank, merchant := r.receiver("bank.example"), r.receiver("merchant.example")
	r.subscribe(s, r.banks[0], bank)
	r.subscribe(s, r.shops[0].owner(), merchant)
	at := r.shops[0]
	p := r.sell(at, 1980)
	r.append(
		event.Event{Kind: "application.approved", Subject: "app_1", AcquirerNo: at.bank,
			Data: json.RawMessage(`{"from":"in_review","to":"approved"}`)},
		event.Event{Kind: "consent.revoked", Subject: "cns_1", AcquirerNo: at.bank, StoreNo: 1},
		event.Event{Kind: "refund.failed", Subject: "pay_none", AcquirerNo: at.bank, StoreNo: 1,
			Data: json.RawMessage(`{"refund":"ref_1"}`)},
		event.Event{Kind: "leg.stuck", Subject: p.ID, AcquirerNo: at.bank, StoreNo: 1})
	after := r.sell(at, 1990)

	eventually(t, "all are told", func() bool {
		return len(bank.messages()) >= 5 && len(merchant.messages()) >= 3
	})
	time.Sleep(10 * look)
	told := map[string]string{}
	for _, h := range bank.messages() {
		_, data, _ := strings.Cut(h.body, `"data":`)
		told[h.Type] = data
	}
	for kind, want := range map[string]string{
		"application.status": `{"application":{"id":"app_1","status":"approved"}}}`,
		"consent.status":     `{"consent":{"id":"cns_1","status":"revoked"}}}`,
		"refund.failed":      `{"payment":{"id":"pay_none"},"refund":{"id":"ref_1"}}}`,
	} {
		if told[kind] != want {
			t.Errorf("%s: %s, want %s", kind, told[kind], want)
		}
	}
	var got []string
	for _, h := range merchant.messages() {
		got = append(got, h.Type+" "+h.subject())
	}
	want := []string{"payment.captured " + p.ID, "refund.failed pay_none",
		"payment.captured " + after.ID}
	if !slices.Equal(got, want) {
		t.Errorf("the merchant hears %q, want %q", got, want)
	}
}
