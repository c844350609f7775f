package payment_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/link"
	"watari/pay/payment"
)

// Goal: refunds of any sequence return exactly the total, in yen, fen and every fee (P8).
// Method: three of ¥660 (rounded alone they would return more than was paid).
func TestRefundsReturnExactlyTheTotal(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		var returned int64
		for range 3 {
			f, err := r.refund(p, 660)
			r.do("refund", err)
			if f.State != payment.RefundSucceeded {
				t.Fatalf("refund is %s", f.State)
			}
			returned += f.PayTo.Minor()
		}
		if returned != 8548 {
			t.Errorf("returned %d fen", returned)
		}
		if p = r.find(p.ID); p.State != payment.Refunded {
			t.Errorf("payment is %s", p.State)
		}
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		if _, err := r.refund(p, 1); !errors.Is(err, payment.ErrRefundAmount) {
			t.Errorf("one more: %v", err)
		}
		r.verify()
	})
}

// Goal: 1,980 refunds of ¥1 leave nothing, on SQLite (on PostgreSQL 198 of ¥10, for time).
func TestManySmallRefunds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		step := int64(1)
		if r.db.Engine() == db.Postgres {
			step = 10
		}
		var wg sync.WaitGroup
		room := make(chan struct{}, 16)
		for range 1980 / step {
			room <- struct{}{}
			wg.Go(func() {
				defer func() { <-room }()
				f, err := r.refund(p, step)
				if err != nil || f.State != payment.RefundSucceeded {
					t.Errorf("refund: %v %v", f, err)
				}
			})
		}
		wg.Wait()
		if p = r.find(p.ID); p.State != payment.Refunded {
			t.Errorf("payment is %s", p.State)
		}
		if len(r.balances()) != 0 || r.wallet.kept() != 0 {
			t.Errorf("booked %v, the wallet kept %d", r.balances(), r.wallet.kept())
		}
		r.verify()
	})
}

// Goal: two refunds that together are more than the rest: one passes (P7).
func TestRefundsTogetherOverTheRest(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		errs := both(func() error { _, err := r.refund(p, 1000); return err },
			func() error { _, err := r.refund(p, 1000); return err })
		onePassed(t, errs, payment.ErrRefundAmount)
		r.verify()
	})
}

// Goal: the same on two nodes of one PostgreSQL, and one code at two nodes: one debit.
func TestTwoNodesShareTheRest(t *testing.T) {
	t.Parallel()
	location := dbtest.Migrated(t, db.Postgres, sets()...)
	a := newRig(t, dbtest.Open(t, location, db.Options{}), 1)
	b := a.second(dbtest.Open(t, location, db.Options{}))
	p := a.sell(1980)
	onePassed(t, both(func() error { _, err := a.refund(p, 1000); return err },
		func() error { _, err := b.refund(p, 1000); return err }), payment.ErrRefundAmount)

	s, q := a.sale(700), a.sale(700)
	q.Code = s.Code
	onePassed(t, both(
		func() error { _, err := a.Sell(context.Background(), s); return err },
		func() error { _, err := b.Sell(context.Background(), q); return err }),
		payment.ErrCodeUsed)
	a.verify()
}

// Goal: a cancel on one node races the wallet's yes on another: the payment is closed, and
// the wallet keeps nothing.
func TestCancelOnAnotherNode(t *testing.T) {
	t.Parallel()
	location := dbtest.Migrated(t, db.Postgres, sets()...)
	a := newRig(t, dbtest.Open(t, location, db.Options{}), 1)
	b := a.second(dbtest.Open(t, location, db.Options{}))
	a.schedule()
	for range 10 {
		a.wallet.set(lost)
		p := a.sell(900)
		a.wallet.set(approve)
		errs := both(func() error { return a.notify(leg(p), a.wallet.yes(leg(p))) },
			func() error { _, err := b.cancel(p); return err })
		if err := errors.Join(errs...); err != nil {
			t.Errorf("notice and cancel: %v", err)
		}
		b.until(p.ID, payment.Cancelled, payment.LegCancelled)
	}
	if len(a.balances()) != 0 || a.wallet.kept() != 0 {
		t.Errorf("booked %v, the wallet kept %d", a.balances(), a.wallet.kept())
	}
	a.verify()
}

func both(f, g func() error) []error {
	errs := make([]error, 2)
	var wg sync.WaitGroup
	wg.Go(func() { errs[0] = f() })
	wg.Go(func() { errs[1] = g() })
	wg.Wait()
	return errs
}

func onePassed(t *testing.T, errs []error, other error) {
	t.Helper()
	if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), other) {
		t.Errorf("errors are %v, want one %v", errs, other)
	}
}

