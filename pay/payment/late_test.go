package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
)

// notify tells the network what a wallet's notice would.
func (r *rig) notify(leg string, a link.Answer) error {
	return r.Notify(context.Background(), r.issuer.No, link.Notice{OurRequestID: leg, Answer: a})
}

func leg(p *payment.Payment) string { return "leg" + p.ID[3:] + "0" }

// Goal: a payment whose answer was lost is inquired and captured; the wallet is not asked to
// pay a second time.
func TestLostAnswerIsInquired(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(lost)
		p := r.sell(1980)
		if p.State != payment.Pending {
			t.Fatalf("payment is %s", p.State)
		}
		r.wallet.set(approve)
		r.schedule()
		r.until(p.ID, payment.Captured, payment.LegApproved)
		if n := r.wallet.asked[leg(p)]; n != 1 {
			t.Errorf("asked %d times", n)
		}
		r.verify()
	})
}

// Goal: without any answer the payment is closed at the deadline, the leg goes on until the
// wallet confirms that it gave the money back, and nobody is charged.
func TestSilenceIsClosedAtTheDeadline(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(silence)
		p := r.sell(1980)
		r.forward(181 * time.Second)
		r.schedule()
		r.until(p.ID, payment.Cancelled, payment.LegCancelling)

		r.wallet.set(approve)
		r.forward(time.Hour)
		r.until(p.ID, payment.Cancelled, payment.LegCancelled)
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		r.verify()
	})
}

// Goal: a yes after the close stands in suspense until the wallet gave the money back (P10).
func TestYesAfterTheCloseIsReversed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(silence)
		p := r.sell(1980)
		p, err := r.cancel(p)
		r.do("cancel", err)
		if p.State != payment.Cancelled {
			t.Fatalf("payment is %s", p.State)
		}
		a := r.wallet.yes(leg(p))
		r.do("notify", r.notify(leg(p), a))
		if got := r.balances()["0 suspense.reversal 2 CNY"]; got != 8548 {
			t.Errorf("in suspense: %d", got)
		}
		r.do("notify again", r.notify(leg(p), a))

		r.wallet.set(approve)
		r.forward(time.Minute)
		r.schedule()
		r.until(p.ID, payment.Cancelled, payment.LegCancelled)
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
		r.verify()
	})
}

// Goal: after the cancel window a late yes is refunded under an id of ours.
// Method: the wallet took the money, answers nothing for two days across both windows.
func TestLateYesAfterTheWindowIsRefunded(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(lost)
		p := r.sell(1980)
		r.wallet.set(silence)
		r.forward(181 * time.Second)
		r.schedule()
		r.until(p.ID, payment.Cancelled, payment.LegCancelling)
		r.forward(26 * time.Hour)
		r.wallet.set(unwilled)
		r.later(p.ID, payment.Cancelled, payment.LegCancelled)
		if r.wallet.kept() != 0 || len(r.balances()) != 0 {
			t.Errorf("the wallet kept %d, booked %v", r.wallet.kept(), r.balances())
		}
		r.verify()
	})
}

// Goal: the first final word counts: a notice says yes, an inquiry no; the payment stands.
// And the other way round: a no, then a yes, gives the money back.
func TestNoticeAndInquiryDisagree(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(silence)
		p := r.sell(1980)
		r.do("notify", r.notify(leg(p), r.wallet.yes(leg(p))))
		err := r.notify(leg(p), link.Answer{Outcome: link.Declined,
			Reason: link.ReasonBalance})
		if !errors.Is(err, payment.ErrInconsistent) {
			t.Errorf("a no after a yes: %v", err)
		}
		if p = r.find(p.ID); p.State != payment.Captured {
			t.Errorf("payment is %s", p.State)
		}

		r.wallet.set(decline)
		q := r.sell(500)
		r.wallet.set(approve)
		r.do("notify", r.notify(leg(q), r.wallet.yes(leg(q))))
		r.schedule()
		r.until(q.ID, payment.Declined, payment.LegCancelled)
		r.verify()
	})
}

