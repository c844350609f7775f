package network

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"watari/kit/clock"
)

// openingMinor is what a user of the sandbox begins with, in fen.
const openingMinor = 10_000_00

// Times of the wallet's faults and of the network's schedule.
const (
	// lateDebit is when the mode late_success debits, after the request.
	lateDebit = 12 * time.Second
	// patience is how long these tests leave a payment to the network's own inquiries before
	// they cancel it: the first is 8 s after the request.
	patience = lateDebit + 6*time.Second
)

// settle waits until every payment has a final state, as an acquirer would: payments that the
// network cannot conclude are cancelled. Late debits must be over when it is called.
func (w *world) settle(limit time.Duration) {
	w.t.Helper()
	eventually(w.t, limit, "every payment is final", func() error {
		open := 0
		for _, b := range w.banks {
			for _, state := range []string{"authorising", "pending"} {
				found, err := b.api.list("&state=" + state)
				if err != nil {
					return err
				}
				open += len(found)
				if err := crowd(len(found), 16, func(i int) error {
					if clock.Now().Sub(found[i].Created) < patience {
						return nil
					}
					return b.api.cancel(found[i].ID)
				}); err != nil {
					return err
				}
			}
		}
		if open > 0 {
			return fmt.Errorf("%d payments are open", open)
		}
		return nil
	})
}

// agree waits until the wallet's own list of payments and the network's are the same to the fen,
// nothing is in flight, and the books hold. It returns every payment of every bank.
func (w *world) agree(limit time.Duration) []payment {
	w.t.Helper()
	var all []payment
	eventually(w.t, limit, "wallet and network agree", func() (err error) {
		all, err = w.compare()
		return err
	})
	eventually(w.t, limit, "nothing is in flight", func() error {
		if v := w.verify(); len(v.InFlight) > 0 && !w.t.Failed() {
			return fmt.Errorf("in flight: %+v", v.InFlight)
		}
		return nil
	})
	if err := w.compareBooks(); err != nil {
		w.t.Error(err)
	}
	return all
}

// compare holds the two lists against each other.
func (w *world) compare() ([]payment, error) {
	var all []payment
	for _, b := range w.banks {
		found, err := b.api.list("")
		if err != nil {
			return nil, err
		}
		for _, p := range found {
			p.bank = b
			all = append(all, p)
		}
	}
	debits, err := w.debits()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, p := range all {
		switch p.State {
		case "captured", "refunded":
			d, ok := debits[p.WalletID]
			delete(debits, p.WalletID)
			if err := same(p, d, ok); err != nil {
				errs = append(errs, err)
			}
		case "declined", "cancelled":
			if d, ok := debits[p.WalletID]; ok {
				errs = append(errs, fmt.Errorf("%s is %s, the wallet has %+v", p.ID, p.State, d))
				delete(debits, p.WalletID)
			}
		default:
			errs = append(errs, fmt.Errorf("%s is %s: %w", p.ID, p.State, errNotYet))
		}
	}
	for _, d := range debits {
		errs = append(errs, fmt.Errorf("the network does not know the wallet's %+v", d))
	}
	return all, errors.Join(errs...)
}

// debits returns what the wallet's users paid, by the wallet's own id, and checks their balances.
func (w *world) debits() (map[string]debit, error) {
	debits := map[string]debit{}
	for _, u := range w.box.Users {
		a, err := w.wallet.account(u.ID)
		if err != nil {
			return nil, err
		}
		left := int64(openingMinor)
		for _, d := range a.Payments {
			left -= d.Paid.Value - d.Refunded.Value
			if d.State == "paid" {
				debits[d.PaymentID] = d
			}
		}
		if left != a.Balance.Value {
			return nil, fmt.Errorf("%s has %d fen, by the list it were %d", u.ID,
				a.Balance.Value, left)
		}
	}
	return debits, nil
}

// same compares a captured payment with the wallet's debit of it.
func same(p payment, d debit, ok bool) error {
	if !ok || p.WalletID == "" {
		return fmt.Errorf("%s is %s, the wallet has no debit %q", p.ID, p.State, p.WalletID)
	}
	if d.Paid.Value != p.PayTo.Value || d.Paid.Currency != p.PayTo.Currency {
		return fmt.Errorf("%s is %+v, the wallet's debit %+v", p.ID, p.PayTo, d.Paid)
	}
	var given int64
	if p.Refunded+p.Refunding > 0 || d.Refunded.Value > 0 {
		refunds, err := p.bank.api.refunds(p.ID)
		if err != nil {
			return err
		}
		for _, f := range refunds {
			if f.State == "succeeded" {
				given += f.PayTo.Value
			}
		}
	}
	if given != d.Refunded.Value {
		return fmt.Errorf("%s gave back %d fen, the wallet has %d", p.ID, given,
			d.Refunded.Value)
	}
	return nil
}

// compareBooks holds each bank's own book against its payments: what it owes its merchants is
// what they sold and did not give back, less what they were charged for it.
func (w *world) compareBooks() error {
	for _, b := range w.banks {
		all, err := b.api.list("")
		if err != nil {
			return err
		}
		var want int64
		for _, p := range all {
			if p.State == "captured" || p.State == "refunded" {
				want += p.Captured - p.Fees.MDR
			}
			if p.Refunded == 0 {
				continue
			}
			refunds, err := b.api.refunds(p.ID)
			if err != nil {
				return err
			}
			for _, f := range refunds {
				if f.State == "succeeded" {
					want -= f.Amount.Value - f.Fees.MDR
				}
			}
		}
		var book struct {
			Items []struct {
				Account string `json:"account"`
				Net     int64  `json:"net_minor"`
			} `json:"items"`
		}
		if err := b.api.read("/v1/balances", &book); err != nil {
			return err
		}
		var got int64
		for _, a := range book.Items {
			if a.Account == "merchant.payable" {
				got += a.Net
			}
		}
		if got != want {
			return fmt.Errorf("%s owes its merchants %d yen, its payments add up to %d", b.ID,
				got, want)
		}
	}
	return nil
}

// balances returns what every user has.
func (w *world) balances(t *testing.T) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	for _, u := range w.box.Users {
		a, err := w.wallet.account(u.ID)
		if err != nil {
			t.Fatalf("ask the wallet for %s: %v", u.ID, err)
		}
		all[u.ID] = a.Balance.Value
	}
	return all
}

// settleWait is how long payments may take to become final, and both sides to agree.
const settleWait = 3 * time.Minute
