package order_test

import (
	"context"
	"testing"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/ledger"
	"watari/visit/order"
)

// Goal: what does not fit together is found. Method: one row changed behind the program's back
// each, on a store with an order that was paid and partly returned, one that was paid too late, and
// one that is held.
func TestVerifyFindsWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for rule, q := range map[string]string{
		"O1 total":     `update visit_order set total_minor = total_minor - 1 where state = 'held'`,
		"O1 price":     `update visit_order_line set price_minor = price_minor - 1 where state = 'sold'`,
		"O2 schedule":  `update visit_order_payment set due_at_us = null where state = 'open'`,
		"O2 payment":   `update visit_order_payment set payment_id = 'pay_0' where state = 'open'`,
		"O3 twice":     `update visit_order_payment set state = 'closed' where state = 'captured'`,
		"O3 amount":    `update visit_order_payment set minor = 1 where state = 'captured'`,
		"O4 line":      `update visit_order_line set state = 'released' where state = 'held'`,
		"O4 due":       `update visit_order set due_at_us = null where state = 'held'`,
		"O5 refund":    `delete from visit_order_return where reason = 'visitor'`,
		"O5 failed":    `update visit_order_return set state = 'failed', refund_id = ''`,
		"O6 line":      `update visit_order_line set refunded_minor = 1 where state = 'cancelled'`,
		"O6 return":    `update visit_order_return set lines = '[2]' where reason = 'visitor'`,
		"O7 refund":    `update visit_order_return set refund_id = '' where state = 'succeeded'`,
		"O7 amount":    `update visit_order_return set minor = minor + 1 where reason = 'visitor'`,
		"O8 refunded":  `update visit_order set refunded_minor = 1 where refunded_minor > 0`,
		"O8 fees":      `update visit_order set fees_minor = 1 where state = 'paid'`,
		"B2 granted":   `update visit_order set granted_wallet_minor = 0 where state = 'paid'`,
		"B2 posting":   `update ledger_transfer set payment_id = 'x' where cause = 'promotion_back'`,
		"B3 funding":   `update visit_order_return set wallet_minor = 1 where reason = 'visitor'`,
		"stall ticket": `update stall_ticket set state = 'valid' where state = 'revoked'`,
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
			r.seed()
			o := r.buy(2, 1)
			_, err := r.Cancel(t.Context(), o.ID, lines(3), 3875, "c1", "visitor:1")
			r.do("cancel", err)
			stop := r.run()
			r.until(o.ID, order.StatePaid)
			stop()
			r.hold(1, 0)
			r.checkout(r.hold(1, 0))
			r.verify()
			r.exec(q)
			if found := r.findings(); !found[rule[:2]] {
				t.Errorf("found %v", found)
			}
		})
	}
}

// findings are the rules that Verify finds broken; "st" is the stall's.
func (r *rig) findings() map[string]bool {
	r.t.Helper()
	found := map[string]bool{}
	r.do("verify", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		accounts, err := ledger.Accounts(ctx, tx)
		if err != nil {
			return err
		}
		rep, err := order.Verify(ctx, tx, accounts, stallCheck)
		for _, f := range rep.Findings {
			found[f.Rule[:2]] = true
		}
		return err
	}))
	return found
}
