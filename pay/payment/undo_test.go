package payment_test

import (
	"testing"
	"time"

	"watari/pay/link"
	"watari/pay/payment"
)

// Goal: a refund that takes the place of a cancel names the wallet's own payment, so the
// wallet is asked for it first; and a wallet that never took the money is not sent one.
func TestUndoingRefundKnowsItsPayment(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(lost)
		taken := r.sell(1980)
		r.wallet.set(silence)
		never := r.sell(500)
		r.wallet.set(unwilled) // it refuses both cancels: its window is over
		for _, p := range []*payment.Payment{taken, never} {
			_, err := r.cancel(p)
			r.do("cancel", err)
		}
		r.schedule()
		r.forward(20 * time.Second)
		r.soon("the yes is known", func() bool {
			return r.balances()["0 suspense.reversal 2 CNY"] != 0
		})
		r.forward(20 * time.Second)
		r.later(taken.ID, payment.Cancelled, payment.LegCancelled)
		r.wallet.mu.Lock()
		for id, theirs := range r.wallet.refunded {
			if id != "und"+leg(taken)[3:] || theirs != "W"+leg(taken) {
				t.Errorf("refund %s of payment %q", id, theirs)
			}
		}
		r.wallet.mu.Unlock()
		r.until(never.ID, payment.Cancelled, payment.LegCancelling)
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		r.forward(49 * time.Hour)
		r.later(never.ID, payment.Cancelled, payment.LegStuck)
		if r.told(never, "leg.stuck") != 1 {
			t.Error("no operator was called")
		}
		r.verify()
	})
}

// Goal: a wallet that never answers a refund of a closed payment ends with an operator, not
// with endless asking; what it took stays in suspense.
func TestEndlessUndoEndsWithAnOperator(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(lost)
		p := r.sell(1980)
		r.wallet.set(unwilled)
		_, err := r.cancel(p)
		r.do("cancel", err)
		r.do("notify", r.notify(leg(p), r.wallet.yes(leg(p))))
		r.wallet.set(silence)
		r.schedule()
		r.forward(49 * time.Hour)
		for range 40 {
			if r.find(p.ID).LegState == payment.LegStuck {
				break
			}
			r.forward(20 * time.Minute)
			time.Sleep(350 * time.Millisecond)
		}
		r.until(p.ID, payment.Cancelled, payment.LegStuck)
		if got := r.balances()["0 suspense.reversal 2 CNY"]; got != 8548 {
			t.Errorf("in suspense: %d", got)
		}
		r.verify()
	})
}

// Goal: a wallet's yes to the refund of a closed payment counts only with our own amount.
func TestUndoingRefundOfAnotherAmount(t *testing.T) {
	t.Parallel()
	other := yen(1)
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(lost)
		p := r.sell(1980)
		r.wallet.set(unwilled)
		_, err := r.cancel(p)
		r.do("cancel", err)
		r.do("notify", r.notify(leg(p), r.wallet.yes(leg(p))))
		r.wallet.mu.Lock()
		r.wallet.returned = func(a *link.Answer) { a.Order = &other }
		r.wallet.mu.Unlock()
		r.schedule()
		r.forward(20 * time.Second)
		time.Sleep(time.Second)
		r.until(p.ID, payment.Cancelled, payment.LegCancelling)
		r.wallet.mu.Lock()
		r.wallet.returned = nil
		r.wallet.mu.Unlock()
		r.forward(time.Hour)
		r.later(p.ID, payment.Cancelled, payment.LegCancelled)
		r.verify()
	})
}

// Goal: a cancel that stays unknown for forty minutes, over the end of the acquirer's window
// and of the wallet's, ends with the money given back.
// Method: the windows are 15 and 30 minutes; the wallet took the money and is silent.
func TestCancelUnknownAcrossBothWindows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.caps = func(c *link.Capabilities) {
			c.CancelUntil = func(t time.Time) time.Time { return t.Add(15 * time.Minute) }
			c.WalletUntil = func(t time.Time) time.Time { return t.Add(30 * time.Minute) }
		}
		r.wallet.set(lost)
		p := r.sell(1980)
		r.wallet.set(silence)
		_, err := r.cancel(p)
		r.do("cancel", err)
		r.schedule()
		for range 4 {
			r.forward(10 * time.Minute)
			time.Sleep(400 * time.Millisecond)
			r.until(p.ID, payment.Cancelled, payment.LegCancelling)
		}
		r.wallet.set(unwilled) // it answers again, and its window is over
		r.forward(15 * time.Minute)
		r.soon("the yes is known", func() bool { return r.find(p.ID).TheirID != "" })
		r.forward(15 * time.Minute)
		r.later(p.ID, payment.Cancelled, payment.LegCancelled)
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		r.verify()
	})
}
