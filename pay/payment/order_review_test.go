package payment_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// dues is how many orders and promises wait for their time.
func (r *rig) dues() (n int) {
	r.t.Helper()
	r.do("count", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		found, err := db.All(ctx, tx, func(w db.Row) (us int64, err error) {
			return us, w.Scan(&us)
		}, `select due_at_us from payment where due_at_us is not null order by due_at_us`)
		n = len(found)
		return err
	}))
	return n
}

// behind runs second while first waits for the store with its order already in the queue, and
// during changes the store before both.
func (r *rig) behind(during func(ctx context.Context, tx *db.Tx) error, work ...func()) {
	r.t.Helper()
	done := make(chan struct{}, len(work))
	r.do("hold the store", r.db.Update(context.Background(),
		func(ctx context.Context, tx *db.Tx) error {
			if err := during(ctx, tx); err != nil {
				return err
			}
			for _, fn := range work {
				go func() { fn(); done <- struct{}{} }()
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		}))
	for range work {
		<-done
	}
}

// locked is a change of nothing that locks a payment.
func locked(p *payment.Payment) func(ctx context.Context, tx *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `update payment set version = version where acquirer_no = $1
			and id = $2`, p.AcquirerNo, p.ID)
		return err
	}
}

// Goal: a promise of which some was captured lives on when that much is refunded: what the wallet
// takes afterwards is booked, and at its end it is refunded in full and waits for nothing.
// Method: a capture, and a second one whose answer is lost while the first is refunded.
func TestRefundOfWhatIsCapturedDoesNotEndThePromise(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.cap()
		r.ways()
		p := r.promise(5000)
		_, err := r.capture(p, 1000, false)
		r.do("capture", err)
		r.wallet.set(lost)
		k, err := r.capture(p, 700, false)
		r.do("capture without an answer", err)
		r.wallet.set(approve)
		_, err = r.refund(p, 1000)
		r.do("refund", err)
		r.verify()
		r.forward(10 * time.Second)
		r.schedule()
		r.soon("the second capture is booked", func() bool {
			return r.find(p.ID).CapturedMinor == 1700
		})
		if _, err = r.capture(p, 300, false); err != nil {
			t.Errorf("a capture after a refund: %v (the second was %s)", err, k.ID)
		}
		_, err = r.refund(p, 1000)
		r.do("refund the rest", err)
		r.verify()
		r.countersHold("before the end")
		r.forward(73 * time.Hour)
		r.soon("it is refunded in full", func() bool {
			return r.find(p.ID).State == payment.Refunded
		})
		if n := r.dues(); n != 0 {
			t.Errorf("%d payments wait for a time that is over", n)
		}
		if owed := r.countersHold("at the end"); owed != 0 {
			t.Errorf("the wallet owes %d by its counter", owed)
		}
		r.verify()
	})
}

// Goal: a cancel that meets a payer's yes cancels what was paid. Method: the notice and the cancel
// wait in the queue in this order.
func TestCancelOfAnOrderThatIsJustPaid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p := r.openOrder(r.order(1980))
		id := r.choose(p, r.issuer.No)
		r.wallet.pays(id)
		var q *payment.Payment
		var told, err error
		r.behind(locked(p), func() { told = r.notify(id, r.wallet.yes(id)) },
			func() { q, err = r.cancel(p) })
		if told != nil || err != nil || q == nil || q.State != payment.Cancelled {
			t.Fatalf("the notice: %v, the cancel: %v, %v", told, q, err)
		}
		if kept := r.wallet.kept(); kept != 0 {
			t.Errorf("the wallet keeps %d", kept)
		}
		r.verify()
	})
}

// Goal: an order that lapses while its payer has just promised to pay it is a promise, and is not
// given up. Method: the promise is found by the last inquiry.
func TestPromiseFoundByTheLastInquiryStands(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		o := r.order(1980)
		o.Hold = true
		p := r.openOrder(o)
		r.wallet.pays(r.choose(p, r.issuer.No))
		r.exec(`update payment_leg set next_at_us = next_at_us + 3600000000 where payment_id = $1`,
			p.ID)
		r.forward(11 * time.Minute)
		r.schedule()
		r.soon("promised", func() bool { return r.find(p.ID).State != payment.Pending })
		time.Sleep(500 * time.Millisecond)
		if q := r.find(p.ID); q.State != payment.Authorised {
			t.Errorf("it is %s", q.State)
		}
		r.verify()
	})
}

// Goal: a leg that waits for an operator is left alone when another wallet has paid the order.
func TestStuckLegOfAPaidOrderIsOffTheSchedule(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		other := r.other()
		p := r.openOrder(r.order(3000))
		mine, theirs := r.choose(p, r.issuer.No), r.choose(p, other.No)
		a, wrong := r.wallet.yes(mine), money.MustNew(1, "CNY")
		a.PayTo = &wrong
		r.do("another amount", r.notify(mine, a))
		r.verify()
		r.wallet.pays(theirs)
		if q := r.poke(p, other.No, theirs); q.State != payment.Captured {
			t.Fatalf("it is %s", q.State)
		}
		r.verify()
	})
}

