package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
)

// hang lets the first call of a kind wait until release is called; the others pass.
func (r *rig) hang(kind string) (release func()) {
	gate, first := make(chan struct{}), make(chan struct{}, 1)
	first <- struct{}{}
	r.wallet.meeting(func(call, _ string, _ int64) {
		if call != kind {
			return
		}
		select {
		case <-first:
			<-gate
		default:
		}
	})
	return func() { close(gate) }
}

// refunding asks for a refund whose first call hangs, and returns it as it is meanwhile.
func (r *rig) refunding(p *payment.Payment, minor int64) (f payment.Refund, end func()) {
	r.t.Helper()
	release, done := r.hang("refund"), make(chan struct{})
	go func() {
		defer close(done)
		if _, err := r.refund(p, minor); err != nil {
			r.t.Errorf("refund: %v", err)
		}
	}()
	r.soon("a refund", func() bool {
		fs, err := r.Refunds(context.Background(), r.bank.No, p.ID)
		r.do("list refunds", err)
		if len(fs) == 1 {
			f = fs[0]
		}
		return len(fs) == 1
	})
	return f, func() { release(); <-done }
}

// Goal: a failure answered to a refund that was sent again proves nothing alone, also when
// the answer to its first sending is not known yet: the process may have died over it.
// Method: the first call hangs beyond its time; the schedule sends the refund again and the
// wallet refuses the repeat; then the first call brings a yes.
func TestOneFailureOfAResendProvesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		f, end := r.refunding(p, 1000)
		r.wallet.set(decline)
		r.forward(10 * time.Second)
		r.schedule()
		r.soon("an answer to the resend", func() bool {
			got, err := r.FindRefund(context.Background(), r.bank.No, f.ID)
			r.do("find refund", err)
			return got.State != payment.RefundRequested
		})
		r.refundUntil(f.ID, payment.RefundUnknown)
		r.wallet.set(approve)
		end()
		r.refundUntil(f.ID, payment.RefundSucceeded)
		if d := r.wallet.debits[leg(p)]; d.refunded != f.PayTo {
			t.Errorf("the wallet refunded %s, want %s", d.refunded, f.PayTo)
		}
		r.verify()
	})
}

// Goal: two workers that hold one refund at the same time, because the first one was slower
// than its lease, count one failure and not two.
func TestTwoWorkersCountOneFailure(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		r.wallet.set(silence)
		f, err := r.refund(p, 1000)
		r.do("refund", err)
		in, gate := make(chan bool, 8), make(chan struct{})
		r.wallet.meeting(func(call, _ string, _ int64) {
			if call == "refund" {
				in <- true
				<-gate
			}
		})
		r.wallet.set(decline)
		r.schedule()
		for range 2 {
			r.forward(20 * time.Second)
			<-in
		}
		close(gate)
		r.soon("an answer", func() bool {
			got, err := r.FindRefund(context.Background(), r.bank.No, f.ID)
			r.do("find refund", err)
			return got.Doubts > 0
		})
		time.Sleep(300 * time.Millisecond)
		got, err := r.FindRefund(context.Background(), r.bank.No, f.ID)
		r.do("find refund", err)
		if got.Doubts != 1 || got.State != payment.RefundUnknown {
			t.Errorf("refund is %s after %d failures", got.State, got.Doubts)
		}
		r.verify()
	})
}

// Goal: a wallet that refunded after all, when its refund counts as failed, is not passed
// over in silence: an operator is called, and the books stay as they are.
func TestYesAfterAFailedRefundCallsAnOperator(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		f, end := r.refunding(p, 1000)
		r.wallet.set(decline)
		r.schedule()
		for i := range 3 {
			r.forward(2 * time.Minute)
			r.soon("an answer", func() bool {
				got, err := r.FindRefund(context.Background(), r.bank.No, f.ID)
				r.do("find refund", err)
				return got.Doubts > int64(i) || got.State == payment.RefundFailed
			})
		}
		r.refundUntil(f.ID, payment.RefundFailed)
		r.wallet.set(approve)
		end()
		if n := r.told(p, "refund.disagrees"); n != 1 {
			t.Errorf("told %d times", n)
		}
		r.refundUntil(f.ID, payment.RefundFailed)
		r.verify()
	})
}

// Goal: a wallet's yes to a refund counts only when it names this refund and its amounts.
func TestYesToAnotherRefundIsNoAnswer(t *testing.T) {
	t.Parallel()
	other, yenOther := money.MustNew(1, "CNY"), yen(1)
	wrong := map[string]func(*link.Answer){
		"pay-to amount": func(a *link.Answer) { a.PayTo = &other },
		"order amount":  func(a *link.Answer) { a.Order = &yenOther },
		"refund id":     func(a *link.Answer) { a.RequestID = "rfd_other" },
	}
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		for name, change := range wrong {
			r.wallet.mu.Lock()
			r.wallet.returned = change
			r.wallet.mu.Unlock()
			f, err := r.refund(p, 100)
			r.do("refund", err)
			if f.State != payment.RefundUnknown {
				t.Errorf("%s: refund is %s", name, f.State)
			}
		}
		if r.told(p, "refund.mismatch") != len(wrong) {
			t.Errorf("told %d times", r.told(p, "refund.mismatch"))
		}
		if p = r.find(p.ID); p.RefundedMinor != 0 || p.RefundingMinor != 300 {
			t.Errorf("refunded %d, refunding %d", p.RefundedMinor, p.RefundingMinor)
		}
		r.verify()
	})
}

// Goal: two workers on one leg, because the first one was slower than its lease, conclude it
// once: the one's yes stands, the other's older silence changes nothing.
func TestTwoWorkersConcludeALegOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(lost)
		p := r.sell(1980)
		release := r.hang("inquire")
		r.schedule()
		r.forward(20 * time.Second)
		time.Sleep(500 * time.Millisecond)
		r.wallet.set(approve)
		r.forward(20 * time.Second)
		r.until(p.ID, payment.Captured, payment.LegApproved)
		r.wallet.set(silence)
		release()
		time.Sleep(300 * time.Millisecond)
		r.until(p.ID, payment.Captured, payment.LegApproved)
		r.verify()
	})
}

// Goal: a cancel while the first call to the wallet is under way closes the payment; the yes
// that this call then brings is given back.
func TestCancelWhileTheWalletIsAsked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		s := r.sale(1980)
		release, done := r.hang("authorise"), make(chan error, 1)
		go func() {
			_, err := r.Sell(context.Background(), s)
			done <- err
		}()
		var p *payment.Payment
		r.soon("the payment", func() bool {
			var err error
			p, err = r.Find(context.Background(), r.bank.No, payment.ChannelAPI,
				payment.Ref{RequestID: s.RequestID})
			return err == nil
		})
		r.wallet.set(unwilled) // the cancel overtakes the payment and does not stop it
		got, err := r.cancel(p)
		r.do("cancel", err)
		if got.State != payment.Cancelled {
			t.Errorf("payment is %s", got.State)
		}
		r.wallet.set(approve)
		release()
		if err := <-done; err != nil && !errors.Is(err, payment.ErrClosed) {
			t.Errorf("sell: %v", err)
		}
		r.forward(time.Minute)
		r.schedule()
		r.later(p.ID, payment.Cancelled, payment.LegCancelled)
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		r.verify()
	})
}
