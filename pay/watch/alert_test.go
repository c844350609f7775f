package watch_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/fsm/fsmtest"
	"watari/kit/money"
	"watari/pay/link/guard"
	"watari/pay/risk"
	"watari/pay/watch"
)

// Goal: the table holds together and equals what the database admits.
func TestStateTable(t *testing.T) {
	t.Parallel()
	fsmtest.Check(t, watch.Steps(), watch.Open, []watch.State{watch.Open, watch.Acknowledged,
		watch.Ended})
	fsmtest.Diagram(t, watch.Steps(), "Alert", "../../docs/states/alert.md")
}

// Goal: what stands is one alert while it is true, whoever looks, and ends by itself. Method: a
// stuck leg, seen twice by two nodes, acknowledged, then gone.
func TestStandingAlertEndsByItself(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		r.found = []watch.Condition{{Kind: watch.LegStuck, Subject: "leg_1",
			Severity: watch.Urgent, Data: map[string]string{"payment": "pay_1"}}}
		other := r.node()
		for range 2 {
			r.look()
			if err := other.Look(ctx); err != nil {
				t.Fatal(err)
			}
		}
		a := r.only(watch.Filter{Live: true})
		if a.Kind != watch.LegStuck || a.State != watch.Open || a.Times != 1 ||
			r.told("alert.open") != 1 {
			t.Fatalf("raised %+v, told %d times", a, r.told("alert.open"))
		}
		if _, err := r.End(ctx, a.ID, ann, ""); !errors.Is(err, watch.ErrStanding) {
			t.Errorf("a person ended what is true: %v", err)
		}
		if a, err := r.Acknowledge(ctx, a.ID, ann, "asked the wallet"); err != nil ||
			a.State != watch.Acknowledged || a.AcknowledgedBy != "ann" {
			t.Fatalf("acknowledged %+v, %v", a, err)
		}
		if _, err := r.Acknowledge(ctx, a.ID, ben, ""); !errors.Is(err, watch.ErrTaken) {
			t.Errorf("acknowledged twice: %v", err)
		}
		r.look()
		r.found = nil
		r.look()
		r.none(watch.Filter{Live: true})
		a = r.only(watch.Filter{State: watch.Ended})
		if a.EndedBy != watch.System || a.AcknowledgedBy != "ann" || a.Ended.IsZero() ||
			a.Note != "asked the wallet" || r.told("alert.ended") != 1 {
			t.Errorf("ended %+v", a)
		}
		if _, err := r.Acknowledge(ctx, a.ID, ann, ""); !errors.Is(err, watch.ErrEnded) {
			t.Errorf("acknowledged after its end: %v", err)
		}
		if _, err := r.Find(ctx, "alr_none"); !errors.Is(err, watch.ErrUnknown) {
			t.Errorf("found nothing: %v", err)
		}
		r.found = []watch.Condition{{Kind: watch.LegStuck, Subject: "leg_1",
			Severity: watch.Urgent}}
		r.look()
		if b := r.only(watch.Filter{Live: true}); b.ID == a.ID {
			t.Error("the second time is not an alert of its own")
		}
	})
}

// Goal: a check that could not look ends nothing (W2). Method: an alert, then a check that fails.
func TestBlindCheckEndsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.found = []watch.Condition{{Kind: watch.LegStuck, Subject: "leg_1",
			Severity: watch.Urgent}}
		r.look()
		r.found, r.broken = nil, errors.New("the database is away")
		if err := r.Look(t.Context()); err == nil {
			t.Error("nobody hears that the check is blind")
		}
		r.only(watch.Filter{Live: true})
	})
}

// Goal: what grows worse is open again (W3), and what grows better stays with whoever looks after
// it. Method: a warning that somebody took becomes urgent, and a warning again.
func TestWorseIsOpenAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		at := func(s watch.Severity) watch.Alert {
			r.found = []watch.Condition{{Kind: watch.LegStuck, Subject: "leg_1", Severity: s}}
			r.look()
			return r.only(watch.Filter{Live: true})
		}
		a := at(watch.Warning)
		if _, err := r.Acknowledge(t.Context(), a.ID, ann, ""); err != nil {
			t.Fatal(err)
		}
		if a = at(watch.Urgent); a.State != watch.Open || a.Severity != watch.Urgent ||
			a.AcknowledgedBy != "" || r.told("alert.worsened") != 1 {
			t.Fatalf("worse: %+v", a)
		}
		if _, err := r.Acknowledge(t.Context(), a.ID, ben, ""); err != nil {
			t.Fatal(err)
		}
		if a = at(watch.Warning); a.State != watch.Acknowledged || a.Severity != watch.Warning ||
			a.AcknowledgedBy != "ben" {
			t.Fatalf("better: %+v", a)
		}
	})
}

// Goal: what happened is told once and lasts until a person ends it; once more is open again (W3,
// W4, W6). Method: events, read by two nodes, acknowledged, again, ended, and a new node that
// reads on.
func TestWhatHappenedLasts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := t.Context()
		r.happens("refund.stuck", "pay_0") // before anybody watched
		r.look()
		r.none(watch.Filter{})
		r.happens("refund.stuck", "pay_1")
		r.happens("payment.captured", "pay_2")
		r.look()
		if err := r.node().Look(ctx); err != nil {
			t.Fatal(err)
		}
		a := r.only(watch.Filter{})
		if a.Kind != watch.RefundStuck || a.Subject != "pay_1" || a.Times != 1 {
			t.Fatalf("raised %+v", a)
		}
		if _, err := r.Acknowledge(ctx, a.ID, ann, ""); err != nil {
			t.Fatal(err)
		}
		r.look()
		r.happens("refund.stuck", "pay_1")
		r.look()
		if a = r.only(watch.Filter{}); a.Times != 2 || a.State != watch.Open {
			t.Fatalf("again: %+v", a)
		}
		if a, err := r.End(ctx, a.ID, ben, "paid by hand"); err != nil ||
			a.State != watch.Ended || a.EndedBy != "ben" || a.Note != "paid by hand" {
			t.Fatalf("ended %+v, %v", a, err)
		}
		r.look()
		if err := r.node().Look(ctx); err != nil {
			t.Fatal(err)
		}
		r.none(watch.Filter{Live: true})
	})
}

