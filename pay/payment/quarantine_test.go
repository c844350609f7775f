package payment_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"watari/pay/payment"
)

// Goal: a payment that cannot be booked is given to an operator and closed at its deadline;
// what was in its batch is booked.
// Method: the amount at the mid rate of one of twelve payments is made negative while its
// wallet is asked, so that its postings are refused by the program itself.
func TestDefectQuarantinesItsPaymentOnly(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		var once sync.Once
		poisoned := ""
		var mu sync.Mutex
		all := sync.NewCond(&mu)
		asked := 0
		const n = 12
		r.wallet.meeting(func(call, id string, _ int64) {
			if call != "authorise" {
				return
			}
			once.Do(func() {
				poisoned = "pay" + id[3:len(id)-1]
				r.exec(`update payment set mid_minor = -1, version = version + 1
					where id = $1`, poisoned)
			})
			mu.Lock()
			defer mu.Unlock()
			if asked++; asked == n {
				all.Broadcast()
			}
			for asked < n {
				all.Wait()
			}
		})
		sales := make([]payment.Sale, n)
		for i := range sales {
			sales[i] = r.sale(1000)
		}
		paid := make([]*payment.Payment, n)
		var wg sync.WaitGroup
		for i, s := range sales {
			s.Began = r.now()
			wg.Go(func() {
				p, err := r.Sell(context.Background(), s)
				if err != nil {
					t.Errorf("sell: %v", err)
				}
				paid[i] = p
			})
		}
		wg.Wait()
		for _, p := range paid {
			if p.ID != poisoned && p.State != payment.Captured {
				t.Errorf("payment %s of the same batch is %s", p.ID, p.State)
			}
		}
		p := r.find(poisoned)
		if p.State != payment.Pending || p.LegState != payment.LegStuck {
			t.Errorf("payment is %s, leg %s", p.State, p.LegState)
		}
		if r.told(p, "payment.quarantined") != 1 || r.told(p, "leg.stuck") != 1 {
			t.Error("no operator was called")
		}
		r.forward(181 * time.Second)
		r.schedule()
		r.until(poisoned, payment.Cancelled, payment.LegStuck)
		r.verify()
	})
}

// Goal: what breaks in the work of one leg ends neither the process nor the others' work, and
// its payment is closed at the deadline all the same.
// Method: the connector panics when it inquires of one payment.
func TestPanicOfAConnectorIsSurvived(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(lost)
		bad, good := r.sell(500), r.sell(700)
		r.wallet.set(approve)
		r.wallet.meeting(func(call, id string, _ int64) {
			if call == "inquire" && id == leg(bad) {
				panic("a connector's mistake")
			}
		})
		r.schedule()
		r.until(good.ID, payment.Captured, payment.LegApproved)
		r.forward(200 * time.Second)
		r.until(bad.ID, payment.Cancelled, payment.LegCancelling)
		r.later(bad.ID, payment.Cancelled, payment.LegCancelled)
		r.verify()
	})
}

// Goal: a refund that the wallet made and that cannot be booked keeps its amount reserved and
// calls an operator.
func TestDefectOfARefundCallsAnOperator(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		r.wallet.meeting(func(call, id string, _ int64) {
			if call == "refund" {
				r.exec(`update payment_refund set mdr_minor = -5 where id = $1`, id)
			}
		})
		f, err := r.refund(p, 1000)
		r.do("refund", err)
		if f.State != payment.RefundUnknown {
			t.Errorf("refund is %s", f.State)
		}
		if p = r.find(p.ID); p.RefundingMinor != 1000 || r.told(p, "refund.stuck") != 1 {
			t.Errorf("refunding %d, told %d", p.RefundingMinor, r.told(p, "refund.stuck"))
		}
		r.wallet.meeting(nil)
		r.exec(`update payment_refund set mdr_minor = 20 where id = $1`, f.ID)
		r.forward(16 * time.Minute)
		r.schedule()
		r.refundUntil(f.ID, payment.RefundSucceeded)
		r.verify()
	})
}
