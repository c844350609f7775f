package browser

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"watari/test/program"
)

// takayama is the shop of the README's pictures. Every other test takes a shop and a visitor of
// its own, so that no till and no phone sees what another test does.
const takayama = "S2101"

// The secrets that the sandbox tells everybody.
const (
	managerPIN = "1234"
	walletPIN  = "123456"
)

// shop finds a store of the sandbox.
func (r *Rig) shop(t testing.TB, id string) program.Store {
	t.Helper()
	for _, s := range r.Sandbox.Stores {
		if s.ID == id {
			return s
		}
	}
	t.Fatalf("the sandbox has no store %s", id)
	return program.Store{}
}

// till opens the till of a store by its one-time link.
func (r *Rig) till(t testing.TB, store string, options ...Option) context.Context {
	t.Helper()
	tab := r.Tab(t, options...)
	Do(t, tab, goTo(r.shop(t, store).TillURL))
	if got := path(t, tab); got != "/till/" {
		t.Fatalf("the activation of %s led to %s", store, got)
	}
	return tab
}

// phone opens the phone of the n-th visitor, counted from 1.
func (r *Rig) phone(t testing.TB, n int, options ...Option) context.Context {
	t.Helper()
	tab := r.Tab(t, options...)
	Do(t, tab, goTo(r.Sandbox.Users[n-1].PhoneURL),
		shows("#code .square svg"))
	return tab
}

// shown is the payment code that a phone shows, as the cashier would read it.
func shown(t testing.TB, phone context.Context) string {
	t.Helper()
	return Read(t, phone, chromedp.Evaluate[string](
		`document.querySelector('#code .digits').lastChild.textContent.replace(/\s/g, '')`))
}

// enter types an amount on the keys of the pad and goes on to the scanner.
func enter(t testing.TB, till context.Context, amount string) {
	t.Helper()
	for _, digit := range amount {
		Do(t, till, click(fmt.Sprintf(`[data-key="%c"]`, digit)))
	}
	Do(t, till, click(".padform [type=submit]"), shows("#code"))
}

// charge takes a payment by typing the code; it returns when the form is sent.
func charge(t testing.TB, till context.Context, amount, code string) {
	t.Helper()
	enter(t, till, amount)
	Do(t, till, fill("#code", code), click(".codeform [type=submit]"))
}

func path(t testing.TB, tab context.Context) string {
	t.Helper()
	return Read(t, tab, chromedp.Evaluate[string]("location.pathname"))
}

// holds waits until an expression is true in the page, also across navigations.
func holds(t testing.TB, tab context.Context, expression string) {
	t.Helper()
	Do(t, tab, until(expression))
}

// verdict waits for the word of a result, and returns the id of its payment.
func verdict(t testing.TB, till context.Context, word string) string {
	t.Helper()
	holds(t, till, fmt.Sprintf(
		`document.querySelector('#verdict-word')?.textContent.trim() === %q`, word))
	return Read(t, till, chromedp.Evaluate[string](
		`document.getElementById('screen').dataset.payment ?? ''`))
}

// receipt waits until a phone has a receipt that reads so, and opens it.
func receipt(t testing.TB, phone context.Context, texts ...string) {
	t.Helper()
	for _, text := range texts {
		holds(t, phone, fmt.Sprintf(
			`document.getElementById('done').textContent.replace(/\s+/g, ' ').includes(%q)`, text))
	}
}

// paid is a payment as /v1 tells it; only what these tests look at.
type paid struct {
	ID        string
	RequestID string `json:"request_id"`
	State     string
	Amount    sum
	PayTo     sum `json:"pay_to"`
	Rate      struct{ Base, Quote, Value string }
	Refunded  int64 `json:"refunded_minor"`
}

type sum struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

// read reads a payment over the API of the bank of a store.
func (r *Rig) read(t testing.TB, store, id string) paid {
	t.Helper()
	var p paid
	r.api(t, store, http.MethodGet, "/v1/payments/"+id, nil, &p)
	return p
}

// payments lists the payments of a store over the API.
func (r *Rig) payments(t testing.TB, store string) []paid {
	t.Helper()
	var list struct{ Items []paid }
	r.api(t, store, http.MethodGet, "/v1/payments?store_id="+store, nil, &list)
	return list.Items
}

// sell takes a payment over the API, as another program of the shop would.
func (r *Rig) sell(t testing.TB, store string, visitor int, yen int64) paid {
	t.Helper()
	s := r.shop(t, store)
	var p paid
	r.api(t, store, http.MethodPost, "/v1/payments", map[string]any{
		"merchant_id": s.MerchantID, "store_id": s.ID, "terminal_id": s.TerminalID,
		"amount": sum{"JPY", yen}, "code": r.code(t, visitor)}, &p)
	return p
}

// api asks /v1 as the bank of a store.
func (r *Rig) api(t testing.TB, store, method, path string, body, answer any) {
	t.Helper()
	key := ""
	for _, a := range r.Sandbox.Acquirers {
		if a.ID == r.shop(t, store).AcquirerID {
			key = a.APIKey
		}
	}
	ask(t, method, r.BaseURL+path, body, answer,
		http.Header{"Authorization": {"Bearer " + key}, "Idempotency-Key": {rand.Text()}})
}

// code obtains a payment code without looking at a phone.
func (r *Rig) code(t testing.TB, visitor int) string {
	t.Helper()
	var c struct{ Code string }
	user := r.Sandbox.Users[visitor-1].ID
	ask(t, http.MethodPost, r.control()+"/users/"+user+"/payment-code", nil, &c, nil)
	return c.Code
}

// fault makes the wallet misbehave at the next payment.
func (r *Rig) fault(t testing.TB, mode string) {
	t.Helper()
	ask(t, http.MethodPost, r.control()+"/faults", map[string]any{"mode": mode, "count": 1},
		nil, nil)
}

func (r *Rig) control() string { return r.Sandbox.Wallets[0].ControlURL }

// verify asks the program whether its books hold.
func (r *Rig) verify(t testing.TB) {
	t.Helper()
	data, err := filepath.Abs(r.Server.Data)
	if err != nil {
		t.Fatalf("find the data folder: %v", err)
	}
	if out, errs, status := program.Run(t, "verify", "--data", data); status != 0 {
		t.Errorf("watari verify ends with %d:\n%s%s", status, out, errs)
	}
}

// ask sends JSON and reads the answer.
func ask(t testing.TB, method, url string, body, answer any, header http.Header) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatalf("write a request: %v", err)
	}
	if body == nil {
		text = nil
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(text))
	if err != nil {
		t.Fatalf("write a request: %v", err)
	}
	if header != nil {
		request.Header = header
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("ask: %v", err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("read the answer of %s: %v", url, err)
	}
	if response.StatusCode >= 300 {
		t.Fatalf("%s %s: %s\n%s", method, url, response.Status, got)
	}
	if answer == nil {
		return
	}
	if err := json.NewDecoder(strings.NewReader(string(got))).Decode(answer); err != nil {
		t.Fatalf("read the answer of %s: %v\n%s", url, err, got)
	}
}
