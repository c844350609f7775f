package risk_test

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/party"
	"watari/pay/risk"
)

func sets() []fs.FS { return []fs.FS{risk.Migrations} }

// sheet loads keys, runs fn and flushes, in a transaction that must succeed.
func sheet(t rapid.TB, d *db.DB, keys []risk.Key, fn func(s *risk.Sheet)) {
	t.Helper()
	err := d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		s, err := risk.Load(ctx, tx, keys)
		if err != nil {
			return err
		}
		fn(s)
		return s.Flush(ctx, tx)
	})
	if err != nil {
		t.Fatalf("sheet: %v", err)
	}
}

type figures struct{ minor, count int64 }

// rows returns the whole table.
func rows(t rapid.TB, d *db.DB) map[risk.Key]figures {
	t.Helper()
	all := map[risk.Key]figures{}
	err := d.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		return tx.Each(ctx, func(r db.Row) error {
			var k risk.Key
			var f figures
			if err := r.Scan(&k.Kind, &k.Subject, &k.Day, &f.minor, &f.count); err != nil {
				return err
			}
			all[k] = f
			return nil
		}, `select kind, subject, day, used_minor, used_count from risk_counter
			order by kind, subject, day`)
	})
	if err != nil {
		t.Fatalf("rows: %v", err)
	}
	return all
}

// Goal: a sheet is a map that survives its transaction. Method: random batches of additions
// against a plain map, on both engines; after each batch the table is the map.
func TestSheetIsAMapThatLasts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		model := map[risk.Key]figures{}
		days := []string{"2026-11-22", "2026-11-23"}
		rapid.Check(t, func(r *rapid.T) {
			key := rapid.Custom(func(r *rapid.T) risk.Key {
				return risk.Key{Kind: rapid.SampledFrom(risk.Kinds()).Draw(r, "kind"),
					Subject: rapid.Int64Range(1, 3).Draw(r, "subject"),
					Day:     rapid.SampledFrom(days).Draw(r, "day")}
			})
			keys := rapid.SliceOfN(key, 0, 12).Draw(r, "keys")
			n := rapid.IntRange(0, 20).Draw(r, "additions")
			sheet(r, d, keys, func(s *risk.Sheet) {
				for range n {
					if len(keys) == 0 {
						break
					}
					k := rapid.SampledFrom(keys).Draw(r, "key")
					minor := rapid.Int64Range(-1000, 1000).Draw(r, "minor")
					count := rapid.Int64Range(-2, 2).Draw(r, "count")
					if k.Kind == risk.TerminalFail { // nobody gives failures back
						minor, count = 0, max(count, 0)
					}
					s.Add(k, minor, count)
					f := figures{model[k].minor + minor, model[k].count + count}
					if k.Kind != risk.IssuerOwed && k.Kind != risk.AcquirerNet {
						f = figures{max(f.minor, 0), max(f.count, 0)}
					}
					model[k] = f
					if minor, count := s.Used(k); (figures{minor, count}) != f {
						r.Fatalf("%v: sheet has %d, %d, want %+v", k, minor, count, f)
					}
				}
			})
			for k, f := range rows(r, d) {
				if model[k] != f {
					r.Fatalf("%v: stored %+v, want %+v", k, f, model[k])
				}
			}
			stored := rows(r, d)
			for k, f := range model {
				if f != (figures{}) && stored[k] != f {
					r.Fatalf("%v: stored %+v, want %+v", k, stored[k], f)
				}
			}
		})
	})
}

// Goal: payments in one batch see each other, and a refused one leaves nothing. Method: a
// store's limit of ¥5,000 and payments of ¥1,980 in one sheet.
func TestPaymentsOfABatchSeeEachOther(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		p, w, rules := place(), purse(), risk.Rules{}
		p.Store.PerDayMaxMinor = ptr(5_000)
		passed := 0
		sheet(t, d, rules.Keys(p, w, noon), func(s *risk.Sheet) {
			for range 5 {
				if rules.Check(p, w, jpy(1_980), cny(8_464), s.Used, noon) == nil {
					if held := rules.Reserve(s, p, w, jpy(1_980), cny(8_464), noon); held !=
						risk.HeldStoreDay {
						t.Errorf("held %b", held)
					}
					passed++
				}
			}
		})

		k := risk.Key{Kind: risk.StoreDay, Subject: 3, Day: "2026-11-22"}
		if got := rows(t, d)[k]; passed != 2 || got != (figures{3_960, 2}) {
			t.Errorf("%d passed, stored %+v", passed, got)
		}
	})
}

