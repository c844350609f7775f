package guard_test

import (
	"context"
	"testing"
	"time"

	"watari/pay/link"
	"watari/pay/link/guard"
)

// Goal: every call that ended is counted once, by how it ended and how long it took; one whose
// caller went away is not. Method: each sort of answer, after a known time.
func TestCallsAreCountedByHowTheyEnd(t *testing.T) {
	t.Parallel()
	bubble(t, guard.Config{}, func(w *world) {
		for _, c := range []struct {
			answer link.Answer
			takes  time.Duration
		}{
			{alive, 40 * time.Millisecond}, {alive, 50 * time.Millisecond},
			{link.Answer{Outcome: link.Declined}, 51 * time.Millisecond},
			{link.Answer{Outcome: link.Unknown, UserActing: true, Cause: errTransport}, time.Second},
			{alive, 5 * time.Second}, {dead, 6 * time.Second},
		} {
			w.set(c.answer, c.takes)
			w.pay()
		}
		gone, leave := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, leave)
		w.set(alive, time.Minute)
		w.c.Authorise(gone, to, link.Authorise{})
		want := guard.Counts{Yes: 3, No: 1, Waiting: 1, Silent: 1,
			Took: [guard.StepsLen]int64{2, 1, 0, 0, 0, 1, 0, 1}}
		if got := w.stat(guard.Asks).Counts; got != want {
			t.Errorf("counted %+v, want %+v", got, want)
		}
		before := w.stat(guard.Asks).Counts
		w.set(alive, 0)
		w.pay()
		if got := w.stat(guard.Asks).Counts.Since(before); got.Yes != 1 || got.Took[0] != 1 ||
			got.Silent != 0 {
			t.Errorf("since: %+v", got)
		}
		if got := w.stat(guard.FollowUps).Counts; got != (guard.Counts{}) {
			t.Errorf("the other lane: %+v", got)
		}
	})
}
