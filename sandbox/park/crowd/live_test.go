package crowd_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"watari/kit/db"
	"watari/sandbox/park/crowd"
	"watari/visit/park/queue"
)

// errEnough ends a live day.
var errEnough = errors.New("enough")

// Goal: in the sandbox people queue in real time: who opens the park's page at 13:07 sees the waits
// of a day that began at 09:00, a usual course, and changes every minute; after a restart the same
// day goes on. Method: Live from 13:07 on a clock that jumps a minute a pause, twice.
func TestPeopleQueueInRealTime(t *testing.T) {
	t.Parallel()
	p := newPark(t, db.SQLite)
	p.set(today.Add(8*time.Hour + 7*time.Minute + 20*time.Second))
	live := func(minutes int) {
		ctx, stop := context.WithCancelCause(t.Context())
		defer stop(nil)
		n := 0
		crowd.Live(ctx, crowd.LiveConfig{Feed: *p.feed, Past: 2, Now: p.clock,
			Pause: func(ctx context.Context, d time.Duration) error {
				if d < time.Second { // between the days of the past
					return nil
				}
				if d > time.Minute+2*time.Second {
					t.Errorf("it pauses for %s", d)
				}
				p.must(p.Tick(t.Context(), "kogen"))
				if n++; n == minutes {
					stop(errEnough)
					return errEnough
				}
				p.set(p.clock().Add(time.Minute))
				return nil
			}})
	}
	live(10)
	p.must(p.CloseDays(t.Context(), "kogen"))
	waits, err := p.Live(t.Context(), "kogen")
	p.must(err)
	long, unknown := 0, 0
	for _, w := range waits {
		if w.Minutes != nil && *w.Minutes >= 20 {
			long++
		}
		if w.State == queue.Unknown || w.State == queue.Operating && w.Minutes == nil {
			unknown++
		}
	}
	if long < 3 || unknown > 0 {
		t.Errorf("at 13:16 %d places have long lines, %d are not known", long, unknown)
	}
	c, err := p.Course(t.Context(), "kogen", "raijin", "2026-11-23")
	p.must(err)
	if c.Days == 0 && c.Slots == nil || len(c.Slots) < 12 {
		t.Errorf("the course of the day: %+v", c)
	}
	l, err := p.Numbers(t.Context(), "kogen", "raijin")
	p.must(err)
	if l.State != queue.LineOpen {
		t.Errorf("the virtual queue is %s", l.State)
	}
	before := len(p.found("raijin"))
	live(3)
	if after := len(p.found("raijin")); after-before < 2 || after-before > 4 {
		t.Errorf("after the restart %d minutes were found", after-before)
	}
	d := crowd.Simulate(crowd.Options{Seed: uint64(today.Unix()) / 86400, Open: 240, Close: 900})
	got := p.judge(d, "tengu")
	if got.N < 100 || got.Estimate > 0.35*got.True {
		t.Errorf("against the truth of the day: %+v", got)
	}
}
