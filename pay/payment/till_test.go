package payment_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
)

// addTill adds a terminal to the shop's store.
func (r *rig) addTill(id string, may bool, refundMax *int64) (t party.Terminal) {
	r.t.Helper()
	r.change(func(ctx context.Context, tx *db.Tx) (err error) {
		t, err = r.reg.AddTerminal(ctx, tx, "test", party.Terminal{AcquirerNo: r.bank.No,
			StoreNo: r.store.No, ID: id, Label: id, CanRefund: may,
			RefundDayMaxMinor: refundMax})
		return err
	})
	return t
}

// refundAt gives back at a till.
func (r *rig) refundAt(terminalNo int64, p *payment.Payment, minor int64) (*payment.Refund, error) {
	return r.Refund(context.Background(), payment.Giveback{Origin: payment.Origin{
		AcquirerNo: r.bank.No, Channel: payment.ChannelTill, Actor: "till", Began: r.now(),
		RequestID: fmt.Sprintf("till-%d", r.n.Add(1))},
		Ref: payment.Ref{PaymentID: p.ID}, Amount: yen(minor), TerminalNo: terminalNo})
}

// Goal: a refund counts for the daily cap of the till that gives it, not of the till that took
// the payment; a refund that fails frees it again.
func TestRefundCountsForTheTillThatGives(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		limit := int64(1000)
		capped, free := r.addTill("T2", true, &limit), r.addTill("T3", true, nil)
		p := r.sell(1980) // taken at T1, which has no cap
		if _, err := r.refundAt(capped.No, p, 1001); !errors.Is(err, risk.ErrLimitDay) {
			t.Errorf("over the till's cap: %v", err)
		}
		r.wallet.set(decline)
		if f, err := r.refundAt(capped.No, p, 600); err != nil ||
			f.State != payment.RefundFailed {
			t.Errorf("declined: %v %v", f, err)
		}
		r.wallet.set(approve)
		if _, err := r.refundAt(capped.No, p, 600); err != nil {
			t.Errorf("within the cap: %v", err)
		}
		if _, err := r.refundAt(capped.No, p, 401); !errors.Is(err, risk.ErrLimitDay) {
			t.Errorf("over what is left of it: %v", err)
		}
		if _, err := r.refundAt(free.No, p, 1000); err != nil {
			t.Errorf("at a till without a cap: %v", err)
		}
		r.verify()
	})
}

// Goal: a till without the permission gives nothing back, nor does one that does not exist.
func TestTillNeedsPermissionToRefund(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		none := r.addTill("T2", false, nil)
		p := r.sell(1980)
		if _, err := r.refundAt(none.No, p, 1); !errors.Is(err, payment.ErrTillRefund) {
			t.Errorf("without permission: %v", err)
		}
		if _, err := r.refundAt(99, p, 1); err == nil {
			t.Error("an unknown till gave back")
		}
		if p = r.find(p.ID); p.RefundedMinor+p.RefundingMinor != 0 {
			t.Errorf("refunded %d", p.RefundedMinor)
		}
		r.verify()
	})
}

// Goal: a cashier who sees a payment pending and scans a fresh code is warned: the same
// amount at the same till within five minutes. Nothing else warns.
func TestRescanOfAFreshCodeWarns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		other := r.addTill("T2", true, nil)
		similar := func(terminalNo, minor int64) string {
			p, err := r.Similar(context.Background(), r.bank.No, r.store.No, terminalNo,
				money.MustNew(minor, "JPY"))
			r.do("similar", err)
			if p == nil {
				return ""
			}
			return p.ID
		}
		r.sell(1980)
		if got := similar(r.till.No, 1980); got != "" {
			t.Error("a captured payment warns")
		}
		r.wallet.set(silence)
		p := r.sell(1980)
		if got := similar(r.till.No, 1980); got != p.ID {
			t.Errorf("similar is %q, want %q", got, p.ID)
		}
		if similar(r.till.No, 1981) != "" || similar(other.No, 1980) != "" {
			t.Error("another amount or till warns")
		}
		// The cashier goes on all the same: both are payments of their own, and the one that
		// is cancelled costs nothing.
		r.wallet.set(approve)
		q := r.sell(1980)
		if q.State != payment.Captured || q.ID == p.ID {
			t.Errorf("second payment is %s", q.State)
		}
		_, err := r.cancel(p)
		r.do("cancel", err)
		if similar(r.till.No, 1980) != "" {
			t.Error("a cancelled payment warns")
		}
		if r.wallet.kept() != 2*8548 {
			t.Errorf("the wallet kept %d", r.wallet.kept())
		}
		r.verify()
	})
}
