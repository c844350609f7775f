package ways

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/kit/clock"
	"watari/kit/db"
	"watari/kit/db/dbtest"
	"watari/kit/id"
	"watari/test/program"
)

// ways are how a payer and a shop meet. own is a wallet's own code of an order, instead of ours.
var ways = []string{"wallet_code", "merchant_code", "order_code", "own", "entry_code", "page"}

// empty are the cells of the matrix that cannot be, with the reason.
var empty = map[string]string{
	"alipayplus own": "Alipay+ has no code of its own for an order: its wallets scan ours",
}

// Goal: each wallet pays in each way, is refunded in part and in full, and everybody's books agree.
// Method: the real binary on both engines, all wallets, all ways, one after another.
func TestEveryWayWithEveryWallet(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			w := open(t, engine)
			seen := map[string]bool{}
			for _, wallet := range w.box.Wallets {
				seen[wallet.Protocol] = true
				for _, way := range ways {
					t.Run(wallet.Protocol+"/"+way, func(t *testing.T) {
						if why := empty[wallet.Protocol+" "+way]; why != "" {
							t.Logf("not a way: %s", why)
							return
						}
						w.cell(t, wallet, way)
					})
				}
			}
			for _, protocol := range []string{"alipayplus", "wechatpay", "paypay", "linepay"} {
				if !seen[protocol] {
					t.Errorf("no wallet speaks %s", protocol)
				}
			}
			w.verify(t)
		})
	}
}

// cell is one payment with its refunds.
func (w *world) cell(t *testing.T, wallet program.Wallet, way string) {
	const amount = 1980
	user := w.user(t, wallet)
	before := w.account(t, wallet, user)
	p := w.pay(t, wallet, user, way, amount)
	if p.State != "captured" || p.Amount.Value != amount || p.Wallet.ID != wallet.ID {
		t.Fatalf("the payment is %+v", p)
	}
	paid := w.account(t, wallet, user)
	if paid.Balance.Value >= before.Balance.Value {
		t.Errorf("the payer had %d and has %d", before.Balance.Value, paid.Balance.Value)
	}
	for i, part := range []int64{780, amount - 780} {
		w.refund(t, p.ID, part)
		want := []string{"captured", "refunded"}[i]
		if q := w.final(t, p.ID); q.State != want {
			t.Errorf("after a refund of %d it is %s, want %s", part, q.State, want)
		}
	}
	soon(t, "the payer has everything back", func() bool {
		return w.account(t, wallet, user).Balance == before.Balance
	})
}

// pay makes a payment in one way and waits for its end.
func (w *world) pay(
	t *testing.T, wallet program.Wallet, user, way string, amount int64,
) payment {
	t.Helper()
	yen := map[string]any{"currency": "JPY", "value": amount}
	var p payment
	switch way {
	case "wallet_code":
		var c struct{ Code string }
		w.control(t, wallet, "/users/"+user+"/payment-code", nil, &c)
		w.call(t, "POST", "/v1/payments", map[string]any{"store_id": w.store.ID,
			"amount": yen, "code": c.Code}, &p)
		return w.final(t, p.ID)
	case "merchant_code":
		w.scan(t, wallet, user, w.store.StaticQR, amount)
		return w.latest(t)
	case "entry_code":
		w.scan(t, wallet, user, entry(t, w.store.StaticQR), amount)
		return w.latest(t)
	}
	kind := map[string]string{"order_code": "order_code", "own": "order_code", "page": "page"}[way]
	w.call(t, "POST", "/v1/orders", map[string]any{"store_id": w.store.ID, "amount": yen,
		"way": kind, "return_url": "https://shop.example/done"}, &p)
	text := p.CodeText
	switch way {
	case "own":
		var form form
		w.call(t, "POST", "/v1/payments/"+p.ID+"/wallets", map[string]any{
			"wallet_id": wallet.ID, "way": "order_code"}, &form)
		text = form.CodeText
	case "page":
		text = p.CheckoutURL
	}
	w.scan(t, wallet, user, text, 0)
	return w.final(t, p.ID)
}

// entry takes the address of a store's page out of its printed code.
func entry(t *testing.T, static string) string {
	t.Helper()
	i := strings.Index(static, "http")
	if i < 2 {
		t.Fatalf("no address in %s", static)
	}
	var n int
	if _, err := fmt.Sscanf(static[i-2:i], "%02d", &n); err != nil || i+n > len(static) {
		t.Fatalf("no length before the address in %s", static)
	}
	return static[i : i+n]
}

// world is a network with its wallets, seen by one shop.
type world struct {
	box    program.Sandbox
	bank   program.Acquirer
	store  program.Store
	args   []string
	client *http.Client
	next   map[string]int
}

type money struct {
	Currency string `json:"currency"`
	Value    int64  `json:"value"`
}

type payment struct {
	ID          string `json:"id"`
	State       string `json:"state"`
	Reason      string `json:"reason"`
	Amount      money  `json:"amount"`
	CodeText    string `json:"code_text"`
	CheckoutURL string `json:"checkout_url"`
	Wallet      struct {
		ID string `json:"id"`
	} `json:"wallet"`
}

