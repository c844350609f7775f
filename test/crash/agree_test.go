package crash

import (
	"fmt"
	"net/http"
	"slices"

	"watari/kit/id"
)

// booked is a payment in the network's books, with its refunds.
type booked struct {
	resource
	refunds []resource
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
				refunds, err := b.refunds(p.ID)
				if err != nil {
					return nil, err
				}
				all[p.ID] = booked{p, refunds}
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
	}
	return all, nil
}

func (b plain) refunds(payment string) ([]resource, error) {
	var list struct{ Items []resource }
	status := b.call(http.MethodGet, b.w.path("/v1/payments/%s/refunds", payment), "", nil, &list)
	if status != http.StatusOK {
		return nil, fmt.Errorf("list refunds of %s: status %d", payment, status)
	}
	return list.Items, nil
}

// agree compares the network's books with the wallet's: every payment and refund is final and
// both sides have the same of it, every balance is explained, and the books verify. The error
// names the first thing that is otherwise.
func (w *world) agree() error {
	books, err := w.books()
	if err != nil {
		return err
	}
	theirs := map[string]walletPay{}
	for _, user := range w.about.Users {
		a, err := w.account(user.ID)
		if err != nil {
			return err
		}
		want := int64(opening)
		for _, p := range a.Payments {
			want -= p.kept()
			if _, twice := theirs[p.RequestID]; twice {
				return fmt.Errorf("the wallet lists %s twice", p.RequestID)
			}
			theirs[p.RequestID] = p
		}
		if a.Balance.Value != want {
			return fmt.Errorf("%s has %d fen, the payments leave %d", user.ID, a.Balance.Value, want)
		}
	}
	refunds := 0
	for _, p := range books {
		leg := id.Derive("leg", p.ID, '0')
		if err := p.agrees(theirs[leg]); err != nil {
			return fmt.Errorf("payment %s (request %s): %w", p.ID, p.RequestID, err)
		}
		delete(theirs, leg)
		refunds += len(p.refunds)
	}
	for _, p := range theirs {
		return fmt.Errorf("the wallet has %+v, of which the network knows nothing", p)
	}
	return w.approves(len(books), refunds)
}

// agrees compares one payment with what the wallet has of it; nothing is the zero walletPay.
func (p booked) agrees(theirs walletPay) error {
	var given, back int64
	for _, r := range p.refunds {
		switch r.State {
		case "succeeded":
			given, back = given+r.PayTo.Value, back+r.Amount.Value
		case "failed":
		default:
			return fmt.Errorf("refund %s is %s", r.ID, r.State)
		}
	}
	switch p.State {
	case "captured", "refunded":
		want := walletPay{RequestID: theirs.RequestID, PaymentID: p.WalletRef, State: "paid",
			Paid: p.PayTo, Refunded: minor{p.PayTo.Currency, given}}
		if theirs != want {
			return fmt.Errorf("it is %s, the wallet should have %+v and has %+v", p.State, want,
				theirs)
		}
	case "cancelled", "declined":
		if theirs.kept() != 0 || theirs.State == "paid" && p.State == "declined" {
			return fmt.Errorf("it is %s, and the wallet has %+v", p.State, theirs)
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

// approves runs `watari verify`.
func (w *world) approves(payments, refunds int) error {
	v := w.verify()
	switch {
	case v.status != 0 || !v.Holds || len(v.Findings) > 0:
		return fmt.Errorf("watari verify ends with status %d: %+v", v.status, v.Findings)
	case len(v.InFlight) > 0:
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
