package crash

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"watari/test/program"
)

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

// walletPay is a payment as the wallet lists it: what its user paid and got back, and the same in
// what the network asked for.
type walletPay struct {
	RequestID     string `json:"payment_request_id"`
	PaymentID     string `json:"payment_id"`
	State         string `json:"state"`
	Paid          minor  `json:"paid"`
	Refunded      minor  `json:"refunded"`
	OrderTaken    minor  `json:"order_taken"`
	OrderRefunded minor  `json:"order_refunded"`
	wallet        string
}

// kept is what the wallet has of its user.
func (p walletPay) kept() int64 { return p.Paid.Value - p.Refunded.Value }

// speaks returns the wallet of a protocol.
func (w *world) speaks(protocol string) program.Wallet {
	w.t.Helper()
	for _, one := range w.about.Wallets {
		if one.Protocol == protocol {
			return one
		}
	}
	w.t.Fatalf("no wallet speaks %s", protocol)
	return program.Wallet{}
}

// usersOf returns the users of a wallet.
func (w *world) usersOf(wallet program.Wallet) (found []program.User) {
	for _, u := range w.about.Users {
		if u.Wallet == wallet.ID {
			found = append(found, u)
		}
	}
	return found
}

// of returns the wallet of a user.
func (w *world) of(user program.User) program.Wallet {
	for _, one := range w.about.Wallets {
		if one.ID == user.Wallet {
			return one
		}
	}
	return program.Wallet{}
}

// control is the address of a user in the control interface of their wallet.
func (w *world) control(user program.User) string {
	return w.of(user).ControlURL + "/users/" + user.ID
}

// account asks a wallet for a user.
func (w *world) account(user program.User) (a account, err error) {
	status := w.ask(http.MethodGet, w.control(user), nil, nil, &a)
	if status != http.StatusOK {
		return a, fmt.Errorf("the wallet tells of %s with status %d", user.ID, status)
	}
	for i := range a.Payments {
		a.Payments[i].wallet = user.Wallet
	}
	return a, nil
}

// code returns a fresh payment code of a user, or "" when the wallet cannot reach the network.
func (w *world) code(user program.User) string {
	var got struct{ Code string }
	status := w.ask(http.MethodPost, w.control(user)+"/payment-code", nil, nil, &got)
	if status != http.StatusOK {
		return ""
	}
	return got.Code
}

// scan is a user who scans or opens a text and says yes to what comes of it. It tells the status
// of the wallet's answer, which comes when the wallet has paid or refused, or after a while.
func (w *world) scan(user program.User, text string) int {
	return w.ask(http.MethodPost, w.control(user)+"/scan", nil,
		map[string]any{"code_value": text}, nil)
}

// misbehave sets how a wallet answers the next calls that ask for money.
func (w *world) misbehave(wallet program.Wallet, mode string, count int) {
	w.t.Helper()
	fault := map[string]any{"mode": "none"}
	if mode != good {
		fault = map[string]any{"mode": mode, "count": count}
	}
	status := w.ask(http.MethodPost, wallet.ControlURL+"/faults", nil, fault, nil)
	if status != http.StatusNoContent {
		w.t.Fatalf("set mode %s of %s: status %d", mode, wallet.ID, status)
	}
}

var question = regexp.MustCompile(`name="payment_id" value="([^"]+)"`)

// pin is that of every user of the sandbox.
const pin = "123456"

// confirm enters the PIN on a user's phone when it asks for one, and tells whether it did.
func (w *world) confirm(user program.User) bool {
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, user.PhoneURL, nil)
	if err != nil {
		w.t.Errorf("open the phone of %s: %v", user.ID, err)
		return false
	}
	_, _, page := w.send(request)
	found := question.FindSubmatch(page)
	if found == nil {
		return false
	}
	form := url.Values{"payment_id": {string(found[1])}, "pin": {pin}}
	request, err = http.NewRequestWithContext(w.t.Context(), http.MethodPost,
		user.PhoneURL+"/confirm", strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Errorf("confirm on the phone of %s: %v", user.ID, err)
		return false
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("HX-Request", "true")
	status, _, _ := w.send(request)
	return status == http.StatusOK
}
