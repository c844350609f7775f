package federation

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"watari/pay/ledger"
	"watari/test/program"
)

// user is whose phone is used.
const user = "user-01"

// The goal is a payment across two networks, with its partial refund, and another one that is
// cancelled, in the books of both. The method: two real processes on each engine, the wallet's own
// account, and `watari verify` on both stores.
func TestPaymentGoesThroughTwoNetworks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f *federation) {
		before := f.account()

		paid := f.pay(1980)
		if paid.State != "captured" || paid.Captured != 1980 ||
			paid.PayTo != (amount{"JPY", 1980}) || paid.WalletID == "" {
			t.Fatalf("the payment is %+v", paid)
		}
		f.refund(paid.ID, 660)
		undone := f.pay(2500)
		f.b.bank.must(http.MethodPost, "/v1/payments/"+undone.ID+"/cancel", nil, nil)
		eventually(t, "both networks agree", func() error { return f.agree(2) })
		if owed := f.b.books(ledger.IssuerReceivable); owed != -(1980 - 660) {
			t.Errorf("A owes B %d yen", -owed)
		}

		after := f.account()
		debit := after.Payments[len(before.Payments):]
		var left int64
		for _, d := range debit {
			left += d.Paid.Value - d.Refunded.Value
		}
		if len(debit) != 2 || left == 0 || before.Balance.Value-after.Balance.Value != left {
			t.Errorf("the wallet has %+v; the balance was %d and is %d", debit,
				before.Balance.Value, after.Balance.Value)
		}
		f.verify()
	})
}

// The goal is an order across two networks: B's shop shows a code that A made, A's wallet scans it,
// and A tells B by a notice. A wallet that declines is heard through both as well.
func TestOrderGoesThroughTwoNetworks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, f *federation) {
		var order payment
		f.b.bank.keyed(http.MethodPost, "/v1/orders", "order-1", object{"store_id": "S-1",
			"terminal_id": "T-1", "amount": amount{"JPY", 3300}, "description": "漆の椀"}, &order)
		var form struct {
			CodeText string `json:"code_text"`
		}
		f.b.bank.must(http.MethodPost, "/v1/payments/"+order.ID+"/wallets",
			object{"wallet_id": wallets}, &form)
		if form.CodeText == "" || form.CodeText == order.CodeText {
			t.Fatalf("the code is %q, B's own is %q", form.CodeText, order.CodeText)
		}
		var scanned json.RawMessage
		f.control().must(http.MethodPost, "/users/"+user+"/scan",
			object{"code_value": form.CodeText}, &scanned)
		eventually(t, "B hears of the payment", func() error {
			if p := f.b.bank.payment(order.ID); p.State != "captured" {
				return fmt.Errorf("it is %s: %w", p.State, errNotYet)
			}
			return nil
		})
		f.refund(order.ID, 3300)

		f.control().must(http.MethodPost, "/faults", object{"mode": "decline", "count": 1}, nil)
		if p := f.pay(700); p.State != "declined" || p.Reason != "insufficient_funds" {
			t.Errorf("declined by the wallet, B says %+v", p)
		}
		eventually(t, "both networks agree", func() error { return f.agree(2) })
		eventually(t, "B has taken what A told", func() error {
			if taken, waiting := f.a.told(); taken != 2 || waiting != 0 {
				return fmt.Errorf("%d taken, %d wait: %w", taken, waiting, errNotYet)
			}
			return nil
		})
		f.verify()
	})
}

// pay takes a payment at B's shop by a code of A's wallet.
func (f *federation) pay(yen int64) (p payment) {
	f.t.Helper()
	var code struct {
		Code string `json:"code"`
	}
	f.control().must(http.MethodPost, "/users/"+user+"/payment-code", nil, &code)
	f.n++
	f.b.bank.keyed(http.MethodPost, "/v1/payments", fmt.Sprintf("sale-%d", f.n),
		object{"store_id": "S-1", "terminal_id": "T-1", "amount": amount{"JPY", yen},
			"code": code.Code, "order_ref": "R-1"}, &p)
	return p
}

// refund gives part of a payment back at B.
func (f *federation) refund(id string, yen int64) {
	f.t.Helper()
	f.n++
	var r struct {
		State string `json:"state"`
	}
	f.b.bank.keyed(http.MethodPost, "/v1/payments/"+id+"/refunds",
		fmt.Sprintf("refund-%d", f.n), object{"amount": amount{"JPY", yen}}, &r)
	if r.State != "succeeded" {
		f.t.Fatalf("the refund is %s", r.State)
	}
}

// account is what the wallet tells of its user.
type account struct {
	Balance  amount `json:"balance"`
	Payments []struct {
		State    string `json:"state"`
		Paid     amount `json:"paid"`
		Refunded amount `json:"refunded"`
	} `json:"payments"`
}

func (f *federation) account() (a account) {
	f.t.Helper()
	f.control().must(http.MethodGet, "/users/"+user, nil, &a)
	return a
}

// agree compares what B's bank has with what A has of B: the same payments, by the id that B keeps
// of A's, with the same amounts and ends.
func (f *federation) agree(want int) error {
	f.t.Helper()
	theirs := map[string]payment{}
	for _, p := range f.a.bank.payments() {
		theirs[p.ID] = p
	}
	ours := f.b.bank.payments()
	if len(ours) != want || len(theirs) != want {
		return fmt.Errorf("B has %d payments, A has %d, want %d", len(ours), len(theirs), want)
	}
	for _, p := range ours {
		q, ok := theirs[p.WalletID]
		if p.WalletID == "" { // declined: the wallet's network names no payment
			for _, candidate := range theirs {
				if candidate.State == p.State && candidate.Amount == p.Amount {
					q, ok = candidate, true
				}
			}
		}
		if !ok || p.State != q.State || p.Amount != q.Amount || p.Captured != q.Captured ||
			p.Refunded != q.Refunded {
			return fmt.Errorf("B has %+v, A has %+v", p, q)
		}
	}
	owes := f.a.books(ledger.AcquirerPayable, ledger.InterchangePayable, ledger.SchemeFee)
	owed := f.b.books(ledger.IssuerReceivable)
	if owes+owed != 0 {
		return fmt.Errorf("by A's books it owes B %d yen before fees, by B's A owes %d", owes,
			-owed)
	}
	return nil
}

// verify recomputes both stores.
func (f *federation) verify() {
	f.t.Helper()
	for name, n := range map[string]*network{"A": f.a, "B": f.b} {
		out, errs, status := program.Run(f.t, append([]string{"verify"}, n.store...)...)
		if status != 0 {
			f.t.Errorf("verify %s: exit %d\n%s%s", name, status, out, errs)
		}
	}
}
