package notices_test

import (
	"testing"
	"time"

	"watari/connect/alipayplus/notices"
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// The goal is that what was given up can be looked at by bank: how many, which was the last, and
// why. The method: two payments of a bank that refuses every notice, and one of a bank that takes
// them, on both engines.
func TestGivenUpNoticesAreFoundByBank(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		r := newRig(t, d)
		refuses, takes := r.banks[0], r.banks[1]
		refuses.answers(func(int) wire.Code { return wire.CodeProcessFail })
		began := clock.Now()
		r.run(r.courier([]time.Duration{look}, look))
		first, last := r.sell(refuses, 1980, true), r.sell(refuses, 1980, true)
		r.sell(takes, 1980, true)
		var got []notices.GivenUp
		eventually(t, "two are given up", func() bool {
			var err error
			if got, err = notices.AllGivenUp(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			return len(got) == 1 && got[0].Count == 2
		})
		g := got[0]
		if g.AcquirerNo != refuses.no || g.PaymentID != first.ID && g.PaymentID != last.ID ||
			g.Note == "" || g.Last.Before(began.Add(-time.Second)) {
			t.Errorf("given up: %+v", g)
		}
	})
}
