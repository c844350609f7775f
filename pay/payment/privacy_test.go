package payment_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"watari/kit/db"
	"watari/pay/link"
	"watari/pay/payment"
)

// journal keeps what a program logs.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// columns returns every value of some text columns.
func (r *rig) columns(table string, names ...string) string {
	r.t.Helper()
	var all []string
	r.do("read "+table, r.db.View(context.Background(),
		func(ctx context.Context, tx *db.Tx) (err error) {
			all, err = db.All(ctx, tx, func(row db.Row) (s string, err error) {
				return s, row.Scan(&s)
			}, `select coalesce(`+strings.Join(names, `, '') || ' ' || coalesce(`)+`, '')
				from `+table+` order by 1`)
			return err
		}))
	if len(all) == 0 {
		r.t.Errorf("%s is empty: nothing is shown", table)
	}
	return strings.Join(all, "\n")
}

// Goal: neither the log nor any table holds a payer's id or a payment code in the clear: the
// id is sealed, of a code stand its hash and its last four digits.
// Method: payments that end well and badly, with every kind of trouble that is logged.
func TestPayersAndCodesAreNotInTheClear(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		var codes []string
		sell := func() *payment.Payment {
			s := r.sale(1000)
			codes = append(codes, s.Code)
			p, err := r.Sell(context.Background(), s)
			r.do("sell", err)
			_, _ = r.Sell(context.Background(), compared(payment.Sale{Origin: payment.Origin{
				AcquirerNo: r.bank.No, Channel: payment.ChannelAPI, Began: r.now(),
				RequestID: fmt.Sprintf("again-%d", r.n.Add(1)), Actor: "test"},
				MerchantID: "M1", StoreID: "S1", Amount: yen(1), Code: s.Code}))
			return p
		}
		p := sell()
		_, err := r.refund(p, 100)
		r.do("refund", err)
		r.wallet.change = func(a *link.Answer) { a.Customer = "user-9" }
		sell()
		r.wallet.change = nil
		r.wallet.set(decline)
		sell()
		r.wallet.set(lost)
		q := sell()
		var once sync.Once
		r.wallet.meeting(func(string, string, int64) {
			once.Do(func() { panic("a connector's mistake over " + q.ID) })
		})
		r.schedule()
		r.soon("the mistake is logged", func() bool {
			return strings.Contains(r.logged.String(), "a connector's mistake")
		})
		r.forward(time.Minute)
		r.later(q.ID, payment.Captured, payment.LegApproved)
		_ = r.notify(leg(p), link.Answer{Outcome: link.Approved, Customer: "user-9"})

		clear := map[string]string{
			"log": r.logged.String(),
			"payment": r.columns("payment", "request_id", "order_ref", "customer", "reason",
				"code_last4", "notify_url", "actor"),
			"payment_leg":    r.columns("payment_leg", "their_id", "note", "quote_id"),
			"payment_claim":  r.columns("payment_claim", "request_id", "compared", "refusal"),
			"payment_refund": r.columns("payment_refund", "reason", "failure", "their_id"),
			"wallet_code":    r.columns("wallet_code", "last4", "customer", "region"),
			"event":          r.columns("event", "kind", "subject", "actor", "data"),
		}
		if clear["log"] == "" {
			t.Error("nothing was logged")
		}
		for where, text := range clear {
			for _, secret := range append(codes, "user-1", "user-9") {
				if strings.Contains(text, secret) {
					t.Errorf("%s holds %s", where, secret)
				}
			}
		}
	})
}

// Goal: a cancel of a payment that was declined changes nothing and asks no wallet; of one
// whose outcome is unknown it closes the payment.
func TestCancelOfDeclinedAndUnknown(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *rig) {
		r.wallet.set(decline)
		p := r.sell(1980)
		r.wallet.meeting(func(call, _ string, _ int64) {
			if call == "cancel" {
				t.Error("the wallet was asked to cancel a declined payment")
			}
		})
		got, err := r.cancel(p)
		r.do("cancel", err)
		if got.State != payment.Declined || got.Reason != link.ReasonBalance {
			t.Errorf("payment is %s %s", got.State, got.Reason)
		}
		r.wallet.meeting(nil)
		r.wallet.set(lost)
		q := r.sell(500)
		r.wallet.set(approve)
		got, err = r.cancel(q)
		r.do("cancel", err)
		if q = r.find(q.ID); got.State != payment.Cancelled ||
			q.LegState != payment.LegCancelled {
			t.Errorf("payment is %s, leg %s", got.State, q.LegState)
		}
		if r.wallet.kept() != 0 || len(r.balances()) != 0 {
			t.Errorf("the wallet kept %d, booked %v", r.wallet.kept(), r.balances())
		}
		r.verify()
	})
}
