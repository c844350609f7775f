package payment_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"watari/kit/db"
	"watari/pay/party"
	"watari/pay/payment"
	"watari/pay/risk"
)

// Goal: what the people of a store give back without a till stays under the store's daily cap, also
// when two of them ask at once, together with what its tills give; the cap of the till that took
// the payment has nothing to do with it, and a bank's own system is not held to it. Method: a store
// with a cap of 1,000 and a till with one of 1.
func TestRefundsOfAStoreStayUnderItsCap(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		most, one := int64(1000), int64(1)
		r.change(func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(r.reg.SetLimits(ctx, tx, "test", r.store.No, party.StoreLimits{
				RefundDayMaxMinor: &most}),
				r.reg.SetTerminal(ctx, tx, "test", r.till.No, party.TerminalTerms{Label: "T1",
					CanRefund: true, RefundDayMaxMinor: &one}))
		})
		p, till := r.sell(1980), r.addTill("T2", true, nil)
		give := func(minor int64, atStore bool) error {
			_, err := r.Refund(context.Background(), payment.Giveback{Origin: payment.Origin{
				AcquirerNo: r.bank.No, Channel: payment.ChannelAPI, Actor: "person:per_1",
				Began: r.now(), RequestID: fmt.Sprintf("console-%d", r.n.Add(1))},
				Ref: payment.Ref{PaymentID: p.ID}, Amount: yen(minor), AtStore: atStore})
			return err
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		given := 0
		for range 2 {
			wg.Go(func() {
				err := give(600, true)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					given++
				} else if !errors.Is(err, risk.ErrLimitDay) {
					t.Errorf("two at once: %v", err)
				}
			})
		}
		wg.Wait()
		if given != 1 {
			t.Errorf("%d of two were given", given)
		}
		if _, err := r.refundAt(till.No, p, 401); !errors.Is(err, risk.ErrLimitDay) {
			t.Errorf("a till after them: %v", err)
		}
		if err := give(401, true); !errors.Is(err, risk.ErrLimitDay) {
			t.Errorf("over what is left of it: %v", err)
		}
		if err := give(401, false); err != nil {
			t.Errorf("the bank's own: %v", err)
		}
		if err := give(400, true); err != nil {
			t.Errorf("up to the cap: %v", err)
		}
		r.verify()
	})
}
