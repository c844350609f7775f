package order_test

import (
	"context"
	"errors"
	"testing"

	"watari/pay/ledger"
	"watari/visit/order"
)

// Goal: what is held, paid and partly cancelled is the sum of its parts, on the lines, at the
// wallet and in the books (O1, O3, O6, O8, B1 to B3). Method: two adults and a child with the
// wallet's discount; the child is cancelled, then everything.
func TestOrderIsHeldPaidAndGivenBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.hold(2, 1)
		if o.State != order.StateHeld || o.List != 16705 || o.Total != 2*5580+3875 {
			t.Fatalf("held: %s, %d of %d", o.State, o.Total, o.List)
		}
		_, leg := r.checkout(o)
		r.pays(leg)
		o, err := r.Settle(ctx, o.ID)
		r.do("settle", err)
		// 310+310 and 215+215 of wallet and park; the child's tenth is 430.
		if w, p := r.stands(0, ledger.IssuerPromotion, r.issuer.No),
			r.stands(r.bank.No, ledger.MerchantPromotion, o.MerchantNo); o.State != order.StatePaid ||
			w != 835 || p != 835 {
			t.Errorf("%s: %d of the wallet, %d of the park", o.State, w, p)
		}
		r.verify()

		stop := r.run()
		q, err := r.QuoteCancel(ctx, o.ID, order.Cut{Lines: []int64{3}, Reason: order.ByVisitor})
		if err != nil || q.Refund != 3875 || q.Fee != 0 {
			t.Fatalf("quoted %+v, %v", q, err)
		}
		if _, err := r.Cancel(ctx, o.ID, order.Cut{Lines: []int64{3}, Reason: order.ByVisitor},
			3874, "c1", "visitor:1"); !errors.Is(err, order.ErrQuote) {
			t.Errorf("another refund than was shown: %v", err)
		}
		for range 2 { // the second is the same request again
			_, err = r.Cancel(ctx, o.ID, order.Cut{Lines: []int64{3}, Reason: order.ByVisitor},
				3875, "c1", "visitor:1")
			r.do("cancel", err)
		}
		o = r.until(o.ID, order.StatePaid)
		if yen, n := r.wallet.gave(leg); o.Refunded != 3875 || yen != 3875 || n != 1 {
			t.Errorf("refunded %d; the wallet gave %d in %d refunds", o.Refunded, yen, n)
		}
		if w := r.stands(0, ledger.IssuerPromotion, r.issuer.No); w != 620 {
			t.Errorf("%d of the wallet after the child", w)
		}
		r.verify()

		_, err = r.Cancel(ctx, o.ID, order.Cut{Reason: order.ByVisitor}, 2*5580, "c2", "visitor:1")
		r.do("cancel the rest", err)
		o = r.until(o.ID, order.StateCancelled)
		if w, p := r.stands(0, ledger.IssuerPromotion, r.issuer.No),
			r.stands(r.bank.No, ledger.MerchantPromotionGiven, o.MerchantNo); w != 0 || p != 0 ||
			o.Refunded != o.Total {
			t.Errorf("%d and %d stand, refunded %d of %d", w, p, o.Refunded, o.Total)
		}
		stop()
		if open := r.verify(); len(open) != 0 {
			t.Errorf("in flight: %v", open)
		}
	})
}
