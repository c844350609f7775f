package recent_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/access/recent"
)

// asked is a cache that counts its questions.
func asked(answer func(n int64) (string, bool, error)) (*recent.Cache[string], *atomic.Int64) {
	var n atomic.Int64
	return recent.New(func(context.Context, recent.Sum) (string, bool, error) {
		return answer(n.Add(1))
	}), &n
}

// Goal: an answer is used for a second, and no longer than two (N1). Method: virtual time.
func TestAnswersAreRecent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, n := asked(func(n int64) (string, bool, error) { return "a", n < 4, nil })
		get := func(known bool, questions int64) {
			t.Helper()
			e, err := c.Get(t.Context(), recent.Sum{1})
			if err != nil || e.Known != known || n.Load() != questions {
				t.Errorf("got %v %v after %d questions, want %v after %d", e, err, n.Load(),
					known, questions)
			}
		}
		get(true, 1)
		time.Sleep(999 * time.Millisecond)
		get(true, 1)
		time.Sleep(time.Millisecond)
		get(true, 2)
		time.Sleep(3 * time.Second)
		get(true, 3)
		time.Sleep(3 * time.Second)
		get(false, 4)
		get(false, 4)
	})
}

// Goal: what was forgotten is asked for again, also when the question is under way (N4), and an
// answer that failed is not kept. Method: a question that waits.
func TestForgottenAnswersAreNotUsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		wait := make(chan struct{})
		broken := errors.New("no database")
		c, n := asked(func(n int64) (string, bool, error) {
			switch n {
			case 1, 2:
				<-wait
				return "old", true, nil
			case 3:
				return "", false, broken
			}
			return "new", true, nil
		})
		first := make(chan string, 2)
		ask := func() {
			e, err := c.Get(t.Context(), recent.Sum{1})
			if err != nil {
				t.Error(err)
			}
			first <- e.Value
		}
		go ask()
		synctest.Wait()
		c.Forget(recent.Sum{1})
		go ask()
		synctest.Wait()
		c.Clear()
		close(wait)
		if a, b := <-first, <-first; a != "old" || b != "old" || n.Load() != 2 {
			t.Errorf("those who waited got %q, %q", a, b)
		}
		if _, err := c.Get(t.Context(), recent.Sum{1}); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		for range 2 {
			if e, err := c.Get(t.Context(), recent.Sum{1}); err != nil || e.Value != "new" {
				t.Errorf("got %v, %v", e, err)
			}
		}
		if n.Load() != 4 {
			t.Errorf("%d questions", n.Load())
		}
	})
}

// Goal: a flood of invented secrets does not fill the memory (N3). Method: 30,000 of them.
func TestFloodIsBounded(t *testing.T) {
	t.Parallel()
	c, n := asked(func(int64) (string, bool, error) { return "", false, nil })
	for i := range 30_000 {
		if _, err := c.Get(t.Context(), recent.Sum{byte(i), byte(i >> 8), byte(i >> 16)}); err !=
			nil {
			t.Fatal(err)
		}
	}
	if n.Load() != 30_000 || c.Len() > 10_000 {
		t.Errorf("%d questions, %d answers kept", n.Load(), c.Len())
	}
}