// Goal: what a payment took it gives back, whatever is configured then (K3). Method: reserve
// under limits, take the limits away, release; then the paths over an approval and a refund.
func TestGivenBackIsWhatWasTaken(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		p, w, rules := place(), purse(), risk.Rules{}
		p.Store.PerDayMaxMinor, p.Agreement.CapMinor = ptr(5_000), ptr(1_000)
		w.Agreement.PerDayMaxMinor, w.Agreement.CapMinor = ptr(9_000), ptr(90_000)
		claim := risk.Claim{AcquirerNo: 1, StoreNo: 3, IssuerNo: 5, Order: jpy(1_980),
			PayTo: cny(8_464), Settle: jpy(1_980), At: noon}
		begin := func() {
			sheet(t, d, rules.Keys(p, w, noon), func(s *risk.Sheet) {
				claim.Held = rules.Reserve(s, p, w, claim.Order, claim.PayTo, noon)
			})
		}
		expect := func(step string, store, issuer, owed, net int64) {
			t.Helper()
			all := rows(t, d)
			got := []int64{all[risk.Key{Kind: risk.StoreDay, Subject: 3, Day: "2026-11-22"}].minor,
				all[risk.Key{Kind: risk.IssuerDay, Subject: 5, Day: "2026-11-22"}].minor,
				all[risk.OwedKey(5, "CNY")].minor, all[risk.NetKey(1, "JPY")].minor}
			if !slices.Equal(got, []int64{store, issuer, owed, net}) {
				t.Errorf("%s: got %v, want %v", step, got, []int64{store, issuer, owed, net})
			}
		}

		begin()
		expect("reserved", 1_980, 1_980, 8_464, 0)
		sheet(t, d, claim.Keys(), claim.Release)
		expect("declined", 0, 0, 0, 0)
		begin()
		sheet(t, d, claim.Keys(), claim.Approve)
		expect("approved", 1_980, 1_980, 8_464, -1_980)
		sheet(t, d, claim.Keys(), claim.Cancel)
		expect("cancelled", 0, 0, 0, 0)
		begin()
		sheet(t, d, claim.Keys(), claim.Approve)

		refund := risk.RefundClaim{AcquirerNo: 1, StoreNo: 3, TerminalNo: 4, IssuerNo: 5,
			Order: jpy(660), PayTo: cny(2_821), Settle: jpy(660), At: noon}
		giveBack := func() {
			sheet(t, d, rules.RefundKeys(p, true, noon), func(s *risk.Sheet) {
				refund.Held = rules.ReserveRefund(s, p, true, refund.Order, refund.Settle,
					claim.Held, noon)
			})
		}
		giveBack()
		expect("refunding", 1_980, 1_980, 8_464, -1_320)
		sheet(t, d, refund.Keys(), refund.Release)
		expect("refund failed", 1_980, 1_980, 8_464, -1_980)
		giveBack()
		sheet(t, d, refund.Keys(), refund.Succeed)
		expect("refunded", 1_980, 1_980, 5_643, -1_320)

		sheet(t, d, []risk.Key{risk.OwedKey(5, "CNY"), risk.NetKey(1, "JPY")},
			func(s *risk.Sheet) {
				risk.IssuerPaid(s, 5, cny(10_000))
				risk.PaidOut(s, 1, jpy(1_320))
			})
		expect("settled", 1_980, 1_980, -4_357, 0)
	})
}

// Goal: a payment under no limit holds nothing and releases nothing (K3). Method: a limit that
// comes after the payment.
func TestLimitThatComesLaterIsNotReleased(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		p, w, rules := place(), purse(), risk.Rules{}
		early := risk.Claim{AcquirerNo: 1, StoreNo: 3, IssuerNo: 5, Order: jpy(500),
			PayTo: cny(2), Settle: jpy(500), At: noon}
		early.Held = rules.Reserve(nil, p, w, early.Order, early.PayTo, noon)
		p.Store.PerDayMaxMinor = ptr(1_000)
		sheet(t, d, rules.Keys(p, w, noon), func(s *risk.Sheet) {
			rules.Reserve(s, p, w, jpy(1_000), cny(4), noon)
		})

		sheet(t, d, early.Keys(), early.Release)
		sheet(t, d, rules.Keys(p, w, noon), func(s *risk.Sheet) {
			if rules.Check(p, w, jpy(1), cny(1), s.Used, noon) == nil {
				t.Error("the day's limit was passed")
			}
		})
	})
}

