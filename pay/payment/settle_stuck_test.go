package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"watari/kit/event"
	"watari/kit/fault"
	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/payment"
)

// office is two people who settle legs by command, beside the node.
type office struct {
	*rig
	settler *payment.Settler
	desk    *foureyes.Desk
}

func (r *rig) office() *office {
	log := event.NewLog(r.db)
	o := &office{rig: r, desk: foureyes.New(r.db, log, 0),
		settler: payment.NewSettler(r.db, log, 0, r.dir, r.chart)}
	o.settler.Attend(o.desk)
	return o
}

var (
	ann = foureyes.Person{Name: "ann"}
	ben = foureyes.Person{Name: "ben"}
)

// propose asks for a settlement of a leg.
func (o *office) propose(leg string, as payment.Found) (foureyes.Request, error) {
	return o.settler.Propose(context.Background(), o.desk, ann, leg, as, "their statement of May")
}

func (o *office) approve(r foureyes.Request) error {
	_, err := o.desk.Approve(context.Background(), r.ID, ben)
	return err
}

// settle settles a leg, which must be possible, and verifies the books.
func (o *office) settle(leg string, as payment.Found) {
	o.t.Helper()
	r, err := o.propose(leg, as)
	o.do("propose", err)
	o.do("approve", o.approve(r))
	o.verify()
}

// refused fails unless err is the fault.
func (o *office) refused(what string, err error, p *fault.Problem) {
	o.t.Helper()
	if !errors.Is(err, p) {
		o.t.Errorf("%s: got %v, want %v", what, err, p)
	}
}

// suspense is what stands in suspense for the wallet.
func (o *office) suspense() int64 { return o.balances()["0 suspense.reversal 2 CNY"] }

// mistaken is a payment whose wallet named another amount: it is closed and its leg stuck.
func (r *rig) mistaken() *payment.Payment {
	r.t.Helper()
	r.wallet.mu.Lock()
	r.wallet.change = func(a *link.Answer) { other := money.MustNew(1, "CNY"); a.PayTo = &other }
	r.wallet.mu.Unlock()
	p := r.sell(1980)
	r.wallet.mu.Lock()
	r.wallet.change = nil
	r.wallet.mu.Unlock()
	return p
}

// Goal: what two people found out ends a leg: nothing is booked when the wallet never took the
// money; what it keeps stands in suspense until it was given back by hand. Method: a wallet that
// named another amount; before and after the deadline; each answer.
func TestStuckLegIsSettledByTwoPeople(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.office()
		p, q := r.mistaken(), r.mistaken()
		_, err := o.propose(leg(p), payment.Never)
		o.refused("while the payment is open", err, payment.ErrNotSettled)
		r.schedule()
		r.forward(4 * time.Minute)
		for _, one := range []*payment.Payment{p, q} {
			r.until(one.ID, payment.Cancelled, payment.LegStuck)
		}
		found, err := o.settler.Stuck(context.Background())
		if err != nil || len(found) != 2 || found[0].Payment.ID == "" || found[0].Note == "" {
			t.Errorf("stuck: %+v, %v", found, err)
		}
		for what, c := range map[string]struct {
			leg  string
			as   payment.Found
			want *fault.Problem
		}{
			"no such leg":    {"leg_nonsense", payment.Never, payment.ErrNotFound},
			"no such answer": {leg(p), "perhaps", payment.ErrNotSettled},
		} {
			_, err := o.propose(c.leg, c.as)
			o.refused(what, err, c.want)
		}
		_, err = o.settler.Propose(context.Background(), o.desk, ann, leg(p), payment.Never, "")
		o.refused("without a note", err, payment.ErrNotSettled)

		request, err := o.propose(leg(p), payment.Never)
		o.do("propose", err)
		_, err = o.desk.Approve(context.Background(), request.ID, ann)
		o.refused("the maker approves", err, foureyes.ErrOwn)
		o.do("approve", o.approve(request))
		r.until(p.ID, payment.Cancelled, payment.LegCancelled)
		if r.told(p, "leg.settled") != 1 || len(r.balances()) != 0 {
			t.Errorf("told %d times, booked %v", r.told(p, "leg.settled"), r.balances())
		}
		_, err = o.propose(leg(p), payment.Never)
		o.refused("settled before", err, payment.ErrNotStuck)

		late, err := o.propose(leg(q), payment.Never)
		o.do("propose", err)
		o.settle(leg(q), payment.Taken)
		if p := r.find(q.ID); o.suspense() != p.PayTo.Minor() || p.LegState != payment.LegStuck ||
			p.State != payment.Cancelled {
			t.Errorf("in suspense %d, the leg is %s", o.suspense(), p.LegState)
		}
		o.refused("overtaken", o.approve(late), foureyes.ErrStale)
		o.settle(leg(q), payment.Returned)
		r.until(q.ID, payment.Cancelled, payment.LegCancelled)
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
	})
}

