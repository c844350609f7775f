package watch_test

import (
	"context"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/link/guard"
	"watari/pay/party"
	"watari/pay/risk"
	"watari/pay/watch"
)

// Goal: W8: a cap around which the counter wavers is one alert, told once a step, and as grave as
// it was; well below it ends. Method: the counter of a cap goes up and down.
func TestACapThatWaversIsOneAlert(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		used := func(minor int64) {
			r.write(func(ctx context.Context, tx *db.Tx) error {
				return risk.StartCap(ctx, tx, risk.OwedKey(r.wallets[0].No,
					money.Currency("CNY")), minor)
			})
			r.look()
		}
		used(760_000)
		r.none(watch.Filter{})
		for range 3 {
			used(801_000)
			used(799_000)
		}
		if a := r.only(watch.Filter{}); a.Severity != watch.Warning || a.State != watch.Open ||
			r.told("alert.open") != 1 {
			t.Fatalf("%+v, told %d times", a, r.told("alert.open"))
		}
		for range 3 {
			used(951_000)
			used(949_000)
		}
		if a := r.only(watch.Filter{}); a.Severity != watch.Urgent ||
			r.told("alert.worsened") != 1 {
			t.Errorf("%+v, worse %d times", a, r.told("alert.worsened"))
		}
		used(900_000)
		if a := r.only(watch.Filter{}); a.Severity != watch.Warning {
			t.Errorf("well below: %+v", a)
		}
		used(740_000)
		r.none(watch.Filter{Live: true})
	})
}

// Goal: W8: a wallet that is down stays so while nobody asks it, and until something proves that it
// is back; one that was suspended is nobody's outage. Method: five silent calls, written minutes
// ago; nothing; an answer.
func TestADownWalletIsDownUntilItAnswers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		calls := int64(0)
		sample := func(yes, silent int64) {
			calls += silent
			r.gauge.set(r.stat(0, guard.Asks, guard.Counts{Yes: yes, Silent: calls}))
			if err := r.Sample(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.look()
		}
		later := func() {
			r.write(func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `update wallet_health set minute_us = minute_us - $1`,
					(10 * time.Minute).Microseconds())
				return err
			})
		}
		sample(0, 5)
		first := r.only(watch.Filter{Live: true})
		later()
		sample(0, 0)
		sample(0, 1)
		if a := r.only(watch.Filter{}); a.ID != first.ID || a.Kind != watch.WalletDown ||
			string(a.Data) != string(first.Data) {
			t.Errorf("in the quiet: %+v, was %+v", a, first)
		}
		sample(3, 0)
		r.none(watch.Filter{Live: true})
		later()
		sample(3, 5)
		later()
		r.write(func(ctx context.Context, tx *db.Tx) error {
			return r.reg.SetStatus(ctx, tx, "test", party.KindParticipant, r.wallets[0].No,
				party.Suspended)
		})
		sample(3, 0)
		r.none(watch.Filter{Live: true})
	})
}

// Goal: somebody is told of a key that ends and of one that has ended, and of none whose successor
// is there. Method: keys around now.
func TestTheLastKeyIsTheOneWithoutASuccessor(t *testing.T) {
	t.Parallel()
	now := clock.Now()
	at := func(days int) time.Time { return now.AddDate(0, 0, days) }
	key := func(version, from, until int) party.Key {
		k := party.Key{Version: version, From: at(from)}
		if until != 0 {
			k.Until = at(until)
		}
		return k
	}
	retired := key(9, -9, 0)
	retired.Retired = at(-1)
	for name, c := range map[string]struct {
		keys []party.Key
		want int // version; 0 is none
	}{
		"none":                {nil, 0},
		"no end":              {[]party.Key{key(1, -9, 0)}, 0},
		"ends":                {[]party.Key{key(1, -9, 3), retired}, 1},
		"successor":           {[]party.Key{key(2, 2, 0), key(1, -9, 3)}, 0},
		"successor that ends": {[]party.Key{key(2, 2, 90), key(1, -9, 3)}, 2},
		"a gap":               {[]party.Key{key(2, 5, 0), key(1, -9, 3)}, 1},
		"over":                {[]party.Key{key(1, -90, -30), key(2, -30, -1), retired}, 2},
		"over, one to come":   {[]party.Key{key(1, -90, -1), key(2, 1, 0)}, 1},
		"retired alone":       {[]party.Key{retired}, 0},
	} {
		if got, ok := watch.LastKey(c.keys, now); ok != (c.want != 0) ||
			ok && got.Version != c.want {
			t.Errorf("%s: version %d, %v", name, got.Version, ok)
		}
	}
}
