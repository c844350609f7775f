package payment_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"watari/kit/db"
	"watari/pay/ledger"
	"watari/pay/payment"
)

var errUndo = errors.New("undo")

// findings changes the store, verifies it and takes the change back.
func (r *rig) findings(q string) (found []string) {
	r.t.Helper()
	err := r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		found = nil
		for one := range strings.SplitSeq(q, ";") {
			n, err := tx.Exec(ctx, one)
			if err != nil {
				return err
			}
			if n == 0 {
				r.t.Errorf("%s: nothing was changed", one)
			}
		}
		books, err := ledger.Recompute(ctx, tx, nil)
		if err != nil {
			return err
		}
		accounts, err := ledger.Accounts(ctx, tx)
		if err != nil {
			return err
		}
		rep, err := payment.Verify(ctx, tx, accounts)
		if err != nil {
			return err
		}
		for _, f := range append(books.Findings, rep.Findings...) {
			found = append(found, f.Rule+" "+f.What+" "+f.Text)
		}
		if rep.Expected != books.Transfers {
			found = append(found, "L3")
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		r.t.Errorf("%s: %v", q, err)
	}
	return found
}

// Goal: what somebody changes behind the program's back in any column that money hangs on is
// found, and a store that nobody touched has no findings.
// Method: a store with every kind of payment; one change after the other, taken back each time.
func TestVerifyFindsWhatWasTouched(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.everyKind()
		r.verify()
		for _, q := range []string{
			`update payment set state = 'captured', version = 9 where state = 'declined'`,
			`update payment set state = 'cancelled' where state = 'pending'`,
			`update payment set state = 'pending' where state = 'declined'`,
			`update payment set captured_minor = captured_minor - 1 where state = 'captured'`,
			`update payment set order_minor = order_minor + 100 where state = 'pending'`,
			`update payment set pay_to_minor = pay_to_minor + 1 where state = 'pending'`,
			`update payment set settle_minor = settle_minor + 1 where state = 'captured'`,
			`update payment set rate_coef = rate_coef + 1000000000 where state = 'captured'`,
			`update payment set mid_minor = mid_minor + 1 where state = 'captured'`,
			`update payment set mdr_minor = mdr_minor + 1 where state = 'captured'`,
			`update payment set issuer_no = 1 where state = 'pending'`,
			`update payment set concluded_at_us = 0 where state = 'captured'`,
			`update payment set refunded_minor = refunded_minor - 1 where refunded_minor > 0`,
			`update payment set refunding_minor = 0 where refunding_minor > 0`,
			`update payment set given_pay_to_minor = 0 where refunded_minor > 0`,
			`delete from payment where state = 'declined'`,
			`delete from payment_leg where state = 'declined'`,
			`update payment_leg set amount_minor = amount_minor + 1 where state = 'unknown'`,
			`update payment_leg set issuer_no = 1 where state = 'approved'`,
			`update payment_leg set state = 'approved' where state = 'cancelled'`,
			`update payment_leg set state = 'cancelled' where state = 'unknown'`,
			`update payment_leg set next_at_us = null where state = 'unknown'`,
			`update payment_leg set next_at_us = null where state = 'cancelling'`,
			`update payment_leg set late_posted = not late_posted where state = 'cancelled'`,
			`delete from payment_refund where state = 'failed'`,
			`delete from payment_refund where state = 'succeeded'`,
			`update payment_refund set payment_id = 'pay_x' where state = 'failed'`,
			`update payment_refund set state = 'failed' where state = 'succeeded'`,
			`update payment_refund set order_minor = order_minor + 1 where state = 'succeeded'`,
			`update payment_refund set pay_to_minor = pay_to_minor + 1 where state = 'unknown'`,
			`update payment_refund set next_at_us = null where state = 'unknown'`,
			`delete from payment_claim where scope = 'v1.pay' and refusal is null`,
			`delete from payment_claim where scope = 'v1.refund' and refusal is null`,
			`update payment_claim set subject = 'pay_other' where refusal is null`,
			`update payment_claim set refusal = '{}' where refusal is null`,
			`delete from ledger_transfer where cause = 'cancel'`,
			`update ledger_transfer set cause = 'approval' where cause = 'cancel'`,
			`update ledger_transfer set payment_id = 'pay_other' where cause = 'approval'`,
			`update ledger_transfer set issuer_no = 1 where cause = 'refund'`,
			`update ledger_transfer set acquirer_day = '2020-01-01' where cause = 'cancel'`,
			`update ledger_transfer set issuer_day = '' where cause = 'approval'`,
			`update ledger_transfer set corrects = '' where cause = 'cancel'`,
			`update ledger_balance set credits_minor = credits_minor + 1 where account_no = 1`,
		} {
			if found := r.findings(q); len(found) == 0 {
				t.Errorf("not found: %s", q)
			}
		}
		r.verify()
	})
}

// everyKind makes a payment of every kind.
func (r *rig) everyKind() {
	r.t.Helper()
	r.sell(1980)
	half := r.sell(1000)
	_, err := r.refund(half, 400)
	r.do("refund", err)
	whole := r.sell(300)
	_, err = r.refund(whole, 300)
	r.do("refund", err)
	gone := r.sell(700)
	_, err = r.cancel(gone)
	r.do("cancel", err)
	r.wallet.set(decline)
	r.sell(500)
	_, err = r.refund(half, 100)
	r.do("refund", err)
	r.wallet.set(silence)
	r.sell(600)
	_, err = r.refund(half, 200)
	r.do("refund", err)
	closing := r.sell(800)
	_, err = r.cancel(closing)
	r.do("cancel", err)
	late := r.sell(900)
	r.wallet.set(approve)
	_, err = r.cancel(late)
	r.do("cancel", err)
	r.do("notify", r.notify(leg(late), r.wallet.yes(leg(late))))
	r.wallet.set(silence)
	r.wallet.meeting(func(call, id string, _ int64) {
		if call == "cancel" && id == leg(late) {
			r.wallet.set(approve)
		} else {
			r.wallet.set(silence)
		}
	})
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	r.until(late.ID, payment.Cancelled, payment.LegCancelled)
	end()
	<-done
	r.wallet.meeting(nil)
	time.Sleep(50 * time.Millisecond)
}
