package crash

import (
	"fmt"
	"net/http"
	"slices"

	"watari/kit/id"
)

// booked is a payment in the network's books, with its refunds and what was taken of a promise.
type booked struct {
	resource
	refunds  []resource
	captures []resource
}

// books reads every payment that the network has, of all banks, by its id.
func (w *world) books() (map[string]booked, error) {
	all := map[string]booked{}
	for _, acquirer := range w.about.Acquirers {
		b := plain{w, acquirer}
		for cursor := ""; ; {
			var page struct {
				Items []resource
				Next  string `json:"next_cursor"`
			}
			status := b.call(http.MethodGet, w.path("/v1/payments?limit=200&cursor=%s", cursor), "",
				nil, &page)
			if status != http.StatusOK {
				return nil, fmt.Errorf("list payments of %s: status %d", acquirer.ID, status)
			}
			for _, p := range page.Items {
				one := booked{resource: p}
				var err error
				if one.refunds, err = b.list(p.ID, "refunds"); err != nil {
					return nil, err
				}
				if p.Hold {
					if one.captures, err = b.list(p.ID, "captures"); err != nil {
						return nil, err
					}
				}
				all[p.ID] = one
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
	}
	return all, nil
}

// list reads what belongs to a payment: its refunds or captures.
func (b plain) list(payment, what string) ([]resource, error) {
	var list struct{ Items []resource }
	status := b.call(http.MethodGet, b.w.path("/v1/payments/%s/%s", payment, what), "", nil, &list)
	if status != http.StatusOK {
		return nil, fmt.Errorf("list %s of %s: status %d", what, payment, status)
	}
	return list.Items, nil
}

// wallets reads every payment that the wallets have, by our request id, and compares each user's
// balance with them.
func (w *world) wallets() (map[string]walletPay, error) {
	all := map[string]walletPay{}
	for _, user := range w.about.Users {
		a, err := w.account(user)
		if err != nil {
			return nil, err
		}
		want := w.opening[user.ID]
		for _, p := range a.Payments {
			want -= p.kept()
			if _, twice := all[p.RequestID]; twice {
				return nil, fmt.Errorf("the wallets list %s twice", p.RequestID)
			}
			all[p.RequestID] = p
		}
		if a.Balance.Value != want {
			return nil, fmt.Errorf("%s has %d, the payments leave %d", user.ID, a.Balance.Value,
				want)
		}
	}
	return all, nil
}

// legsMax is how many legs an order may have.
const legsMax = 8

// agree compares the network's books with the wallets': every payment and refund is final and both
// sides have the same of it, every balance is explained, and the books verify. The error names the
// first thing that is otherwise.
func (w *world) agree() error { return w.agreeBut(false) }

// agreeBut is agree. With asking, a leg of a payment that is closed may still be asked about, as
// long as its wallet has nothing of its user: some wallets take minutes to be sure of that.
func (w *world) agreeBut(asking bool) error {
	books, err := w.books()
	if err != nil {
		return err
	}
	theirs, err := w.wallets()
	if err != nil {
		return err
	}
	refunds := 0
	for _, p := range books {
		var legs []walletPay
		for n := range legsMax {
			leg := id.Derive("leg", p.ID, byte('0'+n))
			if pay, there := theirs[leg]; there {
				legs = append(legs, pay)
				delete(theirs, leg)
			}
		}
		if err := p.agrees(legs); err != nil {
			return fmt.Errorf("payment %s (request %s): %w", p.ID, p.RequestID, err)
		}
		refunds += len(p.refunds)
	}
	for _, p := range theirs {
		return fmt.Errorf("a wallet has %+v, of which the network knows nothing", p)
	}
	return w.approves(len(books), refunds, asking)
}

// sums adds what succeeded of refunds or captures, in the order's currency and in the wallet's.
func sums(all []resource) (order, payTo int64, err error) {
	for _, r := range all {
		switch r.State {
		case "succeeded":
			order, payTo = order+r.Amount.Value, payTo+r.PayTo.Value
		case "failed":
		default:
			return 0, 0, fmt.Errorf("%s is %s", r.ID, r.State)
		}
	}
	return order, payTo, nil
}

// agrees compares one payment with what the wallets have of its legs.
func (p booked) agrees(legs []walletPay) error {
	back, given, err := sums(p.refunds)
	if err != nil {
		return err
	}
	taken, owed := p.Captured, p.PayTo.Value
	if p.Hold {
		if taken, owed, err = sums(p.captures); err != nil {
			return err
		}
	}
	var paid []walletPay // by the wallet that our books name
	for _, l := range legs {
		switch {
		case l.PaymentID == p.WalletRef && l.wallet == p.Wallet.ID && l.State == "paid":
			paid = append(paid, l)
		case l.kept() != 0:
			return fmt.Errorf("it is %s, and a wallet keeps %+v", p.State, l)
		}
	}
	switch p.State {
	case "captured", "refunded":
		if len(paid) != 1 || taken != p.Captured {
			return fmt.Errorf("it is %s with %d, and the wallet has %+v; its captures come to %d",
				p.State, p.Captured, legs, taken)
		}
		if err := paid[0].owes(p, owed, given, back); err != nil {
			return err
		}
	case "cancelled", "declined":
		for _, l := range paid {
			if l.kept() != 0 || p.State == "declined" {
				return fmt.Errorf("it is %s, and the wallet has %+v", p.State, l)
			}
		}
	default:
		return fmt.Errorf("it is %s", p.State)
	}
	if p.Refunded != back || p.Refunding != 0 || (p.State == "refunded") != (back > 0 &&
		back == p.Captured) {
		return fmt.Errorf("it is %s with %d refunded and %d refunding; its refunds come to %d",
			p.State, p.Refunded, p.Refunding, back)
	}
	return nil
}

// owes compares what a wallet took and gave back with what the books say it owes. A wallet whose
// users have the currency that it settles in shows it as it is; for the others what the network
// asked for counts, and what the wallet makes of that is between it and its user.
func (l walletPay) owes(p booked, owed, given, back int64) error {
	if l.Paid.Currency == p.PayTo.Currency && (l.Paid.Value != owed || l.Refunded.Value != given) {
		return fmt.Errorf("the wallet owes %d less %d, and has %+v", owed, given, l)
	}
	if l.OrderTaken.Currency == p.Amount.Currency {
		owed, given = p.Captured, back
	} else if l.OrderTaken.Currency != p.PayTo.Currency {
		return fmt.Errorf("the wallet was asked for %+v", l)
	}
	if l.OrderTaken.Value != owed || l.OrderRefunded.Value != given || l.Paid.Value == 0 ||
		(l.kept() == 0) != (owed == given) {
		return fmt.Errorf("it is for %d less %d, and the wallet has %+v", owed, given, l)
	}
	return nil
}

// approves runs `watari verify`.
func (w *world) approves(payments, refunds int, asking bool) error {
	v := w.verify()
	flying := slices.ContainsFunc(v.InFlight, func(e entry) bool {
		return !asking || e.What != "leg" || e.State != "cancelling"
	})
	switch {
	case v.status != 0 || !v.Holds || len(v.Findings) > 0:
		return fmt.Errorf("watari verify ends with status %d: %+v", v.status, v.Findings)
	case flying:
		return fmt.Errorf("watari verify finds in flight: %+v", v.InFlight)
	case v.Payments != payments || v.Refunds != refunds:
		return fmt.Errorf("watari verify counts %d payments and %d refunds, /v1 lists %d and %d",
			v.Payments, v.Refunds, payments, refunds)
	}
	odd := slices.IndexFunc(v.Balance, func(b trial) bool { return b.Debits != b.Credits })
	if odd >= 0 {
		return fmt.Errorf("the trial balance does not balance: %+v", v.Balance[odd])
	}
	return nil
}
