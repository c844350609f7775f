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

// Goal: an order is paid by the wallet that its payer chooses, at that wallet's own price, and
// lives on like any payment. Method: one order, chosen, paid, refunded in part, on both engines.
func TestOrderIsPaidByTheChosenWallet(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p := r.openOrder(r.order(1980))
		if p.State != payment.Pending || p.IssuerNo != 0 {
			t.Fatalf("a new order is %s of issuer %d", p.State, p.IssuerNo)
		}
		r.verify()
		leg := r.choose(p, r.issuer.No)
		if again := r.choose(p, r.issuer.No); again != leg || r.wallet.asked[leg] != 1 {
			t.Errorf("choosing again made leg %s, asked %d times", again, r.wallet.asked[leg])
		}
		if q := r.poke(p, r.issuer.No, leg); q.State != payment.Pending {
			t.Errorf("before its user paid it is %s", q.State)
		}
		r.wallet.pays(leg)
		q := r.poke(p, r.issuer.No, leg)
		if q.State != payment.Captured || q.IssuerNo != r.issuer.No || q.PayTo.Minor() == 0 {
			t.Fatalf("it is %s, issuer %d, %s", q.State, q.IssuerNo, q.PayTo)
		}
		if kept := r.wallet.kept(); kept != q.PayTo.Minor() {
			t.Errorf("the wallet holds %d, not %s", kept, q.PayTo)
		}
		f, err := r.refund(q, 980)
		r.do("refund", err)
		if f.State != payment.RefundSucceeded {
			t.Errorf("the refund is %s", f.State)
		}
		r.verify()
		again, err := r.Choose(context.Background(), payment.Choice{Payment: q,
			IssuerNo: r.issuer.No, Way: link.WayPage, Began: r.now()})
		if !errors.Is(err, payment.ErrClosed) {
			t.Errorf("a paid order was chosen again: %v, %v", again, err)
		}
	})
}

// Goal: a payer who chose a wallet that gave no answer, or whose answer was lost, can choose it
// again and pays once. Method: one silent Prepare; the same wallet is chosen again at once, and
// after the time in which it may still answer; the schedule closes the leg nobody can get to.
func TestWalletThatGaveNoFormIsChosenAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p := r.openOrder(r.order(1980))
		again := func() error {
			_, err := r.Choose(context.Background(), payment.Choice{Payment: r.find(p.ID),
				IssuerNo: r.issuer.No, Way: link.WayPage, Began: r.now()})
			return err
		}
		r.wallet.set(silence)
		for range 2 { // the second hears that the wallet is being asked
			if err := again(); !errors.Is(err, payment.ErrBusy) {
				t.Fatalf("choosing a silent wallet: %v", err)
			}
		}
		r.wallet.set(approve)
		r.forward(payment.AnswerEnd)
		leg := r.choose(r.find(p.ID), r.issuer.No)
		if same := r.choose(r.find(p.ID), r.issuer.No); same != leg || len(r.wallet.asked) != 2 {
			t.Errorf("then it made %s and %s of %v", leg, same, r.wallet.asked)
		}
		r.wallet.pays(leg)
		if q := r.poke(p, r.issuer.No, leg); q.State != payment.Captured {
			t.Fatalf("it is %s", q.State)
		}
		r.schedule()
		r.soon("the lost leg ended", func() bool {
			open, err := r.OpenLegs(context.Background())
			return err == nil && open[payment.LegCancelling]+open[payment.LegUnknown] == 0
		})
		r.verify()
	})
}

// Goal: two wallets that both pay one order are debited once: the second is given its money back.
// Method: both are chosen, both users pay, in both orders of the news.
func TestSecondWalletOfAnOrderIsGivenBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		other := r.other()
		r.schedule()
		for _, first := range []int64{r.issuer.No, other.No} {
			p := r.openOrder(r.order(3000))
			legs := map[int64]string{r.issuer.No: r.choose(p, r.issuer.No),
				other.No: r.choose(p, other.No)}
			r.wallet.pays(legs[r.issuer.No])
			r.wallet.pays(legs[other.No])
			q := r.poke(p, first, legs[first])
			if q.State != payment.Captured || q.IssuerNo != first {
				t.Fatalf("it is %s by %d, want %d", q.State, q.IssuerNo, first)
			}
			r.soon("the second wallet gave it back", func() bool {
				r.wallet.mu.Lock()
				defer r.wallet.mu.Unlock()
				n := 0
				for _, l := range legs {
					if r.wallet.debits[l].cancelled {
						n++
					}
				}
				return n == 1
			})
			if r.wallet.debits[legs[first]].cancelled {
				t.Errorf("the payer who was first was given back")
			}
		}
		r.soon("all legs ended", func() bool {
			open, err := r.OpenLegs(context.Background())
			return err == nil && open[payment.LegCancelling] == 0
		})
		r.verify()
	})
}

// Goal: a wallet that says yes after another one was captured and its own leg was given up gets
// everything back, and the books show it. Method: the losing wallet's notice comes late.
func TestLateYesOfAnotherLegStandsInSuspense(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		other := r.other()
		p := r.openOrder(r.order(3000))
		mine, theirs := r.choose(p, r.issuer.No), r.choose(p, other.No)
		r.wallet.pays(mine)
		r.poke(p, r.issuer.No, mine)
		r.wallet.pays(theirs)
		before := r.balances()
		a := r.wallet.yes(theirs)
		r.do("notice", r.Notify(context.Background(), other.No,
			link.Notice{OurRequestID: theirs, Answer: a}))
		r.verify()
		if after := r.balances(); len(after) != len(before)+2 {
			t.Errorf("a late yes has not its two accounts: %v", after)
		}
		r.schedule()
		r.soon("given back", func() bool {
			r.wallet.mu.Lock()
			defer r.wallet.mu.Unlock()
			return r.wallet.debits[theirs].cancelled
		})
		r.soon("books as before", func() bool { return len(r.balances()) == len(before) })
		r.verify()
		if q := r.find(p.ID); q.State != payment.Captured || q.IssuerNo != r.issuer.No {
			t.Errorf("it is %s by %d", q.State, q.IssuerNo)
		}
	})
}