type form struct {
	CodeText string `json:"code_text"`
}

type account struct {
	Balance  money            `json:"balance"`
	Payments []map[string]any `json:"payments"`
}

func open(t *testing.T, engine db.Engine) *world {
	t.Helper()
	data := t.TempDir()
	args := []string{"--data=" + data}
	if engine == db.Postgres {
		args = append(args, "--database="+dbtest.Location(t, engine))
	}
	s := program.Serve(t, append([]string{"--sandbox"}, args...)...)
	w := &world{box: s.Sandbox(t), args: args, next: map[string]int{},
		client: &http.Client{Timeout: 20 * time.Second}}
	w.bank = w.box.Acquirers[0]
	for _, st := range w.box.Stores {
		if st.AcquirerID == w.bank.ID {
			w.store = st
			break
		}
	}
	return w
}

// user is another user of a wallet each time, so that nobody runs out of money.
func (w *world) user(t *testing.T, wallet program.Wallet) string {
	t.Helper()
	var all []string
	for _, u := range w.box.Users {
		if u.Wallet == wallet.ID {
			all = append(all, u.ID)
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s has no users", wallet.ID)
	}
	w.next[wallet.ID]++
	return all[w.next[wallet.ID]%len(all)]
}

// scan is a user who scans a text, types an amount where one is asked for, and says yes.
func (w *world) scan(
	t *testing.T, wallet program.Wallet, user, text string, amount int64,
) {
	t.Helper()
	body := map[string]any{"code_value": text}
	if amount > 0 {
		body["amount"] = money{"JPY", amount}
	}
	w.control(t, wallet, "/users/"+user+"/scan", body, nil)
}

func (w *world) account(t *testing.T, wallet program.Wallet, user string) (a account) {
	t.Helper()
	w.do(t, "GET", wallet.ControlURL+"/users/"+user, "", nil, &a)
	return a
}

func (w *world) control(t *testing.T, wallet program.Wallet, path string, in, out any) {
	t.Helper()
	w.do(t, "POST", wallet.ControlURL+path, "", in, out)
}

func (w *world) call(t *testing.T, method, path string, in, out any) {
	t.Helper()
	w.do(t, method, w.box.BaseURL+path, w.bank.APIKey, in, out)
}

// do sends a request that has to succeed.
func (w *world) do(t *testing.T, method, url, key string, in, out any) {
	t.Helper()
	text := ""
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Idempotency-Key", id.New("tst", 0))
	}
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	defer resp.Body.Close()
	var raw json.RawMessage
	err = json.NewDecoder(resp.Body).Decode(&raw)
	if resp.StatusCode >= 300 || err != nil && resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s %s: HTTP %d %s %v", method, url, text, resp.StatusCode, raw, err)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(raw, out); err != nil {
		t.Fatalf("%s %s: %s: %v", method, url, raw, err)
	}
}

// latest is the payment that was made last, when it is final.
func (w *world) latest(t *testing.T) payment {
	t.Helper()
	var list struct{ Items []payment }
	w.call(t, "GET", "/v1/payments?limit=1", nil, &list)
	if len(list.Items) != 1 {
		t.Fatal("no payment was made")
	}
	return w.final(t, list.Items[0].ID)
}

// final waits until a payment has an outcome.
func (w *world) final(t *testing.T, paymentID string) (p payment) {
	t.Helper()
	soon(t, "payment "+paymentID+" has an outcome", func() bool {
		p = payment{}
		w.call(t, "GET", "/v1/payments/"+paymentID, nil, &p)
		return p.State != "pending" && p.State != "authorising"
	})
	return p
}

// refund returns some of a payment and waits until the wallet has done it.
func (w *world) refund(t *testing.T, paymentID string, minor int64) {
	t.Helper()
	var f struct {
		ID, State, Failure string
	}
	w.call(t, "POST", "/v1/payments/"+paymentID+"/refunds", map[string]any{
		"amount": money{"JPY", minor}}, &f)
	soon(t, "refund "+f.ID+" has an outcome", func() bool {
		if f.State == "succeeded" || f.State == "failed" {
			return true
		}
		w.call(t, "GET", "/v1/refunds/"+f.ID, nil, &f)
		return false
	})
	if f.State != "succeeded" {
		t.Errorf("the refund of %d is %s: %s", minor, f.State, f.Failure)
	}
}

// soon waits up to two minutes until something holds.
func soon(t *testing.T, what string, fn func() bool) {
	t.Helper()
	for end := clock.Now().Add(2 * time.Minute); clock.Now().Before(end); {
		if fn() {
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// verify lets the program check its own books.
func (w *world) verify(t *testing.T) {
	t.Helper()
	out, errs, status := program.Run(t, append([]string{"verify"}, w.args...)...)
	if status != 0 {
		t.Errorf("verify exits %d: %s %s", status, out, errs)
	}
}
