package risk_test

import (
	"context"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/risk"
)

// Goal: a cap that is set where there was none counts what is owed, and a counter is always its
// base and what payments hold (K9). Method: a cap on an issuer that owes; a payment; the issuer
// pays; the cap is taken away and set again while the ledger says something else.
func TestCapStartsAtWhatIsOwed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, sets(), func(t *testing.T, d *db.DB) {
		k := risk.OwedKey(5, "CNY")
		start := func(minor int64) {
			t.Helper()
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return risk.StartCap(ctx, tx, k, minor)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		var held int64
		expect := func(step string, minor int64) {
			t.Helper()
			var all []risk.Standing
			err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
				all, err = risk.Endless(ctx, tx)
				return err
			})
			if err != nil || len(all) != 1 || all[0].Key != k || all[0].Minor != minor ||
				all[0].Base+held != minor {
				t.Errorf("%s: %+v, %v, want %d with %d held", step, all, err, minor, held)
			}
		}
		claim := risk.Claim{Held: risk.HeldIssuerOwed, IssuerNo: 5, Order: jpy(1_980),
			PayTo: cny(8_464), Settle: jpy(1_980), At: noon}

		start(100_000)
		expect("set", 100_000)
		sheet(t, d, claim.Keys(), func(s *risk.Sheet) { s.Add(k, 8_464, 0) })
		held = 8_464
		expect("a payment", 108_464)
		sheet(t, d, claim.Keys(), func(s *risk.Sheet) { risk.IssuerPaid(s, 5, cny(108_000)) })
		expect("paid", 464)
		sheet(t, d, claim.Keys(), claim.Release)
		held = 0
		expect("given back", -8_000)
		start(31_000)
		expect("set again", 31_000)
	})
}