// Goal: what is counted in a table and not in the log lasts too: nothing old comes back, something
// newer does (W4). Method: a bank that did not take three notices; ended; a fourth.
func TestCountedThingsLast(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		begun := clock.Now().Add(-time.Hour)
		given := func(n int64, at time.Time) {
			r.found = []watch.Condition{{Kind: watch.NoticeGivenUp, Subject: "HIDA", Times: n,
				At: at, Severity: watch.Warning, Data: map[string]int64{"count": n}}}
			r.look()
		}
		given(3, begun)
		given(3, begun)
		a := r.only(watch.Filter{Live: true})
		if a.Times != 3 {
			t.Fatalf("raised %+v", a)
		}
		if _, err := r.End(t.Context(), a.ID, ann, ""); err != nil {
			t.Fatal(err)
		}
		given(3, begun)
		r.none(watch.Filter{Live: true})
		given(4, clock.Now())
		if a = r.only(watch.Filter{Live: true}); a.Times != 4 {
			t.Errorf("raised %+v", a)
		}
	})
}

// Goal: many nodes that look at once make one alert and no error (W1). Method: eight at once.
func TestNodesLookTogether(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.look()
		r.happens("payment.quarantined", "pay_1")
		r.found = []watch.Condition{{Kind: watch.LegStuck, Subject: "leg_1",
			Severity: watch.Urgent}}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := r.node().Look(t.Context()); err != nil {
					t.Errorf("look: %v", err)
				}
			})
		}
		wg.Wait()
		r.only(watch.Filter{Kind: watch.LegStuck})
		if a := r.only(watch.Filter{Kind: watch.Quarantined}); a.Times != 1 {
			t.Errorf("counted %d times", a.Times)
		}
		if n := r.told("alert.open"); n != 2 {
			t.Errorf("told %d times, want twice", n)
		}
	})
}

// Goal: a wallet without a sign of life is down, one with few is failing, and one that answers is
// neither. Method: samples of a gauge.
func TestSilentWalletsAreFound(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		sample := func(stats ...guard.Stat) {
			r.gauge.set(stats...)
			if err := r.Sample(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.look()
		}
		sample(r.stat(0, guard.Asks, guard.Counts{Silent: 4}))
		r.none(watch.Filter{})
		sample(r.stat(0, guard.Asks, guard.Counts{Silent: 5}),
			r.stat(1, guard.Asks, guard.Counts{Yes: 8, Silent: 2}))
		if a := r.only(watch.Filter{Kind: watch.WalletDown}); a.Subject != "LIANHUA" ||
			a.Severity != watch.Urgent {
			t.Errorf("down: %+v", a)
		}
		if a := r.only(watch.Filter{Kind: watch.WalletFailing}); a.Subject != "POCHI" {
			t.Errorf("failing: %+v", a)
		}
		sample(r.stat(0, guard.Asks, guard.Counts{Yes: 30, Silent: 5}),
			r.stat(1, guard.Asks, guard.Counts{Yes: 80, Silent: 2}))
		r.none(watch.Filter{Live: true})
		open := r.stat(1, guard.Asks, guard.Counts{Yes: 80, Silent: 2})
		open.State = guard.Open
		sample(r.stat(0, guard.Asks, guard.Counts{Yes: 30, Silent: 5}), open)
		if a := r.only(watch.Filter{Live: true}); a.Kind != watch.WalletDown ||
			a.Subject != "POCHI" {
			t.Errorf("open circuit: %+v", a)
		}
	})
}

// Goal: a cap that is nearly used up, and a closed ledger, are told. Method: the counter at 79, 80
// and 95 percent; the ledger closed and opened.
func TestCapsAndLedgerAreWatched(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		used := func(minor int64) {
			r.write(func(ctx context.Context, tx *db.Tx) error {
				return risk.StartCap(ctx, tx, risk.OwedKey(r.wallets[0].No,
					money.Currency("CNY")), minor)
			})
			r.look()
		}
		used(799_999)
		r.none(watch.Filter{})
		used(800_000)
		if a := r.only(watch.Filter{}); a.Kind != watch.CapNear ||
			a.Subject != "LIANHUA/issuer/CNY" || a.Severity != watch.Warning {
			t.Errorf("near: %+v", a)
		}
		used(950_000)
		if a := r.only(watch.Filter{}); a.Severity != watch.Urgent {
			t.Errorf("nearer: %+v", a)
		}
		used(0)
		r.none(watch.Filter{Live: true})
		r.write(func(ctx context.Context, tx *db.Tx) error {
			return r.reg.SetLedger(ctx, tx, "test", true, "trial")
		})
		r.look()
		if a := r.only(watch.Filter{Live: true}); a.Kind != watch.LedgerClosed {
			t.Errorf("closed: %+v", a)
		}
		r.write(func(ctx context.Context, tx *db.Tx) error {
			return r.reg.SetLedger(ctx, tx, "test", false, "found")
		})
		r.look()
		r.none(watch.Filter{Live: true})
	})
}
