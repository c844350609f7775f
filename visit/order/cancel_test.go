package order_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/fault"
	"watari/pay/ledger"
	"watari/visit/order"
)

func lines(nos ...int64) order.Cut { return order.Cut{Lines: nos, Reason: order.ByVisitor} }

// Goal: cancelling some of a discounted group returns what was paid less what the rest costs alone,
// and the discounts of the rest stand in the books to the yen (O6, B3). Method: five adults with
// the group's and the wallet's discount; one leaves, the group falls apart; then two more.
func TestGroupIsPricedAnewWithoutWhoLeaves(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.buy(5, 0) // (6200 - 500) less a tenth: 5130 each
		wallet := func() int64 { return r.stands(0, ledger.IssuerPromotion, r.issuer.No) }
		park := func() int64 { return r.stands(r.bank.No, ledger.MerchantPromotion, o.MerchantNo) }
		owed := r.stands(r.bank.No, ledger.MerchantPayable, o.MerchantNo)
		if o.Total != 5*5130 || wallet() != 5*285 || park() != 5*(500+285) {
			t.Fatalf("paid %d; %d of the wallet, %d of the park", o.Total, wallet(), park())
		}
		q, err := r.QuoteCancel(ctx, o.ID, lines(2))
		if want := int64(5*5130 - 4*5580); err != nil || q.Refund != want {
			t.Fatalf("quoted %+v, %v", q, err)
		}
		defer r.run()()
		_, err = r.Cancel(ctx, o.ID, lines(2), q.Refund, "c1", "visitor:1")
		r.do("cancel", err)
		o = r.until(o.ID, order.StatePaid)
		if o.Price() != 4*5580 || o.Line(2).Refunded != 3330 || wallet() != 4*310 ||
			park() != 4*310 {
			t.Errorf("%d stand; %d of the wallet, %d of the park", o.Price(), wallet(), park())
		}
		// What the wallet adds reaches the merchant on top of what was paid, less the bank's fee.
		now := r.stands(r.bank.No, ledger.MerchantPayable, o.MerchantNo)
		if diff := owed - now; diff < 3330+185-100 || diff > 3330+185+100 {
			t.Errorf("the merchant is owed %d less", diff)
		}
		r.verify()
		q, err = r.QuoteCancel(ctx, o.ID, lines(1, 5))
		if err != nil || q.Refund != 2*5580 {
			t.Fatalf("quoted %+v, %v", q, err)
		}
		_, err = r.Cancel(ctx, o.ID, lines(5, 1), q.Refund, "c2", "visitor:1")
		r.do("cancel two more", err)
		o = r.until(o.ID, order.StatePaid)
		if wallet() != 2*310 || o.Refunded != 3330+2*5580 {
			t.Errorf("%d of the wallet, refunded %d", wallet(), o.Refunded)
		}
		r.verify()
	})
}

// Goal: nothing is ever taken by a cancellation: a fee gives way to what was paid, and a rest that
// would be dearer alone keeps its price (O6). Method: a fee above the price; a group of which a
// cheap line leaves.
func TestRefundIsNeverNegative(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.buy(1, 1)
		r.stall.fee = 9000
		q, err := r.QuoteCancel(ctx, o.ID, lines(2))
		if err != nil || q.Refund != 0 || q.Fee != 3875 {
			t.Fatalf("quoted %+v, %v", q, err)
		}
		o, err = r.Cancel(ctx, o.ID, lines(2), 0, "c1", "visitor:1")
		if err != nil || o.Fees != 3875 || o.Refunding != 0 || o.Refunded != 0 {
			t.Errorf("%+v, %v", o, err)
		}
		r.verify()

		r.stall.fee = 0
		q5 := r.request(4, 0)
		q5.Items = append(q5.Items, order.Item{Product: "day", Day: day, Unit: "infant", Count: 1})
		o, err = r.Hold(ctx, q5)
		r.do("hold a group with an infant", err)
		_, leg := r.checkout(o)
		r.pays(leg)
		o, err = r.Settle(ctx, o.ID)
		r.do("settle", err)
		// Without the infant the four pay 4 × 450 more: they keep their price.
		q, err = r.QuoteCancel(ctx, o.ID, lines(5))
		if err != nil || q.Refund != 0 || q.Fee != 0 || q.Keep[0].Price != 5130 {
			t.Fatalf("quoted %+v, %v", q, err)
		}
		_, err = r.Cancel(ctx, o.ID, lines(5), 0, "c1", "visitor:1")
		r.do("cancel the infant", err)
		q, err = r.QuoteCancel(ctx, o.ID, lines(4))
		if want := int64(4*5130 - 3*5580); err != nil || q.Refund != want {
			t.Errorf("quoted %+v, %v", q, err)
		}
		r.stall.fee = -1
		if _, err := r.QuoteCancel(ctx, o.ID, lines(4)); !errors.Is(err, errTooLate) {
			t.Errorf("the stall refuses: %v", err)
		}
		q, err = r.QuoteCancel(ctx, o.ID, order.Cut{Lines: []int64{4}, Full: true})
		if err != nil || q.Refund != 5130 || q.Fee != 0 {
			t.Errorf("by the place: %+v, %v", q, err)
		}
		r.verify()
	})
}