// Goal: without keys no statement runs (K4), and unknown counters are a defect. Method: an
// empty sheet; then a key that was not loaded.
func TestEmptySheetTouchesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		sheet(t, d, nil, func(s *risk.Sheet) {
			defer func() {
				if recover() == nil {
					t.Error("a counter that was not loaded was read")
				}
			}()
			s.Used(risk.OwedKey(5, "CNY"))
		})
		if all := rows(t, d); len(all) != 0 {
			t.Errorf("rows: %v", all)
		}
	})
}

// Goal: failures are counted without being loaded, and pause the terminal for the rest of the
// minute only (K6). Method: the default of 100 failures, over several transactions.
func TestFailuresPauseATerminalForTheMinute(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		p, w, rules := place(), purse(), risk.Default()
		refused := func(now time.Time) (refused bool) {
			sheet(t, d, rules.Keys(p, w, now), func(s *risk.Sheet) {
				refused = rules.Check(p, w, jpy(1), cny(1), s.Used, now) != nil
			})
			return refused
		}

		if all := rows(t, d); refused(noon) || len(all) != 0 {
			t.Errorf("refused at the start, or a row was made: %v", all)
		}
		for range 11 {
			sheet(t, d, nil, func(s *risk.Sheet) {
				for range 9 {
					risk.Fail(s, 4, noon)
				}
				risk.Fail(s, 0, noon)
			})
		}
		if refused(noon) {
			t.Error("refused after 99")
		}
		sheet(t, d, nil, func(s *risk.Sheet) { risk.Fail(s, 4, noon) })
		if !refused(noon) || refused(noon.Add(time.Minute)) {
			t.Error("not refused after 100, or still refused a minute later")
		}
	})
}

// Goal: wrong PINs are bounded a day, right ones are not counted (K8). Method: the default of
// ten; a right one gives its try back.
func TestWrongPINsAreBounded(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		rules := risk.Default()
		run := func(fn func(context.Context, *db.Tx, int64, time.Time) error, at time.Time) error {
			return d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return fn(ctx, tx, 4, at)
			})
		}
		for range 30 {
			if err := run(rules.TryPIN, noon); err != nil {
				t.Fatalf("right PIN: %v", err)
			}
			if err := run(rules.PINRight, noon); err != nil {
				t.Fatalf("right PIN: %v", err)
			}
		}
		for i := range 10 {
			if err := run(rules.TryPIN, noon); err != nil {
				t.Fatalf("wrong PIN %d: %v", i, err)
			}
		}

		err := run(rules.TryPIN, noon)
		if err == nil || !strings.Contains(err.Error(), "limit-velocity") {
			t.Errorf("the eleventh: %v", err)
		}
		if err := run(rules.TryPIN, noon.Add(24*time.Hour)); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}

// Goal: old counters go, those that are still asked for stay. Method: both kinds of age, and
// what has no end.
func TestPurgeKeepsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		old := noon.AddDate(0, 0, -41)
		p := party.Point{Store: party.Store{No: 3, PerDayMaxMinor: ptr(9)}}
		keep := append(risk.Rules{}.Keys(p, purse(), noon), risk.OwedKey(5, "CNY"))
		drop := risk.Rules{}.Keys(p, purse(), old)
		sheet(t, d, slices.Concat(keep, drop), func(s *risk.Sheet) {
			risk.Fail(s, 4, noon.Add(-25*time.Hour))
			risk.Fail(s, 4, noon)
		})
		var gone int64
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
			gone, err = risk.Purge(ctx, tx, noon)
			return err
		})

		keep = append(keep, risk.FailKey(4, noon))
		left := rows(t, d)
		if err != nil || gone != 2 || len(left) != len(keep) {
			t.Errorf("%d gone, left %v, %v", gone, slices.Collect(maps.Keys(left)), err)
		}
	})
}
