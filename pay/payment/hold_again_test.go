package payment_test

import (
	"context"
	"testing"
	"time"

	"watari/pay/link"
	"watari/pay/payment"
)

// Goal: a wallet that declined an order and says yes afterwards holds its limits once, and gives
// them back once. Method: a declined leg, a late yes by a notice, and its end, with the counters
// compared with the payments after each step.
func TestLateYesOfADeclinedLegHoldsItsLimitsOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		r.cap()
		p := r.openOrder(r.order(1980))
		id := r.choose(p, r.issuer.No)
		r.wallet.pays(id)
		r.do("decline", r.Notify(context.Background(), r.issuer.No, link.Notice{
			OurRequestID: id, Answer: link.Answer{Outcome: link.Declined,
				Reason: link.ReasonBalance, RequestID: id}}))
		r.countersHold("declined")
		r.do("late yes", r.Notify(context.Background(), r.issuer.No, link.Notice{
			OurRequestID: id, Answer: r.wallet.yes(id)}))
		r.countersHold("late yes")
		r.schedule()
		r.forward(time.Minute)
		r.soon("given back", func() bool {
			open, err := r.OpenLegs(context.Background())
			return err == nil && open[payment.LegCancelling] == 0
		})
		r.countersHold("given back")
		r.verify()
	})
}

// Goal: a wallet that was not asked, because it does not answer, counts nothing against the till.
// Method: more such payments than a terminal may fail in a minute.
func TestUnavailableWalletIsNoFailureOfTheTill(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.change = func(a *link.Answer) {
			*a = link.Answer{Outcome: link.Declined, Reason: link.ReasonUnavailable}
		}
		for range 30 {
			p, err := r.Sell(context.Background(), r.sale(100))
			if err != nil || p.State != payment.Declined {
				t.Fatalf("%v, %v", p, err)
			}
		}
	})
}
