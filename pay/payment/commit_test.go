package payment_test

import (
	"context"
	"testing"
	"time"

	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// behindProxy is a network on PostgreSQL whose connections can be lost at a commit. Its store
// S2 has a limit a day, so that its payments hold a counter.
func behindProxy(t *testing.T) (*rig, *dbtest.Proxy) {
	t.Helper()
	proxy := dbtest.NewProxy(t, dbtest.Migrated(t, db.Postgres, sets()...))
	r := newRig(t, dbtest.Open(t, proxy.Location(), db.Options{}), 1)
	limit := int64(1_000_000)
	r.change(func(ctx context.Context, tx *db.Tx) error {
		_, err := r.reg.AddStore(ctx, tx, "test", party.Store{AcquirerNo: r.bank.No,
			MerchantNo: r.shop.No, ID: "S2", Name: "Noodles Gero", NameJA: "麺 下呂",
			Prefecture: "21", MCC: "5812", PerDayMaxMinor: &limit})
		return err
	})
	r.do("warm up", func() error { // the quote and the accounts are there from now on
		_, err := r.Sell(context.Background(), r.inS2(500))
		return err
	}())
	return r, proxy
}

func (r *rig) inS2(minor int64) payment.Sale {
	s := r.sale(minor)
	s.StoreID, s.TerminalID = "S2", ""
	return compared(s)
}

// counted is what the limit a day of S2 counts.
func (r *rig) counted() (minor int64) {
	r.t.Helper()
	r.do("read counter", r.db.View(context.Background(),
		func(ctx context.Context, tx *db.Tx) (err error) {
			minor, err = db.One(ctx, tx, func(row db.Row) (n int64, err error) {
				return n, row.Scan(&n)
			}, `select used_minor from risk_counter where kind = 'store_day'`)
			return err
		}))
	return minor
}

// Goal: a payment whose first commit was in doubt is as any other: its decline gives back
// what it holds.
// Method: the connection is cut after the server has committed, before it says so.
func TestDeclineAfterALostCommitFreesTheLimit(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	before := r.counted()
	s := r.inS2(1980)
	r.wallet.set(decline)
	proxy.CutNextCommit()
	p, err := r.Sell(context.Background(), s)
	r.do("sell", err)
	if p.State != payment.Declined || r.counted() != before {
		t.Errorf("payment is %s, counted %d, want %d", p.State, r.counted(), before)
	}
	r.verify()
}

// Goal: a payment whose first commit was in doubt knows its payer: a yes that names another
// posts nothing (P11).
func TestYesOfAnotherPayerAfterALostCommit(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	books := r.balances()
	s := r.inS2(1980)
	r.wallet.change = func(a *link.Answer) { a.Customer = "user-2" }
	proxy.CutNextCommit()
	p, err := r.Sell(context.Background(), s)
	r.do("sell", err)
	if p = r.find(p.ID); p.LegState != payment.LegStuck {
		t.Errorf("payment is %s, leg %s", p.State, p.LegState)
	}
	if got := r.balances(); len(got) != len(books) ||
		got["0 issuer.receivable 2 CNY"] != books["0 issuer.receivable 2 CNY"] {
		t.Errorf("booked %v, before %v", got, books)
	}
	r.verify()
}

// Goal: whichever commit of a payment's life loses its answer, every step happens once.
// Method: the connection is cut at the commit after each of the wallet's answers in turn.
func TestEveryStepSurvivesALostCommit(t *testing.T) {
	t.Parallel()
	r, proxy := behindProxy(t)
	cutAfter := func(kind string) {
		r.wallet.meeting(func(call, _ string, _ int64) {
			if call == kind {
				r.wallet.meeting(nil)
				proxy.CutNextCommit()
			}
		})
	}
	ctx := context.Background()

	first, second := r.inS2(1000), r.inS2(2000)
	proxy.CutNextCommit() // of the first commit
	p, err := r.Sell(ctx, first)
	r.do("sell", err)
	cutAfter("authorise")
	q, err := r.Sell(ctx, second)
	r.do("sell", err)
	if p.State != payment.Captured || q.State != payment.Captured {
		t.Fatalf("payments are %s and %s", p.State, q.State)
	}
	proxy.CutNextCommit() // of the close
	c, err := r.cancel(p)
	r.do("cancel", err)
	if c.State != payment.Cancelled {
		t.Errorf("cancelled payment is %s", c.State)
	}
	proxy.CutNextCommit() // of the reserve
	f, err := r.refund(q, 300)
	r.do("refund", err)
	cutAfter("refund")
	g, err := r.refund(q, 300)
	r.do("refund", err)
	if f.State != payment.RefundSucceeded || g.State != payment.RefundSucceeded {
		t.Errorf("refunds are %s and %s", f.State, g.State)
	}
	cutAfter("cancel")
	o := r.sell(700)
	_, err = r.cancel(o)
	r.do("cancel", err)
	r.schedule()
	r.forward(time.Minute)
	r.later(p.ID, payment.Cancelled, payment.LegCancelled)
	r.later(o.ID, payment.Cancelled, payment.LegCancelled)
	if got := r.find(q.ID); got.RefundedMinor != 600 || got.RefundingMinor != 0 {
		t.Errorf("refunded %d, refunding %d", got.RefundedMinor, got.RefundingMinor)
	}
	for id, n := range r.wallet.asked {
		if n != 1 {
			t.Errorf("the wallet was asked %d times for %s", n, id)
		}
	}
	r.verify()
}