// Goal: one line is given back once, however many ask for it on two nodes at once; who asks for a
// line that a gate has let in, or that does not exist, is refused (O6). Method: twenty
// cancellations under their own ids, ten a node, over three lines.
func TestLineIsGivenBackOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		other := r.second(r.db)
		o := r.buy(4, 0)
		r.do("use", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			n, err := order.Use(ctx, tx, o.ID, []int64{4, 9})
			if err == nil && n != 1 {
				t.Errorf("%d lines used", n)
			}
			if err == nil {
				_, err = tx.Exec(ctx, `update stall_ticket set state = 'used' where line = 4`)
			}
			return err
		}))
		var done, no atomic.Int64
		var all sync.WaitGroup
		for i := range 20 {
			node := []*rig{r, other}[i%2]
			all.Go(func() {
				_, err := node.Cancel(ctx, o.ID, lines(int64(i%3)+1), 5580,
					"c"+string(rune('a'+i)), "visitor:1")
				switch {
				case err == nil:
					done.Add(1)
				case errors.Is(err, order.ErrLine):
					no.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if done.Load() != 3 || no.Load() != 17 {
			t.Errorf("%d done, %d refused", done.Load(), no.Load())
		}
		for _, c := range []order.Cut{lines(4), lines(9), lines(1, 1), {}} {
			if _, err := r.QuoteCancel(ctx, o.ID, c); !errors.Is(err, order.ErrLine) &&
				!errors.Is(err, order.ErrRequest) {
				t.Errorf("%+v: %v", c, err)
			}
		}
		defer r.run()()
		defer other.run()()
		o = r.until(o.ID, order.StatePaid)
		if o.Refunded != 3*5580 || len(o.Live()) != 1 {
			t.Errorf("%+v", o)
		}
		r.verify()
	})
}

// Goal: a refund whose outcome is not known is asked for again under the same id until it is, by
// two nodes, and is made once (O7). Method: the wallet makes it and its answer is lost, then it
// falls silent, then it answers.
func TestUnknownRefundIsMadeOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		other := r.second(r.db)
		o := r.hold(2, 0)
		_, leg := r.checkout(o)
		r.pays(leg)
		o, err := r.Settle(ctx, o.ID)
		r.do("settle", err)
		r.wallet.set("lost")
		_, err = r.Cancel(ctx, o.ID, lines(1), 5580, "c1", "visitor:1")
		r.do("cancel", err)
		defer r.run()()
		defer other.run()()
		defer r.schedule()()
		r.soon("the wallet has made it", func() bool { _, n := r.wallet.gave(leg); return n == 1 })
		r.soon("the return is sent", func() bool { return r.sent(o.ID) == order.ReturnSent })
		r.wallet.set("silent")
		r.forward(30 * time.Second)
		r.wallet.set("")
		r.soon("it is concluded", func() bool {
			r.forward(5 * time.Second)
			return r.find(o.ID).Refunded == 5580
		})
		if yen, n := r.wallet.gave(leg); yen != 5580 || n != 1 {
			t.Errorf("the wallet gave %d in %d refunds", yen, n)
		}
		r.verify()
	})
}

// schedule runs the schedule of payments.
func (r *rig) schedule() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { r.pay.Run(ctx); close(done) }()
	return func() { cancel(); <-done }
}

// sent is the state of an order's only return.
func (r *rig) sent(id string) order.ReturnState {
	r.t.Helper()
	all, err := r.Returns(context.Background(), id)
	r.do("returns", err)
	if len(all) != 1 {
		r.t.Fatalf("%d returns", len(all))
	}
	return all[0].State
}