// Goal: a late yes that stands in suspense is mirrored when the wallet gave the money back after
// all, and stays when it keeps it. Method: a wallet that says yes to a cancelled payment and
// never answers its undoing.
func TestLateYesIsSettled(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.office()
		r.wallet.set(lost)
		p := r.sell(1980)
		r.wallet.set(unwilled)
		_, err := r.cancel(p)
		r.do("cancel", err)
		r.do("notify", r.notify(leg(p), r.wallet.yes(leg(p))))
		r.stick(p)
		o.settle(leg(p), payment.Taken)
		if got := o.suspense(); got != 8548 {
			t.Errorf("in suspense: %d", got)
		}
		o.settle(leg(p), payment.Returned)
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
		r.until(p.ID, payment.Cancelled, payment.LegCancelled)
	})
}

// stick lets the wallet be silent until an operator is called.
func (r *rig) stick(p *payment.Payment) {
	r.t.Helper()
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
}

// Goal: money that a wallet keeps of a payment that was captured and then cancelled is owed: to the
// books its sale was mirrored. Method: the wallet never answers the cancel.
func TestKeptMoneyOfACancelledSaleIsOwed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.office()
		p := r.sell(1980)
		r.wallet.set(silence)
		_, err := r.cancel(p)
		r.do("cancel", err)
		r.stick(p)
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
		o.settle(leg(p), payment.Taken)
		if b := r.balances(); b["0 issuer.receivable 2 CNY"] != 8548 || o.suspense() != 8548 ||
			len(b) != 2 {
			t.Errorf("booked %v", b)
		}
		o.settle(leg(p), payment.Never)
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
	})
}

// Goal: a second debit after an undone one can only be settled as given back: its first yes was
// booked and mirrored. Method: a cancel that the wallet confirmed, then a debit that an inquiry
// confirms.
func TestSecondDebitIsSettledAsReturned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.office()
		r.wallet.set(silence)
		p := r.sell(1980)
		r.wallet.set(approve)
		_, err := r.cancel(p)
		r.do("cancel", err)
		r.do("notify", r.notify(leg(p), r.wallet.yes(leg(p))))
		r.schedule()
		r.until(p.ID, payment.Cancelled, payment.LegCancelled)
		r.wallet.mu.Lock()
		delete(r.wallet.blocked, leg(p))
		r.wallet.debits[leg(p)] = &debit{paid: p.PayTo, refunded: money.MustNew(0, "CNY")}
		r.wallet.mu.Unlock()
		r.do("notify of another debit", r.notify(leg(p), r.wallet.yes(leg(p))))
		r.until(p.ID, payment.Cancelled, payment.LegStuck)

		_, err = o.propose(leg(p), payment.Taken)
		o.refused("taken twice", err, payment.ErrNotSettled)
		o.settle(leg(p), payment.Returned)
		r.until(p.ID, payment.Cancelled, payment.LegCancelled)
		if len(r.balances()) != 0 {
			t.Errorf("booked %v", r.balances())
		}
	})
}

// Goal: a stuck leg of an order gives back what it holds of its limits when it is settled, and the
// order goes on. Method: a wallet that names another amount for an order that is still open; then
// the order is paid by another choice.
func TestStuckLegOfAnOrderGivesItsLimitsBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		o := r.office()
		r.ways()
		r.cap()
		p := r.openOrder(r.order(1980))
		first := r.choose(p, r.issuer.No)
		yes := r.wallet.yes(first)
		other := money.MustNew(1, "CNY")
		yes.PayTo = &other
		r.do("notify", r.notify(first, yes))
		if held := r.countersHold("stuck"); held == 0 {
			t.Error("a stuck leg holds nothing: the test shows nothing")
		}
		o.settle(first, payment.Never)
		if held := r.countersHold("settled"); held != 0 {
			t.Errorf("%d are held by nothing", held)
		}
		another := r.other()
		second := r.choose(p, another.No)
		r.wallet.pays(second)
		if got := r.poke(p, another.No, second); got.State != payment.Captured {
			t.Errorf("the order is %s", got.State)
		}
		r.verify()
	})
}
