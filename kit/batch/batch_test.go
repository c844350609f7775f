package batch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"watari/kit/batch"
	"watari/kit/check"
	"watari/kit/clock"
)

// echo answers every item with itself after a virtual millisecond.
func echo(_ context.Context, items []int) ([]int, error) {
	time.Sleep(time.Millisecond)
	return items, nil
}

// Goal: nothing is lost or answered with another's result, and load makes batches.
// Method: 5,000 concurrent calls in a bubble where a batch takes a millisecond.
func TestEveryCallGetsItsOwnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(batch.Config[int]{Queue: 5000}, echo)
		var wg sync.WaitGroup
		for i := range 5000 {
			wg.Go(func() {
				if r, err := b.Do(t.Context(), i); r != i || err != nil {
					t.Errorf("%d was answered %d, %v", i, r, err)
				}
			})
		}
		wg.Wait()
		b.Close()

		s := b.Stats()
		if s.Items != 5000 || s.Batches > 25 || s.Batches < 5000/256 {
			t.Errorf("%+v", s)
		}
	})
}

// Goal: what queued while a batch ran becomes the next one. Method: one call, then nine
// while it runs: two batches, of one and of nine.
func TestQueuedWhileRunningIsTheNextBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var sizes []int
		b := batch.New(batch.Config[int]{}, func(ctx context.Context, items []int) ([]int, error) {
			sizes = append(sizes, len(items))
			return echo(ctx, items)
		})
		go b.Do(t.Context(), 0)
		synctest.Wait()
		for i := range 9 {
			go b.Do(t.Context(), i)
		}
		synctest.Wait()
		b.Close()

		if !slices.Equal(sizes, []int{1, 9}) {
			t.Errorf("batches of %v", sizes)
		}
	})
}

// Goal: two items of one key never share a batch and keep their order (B2), whatever the
// sizes and failures. Method: random calls, keys and workers; each run checks its items.
func TestItemsOfOneKeyKeepTheirOrder(t *testing.T) {
	t.Parallel()
	type call struct{ key, no int }
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 120).Draw(rt, "calls")
		keys := rapid.IntRange(1, 8).Draw(rt, "keys")
		bad := rapid.IntRange(0, 130).Draw(rt, "bad")
		cfg := batch.Config[call]{
			Max:     rapid.IntRange(1, 16).Draw(rt, "max"),
			Workers: rapid.IntRange(1, 3).Draw(rt, "workers"),
			Key: func(c call) string {
				if c.key == 0 {
					return ""
				}
				return fmt.Sprint(c.key)
			},
		}
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			running, done := map[int]bool{}, map[int]int{}
			b := batch.New(cfg, func(_ context.Context, items []call) ([]int, error) {
				mu.Lock()
				for _, c := range items {
					if c.key != 0 && running[c.key] {
						t.Errorf("two of key %d at the same time", c.key)
					}
					running[c.key] = true
				}
				mu.Unlock()
				time.Sleep(time.Millisecond)
				mu.Lock()
				defer mu.Unlock()
				failed := false
				for _, c := range items {
					delete(running, c.key)
					failed = failed || c.no == bad
				}
				if failed {
					return nil, errors.New("bad")
				}
				out := make([]int, len(items))
				for i, c := range items {
					if c.key != 0 && c.no < done[c.key] {
						t.Errorf("%+v after %d", c, done[c.key])
					}
					done[c.key], out[i] = c.no, c.no
				}
				return out, nil
			})
			var wg sync.WaitGroup
			for i := range n {
				wg.Go(func() {
					r, err := b.Do(t.Context(), call{i % keys, i})
					if (err != nil) != (i == bad) || err == nil && r != i {
						t.Errorf("%d: %d, %v", i, r, err)
					}
				})
				synctest.Wait()
			}
			wg.Wait()
		})
	})
}

// Goal: a poisoned item does not poison its batch (B4), and finding it is cheap. Method: 256
// items, one fails, one panics, one is answered with too few results.
func TestFailingItemStandsAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mine := errors.New("mine")
		runs := 0
		b := batch.New(batch.Config[int]{}, func(ctx context.Context, items []int) ([]int, error) {
			runs++
			switch {
			case slices.Contains(items, 77):
				return nil, mine
			case slices.Contains(items, 130):
				panic("nil map")
			case slices.Contains(items, 200):
				return items[1:], nil
			}
			return echo(ctx, items)
		})
		go b.Do(t.Context(), 1000) // so that the rest becomes one batch
		synctest.Wait()
		var wg sync.WaitGroup
		for i := range 256 {
			wg.Go(func() {
				r, err := b.Do(t.Context(), i)
				var d check.Defect
				ok := err == nil && r == i
				switch i {
				case 77:
					ok = err == mine
				case 130, 200:
					ok = errors.As(err, &d)
				}
				if !ok {
					t.Errorf("%d: %d, %v", i, r, err)
				}
			})
		}
		wg.Wait()

		if runs > 1+3*2*9 {
			t.Errorf("%d runs", runs)
		}
	})
}