// Goal: a refund that the wallet refuses stays owed, is named as such, and is asked for again under
// a new id when a person says so (O7). Method: a wallet that says no; then yes.
func TestRefusedRefundStaysOwed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.hold(2, 0)
		_, leg := r.checkout(o)
		r.pays(leg)
		o, err := r.Settle(ctx, o.ID)
		r.do("settle", err)
		r.wallet.set("no")
		_, err = r.Cancel(ctx, o.ID, lines(), 11160, "c1", "visitor:1")
		r.do("cancel", err)
		defer r.run()()
		r.soon("it has failed", func() bool { return r.sent(o.ID) == order.ReturnFailed })
		o = r.find(o.ID)
		open := r.verify()
		if o.State != order.StateCancelled || o.Refunding != 11160 || len(open) != 1 ||
			open[0].State != "failed" || r.told(o.ID, "return_failed") != 1 {
			t.Errorf("%+v, in flight %v", o, open)
		}
		r.wallet.set("")
		all, _ := r.Returns(ctx, o.ID)
		_, err = r.Retry(ctx, all[0].ID, "person:1")
		r.do("retry", err)
		o = r.until(o.ID, order.StateCancelled)
		if yen, n := r.wallet.gave(leg); yen != 11160 || n != 1 || o.Refunded != 11160 {
			t.Errorf("the wallet gave %d in %d refunds", yen, n)
		}
		if _, err := r.Retry(ctx, all[0].ID, "person:1"); !errors.Is(err, order.ErrState) {
			t.Errorf("once more: %v", err)
		}
		r.verify()
	})
}

// Goal: an order is moved to another day for what that costs less, and never for more; what the
// change did is undone when it is refused (O6). Method: to a cheaper day, to a dearer one.
func TestAmendmentReturnsTheDifference(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		const later = "2026-12-25"
		r.openDay(later, 10)
		o := r.buy(2, 0)
		to := func(list int64) order.Change {
			return func(ctx context.Context, tx *db.Tx, o *order.Order) (order.Requoted, error) {
				for _, q := range []string{`update stall_day set taken = taken - 2 where day = $1`,
					`update stall_day set taken = taken + 2 where day <> $1`} {
					if _, err := tx.Exec(ctx, q, day); err != nil {
						return order.Requoted{}, err
					}
				}
				keep := o.Live()
				for i := range keep {
					keep[i].Day, keep[i].List = later, list
				}
				r.stall.price(keep, basket{Wallet: true})
				return order.Requoted{Keep: keep, Basket: []byte(`{"Wallet":true}`)}, nil
			}
		}
		if _, err := r.Amend(ctx, o.ID, 0, "a1", "visitor:1", to(7000)); !errors.Is(err,
			order.ErrDearer) {
			t.Errorf("to a dearer day: %v", err)
		}
		if _, err := r.Amend(ctx, o.ID, 1, "a2", "visitor:1", to(5000)); !errors.Is(err,
			order.ErrQuote) {
			t.Errorf("for another refund: %v", err)
		}
		r.verify()
		for range 2 {
			_, err := r.Amend(ctx, o.ID, 2*1080, "a3", "visitor:1", to(5000))
			r.do("amend", err)
		}
		defer r.run()()
		o = r.until(o.ID, order.StatePaid)
		if o.Refunded != 2160 || o.Lines[1].Day != later || o.Price() != 9000 {
			t.Errorf("%+v", o)
		}
		if w := r.stands(0, ledger.IssuerPromotion, r.issuer.No); w != 500 {
			t.Errorf("%d of the wallet", w)
		}
		r.verify()
	})
}

// Goal: a seller's mistake stops the one order that it is about, and no other of the batch. Method:
// one of twenty orders cannot be handed over; then it can.
func TestSellersMistakePoisonsNoOther(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
	r.seed()
	var ids []string
	for range 20 {
		o := r.hold(1, 0)
		_, leg := r.checkout(o)
		r.pays(leg)
		ids = append(ids, o.ID)
	}
	bad := ids[7]
	var works atomic.Bool
	r.stall.broken = func(method, id string) error {
		if method == "fulfil" && id == bad && !works.Load() {
			return errors.New("no paper for tickets")
		}
		return nil
	}
	var all sync.WaitGroup
	for _, id := range ids {
		all.Go(func() {
			_, err := r.Settle(t.Context(), id)
			var f *fault.Error
			if (err != nil) != (id == bad) || errors.As(err, &f) {
				t.Errorf("%s: %v", id, err)
			}
		})
	}
	all.Wait()
	if o := r.find(bad); o.State != order.StatePaying {
		t.Errorf("the bad one is %s", o.State)
	}
	works.Store(true)
	r.forward(11 * time.Minute)
	defer r.run()()
	r.until(bad, order.StatePaid)
	r.verify()
}
