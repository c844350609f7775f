package queue

import (
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/fsm/fsmtest"
)

// Goal: the lives of a virtual queue and of its numbers are sound, equal the schema's lists, and
// are drawn. Method: fsmtest.
func TestLivesOfVirtualQueuesAndNumbers(t *testing.T) {
	t.Parallel()
	fsmtest.Check(t, lines, LineClosed, []LineState{"closed", "open", "full", "paused"})
	fsmtest.Diagram(t, lines, "A virtual queue", "../../../docs/states/virtual-queue.md")
	fsmtest.Check(t, tickets, Joined, []TicketState{"joined", "called", "redeemed", "expired",
		"left"})
	fsmtest.Diagram(t, tickets, "A number in a virtual queue",
		"../../../docs/states/virtual-queue-number.md")
}

// Goal: waits are rounded up to 5 minutes below an hour and to 10 above, and 0 means nobody waits.
// Method: a table around every edge.
func TestShownWaitsAreRoundedUp(t *testing.T) {
	t.Parallel()
	for wait, want := range map[float64]int64{0: 0, 0.4: 0, 0.5: 5, 4.9: 5, 5: 5, 5.1: 10,
		54.9: 55, 55.1: 60, 60: 60, 60.1: 70, 70: 70, 70.1: 80, 119.5: 120} {
		if got := bucket(wait); got != want {
			t.Errorf("%g minutes are shown as %d, want %d", wait, got, want)
		}
	}
	for _, c := range []struct{ a, b, want int64 }{{0, 5, 1}, {5, 0, 1}, {55, 60, 1}, {60, 70, 1},
		{55, 70, 2}, {50, 80, 4}, {30, 30, 0}} {
		if got := apart(c.a, c.b); got != c.want {
			t.Errorf("%d and %d are %d steps apart, want %d", c.a, c.b, got, c.want)
		}
	}
}

// Goal: a board does not flicker: a step is taken when it holds for two minutes, a leap at once.
// Method: a series that trembles around an edge, one that grows, one that leaps.
func TestBoardsDoNotFlicker(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		waits []float64
		want  []int64
	}{
		"trembles": {[]float64{19, 20.5, 19.5, 20.5, 19}, []int64{20, 20, 20, 20, 20}},
		"grows":    {[]float64{19, 20.5, 21, 22}, []int64{20, 20, 25, 25}},
		"leaps":    {[]float64{19, 31, 32}, []int64{20, 35, 35}},
		"falls":    {[]float64{62, 58, 57, 41}, []int64{70, 70, 60, 45}},
		"ends":     {[]float64{4, 0.2, 0.1}, []int64{5, 5, 0}},
	} {
		var before *int64
		var last *float64
		for i, w := range c.waits {
			got := shown(before, last, w)
			if got != c.want[i] {
				t.Errorf("%s: %g is shown as %d, want %d", name, w, got, c.want[i])
			}
			before, last = &got, &c.waits[i]
		}
	}
}

// Goal: ages are judged at 5 and 15 minutes, and what was never seen is stale.
func TestFreshness(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]Freshness{0: Fresh, 5 * time.Minute: Fresh,
		5*time.Minute + 1: Ageing, 15 * time.Minute: Ageing, 15*time.Minute + 1: Stale} {
		if got := freshness(now.Add(-age), now); got != want {
			t.Errorf("%s old is %s, want %s", age, got, want)
		}
	}
	if freshness(time.Time{}, now) != Stale {
		t.Error("what was never seen is fresh")
	}
}

// Goal: a park day begins at 05:00 in Japan.
func TestParkDays(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]string{"2026-11-23T04:59:59+09:00": "2026-11-22",
		"2026-11-23T05:00:00+09:00": "2026-11-23", "2026-11-22T20:00:00Z": "2026-11-23",
		"2027-01-01T02:00:00+09:00": "2026-12-31"} {
		when, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayOf(when); got != want {
			t.Errorf("%s is of %s, want %s", at, got, want)
		}
	}
	if start, ok := DayStart("2026-11-23"); !ok || start.In(clock.JST).Hour() != 5 {
		t.Errorf("the day begins at %s", start)
	}
	for _, bad := range []string{"", "2026-11-31", "23.11.2026", "2026-11-23T00:00"} {
		if _, ok := DayStart(bad); ok {
			t.Errorf("%q is a day", bad)
		}
	}
}
