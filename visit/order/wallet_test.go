package order_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/ledger"
	"watari/pay/link"
	"watari/pay/party"
	"watari/visit/order"
)

// Goal: nobody gives tickets up for money that the wallet cannot return, and what was done before
// is still the same when it is asked for again (O6). Method: a wallet that returns no parts;
// one whose time for refunds is over.
func TestNothingIsGivenUpForMoneyThatCannotCome(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o, later := r.buy(2, 0), r.buy(2, 0)
		whole := func(c *link.Capabilities) { c.PartialRefund = false }
		r.wallet.limit(whole)
		if _, err := r.QuoteCancel(ctx, o.ID, lines(1)); !errors.Is(err, order.ErrNoRefund) {
			t.Errorf("a part: %v", err)
		}
		_, err := r.Cancel(ctx, o.ID, lines(1), 5580, "c1", "visitor:1")
		if !errors.Is(err, order.ErrNoRefund) {
			t.Errorf("a part: %v", err)
		}
		if o = r.find(o.ID); len(o.Live()) != 2 || o.Refunding != 0 {
			t.Errorf("%+v", o)
		}
		_, err = r.Cancel(ctx, o.ID, lines(), 2*5580, "c2", "visitor:1")
		r.do("give everything back", err)
		r.wallet.limit(nil)
		_, err = r.Cancel(ctx, later.ID, lines(2), 5580, "c1", "visitor:1")
		r.do("give one back", err)
		stop := r.run()
		r.until(o.ID, order.StateCancelled)
		r.until(later.ID, order.StatePaid)
		stop()
		r.forward(366 * 24 * time.Hour)
		if _, err := r.QuoteCancel(ctx, later.ID, lines(1)); !errors.Is(err, order.ErrNoRefund) {
			t.Errorf("after the time for refunds: %v", err)
		}
		if o, err = r.Cancel(ctx, later.ID, lines(2), 5580, "c1", "visitor:1"); err != nil ||
			o.Refunded != 5580 {
			t.Errorf("the same again: %+v, %v", o, err)
		}
		if _, err := r.Cancel(ctx, later.ID, lines(1), 5580, "c2", "visitor:1"); !errors.Is(err,
			order.ErrNoRefund) {
			t.Errorf("after the time for refunds: %v", err)
		}
		if o = r.find(later.ID); len(o.Live()) != 1 {
			t.Errorf("%+v", o)
		}
		r.verify()
	})
}

// Goal: what the place gives back and no wallet returns is owed, is listed for bank and shop, is
// asked for again all at once, and is kept as given back by other means (O7). Method: a closure
// after the wallet's time for refunds, or while it refuses.
func TestOwedMoneyIsSeenAndGivenBackOtherwise(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		os := []*order.Order{r.buy(1, 0), r.buy(1, 0), r.buy(1, 0)}
		r.wallet.set("no")
		_, err := r.CloseAll(ctx, nil, order.Mass{ID: "clo_1", Seller: "stall", Place: "stl_1",
			Day: day, Actor: "person:1"})
		r.do("close", err)
		stop := r.run()
		r.progress("clo_1", func(m order.Mass) bool { return m.Stuck == 3 })
		mine := order.OwedFilter{AcquirerNo: r.bank.No, MerchantNo: os[0].MerchantNo,
			MassID: "clo_1", Limit: 2}
		page, next, err := r.Owed(ctx, mine)
		if err != nil || len(page) != 2 || next == "" || page[0].Note == "" {
			t.Fatalf("%+v, %q, %v", page, next, err)
		}
		sums, err := r.OwedSums(ctx)
		if err != nil || len(sums) != 1 || sums[0].AcquirerNo != r.bank.No ||
			sums[0].Count != 3 || sums[0].Amount.Minor() != 3*5580 {
			t.Errorf("%+v, %v", sums, err)
		}
		for _, f := range []order.OwedFilter{{AcquirerNo: r.bank.No, MerchantNo: 99},
			{AcquirerNo: r.issuer.No}, {AcquirerNo: r.bank.No, MassID: "clo_2"},
			{AcquirerNo: r.bank.No, Place: "stl_2"}, {AcquirerNo: r.bank.No, StoreNo: 99}} {
			if others, _, err := r.Owed(ctx, f); err != nil || len(others) != 0 {
				t.Errorf("%+v: %+v, %v", f, others, err)
			}
		}
		paid, err := r.Repay(ctx, page[0].ID, "in cash at counter 2", "person:1")
		if err != nil || paid.State != order.ReturnSucceeded || paid.Outside == "" {
			t.Errorf("%+v, %v", paid, err)
		}
		if _, err := r.Repay(ctx, page[0].ID, "twice", "person:1"); !errors.Is(err,
			order.ErrState) {
			t.Errorf("twice: %v", err)
		}
		if _, err := r.Repay(ctx, page[1].ID, "", "person:1"); !errors.Is(err, order.ErrRequest) {
			t.Errorf("without a word: %v", err)
		}
		r.verify()
		r.wallet.set("")
		if n, err := r.RetryAll(ctx, mine, "person:1"); err != nil || n != 2 {
			t.Errorf("%d asked for anew, %v", n, err)
		}
		for _, o := range os {
			if o = r.until(o.ID, order.StateCancelled); o.Refunded != 5580 {
				t.Errorf("%+v", o)
			}
		}
		stop()
		if page, _, err = r.Owed(ctx, mine); err != nil || len(page) != 0 {
			t.Errorf("still owed: %+v, %v", page, err)
		}
		r.verify()
	})
}

