package payment_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"watari/pay/payment"
)

// Goal: a cancel inside its window leaves every account at zero, and the wallet nothing.
func TestCancelMirrorsTheSale(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		for range 2 {
			got, err := r.cancel(p)
			r.do("cancel", err)
			if got.State != payment.Cancelled {
				t.Errorf("payment is %s", got.State)
			}
		}
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		r.verify()
	})
}

// Goal: after its window a cancel is refused and changes nothing.
func TestCancelWindow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		r.forward(25 * time.Hour)
		if _, err := r.cancel(p); !errors.Is(err, payment.ErrCancelWindow) {
			t.Errorf("got %v", err)
		}
		if p = r.find(p.ID); p.State != payment.Captured {
			t.Errorf("payment is %s", p.State)
		}
		r.verify()
	})
}

// Goal: a cancel of an id never seen closes that id: the payment that comes later is refused
// for ever and no wallet is asked.
func TestCancelBeforePay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		s := r.sale(1980)
		c := payment.Cancellation{Origin: payment.Origin{AcquirerNo: r.bank.No,
			Channel: payment.ChannelAPI, Actor: "test", Began: r.now()},
			Ref: payment.Ref{RequestID: s.RequestID}}
		for range 2 {
			p, err := r.Cancel(ctx, c)
			r.do("cancel", err)
			if p.State != payment.Cancelled || p.ID != "" {
				t.Errorf("got %+v", p)
			}
		}
		for range 2 {
			s.Began = r.now()
			if _, err := r.Sell(ctx, s); !errors.Is(err, payment.ErrClosed) {
				t.Errorf("pay after cancel: %v", err)
			}
		}
		if len(r.wallet.debits) != 0 {
			t.Error("the wallet was asked")
		}
		r.verify()
	})
}

// Goal: a cancel that races with its payment ends with both sides agreeing: either it was
// never made, or it was made and given back.
func TestCancelRacesPay(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		r.schedule()
		for range 20 {
			s := r.sale(1980)
			s.Began = r.now()
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := r.Sell(ctx, s)
				if err != nil && !errors.Is(err, payment.ErrClosed) {
					t.Errorf("sell: %v", err)
				}
			})
			wg.Go(func() {
				_, err := r.Cancel(ctx, payment.Cancellation{Origin: payment.Origin{
					AcquirerNo: r.bank.No, Channel: payment.ChannelAPI, Actor: "test",
					Began: r.now()}, Ref: payment.Ref{RequestID: s.RequestID}})
				if err != nil {
					t.Errorf("cancel: %v", err)
				}
			})
			wg.Wait()
		}
		for range patience {
			if r.wallet.kept() == 0 && len(r.balances()) == 0 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		r.verify()
	})
}

// Goal: a payment that is refunded or being refunded cannot be cancelled.
func TestCancelDuringRefund(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		r.wallet.set(silence)
		f, err := r.refund(p, 100)
		r.do("refund", err)
		if f.State != payment.RefundUnknown {
			t.Fatalf("refund is %s", f.State)
		}
		if _, err := r.cancel(p); !errors.Is(err, payment.ErrState) {
			t.Errorf("cancel: %v", err)
		}
		r.verify()
	})
}
