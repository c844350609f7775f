package order_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"watari/pay/link"
	"watari/pay/payment"
	"watari/visit/order"
)

// Goal: a payment that comes after the hold had ended buys the order where there is room, at the
// price of the hold (O4). Method: the hold's time is put back, the payer pays, the order settles.
func TestLatePaymentIsHonouredWhereThereIsRoom(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.hold(2, 0)
		_, leg := r.checkout(o)
		a := r.wallet.pays(leg) // in time, and nobody heard of it
		r.exec(`update visit_order set state = 'expired', due_at_us = null, closed_at_us = 1
			where id = $1`, o.ID)
		r.exec(`update visit_order_line set state = 'released' where order_id = $1`, o.ID)
		r.exec(`update stall_day set taken = taken - 2`)
		r.exec(`update promo_pledge set taken_minor = 0 where taken_minor > 0`)
		r.do("notify", r.pay.Notify(context.Background(), r.issuer.No,
			link.Notice{OurRequestID: leg, Answer: a}))
		defer r.run()()
		o = r.until(o.ID, order.StatePaid)
		if !o.Honoured || o.Lines[0].State != order.LineSold || r.told(o.ID, "paid") != 1 {
			t.Errorf("%+v", o)
		}
		r.verify()
	})
}

// Goal: where there is no room, or its buyer gave it up, a late payment goes back whole, by itself,
// and nothing is booked of its discounts (O4). Method: the day is full; the order was abandoned.
func TestLatePaymentGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		for _, way := range []string{"full", "abandoned"} {
			r.exec(`update stall_day set closed = false`)
			o := r.hold(2, 0)
			_, leg := r.checkout(o)
			a := r.wallet.pays(leg)
			r.exec(`update visit_order set state = 'expired', due_at_us = null, closed_at_us = 1
				where id = $1`, o.ID)
			r.exec(`update visit_order_line set state = 'released' where order_id = $1`, o.ID)
			r.exec(`update stall_day set taken = 0`)
			r.exec(`update promo_pledge set taken_minor = 0 where taken_minor > 0`)
			if way == "full" {
				r.exec(`update stall_day set closed = true`)
			} else {
				r.exec(`update visit_order set not_honoured = true where id = $1`, o.ID)
			}
			r.do("notify", r.pay.Notify(ctx, r.issuer.No,
				link.Notice{OurRequestID: leg, Answer: a}))
			stop := r.run()
			o = r.until(o.ID, order.StateCancelled)
			stop()
			if yen, n := r.wallet.gave(leg); yen != o.Total || n != 1 || o.Refunded != o.Total {
				t.Errorf("%s: the wallet gave %d of %d in %d refunds", way, yen, o.Total, n)
			}
			r.verify()
		}
	})
}

// Goal: giving up closes the payment; a payer who pays all the same keeps their money, and the
// places are free at once. Method: abandon with an open payment, then pay in the wallet.
func TestAbandonedOrderTakesNoMoney(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.hold(2, 0)
		p, leg := r.checkout(o)
		for range 2 {
			r.do("abandon", r.Abandon(ctx, o.ID, "visitor:1"))
		}
		now, err := r.pay.Find(ctx, r.bank.No, payment.ChannelOrder, payment.Ref{PaymentID: p.ID})
		if err != nil || now.State != payment.Cancelled {
			t.Errorf("the payment is %s, %v", now.State, err)
		}
		a := r.wallet.pays(leg)
		_ = r.pay.Notify(ctx, r.issuer.No, link.Notice{OurRequestID: leg, Answer: a})
		kept := r.wallet.keeps(leg)
		if o = r.find(o.ID); kept || o.State != order.StateExpired || !o.NotHonoured {
			t.Errorf("kept %t, %+v", kept, o)
		}
		if err := r.Abandon(ctx, r.buy(1, 0).ID, "visitor:2"); !errors.Is(err, order.ErrState) {
			t.Errorf("giving up what is paid: %v", err)
		}
		r.verify()
	})
}

// Goal: of two payments of one order the second goes back, and the order stands (O5). Method: the
// first payment is closed, the second paid; then the first turns out to have been paid.
func TestSecondPaymentGoesBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.hold(2, 0)
		_, first := r.checkout(o)
		// The order forgets its first payment, as if it had been closed, and opens another.
		r.exec(`update visit_order_payment set state = 'closed', due_at_us = null`)
		r.exec(`update visit_order set state = 'held' where id = $1`, o.ID)
		_, second := r.checkout(o)
		if first == second {
			t.Fatal("the second payment is the first")
		}
		r.pays(second)
		o, err := r.Settle(ctx, o.ID)
		r.do("settle", err)
		r.exec(`update visit_order_payment set state = 'open', due_at_us = 1 where no = 1`)
		r.pays(first)
		defer r.run()()
		r.soon("the first is given back", func() bool {
			yen, _ := r.wallet.gave(first)
			return yen == o.Total
		})
		r.soon("it is concluded", func() bool {
			rs, err := r.Returns(ctx, o.ID)
			return err == nil && len(rs) == 1 && rs[0].State == order.ReturnSucceeded
		})
		o = r.find(o.ID)
		if yen, _ := r.wallet.gave(second); o.State != order.StatePaid || o.Refunded != 0 ||
			yen != 0 || r.told(o.ID, "paid_twice") != 1 {
			t.Errorf("%+v; the second gave back %d", o, yen)
		}
		r.verify()
	})
}