// Goal: the money of a visitor comes back though the shop, its bank or the wallet has been closed
// since (O7). Method: each is closed after a purchase; then it is cancelled.
func TestClosedPartiesStillGiveBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.buy(2, 0)
		r.do("close everybody", r.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			for _, x := range []struct {
				kind party.Kind
				no   int64
			}{{party.KindStore, o.StoreNo}, {party.KindMerchant, o.MerchantNo},
				{party.KindParticipant, r.bank.No}, {party.KindParticipant, r.issuer.No}} {
				for _, to := range []party.Status{party.Suspended, party.Closed} {
					if err := r.reg.SetStatus(ctx, tx, "test", x.kind, x.no, to); err != nil {
						return err
					}
				}
			}
			return nil
		}))
		q, err := r.QuoteCancel(ctx, o.ID, lines(1))
		if err != nil || q.Refund != 5580 {
			t.Fatalf("quoted %+v, %v", q, err)
		}
		_, err = r.Cancel(ctx, o.ID, lines(1), q.Refund, "c1", "visitor:1")
		r.do("cancel", err)
		defer r.run()()
		if o = r.until(o.ID, order.StatePaid); o.Refunded != 5580 {
			t.Errorf("%+v", o)
		}
		r.verify()
	})
}

// Goal: what costs nothing is sold though a wallet would give a part of the discount: nobody pays
// with it, and the place gives all (O1, B1). Method: a voucher for everything and the wallet's
// tenth; then some of it is given back.
func TestFreeOrderOwesNothingToAWallet(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		q := r.request(2, 1)
		q.Voucher = freeVoucher
		o, err := r.Hold(ctx, q)
		r.do("hold", err)
		address, o, err := r.Pay(ctx, o.ID, back)
		if err != nil || address != back || o.State != order.StatePaid || o.Total != 0 {
			t.Fatalf("%q, %+v, %v", address, o, err)
		}
		park := func() int64 { return r.stands(r.bank.No, ledger.MerchantPromotion, o.MerchantNo) }
		if w := r.stands(0, ledger.IssuerPromotion, r.issuer.No); w != 0 || park() != o.List {
			t.Errorf("%d of the wallet, %d of the park", w, park())
		}
		o, err = r.Cancel(ctx, o.ID, lines(3), 0, "c1", "visitor:1")
		if err != nil || len(o.Live()) != 2 || park() != 2*6200 {
			t.Errorf("%+v, %d of the park, %v", o, park(), err)
		}
		r.verify()
	})
}

