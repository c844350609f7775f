package payment_test

import (
	"context"
	"testing"
	"time"

	"watari/kit/db"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
)

// cap sets a cap on both parties, far away, so that everything is counted.
func (r *rig) cap() {
	r.t.Helper()
	far := int64(1) << 50
	r.change(func(ctx context.Context, tx *db.Tx) error {
		if _, err := r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: r.bank.No, Role: party.Acquirer, Currency: "JPY",
			Zone: "Asia/Tokyo", CapMinor: &far}); err != nil {
			return err
		}
		_, err := r.reg.AddAgreement(ctx, tx, "test", party.Agreement{
			ParticipantNo: r.issuer.No, Role: party.Issuer, Currency: "CNY",
			Zone: "Asia/Shanghai", SpreadPPM: 10_000, InterchangePPM: 9_000,
			SchemePPM: 1_500, CapMinor: &far})
		return err
	})
}

// countersHold fails unless every counter without an end is its base and what payments hold, and
// returns what the issuer owes by its counter.
func (r *rig) countersHold(when string) (owed int64) {
	r.t.Helper()
	r.do("count", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		all, err := risk.Endless(ctx, tx)
		if err != nil {
			return err
		}
		held, err := payment.Counted(ctx, tx)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.Minor != c.Base+held[c.Key] {
				r.t.Errorf("%s: %v stands at %d, its base is %d, payments hold %d", when, c.Key,
					c.Minor, c.Base, held[c.Key])
			}
			if c.Key == risk.OwedKey(r.issuer.No, "CNY") {
				owed = c.Minor
			}
			delete(held, c.Key)
		}
		for k, minor := range held {
			if minor != 0 {
				r.t.Errorf("%s: %v has no counter, payments hold %d", when, k, minor)
			}
		}
		return nil
	}))
	return owed
}

// settleDown runs the schedule until a leg was taken back and nothing is open any more.
func (r *rig) settleDown(leg string) {
	r.t.Helper()
	r.schedule()
	r.forward(time.Minute)
	r.soon("the other leg has ended", func() bool {
		r.wallet.mu.Lock()
		defer r.wallet.mu.Unlock()
		return r.wallet.blocked[leg]
	})
	r.forward(5 * time.Minute)
	r.soon("nothing is open", func() bool {
		open, err := r.OpenLegs(context.Background())
		r.do("open legs", err)
		n := int64(0)
		for _, more := range open {
			n += more
		}
		return n == 0
	})
}

// Goal: what counters of caps stand at is what the lives of payments, legs, captures and refunds
// say, whatever happens to them. Method: each kind of life, looked at after each step; the last
// word is the ledger's.
func TestCountersAreWhatPaymentsHold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		before := r.sell(5000)
		r.cap()
		sold := r.sell(1980)
		r.countersHold("sold")
		_, err := r.refund(before, 1000)
		r.do("refund what no cap counted", err)
		_, err = r.refund(sold, 660)
		r.do("refund", err)
		r.countersHold("refunded")
		r.wallet.set(decline)
		r.sell(300)
		_, err = r.refund(sold, 100)
		r.do("refuse a refund", err)
		r.countersHold("declined")
		r.wallet.set(silence)
		_, err = r.refund(sold, 200)
		r.do("refund without an answer", err)
		pending := r.sell(700)
		r.countersHold("unknown")
		r.wallet.set(approve)
		_, err = r.cancel(pending)
		r.do("cancel what is unknown", err)
		_, err = r.cancel(r.sell(800))
		r.do("cancel what is captured", err)
		r.countersHold("cancelled")

		p := r.promise(5000)
		r.countersHold("promised")
		_, err = r.capture(p, 1500, false)
		r.do("capture", err)
		r.countersHold("captured in part")
		_, err = r.capture(p, 500, true)
		r.do("capture the last", err)
		r.countersHold("the rest is given up")

		o := r.openOrder(r.order(1980))
		other := r.other()
		first, second := r.choose(o, r.issuer.No), r.choose(o, other.No)
		r.countersHold("chosen twice")
		r.wallet.pays(first)
		r.poke(o, r.issuer.No, first)
		r.countersHold("paid by one")
		r.settleDown(second)
		r.verify()
		owed := r.countersHold("at the end")
		uncounted := before.PayTo.Minor() - r.find(before.ID).Given.PayTo
		if ledger := r.balances()["0 issuer.receivable 2 CNY"]; ledger != owed+uncounted {
			t.Errorf("the ledger says %d, the counter %d, before the cap %d", ledger, owed,
				uncounted)
		}
	})
}