// Goal: a wallet that declines leaves the order open for another, and its limits are free again.
func TestDeclinedWalletLeavesTheOrderOpen(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		p := r.openOrder(r.order(700))
		r.wallet.set(decline)
		_, err := r.Choose(context.Background(), payment.Choice{Payment: p,
			IssuerNo: r.issuer.No, Way: link.WayPage, Began: r.now()})
		if !errors.Is(err, payment.ErrDeclined) {
			t.Fatalf("choose: %v", err)
		}
		r.wallet.set(approve)
		leg := r.choose(p, r.issuer.No)
		r.wallet.pays(leg)
		if q := r.poke(p, r.issuer.No, leg); q.State != payment.Captured {
			t.Errorf("it is %s", q.State)
		}
		r.verify()
	})
}

// Goal: an order lapses when nobody paid it; a payment just before that is found by the last
// inquiry. Method: three orders, one untouched, one chosen, one paid without anybody being told.
func TestOrderLapses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		bare, chosen, paid := r.openOrder(r.order(100)), r.openOrder(r.order(200)),
			r.openOrder(r.order(300))
		r.choose(chosen, r.issuer.No)
		r.wallet.pays(r.choose(paid, r.issuer.No))
		r.forward(11 * time.Minute)
		r.schedule()
		for _, x := range []struct {
			p    *payment.Payment
			want payment.State
		}{{bare, payment.Cancelled}, {chosen, payment.Cancelled}, {paid, payment.Captured}} {
			r.soon("closed", func() bool { return r.find(x.p.ID).State == x.want })
		}
		r.soon("all legs ended", func() bool {
			open, err := r.OpenLegs(context.Background())
			return err == nil && open[payment.LegCancelling]+open[payment.LegUnknown] == 0
		})
		r.verify()
	})
}

// Goal: a wallet that resolves codes is told the same for ever, another customer is refused, and
// its notice pays. Method: the order's own code, scanned three times, and after it was paid.
func TestScannedOrderBelongsToItsCustomer(t *testing.T) {
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
		first, err := scan("user-1")
		r.do("scan", err)
		again, err := scan("user-1")
		r.do("scan again", err)
		if first.RequestID != again.RequestID || first.PayTo != again.PayTo {
			t.Errorf("%s %s, then %s %s", first.RequestID, first.PayTo, again.RequestID,
				again.PayTo)
		}
		if _, err := scan("user-2"); !errors.Is(err, payment.ErrInconsistent) {
			t.Errorf("another customer: %v", err)
		}
		yes := r.wallet.yes(first.RequestID)
		yes.PayTo = &first.PayTo
		r.do("notice", r.Notify(context.Background(), r.issuer.No,
			link.Notice{OurRequestID: first.RequestID, Answer: yes}))
		if q := r.find(p.ID); q.State != payment.Captured || q.PayTo != first.PayTo {
			t.Errorf("it is %s, %s", q.State, q.PayTo)
		}
		if late, err := scan("user-1"); err != nil || late.RequestID != first.RequestID {
			t.Errorf("after it was paid: %+v, %v", late, err)
		}
		if _, err := scan("user-3"); !errors.Is(err, payment.ErrClosed) {
			t.Errorf("somebody else after it was paid: %v", err)
		}
		r.verify()
	})
}

// Goal: a printed code asks for an amount, and each time its user types one it is an order of its
// own. Method: no amount, two amounts, a notice for each.
func TestPrintedCodeTakesTheAmountThatItsUserTypes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		point, err := r.dir.StoreByID(context.Background(), r.bank.No, "S1")
		r.do("find the store", err)
		text, err := r.StaticCode(point)
		r.do("make the code", err)
		scan := func(amount *money.Amount) payment.Resolved {
			got, err := r.Resolve(context.Background(), payment.Scan{IssuerNo: r.issuer.No,
				Text: text, Customer: "user-1", Amount: amount, Began: r.now()})
			r.do("scan", err)
			return got
		}
		if asked := scan(nil); !asked.Static || asked.RequestID != "" {
			t.Errorf("without an amount: %+v", asked)
		}
		for _, minor := range []int64{500, 700} {
			amount := yen(minor)
			got := scan(&amount)
			r.do("notice", r.Notify(context.Background(), r.issuer.No, link.Notice{
				OurRequestID: got.RequestID, Answer: r.wallet.yes(got.RequestID)}))
			if q := r.find(got.Payment.ID); q.State != payment.Captured || q.Order != amount {
				t.Errorf("it is %s of %s", q.State, q.Order)
			}
		}
		r.verify()
	})
}

// Goal: a shop that cancels its order closes every wallet that was asked.
func TestCancelledOrderClosesEveryLeg(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.ways()
		other := r.other()
		p := r.openOrder(r.order(3000))
		legs := []string{r.choose(p, r.issuer.No), r.choose(p, other.No)}
		q, err := r.cancel(p)
		r.do("cancel", err)
		if q.State != payment.Cancelled {
			t.Errorf("it is %s", q.State)
		}
		for _, l := range legs {
			if !r.wallet.blocked[l] {
				t.Errorf("the wallet of leg %s was not told", l)
			}
		}
		bare := r.openOrder(r.order(3000))
		if q, err = r.cancel(bare); err != nil || q.State != payment.Cancelled {
			t.Errorf("an order without a leg: %v, %v", q, err)
		}
		r.verify()
	})
}
