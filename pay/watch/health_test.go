package watch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/link/guard"
	"watari/pay/watch"
)

// Goal: what was counted is kept once, for every wallet, also for those that nobody called; what
// two nodes counted is one sum. Method: samples of a gauge that grows, a second node, a third
// sample without news.
func TestHealthIsTheSumOfAllNodes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		counts := guard.Counts{Yes: 8, No: 1, Waiting: 2, Silent: 1}
		counts.Took[1], counts.Took[3] = 9, 2
		up := guard.Counts{Yes: 3, Waiting: 2, Silent: 4}
		asks, follows := r.stat(0, guard.Asks, counts), r.stat(0, guard.FollowUps, up)
		asks.Barred, asks.Crowded = 5, 1
		r.gauge.set(asks, follows)
		for range 3 { // the second and third add nothing
			if err := r.Sample(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.node().Sample(t.Context()); err != nil { // a node that counted the same
			t.Fatal(err)
		}
		h := watch.Sum(r.lastHour(r.wallets[0].No))
		counts.Took[1], counts.Took[3] = 18, 4
		counts.Yes, counts.No, counts.Waiting, counts.Silent = 16, 2, 4, 2
		if h.Asks != counts || h.AskBarred != 12 || h.FollowProof != 10 || h.FollowSilent != 8 {
			t.Errorf("kept %+v", h)
		}
		if h.Calls() != 24+18 || h.Silent() != 10 {
			t.Errorf("%d calls, %d silent", h.Calls(), h.Silent())
		}
		if idle := watch.Sum(r.lastHour(r.wallets[1].No)); idle.Minutes == 0 ||
			idle.Calls() != 0 || idle.AskCircuit != guard.Closed {
			t.Errorf("the wallet that nobody called: %+v", idle)
		}
		recent, err := r.Recent(t.Context(), 5)
		if err != nil || len(recent) != 2 || recent[r.wallets[0].No].Asks != counts {
			t.Errorf("recent %+v, %v", recent, err)
		}
	})
}

// Goal: a circuit that opened between two samples is seen although it is closed again. Method: a
// gauge that counts one opening.
func TestShortOutageIsSeen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		s := r.stat(0, guard.FollowUps, guard.Counts{})
		r.gauge.set(s)
		if err := r.Sample(t.Context()); err != nil {
			t.Fatal(err)
		}
		if h := watch.Sum(r.lastHour(0)); h.FollowCircuit != guard.Closed {
			t.Fatalf("before: %+v", h)
		}
		s.Opened = 1
		r.gauge.set(s)
		if err := r.Sample(t.Context()); err != nil {
			t.Fatal(err)
		}
		if h := watch.Sum(r.lastHour(r.wallets[0].No)); h.FollowCircuit != guard.Open ||
			h.AskCircuit != guard.Closed {
			t.Errorf("after: %+v", h)
		}
	})
}

// Goal: health and alerts that ended are kept as long as is said, and not for ever. Method: purge
// as of now, and as of later.
func TestOldHealthIsPurged(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		if err := r.Sample(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			later time.Duration
			want  int64
		}{{watch.KeptFor - time.Hour, 0}, {watch.KeptFor + time.Hour, 2}} {
			r.write(func(ctx context.Context, tx *db.Tx) error {
				n, err := watch.Purge(ctx, tx, clock.Now().Add(c.later))
				if err == nil && n != c.want {
					t.Errorf("%s later %d rows went, want %d", c.later, n, c.want)
				}
				return err
			})
		}
	})
}

// Goal: a period that cannot be shown is refused by name. Method: a table.
func TestPeriodsAreBounded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		now := clock.Now()
		for name, s := range map[string]watch.Span{
			"backwards":  {From: now, Until: now.Add(-time.Hour), Step: time.Minute},
			"half steps": {From: now.Add(-time.Hour), Until: now, Step: 90 * time.Second},
			"no steps":   {From: now.Add(-time.Hour), Until: now},
			"too fine":   {From: now.Add(-48 * time.Hour), Until: now, Step: time.Minute},
		} {
			if _, err := r.History(t.Context(), s); !errors.Is(err, watch.ErrRange) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// Goal: percentiles are within the bounds of what was counted. Method: a table.
func TestPercentiles(t *testing.T) {
	t.Parallel()
	var h watch.Health
	if _, ok := h.Percentile(50); ok {
		t.Error("a percentile of nothing")
	}
	h.Asks.Took[0], h.Asks.Took[2] = 50, 50
	for _, c := range []struct {
		percent  int64
		low, top time.Duration
	}{{1, 0, time.Millisecond}, {50, 50 * time.Millisecond, 50 * time.Millisecond},
		{75, 150 * time.Millisecond, 150 * time.Millisecond},
		{100, 200 * time.Millisecond, 200 * time.Millisecond}} {
		if got, ok := h.Percentile(c.percent); !ok || got < c.low || got > c.top {
			t.Errorf("%d %%: %s, want %s to %s", c.percent, got, c.low, c.top)
		}
	}
	h.Asks.Took[guard.StepsLen-1] = 1000
	if got, _ := h.Percentile(95); got <= 3200*time.Millisecond || got > 6400*time.Millisecond {
		t.Errorf("longer than all bounds: %s", got)
	}
}