// Goal: whether the hold ends or the payment comes first, on two nodes at once, the buyer has
// tickets or their money (O3, O4): the payment buys the order, goes back, or is closed before it is
// made. Method: thirty orders end at the very time at which they are paid.
func TestPaymentRacesTheEndOfItsHold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		other := r.second(r.db)
		const n = 30
		ids, legs := make([]string, n), make([]string, n)
		for i := range ids {
			o := r.hold(1, 0)
			_, legs[i] = r.checkout(o)
			ids[i] = o.ID
		}
		defer r.run()()
		defer other.run()()
		defer r.schedule()()
		var all sync.WaitGroup
		all.Go(func() {
			r.exec(`update visit_order set expires_at_us = $1, due_at_us = $1`,
				r.now().Add(-2*time.Minute).UnixMicro())
		})
		for _, leg := range legs {
			all.Go(func() { r.pays(leg) })
		}
		all.Wait()
		states := map[order.State]int{}
		for i, id := range ids {
			var o *order.Order
			r.soon("it ends", func() bool {
				o = r.find(id)
				return o.Refunding == 0 && (o.State == order.StatePaid ||
					o.State == order.StateCancelled ||
					o.State == order.StateExpired && !r.wallet.keeps(legs[i]))
			})
			states[o.State]++
			yen, _ := r.wallet.gave(legs[i])
			if (o.State == order.StateCancelled) != (yen != 0) ||
				(o.State == order.StatePaid) && !r.wallet.keeps(legs[i]) {
				t.Errorf("%s, and the wallet gave %d", o.State, yen)
			}
		}
		t.Logf("%v", states)
		r.verify()
	})
}

// Goal: a payment that nobody paid frees its order, which is paid with the next one; the wallets
// that may pay are those of the price (O2). Method: the payment is closed at the network; another
// wallet is chosen.
func TestUnpaidPaymentIsFollowedByAnother(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.hold(2, 0)
		p, _ := r.checkout(o)
		if again, _ := r.checkout(o); again.ID != p.ID {
			t.Errorf("paying again opens %s, not %s", again.ID, p.ID)
		}
		_, err := r.pay.Choose(ctx, payment.Choice{Payment: &p, IssuerNo: r.other.No,
			Way: link.WayPage, Began: r.now()})
		if !errors.Is(err, payment.ErrWalletOnly) {
			t.Errorf("another wallet: %v", err)
		}
		all, err := r.pay.Choices(ctx, &p, link.WayPage)
		if err != nil || len(all) != 1 || all[0].Issuer.No != r.issuer.No {
			t.Errorf("choices %v, %v", all, err)
		}
		closing := payment.Cancellation{Origin: payment.Origin{AcquirerNo: r.bank.No,
			Channel: payment.ChannelAPI, Actor: "test", Began: r.now()},
			Ref: payment.Ref{PaymentID: p.ID}}
		if _, err := r.pay.Cancel(ctx, closing); !errors.Is(err, payment.ErrOfOrder) {
			t.Errorf("closed behind its order's back: %v", err)
		}
		closing.Channel = payment.ChannelOrder
		_, err = r.pay.Cancel(ctx, closing)
		r.do("close the payment", err)
		stop := r.run()
		o = r.until(o.ID, order.StateHeld)
		stop()
		_, leg := r.checkout(o)
		r.pays(leg)
		if o, err = r.Settle(ctx, o.ID); err != nil || o.State != order.StatePaid {
			t.Errorf("%+v, %v", o, err)
		}
		_, err = r.pay.Refund(ctx, payment.Giveback{Origin: payment.Origin{AcquirerNo: r.bank.No,
			Channel: payment.ChannelTill, Actor: "test", Began: r.now(), RequestID: "till-1"},
			Ref: payment.Ref{PaymentID: o.PaymentID}, Amount: o.Resource().Total})
		if !errors.Is(err, payment.ErrOfOrder) {
			t.Errorf("refunded behind its order's back: %v", err)
		}
		r.verify()
	})
}