// Goal: a wallet that confirmed a cancel and then says that it took the money is told again.
// When it only repeats that yes nothing happens; when an inquiry confirms a second debit, that
// is for an operator; as long as it does not answer the notice is not taken.
func TestYesAfterAConfirmedCancel(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(silence)
		p := r.sell(1980)
		r.wallet.set(approve)
		p, err := r.cancel(p)
		r.do("cancel", err)
		r.do("notify", r.notify(leg(p), r.wallet.yes(leg(p))))
		r.schedule()
		r.until(p.ID, payment.Cancelled, payment.LegCancelled)
		r.do("the same notice", r.notify(leg(p), r.wallet.yes(leg(p))))
		r.until(p.ID, payment.Cancelled, payment.LegCancelled)

		r.wallet.set(silence)
		err = r.notify(leg(p), r.wallet.yes(leg(p)))
		if !errors.Is(err, payment.ErrBusy) {
			t.Errorf("while the wallet is silent: %v", err)
		}
		r.wallet.set(approve)
		r.wallet.mu.Lock()
		delete(r.wallet.blocked, leg(p))
		r.wallet.debits[leg(p)] = &debit{paid: p.PayTo, refunded: money.MustNew(0, "CNY")}
		r.wallet.mu.Unlock()
		r.do("notify of another debit", r.notify(leg(p), r.wallet.yes(leg(p))))
		r.until(p.ID, payment.Cancelled, payment.LegStuck)
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
		r.verify()
	})
}

// Goal: a wallet that undoes by a refund, and calls what it gave back paid for ever, is no case for
// an operator when its notice comes again. Method: an inquiry after the undo that says paid, and
// that its user has the money back.
func TestYesThatWasGivenBackIsARepeat(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(silence)
		p := r.sell(1980)
		r.wallet.set(approve)
		p, err := r.cancel(p)
		r.do("cancel", err)
		r.do("notify", r.notify(leg(p), r.wallet.yes(leg(p))))
		r.schedule()
		r.until(p.ID, payment.Cancelled, payment.LegCancelled)
		r.wallet.mu.Lock()
		delete(r.wallet.blocked, leg(p))
		r.wallet.debits[leg(p)] = &debit{paid: p.PayTo, refunded: p.PayTo}
		r.wallet.mu.Unlock()

		r.do("the same notice", r.notify(leg(p), r.wallet.yes(leg(p))))

		r.until(p.ID, payment.Cancelled, payment.LegCancelled)
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
		r.verify()
	})
}

// Goal: a notice of another wallet, or about an unknown id, changes nothing.
func TestNoticeOfAnotherWallet(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(silence)
		p := r.sell(1980)
		yes := link.Notice{OurRequestID: leg(p), Answer: r.wallet.yes(leg(p))}
		for _, err := range []error{
			r.Notify(context.Background(), r.bank.No, yes),
			r.notify("leg_00000000000000000000000000000", yes.Answer),
			r.notify("nonsense", yes.Answer),
		} {
			if !errors.Is(err, payment.ErrNotFound) {
				t.Errorf("got %v", err)
			}
		}
		if p = r.find(p.ID); p.State != payment.Pending {
			t.Errorf("payment is %s", p.State)
		}
	})
}

// Goal: a repeated notice with other contents is refused and names the field.
func TestChangedNoticeNamesTheField(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		other := money.MustNew(1, "CNY")
		for field, change := range map[string]func(*link.Answer){
			"paymentId":   func(a *link.Answer) { a.TheirID = "other" },
			"payToAmount": func(a *link.Answer) { a.PayTo = &other },
			"customerId":  func(a *link.Answer) { a.Customer = "user-9" },
		} {
			a := r.wallet.yes(leg(p))
			change(&a)
			err := r.notify(leg(p), a)
			var f *fault.Error
			if !errors.As(err, &f) || f.Members["field"] != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		r.verify()
	})
}