// Goal: an error that concerns all is not cut (B5). Method: count the runs.
func TestOutageIsNotBisected(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("database down")
		var runs, failed atomic.Int32
		b := batch.New(batch.Config[int]{Whole: func(err error) bool { return err == down }},
			func(context.Context, []int) ([]int, error) {
				runs.Add(1)
				time.Sleep(time.Second)
				return nil, down
			})
		go b.Do(t.Context(), 0)
		synctest.Wait()
		for i := range 100 {
			go func() {
				if _, err := b.Do(t.Context(), i); err == down {
					failed.Add(1)
				}
			}()
		}
		synctest.Wait()
		b.Close()
		synctest.Wait()

		if runs.Load() != 2 || failed.Load() != 100 {
			t.Errorf("%d runs, %d failed", runs.Load(), failed.Load())
		}
	})
}

// Goal: a full queue is told at once, not waited for. Method: one runs, three wait, the
// next is refused; after they ran there is room again.
func TestFullQueueIsBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := batch.New(batch.Config[int]{Queue: 3}, echo)
		for i := range 4 {
			go b.Do(t.Context(), i)
			synctest.Wait()
		}
		before := clock.Now()
		_, err := b.Do(t.Context(), 5)
		if err != batch.ErrBusy || clock.Now().Sub(before) != 0 {
			t.Errorf("got %v after %v", err, clock.Now().Sub(before))
		}
		time.Sleep(time.Second)
		if r, err := b.Do(t.Context(), 6); r != 6 || err != nil {
			t.Errorf("later: %d, %v", r, err)
		}
	})
}

// Goal: a caller that gives up ends its own wait only (B3). Method: three callers share a
// batch, one has a short deadline; all three items run, under another context.
func TestCallerCancelDoesNotCancelTheBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ran atomic.Int32
		b := batch.New(batch.Config[int]{}, func(ctx context.Context, items []int) ([]int, error) {
			time.Sleep(time.Second)
			ran.Add(int32(len(items)))
			return items, ctx.Err()
		})
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		go b.Do(t.Context(), 0)
		synctest.Wait()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := b.Do(short, 1); err != context.DeadlineExceeded {
				t.Errorf("the impatient one got %v", err)
			}
		})
		for i := 2; i < 4; i++ {
			wg.Go(func() {
				if r, err := b.Do(t.Context(), i); r != i || err != nil {
					t.Errorf("%d: %d, %v", i, r, err)
				}
			})
		}
		wg.Wait()

		if ran.Load() != 4 {
			t.Errorf("%d items ran, want 4", ran.Load())
		}
		if _, err := b.Do(short, 9); err != context.DeadlineExceeded || ran.Load() != 4 {
			t.Errorf("a call whose context is over: %v", err)
		}
	})
}

// Goal: Close drains: what was taken is answered, what comes later is refused. Method: 300
// items queued, Close while the first batch runs, a call behind it.
func TestCloseDrains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var answered atomic.Int32
		b := batch.New(batch.Config[int]{Max: 10, Key: func(i int) string {
			return fmt.Sprint(i % 50)
		}}, echo)
		for i := range 300 {
			go func() {
				if r, err := b.Do(t.Context(), i); r == i && err == nil {
					answered.Add(1)
				}
			}()
		}
		synctest.Wait()
		b.Close()
		synctest.Wait()

		if answered.Load() != 300 {
			t.Errorf("%d of 300 were answered", answered.Load())
		}
		if _, err := b.Do(t.Context(), 1); err != batch.ErrClosed {
			t.Errorf("after Close: %v", err)
		}
		b.Close()
	})
}

func BenchmarkDo(b *testing.B) {
	q := batch.New(batch.Config[int]{}, func(_ context.Context, items []int) ([]int, error) {
		return items, nil
	})
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := q.Do(context.Background(), 1); err != nil {
				b.Error(err)
			}
		}
	})
}
