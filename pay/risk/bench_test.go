package risk_test

import (
	"context"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/party"
	"watari/pay/risk"
)

// BenchmarkBatch measures what all limits together cost a batch of 256 payments at 94 stores:
// load, check, reserve and flush, with the commit.
func BenchmarkBatch(b *testing.B) {
	for _, e := range dbtest.Engines {
		b.Run(e.String(), func(b *testing.B) {
			d := dbtest.New(b, e, sets()...)
			w, rules := purse(), risk.Default()
			w.Agreement.PerDayMaxMinor, w.Agreement.CapMinor = ptr(1<<50), ptr(1<<50)
			var places []party.Point
			var keys []risk.Key
			for i := range int64(256) {
				p := place()
				p.Store = party.Store{No: i % 94, PerDayMaxMinor: ptr(1 << 50)}
				p.Terminal = &party.Terminal{No: i % 94}
				places = append(places, p)
				keys = append(keys, rules.Keys(p, w, noon)...)
			}
			for b.Loop() {
				err := d.Update(b.Context(), func(ctx context.Context, tx *db.Tx) error {
					s, err := risk.Load(ctx, tx, keys)
					if err != nil {
						return err
					}
					for _, p := range places {
						if e := rules.Check(p, w, jpy(1), cny(1), s.Used, noon); e != nil {
							return e
						}
						rules.Reserve(s, p, w, jpy(1), cny(1), noon)
					}
					return s.Flush(ctx, tx)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
