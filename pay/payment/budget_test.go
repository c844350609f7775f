package payment_test

import (
	"context"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/payment"
)

// busy keeps the row of a payment, and on SQLite the whole store, locked for a while.
func (r *rig) busy(p *payment.Payment, d time.Duration) {
	r.t.Helper()
	held, end := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(end)
		err := r.db.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := db.One(ctx, tx, func(row db.Row) (id string, err error) {
				return id, row.Scan(&id)
			}, `select id from payment where id = $1 /*pg for update */`, p.ID)
			close(held)
			time.Sleep(d)
			return err
		})
		if err != nil {
			r.t.Errorf("hold: %v", err)
		}
	}()
	<-held
	r.t.Cleanup(func() { <-end })
}

// Goal: a cancel is answered within its seven seconds also when what the wallet said to it
// cannot be committed by then: the payment is closed already (P12).
// Method: 0.6 s of the budget are left when the store is locked for five seconds; the answer
// does not wait for the end of the lock.
func TestCancelIsAnsweredInItsBudget(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		began := r.now().Add(-6400 * time.Millisecond)
		r.wallet.meeting(func(call, _ string, _ int64) {
			if call == "cancel" {
				r.wallet.meeting(nil)
				r.busy(p, 5*time.Second)
			}
		})
		at := clock.Now()
		got, err := r.Cancel(context.Background(), payment.Cancellation{
			Origin: payment.Origin{AcquirerNo: r.bank.No, Channel: payment.ChannelAPI,
				Actor: "test", Began: began}, Ref: payment.Ref{PaymentID: p.ID}})
		r.do("cancel", err)
		if took := clock.Now().Sub(at); took > 4*time.Second {
			t.Errorf("answered after %s", took)
		}
		if got.State != payment.Cancelled {
			t.Errorf("payment is %s", got.State)
		}
		r.forward(time.Minute)
		r.schedule()
		r.later(p.ID, payment.Cancelled, payment.LegCancelled)
		r.verify()
	})
}

// Goal: a sale is answered within its seven seconds also when its answer from the wallet
// cannot be committed by then, and a request that waited too long asks no wallet.
func TestSaleIsAnsweredInItsBudget(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.sell(100)
		s := r.sale(1980)
		s.Began = r.now().Add(-2500 * time.Millisecond)
		r.wallet.meeting(func(call, id string, _ int64) {
			if call == "authorise" {
				r.wallet.meeting(nil)
				r.busy(&payment.Payment{ID: "pay" + id[3:len(id)-1]}, 9*time.Second)
			}
		})
		at := clock.Now()
		p, err := r.Sell(context.Background(), s)
		r.do("sell", err)
		if took := clock.Now().Sub(at); took > 8*time.Second {
			t.Errorf("answered after %s", took)
		}
		if p.State != payment.Pending {
			t.Errorf("payment is %s", p.State)
		}
		r.forward(10 * time.Second)
		r.schedule()
		r.later(p.ID, payment.Captured, payment.LegApproved)

		late := r.sale(500)
		late.Began = r.now().Add(-3100 * time.Millisecond)
		if q, err := r.Sell(context.Background(), late); err == nil {
			t.Errorf("a request of 3.1 s ago is %s", q.State)
		}
		if n := len(r.wallet.debits); n != 2 {
			t.Errorf("%d debits", n)
		}
		r.verify()
	})
}
