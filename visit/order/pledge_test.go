package order_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"watari/kit/db"
	"watari/pay/link"
	"watari/pay/promo"
	"watari/visit/order"
)

// Goal: a wallet gives no more than it agreed to, whoever buys at the same time on whichever node;
// who is refused takes no stock; what is given up or given back is there for the next (B4).
func TestWalletsGiveNoMoreThanTheyAgreedTo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		one := r.hold(1, 0)
		gift := one.Lines[0].Funding[0].Minor
		if one.Lines[0].Funding[0].Kind != order.FundedByWallet || gift <= 0 {
			t.Fatalf("the wallet gives %+v", one.Lines[0].Funding)
		}
		r.exec(`update promo_pledge set budget_minor = $1`, 5*gift+gift/2)
		nodes := []*rig{r}
		if r.db.Engine() == db.Postgres {
			nodes = append(nodes, r.second(r.db))
		}
		var held, refused atomic.Int64
		var kept sync.Map
		var all sync.WaitGroup
		for i := range 12 {
			q := r.request(1, 0)
			all.Go(func() {
				o, err := nodes[i%len(nodes)].Hold(ctx, q)
				switch {
				case err == nil:
					held.Add(1)
					kept.Store(o.ID, o)
				case errors.Is(err, promo.ErrPledge):
					refused.Add(1)
				default:
					t.Errorf("hold: %v", err)
				}
			})
		}
		all.Wait()
		if held.Load() != 4 || refused.Load() != 8 {
			t.Errorf("%d are held and %d refused, want 4 and 8", held.Load(), refused.Load())
		}
		if n := r.count(`select taken from stall_day where day = $1`, day); n != 5 {
			t.Errorf("%d places are taken, want 5", n)
		}
		r.verify()
		r.do("give up", r.Abandon(ctx, one.ID, "visitor:1"))
		o := r.buy(1, 0)
		cut := order.Cut{Reason: order.ByVisitor}
		q, err := r.QuoteCancel(ctx, o.ID, cut)
		r.do("quote", err)
		_, err = r.Cancel(ctx, o.ID, cut, q.Refund, "c1", "visitor:1")
		r.do("cancel", err)
		r.hold(1, 0)
		if n := r.count(`select taken_minor from promo_pledge where taken_minor > 0`); n != 5*gift {
			t.Errorf("%d yen are taken, want %d", n, 5*gift)
		}
		r.verify()
	})
}

// Goal: where the wallet has given all, an order whose hold had ended goes back instead of being
// honoured.
func TestLatePaymentWithoutAPledgeGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.hold(2, 0)
		_, leg := r.checkout(o)
		a := r.wallet.pays(leg)
		r.exec(`update visit_order set state = 'expired', due_at_us = null, closed_at_us = 1
			where id = $1`, o.ID)
		r.exec(`update visit_order_line set state = 'released' where order_id = $1`, o.ID)
		r.exec(`update stall_day set taken = 0`)
		r.exec(`update promo_pledge set taken_minor = 0, budget_minor = 1`)
		r.do("notify", r.pay.Notify(context.Background(), r.issuer.No,
			link.Notice{OurRequestID: leg, Answer: a}))
		defer r.run()()
		o = r.until(o.ID, order.StateCancelled)
		if yen, n := r.wallet.gave(leg); yen != o.Total || n != 1 {
			t.Errorf("the wallet gave %d of %d in %d refunds", yen, o.Total, n)
		}
		if n := r.count(`select taken from stall_day where day = $1`, day); n != 0 {
			t.Errorf("%d places are taken", n)
		}
		r.verify()
	})
}

// count reads a number.
func (r *rig) count(q string, args ...any) (n int64) {
	r.t.Helper()
	r.do("count", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		return tx.Each(ctx, func(row db.Row) error { return row.Scan(&n) }, q, args...)
	}))
	return n
}