// Goal: a refund without an answer keeps its amount reserved and is sent again under the same
// id until the wallet has it; it is given once.
func TestRefundIsSentAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		r.wallet.set(lost)
		f, err := r.refund(p, 500)
		r.do("refund", err)
		if f.State != payment.RefundUnknown {
			t.Fatalf("refund is %s", f.State)
		}
		if _, err := r.refund(p, 1500); !errors.Is(err, payment.ErrRefundAmount) {
			t.Errorf("over the rest: %v", err)
		}
		r.wallet.set(approve)
		r.forward(time.Minute)
		r.schedule()
		r.refundUntil(f.ID, payment.RefundSucceeded)
		if d := r.wallet.debits[leg(p)]; d.refunded != f.PayTo {
			t.Errorf("the wallet refunded %s, want %s", d.refunded, f.PayTo)
		}
		r.verify()
	})
}

// Goal: a failed refund frees its amount; a failure answered to a resend counts only when it
// comes again.
func TestFailedRefundFreesItsAmount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		p := r.sell(1980)
		r.wallet.set(decline)
		f, err := r.refund(p, 1980)
		r.do("refund", err)
		if f.State != payment.RefundFailed || f.Failure != link.ReasonOther {
			t.Errorf("refund is %s %s", f.State, f.Failure)
		}
		r.wallet.set(silence)
		f, err = r.refund(p, 1980)
		r.do("refund", err)
		r.wallet.set(decline)
		r.schedule()
		r.forward(time.Minute)
		time.Sleep(time.Second)
		if got, err := r.FindRefund(context.Background(), r.bank.No, f.ID); err != nil ||
			got.State != payment.RefundUnknown || got.Doubts != 1 {
			t.Errorf("after one failure on a resend: %+v %v", got, err)
		}
		r.forward(2 * time.Minute)
		r.refundUntil(f.ID, payment.RefundFailed)
		r.wallet.set(approve)
		f, err = r.refund(p, 1980)
		if err != nil || f.State != payment.RefundSucceeded {
			t.Errorf("after the failures: %v %v", f, err)
		}
		r.verify()
	})
}

func (r *rig) refundUntil(id string, want payment.RefundState) {
	r.t.Helper()
	var f *payment.Refund
	for range patience {
		var err error
		f, err = r.FindRefund(context.Background(), r.bank.No, id)
		r.do("find refund", err)
		if f.State == want {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	r.t.Fatalf("refund is %s, want %s", f.State, want)
}

// Goal: a refund that would return nothing in the wallet's currency is refused by name.
func TestRefundOfNothingIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		// ¥1 is 4.3 fen; of ¥2 paid as 9 fen every yen returns some. Seven payments of ¥1
		// return 4 each, so a zero step needs a rate that this pair does not have: the
		// wallet forbids partial refunds instead.
		r.wallet.caps = func(c *link.Capabilities) { c.PartialRefund = false }
		p := r.sell(1980)
		if _, err := r.refund(p, 1); !errors.Is(err, payment.ErrRefundPartial) {
			t.Errorf("partial: %v", err)
		}
		can := func(minor int64) error {
			return r.Refundable(context.Background(), r.bank.No, p.ID, yen(minor))
		}
		if err := can(1); !errors.Is(err, payment.ErrRefundPartial) {
			t.Errorf("a part: %v", err)
		}
		if err := can(1980); err != nil {
			t.Errorf("everything: %v", err)
		}
		if _, err := r.refund(p, 1980); err != nil {
			t.Errorf("whole: %v", err)
		}
		if err := can(1980); !errors.Is(err, payment.ErrRefundAmount) {
			t.Errorf("once more: %v", err)
		}
		r.forward(366 * 24 * time.Hour)
		if _, err := r.refund(p, 1); err == nil {
			t.Error("after the window a refund passed")
		}
		r.verify()
	})
}

// Goal: refunds of payments that took nothing are refused, and repeats have one answer.
func TestRefundStatesAndRepeats(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(decline)
		p := r.sell(1980)
		if _, err := r.refund(p, 1); !errors.Is(err, payment.ErrState) {
			t.Errorf("of a declined payment: %v", err)
		}
		r.wallet.set(approve)
		p = r.sell(1980)
		g := payment.Giveback{Origin: payment.Origin{AcquirerNo: r.bank.No,
			Channel: payment.ChannelAPI, RequestID: "same", Actor: "test", Began: r.now(),
			Compare: []payment.Field{{Name: "amount", Value: "100"}}},
			Ref: payment.Ref{PaymentID: p.ID}, Amount: yen(100)}
		ids := map[string]bool{}
		for range 3 {
			f, err := r.Refund(context.Background(), g)
			r.do("refund", err)
			ids[f.ID] = true
		}
		if len(ids) != 1 || r.find(p.ID).RefundedMinor != 100 {
			t.Errorf("%d refunds, %d returned", len(ids), r.find(p.ID).RefundedMinor)
		}
		g.Compare = []payment.Field{{Name: "amount", Value: "200"}}
		if _, err := r.Refund(context.Background(), g); !errors.Is(err,
			payment.ErrInconsistent) {
			t.Errorf("changed repeat: %v", err)
		}
		if fs, err := r.Refunds(context.Background(), r.bank.No, p.ID); len(fs) != 1 {
			t.Errorf("listed %v %v", fs, err)
		}
		r.verify()
	})
}
