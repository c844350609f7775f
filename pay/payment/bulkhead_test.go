package payment_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/pay/party"
	"watari/pay/payment"
)

// addWallet adds a second wallet, whose codes begin with 251002.
func (r *rig) addWallet() (w party.Participant) {
	r.t.Helper()
	r.change(func(ctx context.Context, tx *db.Tx) (err error) {
		if w, err = r.reg.AddParticipant(ctx, tx, "test", party.Participant{
			ID: "PSP_OTHER", Name: "Other Wallet", ClientID: "OTHERW", Connector: "scripted",
			BaseURL: "http://127.0.0.1:1", CodeGroup: "other", OwnCodes: true}); err != nil {
			return err
		}
		_, err = r.reg.AddAgreement(ctx, tx, "test", party.Agreement{ParticipantNo: w.No,
			Role: party.Issuer, Currency: "CNY", Zone: "Asia/Shanghai", SpreadPPM: 10_000})
		return err
	})
	return w
}

// sellBy takes a payment of a wallet.
func (r *rig) sellBy(w party.Participant, minor int64) *payment.Payment {
	r.t.Helper()
	codes, err := r.IssueCodes(context.Background(), w.No, "user-1", "", 1)
	r.do("issue code", err)
	s := r.sale(minor)
	s.Code = codes[0].Code
	p, err := r.Sell(context.Background(), s)
	r.do("sell", err)
	return p
}

// Goal: a wallet that does not answer holds up the legs and refunds of no other.
// Method: 150 legs and 40 refunds of a wallet that hangs are due before the leg and the
// refund of a healthy one.
func TestDeadWalletHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		dead := r.addWallet()
		big := r.sellBy(dead, 40_000)
		ok := r.sell(3000)
		r.wallet.set(silence)
		for range 40 {
			_, err := r.refund(big, 1000)
			r.do("refund", err)
		}
		r.wallet.set(lost)
		for range 150 {
			r.sellBy(dead, 100)
		}
		r.wallet.set(silence)
		f, err := r.refund(ok, 1000)
		r.do("refund", err)
		r.wallet.set(lost)
		p := r.sell(700)

		r.wallet.set(approve)
		gate := make(chan struct{})
		defer close(gate)
		var hanging atomic.Int64
		r.wallet.meeting(func(_, _ string, issuer int64) {
			if issuer == dead.No {
				hanging.Add(1)
				<-gate
			}
		})
		r.forward(time.Minute)
		r.schedule()
		r.until(p.ID, payment.Captured, payment.LegApproved)
		r.refundUntil(f.ID, payment.RefundSucceeded)
		if n := hanging.Load(); n < 64 {
			t.Errorf("only %d calls hang: the test shows nothing", n)
		}
	})
}

// Goal: a wallet that takes two to six seconds for each answer holds up no other, however much
// of it is due: its places come free all the time.
// Method: 450 legs of that wallet are due before the one leg of a healthy one.
func TestSlowWalletHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		slow := r.addWallet()
		r.wallet.set(lost)
		var wg sync.WaitGroup
		room := make(chan struct{}, 32)
		for range 450 {
			room <- struct{}{}
			wg.Go(func() { r.sellBy(slow, 100); <-room })
		}
		wg.Wait()
		end := make(chan struct{})
		defer close(end)
		var n atomic.Int64 // they end at different times, so that places are always free
		r.wallet.meeting(func(_, _ string, issuer int64) {
			if issuer == slow.No {
				select {
				case <-end:
				case <-time.After(2*time.Second + time.Duration(n.Add(1)%64)*60*time.Millisecond):
				}
			}
		})
		r.forward(time.Minute)
		r.schedule()
		time.Sleep(3 * time.Second)
		p := r.sell(700)
		at := clock.Now()
		r.until(p.ID, payment.Captured, payment.LegApproved)
		if took := clock.Now().Sub(at); took > 4*time.Second {
			t.Errorf("the healthy wallet's leg took %s", took)
		}
	})
}

// Goal: a node that starts with more due than it can do at once does all of it.
func TestManyDueAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(lost)
		const n = 300
		for range n {
			r.sell(100)
		}
		r.wallet.set(approve)
		r.forward(time.Minute)
		r.schedule()
		r.soon("all captured", func() bool {
			ps, _, err := r.List(context.Background(), payment.Filter{AcquirerNo: r.bank.No,
				States: []payment.State{payment.Pending}, Limit: 1})
			r.do("list", err)
			return len(ps) == 0
		})
		r.verify()
	})
}