// Goal: a limit of a day is given back to the day that counted it. Method: an order is made before
// midnight in Japan and its wallet chosen after it; the wallet declines.
func TestLimitsOfTheDayOfTheChoice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		most := int64(1) << 40
		r.exec(`update store set per_day_max_minor = $1 where no = $2`, most, r.store.No)
		r.exec(`update reference set version = version + 1 where id = $1`, 1)
		time.Sleep(600 * time.Millisecond) // the directory looks for changes twice a second
		now := r.now().In(clock.JST)
		y, m, d := now.Date()
		r.forward(time.Date(y, m, d+1, 23, 58, 0, 0, clock.JST).Sub(now))
		p := r.openOrder(r.order(1980))
		q := r.openOrder(r.order(500))
		r.forward(5 * time.Minute)
		gone, paid := r.choose(p, r.issuer.No), r.choose(q, r.issuer.No)
		r.do("no", r.notify(gone, link.Answer{Outcome: link.Declined}))
		r.wallet.pays(paid)
		r.do("yes", r.notify(paid, r.wallet.yes(paid)))
		_, err := r.cancel(q)
		r.do("cancel", err)
		r.do("read", r.db.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			used, err := db.All(ctx, tx, func(w db.Row) (n int64, err error) {
				return n, w.Scan(&n)
			}, `select used_minor from risk_counter where kind = 'store_day' order by day`)
			for _, n := range used {
				if n != 0 {
					t.Errorf("of a day's limit is still used: %d", n)
				}
			}
			return err
		}))
		r.verify()
	})
}

// Goal: what a losing wallet never took is not refunded by it, whoever paid the order: it is asked.
func TestLosingWalletIsAskedBeforeItRefunds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		other := r.other()
		p := r.openOrder(r.order(3000))
		mine, theirs := r.choose(p, r.issuer.No), r.choose(p, other.No)
		r.wallet.pays(mine)
		r.poke(p, r.issuer.No, mine)
		r.wallet.set(unwilled)
		r.schedule()
		refunds := make(chan string, 100)
		r.wallet.meeting(func(call, id string, issuer int64) {
			if call == "refund" && issuer == other.No {
				refunds <- id
			}
			if call == "inquire" && issuer == other.No {
				r.wallet.mu.Lock()
				r.wallet.blocked[theirs] = true
				r.wallet.mu.Unlock()
			}
		})
		r.soon("the losing leg ended", func() bool {
			open, err := r.OpenLegs(context.Background())
			return err == nil && open[payment.LegCancelling] == 0 || len(refunds) > 0
		})
		if len(refunds) > 0 {
			t.Errorf("a refund of what nobody paid: %s", <-refunds)
		}
		r.verify()
	})
}

// Goal: a promise that was not captured is released, not refunded, however late, and nothing is
// ever booked for it; a shop can give it up as long as it stands. Method: a wallet that is silent
// when the promise lapses, long after the window for cancels.
func TestPromiseIsReleasedAfterTheCancelWindow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p, given := r.promise(1980), r.promise(600)
		r.forward(30 * time.Hour)
		q, err := r.cancel(given)
		if err != nil || q.State != payment.Cancelled {
			t.Errorf("giving up a promise after a day: %v, %v", q, err)
		}
		r.forward(43 * time.Hour)
		r.wallet.set(silence)
		r.schedule()
		r.until(p.ID, payment.Cancelled, payment.LegCancelling)
		r.wallet.set(approve)
		r.later(p.ID, payment.Cancelled, payment.LegCancelled)
		if r.told(p, "leg.late_yes") != 0 || len(r.wallet.refunded) != 0 {
			t.Errorf("a promise was booked or refunded: %v", r.wallet.refunded)
		}
		if b := r.balances(); len(b) != 0 {
			t.Errorf("something is booked: %v", b)
		}
		r.verify()
	})
}

// Goal: a consent that was revoked while its wallet was asked stays revoked.
func TestConsentRevokedWhileItIsAskedStaysRevoked(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		ctx := context.Background()
		o := payment.Origin{AcquirerNo: r.bank.No, Actor: "test", Began: r.now()}
		r.wallet.meeting(func(call, id string, _ int64) {
			if call == "consent" {
				if _, err := r.RevokeConsent(ctx, o, id); err != nil {
					t.Errorf("revoke: %v", err)
				}
			}
		})
		o.Channel, o.RequestID = payment.ChannelAPI, "con-race"
		c, err := r.AskConsent(ctx, payment.NewConsent{Origin: o, MerchantID: "M1",
			StoreID: "S1", WalletID: "PSP_TEST", Description: "bikes"})
		r.do("ask", err)
		r.wallet.agree(c.ID)
		if c, err = r.Consent(ctx, r.bank.No, c.ID, nil); err != nil ||
			c.State != payment.ConsentRevoked {
			t.Errorf("it is %+v, %v", c, err)
		}
	})
}

