package crash

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// opening is what every user of the sandbox begins with, in fen.
const opening = 10_000_00

// account is a user as the wallet tells of them.
type account struct {
	Balance  minor       `json:"balance"`
	Payments []walletPay `json:"payments"`
}

// minor is an amount in minor units.
type minor struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

// walletPay is a payment as the wallet lists it.
type walletPay struct {
	RequestID string `json:"payment_request_id"`
	PaymentID string `json:"payment_id"`
	State     string `json:"state"`
	Paid      minor  `json:"paid"`
	Refunded  minor  `json:"refunded"`
}

// kept is what the wallet has of its user.
func (p walletPay) kept() int64 { return p.Paid.Value - p.Refunded.Value }

// account asks the wallet for a user.
func (w *world) account(user string) (a account, err error) {
	status := w.ask(http.MethodGet, w.wallet.ControlURL+"/users/"+user, nil, nil, &a)
	if status != http.StatusOK {
		return a, fmt.Errorf("the wallet tells of %s with status %d", user, status)
	}
	return a, nil
}

// code returns a fresh payment code of a user, or "" when the wallet cannot reach the network.
func (w *world) code(user string) string {
	var got struct{ Code string }
	status := w.ask(http.MethodPost, w.wallet.ControlURL+"/users/"+user+"/payment-code", nil, nil,
		&got)
	if status != http.StatusOK {
		return ""
	}
	return got.Code
}

// misbehave sets how the wallet answers the next calls of pay.
func (w *world) misbehave(mode string, count int) {
	w.t.Helper()
	fault := map[string]any{"mode": "none"}
	if mode != good {
		fault = map[string]any{"mode": mode, "count": count}
	}
	status := w.ask(http.MethodPost, w.wallet.ControlURL+"/faults", nil, fault, nil)
	if status != http.StatusNoContent {
		w.t.Fatalf("set mode %s of the wallet: status %d", mode, status)
	}
}

var question = regexp.MustCompile(`name="payment_id" value="([^"]+)"`)

// pin is that of every user of the sandbox.
const pin = "123456"

// confirm enters the PIN on a user's phone when it asks for one, and tells whether it did.
func (w *world) confirm(user string) bool {
	phone := ""
	for _, u := range w.about.Users {
		if u.ID == user {
			phone = u.PhoneURL
		}
	}
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, phone, nil)
	if err != nil {
		w.t.Errorf("open the phone of %s: %v", user, err)
		return false
	}
	_, _, page := w.send(request)
	found := question.FindSubmatch(page)
	if found == nil {
		return false
	}
	form := url.Values{"payment_id": {string(found[1])}, "pin": {pin}}
	request, err = http.NewRequestWithContext(w.t.Context(), http.MethodPost, phone+"/confirm",
		strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Errorf("confirm on the phone of %s: %v", user, err)
		return false
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("HX-Request", "true")
	status, _, _ := w.send(request)
	return status == http.StatusOK
}