// Goal: whatever is given back in whatever order, with fees and by whomever, the discounts that
// stand are those of the lines, and the money adds up (O8, B3). Method: groups from which lines
// leave at random until none is left; verify after each.
func TestAnySequenceOfCancellationsAddsUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, dbtest.New(t, db.SQLite, sets()...))
	r.seed()
	ctx := t.Context()
	luck := rand.New(rand.NewPCG(7, 7))
	defer r.run()()
	for n := range 8 {
		o := r.buy(4+luck.Int64N(4), luck.Int64N(4))
		r.stall.fee = 123 * int64(n%3)
		for step := 0; len(o.Live()) > 0; step++ {
			live := o.Live()
			luck.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
			c := order.Cut{Reason: order.ByVisitor, Full: luck.IntN(3) == 0}
			for _, l := range live[:1+luck.IntN(min(3, len(live)))] {
				c.Lines = append(c.Lines, l.No)
			}
			q, err := r.QuoteCancel(ctx, o.ID, c)
			r.do("quote", err)
			_, err = r.Cancel(ctx, o.ID, c, q.Refund, "c"+string(rune('a'+step)), "visitor:1")
			r.do("cancel", err)
			r.soon("the money is back", func() bool { return r.find(o.ID).Refunding == 0 })
			if o = r.find(o.ID); o.Price()+o.Refunded+o.Fees != o.Total || o.Refunded > o.Total {
				t.Fatalf("%+v", o)
			}
		}
		r.verify()
	}
	for _, kind := range []ledger.Kind{ledger.MerchantPromotion, ledger.MerchantPromotionGiven} {
		if left := r.stands(r.bank.No, kind, r.find(r.first()).MerchantNo); left != 0 {
			t.Errorf("%s: %d", kind, left)
		}
	}
	if left := r.stands(0, ledger.IssuerPromotion, r.issuer.No); left != 0 {
		t.Errorf("%d of the wallet", left)
	}
}

// first is the id of some order.
func (r *rig) first() string {
	r.t.Helper()
	os, _, err := r.List(context.Background(), order.Filter{Seller: "stall", Place: "stl_1"})
	if err != nil || len(os) == 0 {
		r.t.Fatalf("%d orders, %v", len(os), err)
	}
	return os[0].ID
}

// Goal: an order is moved again and again; each time what it costs less goes back, and a day that
// is dearer than what it costs now is refused though it was paid before (O6). Method: cheaper,
// dearer, cheaper; then everything is given back.
func TestAmendedTwice(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		ctx := context.Background()
		o := r.buy(2, 0)
		to := func(list int64) order.Change {
			return func(_ context.Context, _ *db.Tx, o *order.Order) (order.Requoted, error) {
				keep := o.Live()
				for i := range keep {
					keep[i].List = list
				}
				r.stall.price(keep, basket{Wallet: true})
				return order.Requoted{Keep: keep}, nil
			}
		}
		for i, step := range []struct {
			list, refund int64
			want         error
		}{{5000, 2160, nil}, {6000, 0, order.ErrDearer}, {4000, 1800, nil},
			{5000, 0, order.ErrDearer}, {4000, 0, nil}} {
			_, err := r.Amend(ctx, o.ID, step.refund, "a"+string(rune('a'+i)), "visitor:1",
				to(step.list))
			if !errors.Is(err, step.want) {
				t.Errorf("to %d: %v", step.list, err)
			}
		}
		defer r.run()()
		o = r.until(o.ID, order.StatePaid)
		if w := r.stands(0, ledger.IssuerPromotion, r.issuer.No); o.Refunded != 3960 ||
			o.Price() != 7200 || w != 400 {
			t.Errorf("%+v, %d of the wallet", o, w)
		}
		_, err := r.Cancel(ctx, o.ID, lines(), 7200, "c1", "visitor:1")
		r.do("cancel", err)
		if o = r.until(o.ID, order.StateCancelled); o.Refunded != o.Total {
			t.Errorf("%+v", o)
		}
		r.verify()
	})
}