// Goal: a charge that waits while its consent is revoked is refused, and asks no wallet.
func TestChargeThatMeetsARevocationIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		c := r.consent()
		sale := r.charge(c, 150)
		sale.Began = r.now()
		var err error
		r.behind(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `update payer_consent set state = 'revoked' where id = $1`, c.ID)
			return err
		}, func() { _, err = r.Sell(context.Background(), sale) })
		if !errors.Is(err, payment.ErrConsent) || len(r.wallet.asked) != 0 {
			t.Errorf("a charge: %v, the wallet was asked %v", err, r.wallet.asked)
		}
		r.verify()
	})
}

// Goal: a wallet that resolves codes gets a fresh request for a payer whose first one ended, and
// none for an order that was given up: what it took under them would go back. Method: a no, another
// try by the same and by another customer, a cancel.
func TestScanAfterANoIsANewRequest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		o := r.order(1980)
		o.Way = link.WayOrder
		p := r.openOrder(o)
		scan := func(customer string) (payment.Resolved, error) {
			return r.Resolve(context.Background(), payment.Scan{IssuerNo: r.issuer.No,
				Text: r.CodeURL(p), Customer: customer, Began: r.now()})
		}
		seen := map[string]bool{}
		for _, customer := range []string{"user-1", "user-1", "user-2"} {
			got, err := scan(customer)
			r.do("scan", err)
			if seen[got.RequestID] {
				t.Errorf("%s got a request that was declined", customer)
			}
			seen[got.RequestID] = true
			r.do("no", r.notify(got.RequestID, link.Answer{Outcome: link.Declined,
				Reason: link.ReasonBalance}))
		}
		_, err := scan("user-2")
		r.do("scan", err)
		_, err = r.cancel(p)
		r.do("cancel", err)
		if got, err := scan("user-2"); !errors.Is(err, payment.ErrClosed) {
			t.Errorf("after the cancel: %s, %v", got.RequestID, err)
		}
		r.verify()
	})
}

// Goal: nobody pays a shop that was suspended after it made its order.
func TestSuspendedShopIsNotPaidByItsOpenOrders(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p := r.openOrder(r.order(1980))
		r.change(func(ctx context.Context, tx *db.Tx) error {
			return r.reg.SetStatus(ctx, tx, "test", party.KindMerchant, r.shop.No, party.Suspended)
		})
		_, err := r.Choose(context.Background(), payment.Choice{Payment: p,
			IssuerNo: r.issuer.No, Way: link.WayPage, Began: r.now()})
		if !errors.Is(err, party.ErrMerchantNotOpen) {
			t.Errorf("choose: %v", err)
		}
	})
}

// Goal: a yes to a capture is booked when it names the capture, or the promise, and no other.
func TestCaptureNamesItselfOrItsPromise(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p := r.promise(3000)
		for _, x := range []struct {
			named string
			want  payment.RefundState
		}{{leg(p), payment.RefundSucceeded}, {"cap_of_another", payment.RefundUnknown}} {
			r.wallet.named = x.named
			k, err := r.capture(p, 1000, false)
			if err != nil || k.State != x.want {
				t.Errorf("named %s: %+v, %v", x.named, k, err)
			}
		}
		if n := r.told(p, "capture.mismatch"); n != 1 {
			t.Errorf("an operator was called %d times", n)
		}
		r.verify()
	})
}

// Goal: verify sees an order or a promise that nobody would ever close, or that is closed for ever,
// and a capture that belongs to nothing. Method: each is made behind the program's back.
func TestVerifyFindsLostOrdersAndCaptures(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		part, sold := r.promise(5000), r.openOrder(r.order(700))
		_, err := r.capture(part, 1000, false)
		r.do("capture", err)
		id := r.choose(sold, r.issuer.No)
		r.wallet.pays(id)
		r.poke(sold, r.issuer.No, id)
		bare := r.openOrder(r.order(300))
		r.verify()
		for _, x := range []struct{ q, id string }{
			{`update payment set due_at_us = 1 where id = $1`, sold.ID},
			{`update payment set due_at_us = null where id = $1`, bare.ID},
			{`update payment set state = 'captured', concluded_at_us = 1, due_at_us = null
				where id = $1`, bare.ID},
			{`update payment_capture set payment_id = 'pay_x' where payment_id = $1`, part.ID},
			{`update payment_capture set request_id = 'x' where payment_id = $1`, part.ID},
		} {
			if len(r.findings(strings.ReplaceAll(x.q, "$1", "'"+x.id+"'"))) == 0 {
				t.Errorf("verify finds nothing after %s", x.q)
			}
		}
		r.verify()
	})
}
