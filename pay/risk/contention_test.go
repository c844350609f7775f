package risk_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/money"
	"watari/pay/party"
	"watari/pay/risk"
)

// Goal: no number of nodes passes a limit together (K1). Method: two handles, several batches
// at once on each, all against one store's day, one issuer's day and one exposure; exactly as
// many payments pass as the tightest limit allows.
func TestNodesNeverPassALimitTogether(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, e, sets()...)
			nodes := []*db.DB{dbtest.Open(t, location, db.Options{}),
				dbtest.Open(t, location, db.Options{})}
			p, w, rules := place(), purse(), risk.Default()
			p.Store.PerDayMaxMinor = ptr(100 * 1_980)
			w.Agreement.PerDayMaxMinor, w.Agreement.CapMinor = ptr(500_000), ptr(85*8_464+1)
			var passed atomic.Int64
			var batches sync.WaitGroup
			for i := range 8 {
				batches.Go(func() {
					for range 5 {
						n, err := batch(t.Context(), nodes[i%2], rules, p, w)
						if err != nil {
							t.Errorf("batch: %v", err)
						}
						passed.Add(n)
					}
				})
			}
			batches.Wait()

			all := rows(t, nodes[0])
			owed := all[risk.OwedKey(5, "CNY")].minor
			day := all[risk.Key{Kind: risk.StoreDay, Subject: 3, Day: "2026-11-22"}]
			if passed.Load() != 85 || owed != 85*8_464 || day != (figures{85 * 1_980, 85}) {
				t.Errorf("%d passed, %d owed, store %+v", passed.Load(), owed, day)
			}
		})
	}
}

// batch begins five payments in one transaction and returns how many passed.
func batch(
	ctx context.Context, d *db.DB, rules risk.Rules, p party.Point, w party.Wallet,
) (passed int64, err error) {
	err = d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		passed = 0
		s, err := risk.Load(ctx, tx, rules.Keys(p, w, noon))
		if err != nil {
			return err
		}
		for range 5 {
			order, payTo := money.MustNew(1_980, "JPY"), money.MustNew(8_464, "CNY")
			if rules.Check(p, w, order, payTo, s.Used, noon) == nil {
				rules.Reserve(s, p, w, order, payTo, noon)
				passed++
			}
		}
		risk.Fail(s, 4, noon.Add(time.Hour))
		return s.Flush(ctx, tx)
	})
	return passed, err
}

// Goal: batches that touch the same counters, existing or new, in any order never deadlock
// (K2). Method: two handles, each batch draws twelve of twenty keys of several days in random
// order; no error may come out, hardly a batch may be tried again (a circle ends by a lock
// timeout), and every addition must be there at the end.
func TestBatchesInAnyOrderNeverDeadlock(t *testing.T) {
	t.Parallel()
	for _, e := range dbtest.Engines {
		t.Run(e.String(), func(t *testing.T) {
			t.Parallel()
			location := dbtest.Migrated(t, e, sets()...)
			nodes := []*db.DB{dbtest.Open(t, location, db.Options{}),
				dbtest.Open(t, location, db.Options{})}
			var runs, commits, added atomic.Int64
			var batches sync.WaitGroup
			for i := range 6 {
				batches.Go(func() {
					for round := range 20 {
						keys := draw(round)
						err := nodes[i%2].Update(t.Context(),
							func(ctx context.Context, tx *db.Tx) error {
								runs.Add(1)
								s, err := risk.Load(ctx, tx, keys)
								if err != nil {
									return err
								}
								for _, k := range keys {
									s.Add(k, 1, 0)
								}
								return s.Flush(ctx, tx)
							})
						if err != nil {
							t.Errorf("batch: %v", err)
							continue
						}
						commits.Add(1)
						added.Add(int64(len(keys)))
					}
				})
			}
			batches.Wait()

			var stored int64
			for _, f := range rows(t, nodes[0]) {
				stored += f.minor
			}
			if stored != added.Load() {
				t.Errorf("%d stored, %d added", stored, added.Load())
			}
			// On a busy machine a batch may wait too long for a lock now and then.
			if again := runs.Load() - commits.Load(); again > commits.Load()/10 {
				t.Errorf("%d of %d batches were tried again", again, commits.Load())
			}
		})
	}
}

// draw returns twelve keys in random order; rounds share days, so rows are new to some.
func draw(round int) []risk.Key {
	var all []risk.Key
	for subject := range int64(10) {
		day := noon.AddDate(0, 0, round/4)
		all = append(all, risk.Key{Kind: risk.StoreDay, Subject: subject, Day: risk.Day(day)},
			risk.OwedKey(subject, "CNY"))
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:12]
}
