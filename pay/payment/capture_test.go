package payment_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"watari/pay/link"
	"watari/pay/payment"
)

// promise is an order that its payer promised to pay.
func (r *rig) promise(minor int64) *payment.Payment {
	r.t.Helper()
	o := r.order(minor)
	o.Hold = true
	p := r.openOrder(o)
	leg := r.choose(p, r.issuer.No)
	r.wallet.pays(leg)
	if p = r.poke(p, r.issuer.No, leg); p.State != payment.Authorised {
		r.t.Fatalf("the promise is %s", p.State)
	}
	return p
}

func (r *rig) capture(p *payment.Payment, minor int64, last bool) (*payment.Capture, error) {
	return r.Capture(context.Background(), payment.Taking{Origin: payment.Origin{
		AcquirerNo: r.bank.No, Channel: payment.ChannelAPI, Actor: "test", Began: r.now(),
		RequestID: fmt.Sprintf("cap-%d", r.n.Add(1))},
		Ref: payment.Ref{PaymentID: p.ID}, Amount: yen(minor), Last: last})
}

// Goal: nothing is booked for a promise; captures in parts book their shares, which sum to the
// whole, and refunds return exactly what was captured. Method: 1,980 yen in three captures, then
// refunds of odd parts.
func TestCapturesSumToThePromise(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p := r.promise(1980)
		if b := r.balances(); len(b) != 0 {
			t.Errorf("a promise is booked: %v", b)
		}
		for _, minor := range []int64{1, 660, 1319} {
			k, err := r.capture(p, minor, false)
			r.do("capture", err)
			if k.State != payment.RefundSucceeded {
				t.Errorf("the capture of %d is %s: %s", minor, k.State, r.logged.String())
			}
			r.verify()
		}
		p = r.find(p.ID)
		if took := r.wallet.took(); p.State != payment.Captured || took != p.PayTo.Minor() {
			t.Errorf("it is %s, the wallet paid %d of %s", p.State, took, p.PayTo)
		}
		if _, err := r.capture(p, 1, false); err == nil {
			t.Error("more than the promise was captured")
		}
		for _, minor := range []int64{7, 1000, 973} {
			_, err := r.refund(p, minor)
			r.do("refund", err)
		}
		if p = r.find(p.ID); p.State != payment.Refunded {
			t.Errorf("it is %s", p.State)
		}
		if b := r.balances(); len(b) != 0 {
			t.Errorf("something is left on the accounts: %v", b)
		}
		r.verify()
	})
}

// Goal: a last capture of a part gives up the rest, and only what was captured is refunded.
func TestLastCaptureGivesUpTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p := r.promise(5000)
		_, err := r.capture(p, 1234, true)
		r.do("capture", err)
		if _, err := r.capture(p, 1, false); !errors.Is(err, payment.ErrState) {
			t.Errorf("a capture after the last one: %v", err)
		}
		if _, err := r.cancel(p); !errors.Is(err, payment.ErrState) {
			t.Errorf("cancel of what is captured: %v", err)
		}
		if _, err := r.refund(p, 1235); !errors.Is(err, payment.ErrRefundAmount) {
			t.Errorf("refund of more than was captured: %v", err)
		}
		_, err = r.refund(p, 1234)
		r.do("refund", err)
		if q := r.find(p.ID); q.State != payment.Refunded {
			t.Errorf("it is %s", q.State)
		}
		r.verify()
	})
}

// Goal: a capture whose answer is lost is sent again under its id and booked once; a promise that
// nobody captures lapses and is given back.
func TestCaptureIsSentAgainAndPromisesLapse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p, idle := r.promise(2000), r.promise(900)
		r.wallet.set(lost)
		k, err := r.capture(p, 2000, false)
		r.do("capture", err)
		if k.State != payment.RefundUnknown {
			t.Errorf("a lost answer is %s", k.State)
		}
		if _, err := r.cancel(p); !errors.Is(err, payment.ErrState) {
			t.Errorf("cancel while it is captured: %v", err)
		}
		r.verify()
		r.wallet.set(approve)
		r.forward(10 * time.Second)
		r.schedule()
		r.soon("captured", func() bool { return r.find(p.ID).State == payment.Captured })
		if took := r.wallet.took(); took != r.find(p.ID).PayTo.Minor() {
			t.Errorf("the wallet paid %d", took)
		}
		r.forward(73 * time.Hour)
		r.until(idle.ID, payment.Cancelled, payment.LegCancelled)
		r.verify()
	})
}

// Goal: what a wallet cannot promise is not offered.
func TestWalletsThatCannotPromiseAreNotOffered(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.caps = func(c *link.Capabilities) { c.Ways = link.Ways() }
		o := r.order(100)
		o.Hold = true
		p := r.openOrder(o)
		ws, err := r.Choices(context.Background(), p, link.WayPage)
		r.do("choices", err)
		if len(ws) != 0 {
			t.Errorf("%d wallets are offered", len(ws))
		}
		_, err = r.Choose(context.Background(), payment.Choice{Payment: p,
			IssuerNo: r.issuer.No, Way: link.WayPage, Began: r.now()})
		if !errors.Is(err, payment.ErrWay) {
			t.Errorf("choose: %v", err)
		}
	})
}
