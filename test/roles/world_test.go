package roles

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"watari/kit/id"
	"watari/test/program"
)

// answer is what the network said.
type answer struct {
	status int
	text   []byte
}

func (a answer) good() bool { return a.status >= 200 && a.status < 300 }

// problem is the slug of a problem document.
func (a answer) problem() string {
	var p struct{ Type string }
	_ = json.Unmarshal(a.text, &p)
	return p.Type[strings.LastIndex(p.Type, "/")+1:]
}

// caller is who calls: an API key with what it was made for.
type caller struct {
	name     string
	key      string
	role     string
	bank     string // "" for operators
	merchant string // "" for operators and banks
}

// world is a sandbox with two parties that have something to lose: a bank, and one of its
// merchants. Everybody else is a stranger to at least one of them.
type world struct {
	t        *testing.T
	base     string
	about    program.Sandbox
	shop     program.Store // of the merchant
	callers  []caller
	operator caller
	// bankHas and shopHas are what belongs to each: parameter to value.
	bankHas, shopHas map[string]string
	// secrets are texts that only the party and those above it may see, by party.
	bankSecrets, shopSecrets []string
}

func newWorld(t *testing.T) *world {
	s := program.Serve(t, "--sandbox")
	w := &world{t: t, base: s.BaseURL, about: s.Sandbox(t), bankHas: map[string]string{},
		shopHas: map[string]string{}}
	key, err := exec.Command(program.Binary(t), "operator", "add", "walk",
		"--data="+s.Data).Output()
	if err != nil {
		t.Fatalf("add an operator: %v", err)
	}
	w.operator = caller{name: "operator", key: strings.TrimSpace(string(key)), role: "operator"}
	w.callers = append(w.callers, w.operator)
	home, away := w.about.Acquirers[0], w.about.Acquirers[1]
	w.shop = w.shopOf(home.ID, "21", "")
	w.addBank(home, w.shop, w.shopOf(home.ID, "", w.shop.MerchantID))
	w.addBank(away, w.shopOf(away.ID, "26", ""))
	return w
}

// shopOf returns a shop of a bank: the first in a prefecture, or of any other merchant.
func (w *world) shopOf(bank, prefecture, notOf string) program.Store {
	for _, s := range w.about.Stores {
		if s.AcquirerID == bank && (prefecture == "" || s.Prefecture == prefecture) &&
			s.MerchantID != notOf {
			return s
		}
	}
	w.t.Fatalf("%s has no shop in %s", bank, prefecture)
	return program.Store{}
}

// addBank makes a key of every role of a bank and of the merchants of some of its shops.
func (w *world) addBank(bank program.Acquirer, shops ...program.Store) {
	admin := caller{name: "acquirer of " + bank.ID, key: bank.APIKey, role: "acquirer",
		bank: bank.ID}
	w.callers = append(w.callers, admin)
	for _, role := range []string{"acquirer-clerk", "acquirer-viewer"} {
		w.addCaller(admin, caller{role: role, bank: bank.ID}, nil)
	}
	for _, shop := range shops {
		for _, role := range []string{"merchant-owner", "merchant-manager",
			"merchant-cashier"} {
			w.addCaller(admin, caller{role: role, bank: bank.ID, merchant: shop.MerchantID},
				map[string]any{"merchant_id": shop.MerchantID})
		}
		w.addCaller(admin, caller{role: "terminal", bank: bank.ID, merchant: shop.MerchantID},
			map[string]any{"merchant_id": shop.MerchantID, "store_id": shop.ID,
				"terminal_id": shop.TerminalID})
	}
}

func (w *world) addCaller(by, c caller, place map[string]any) {
	w.t.Helper()
	c.name = strings.TrimSpace(c.role + " of " + c.bank + " " + c.merchant)
	body := map[string]any{"role": c.role, "label": c.name}
	for k, v := range place {
		body[k] = v
	}
	c.key = w.must(by, http.MethodPost, "/v1/api-keys", body)["api_key"].(string)
	w.callers = append(w.callers, c)
}

// as returns the caller of a role at the bank, or at the merchant, that has something to lose.
func (w *world) as(role string) caller {
	for _, c := range w.callers {
		if c.role == role && (c.role == "operator" || w.atBank(c) || w.atShop(c)) {
			return c
		}
	}
	w.t.Fatalf("nobody is %s", role)
	return caller{}
}

func (w *world) atBank(c caller) bool { return c.bank == w.shop.AcquirerID && c.merchant == "" }

func (w *world) atShop(c caller) bool {
	return c.bank == w.shop.AcquirerID && c.merchant == w.shop.MerchantID
}

// call sends JSON as a caller; the zero caller has no key.
func (w *world) call(c caller, method, path string, body any) answer {
	w.t.Helper()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.base+path, in)
	if err != nil {
		w.t.Fatal(err)
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	r.Header.Set("Idempotency-Key", id.New("req", 0))
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer{response.StatusCode, text}
}

// must is call of what has to work, and reads the answer.
func (w *world) must(c caller, method, path string, body any) (out map[string]any) {
	w.t.Helper()
	a := w.call(c, method, path, body)
	if !a.good() {
		w.t.Fatalf("%s: %s %s: status %d: %s", c.name, method, path, a.status, a.text)
	}
	if len(a.text) > 0 {
		if err := json.Unmarshal(a.text, &out); err != nil {
			w.t.Fatalf("%s %s: %v", method, path, err)
		}
	}
	return out
}

// furnish gives both parties one of everything that has an id.
func (w *world) furnish() {
	admin, owner := w.as("acquirer"), w.as("merchant-owner")
	post := func(c caller, path string, body any) map[string]any {
		return w.must(c, http.MethodPost, path, body)
	}
	// text finds the id in an answer, or in the thing that the answer holds beside a secret.
	text := func(m map[string]any, name string) string {
		if found, ok := m[name].(string); ok {
			return found
		}
		for _, member := range m {
			if held, ok := member.(map[string]any); ok && held[name] != nil {
				return held[name].(string)
			}
		}
		w.t.Fatalf("no %s in %v", name, m)
		return ""
	}

	shop := w.shopHas
	shop["store_id"], shop["terminal_id"] = w.shop.ID, w.shop.TerminalID
	shop["merchant_id"] = w.shop.MerchantID
	shop["payment"] = text(w.pay(admin), "id")
	shop["refund"] = text(post(admin, "/v1/payments/"+shop["payment"]+"/refunds",
		map[string]any{"amount": yen(100)}), "id")
	shop["key_id"] = text(post(owner, "/v1/api-keys", map[string]any{"role": "merchant-owner",
		"label": "of the shop alone"}), "id")
	shop["endpoint_id"] = text(post(owner, "/v1/webhook-endpoints",
		map[string]any{"url": "http://127.0.0.1:9/shop"}), "id")
	shop["invitation_id"] = text(post(owner, "/v1/invitations", map[string]any{
		"role": "merchant-cashier", "email": "secret-cashier@shop.example"}), "id")
	shop["payout_account_id"] = text(post(owner, "/v1/payout-accounts", map[string]any{
		"account": account()}), "id")

	shop["park_id"] = text(post(owner, "/v1/parks", map[string]any{"store_id": w.shop.ID,
		"slug": "walked-park", "name": map[string]string{"en": "Walked Park"},
		"prefecture": "21", "policy": map[string]any{}}), "id")
	shop["queue_id"] = text(post(owner, "/v1/parks/"+shop["park_id"]+"/queues",
		map[string]any{"code": "coaster", "kind": "ride", "name": map[string]string{"en": "C"},
			"design": map[string]any{"seats": 24, "dispatch_seconds": 90}}), "id")

	bank := w.bankHas
	bank["park_id"], bank["queue_id"] = shop["park_id"], shop["queue_id"]
	bank["merchant_id"], bank["store_id"] = w.shop.MerchantID, w.shop.ID
	bank["terminal_id"], bank["participant_id"] = w.shop.TerminalID, w.shop.AcquirerID
	bank["payment"], bank["refund"] = shop["payment"], shop["refund"]
	bank["payout_account_id"] = shop["payout_account_id"]
	bank["key_id"] = text(post(admin, "/v1/api-keys", map[string]any{
		"role": "acquirer-viewer", "label": "of the bank alone"}), "id")
	bank["endpoint_id"] = text(post(admin, "/v1/webhook-endpoints",
		map[string]any{"url": "http://127.0.0.1:9/bank"}), "id")
	bank["invitation_id"] = text(post(admin, "/v1/invitations", map[string]any{
		"role": "acquirer-viewer", "email": "secret-viewer@bank.example"}), "id")
	bank["application_id"] = text(post(admin, "/v1/applications", map[string]any{
		"legal_name": "合同会社ひみつ"}), "id")
	bank["document_id"] = text(post(admin, "/v1/applications/"+bank["application_id"]+
		"/documents", map[string]any{"kind": "registry", "name": "a.png",
		"content": base64.StdEncoding.EncodeToString(pixel)}), "id")
	bank["application_invitation"] = text(post(admin, "/v1/application-invitations",
		map[string]any{"label": "secret invitation"}), "id")
	bank["import_id"] = text(post(admin, "/v1/imports", map[string]any{
		"content": "bm90aGluZw==", "dry_run": true, "file_name": "secret.csv"}), "id")
	bank["consent"] = text(post(admin, "/v1/consents", map[string]any{
		"merchant_id": w.shop.MerchantID, "store_id": w.shop.ID, "wallet_id": "pochi",
		"description": "a ride", "return_url": "https://shop.example/"}), "id")
	w.people()
	w.secrets()
}

// people finds somebody at each party.
func (w *world) people() {
	for c, has := range map[string]map[string]string{"acquirer": w.bankHas,
		"merchant-owner": w.shopHas} {
		found := w.must(w.as(c), http.MethodGet, "/v1/people", nil)["items"].([]any)
		for _, one := range found {
			if p := one.(map[string]any); p["role"] == "acquirer-viewer" ||
				p["role"] == "merchant-cashier" {
				has["person_id"] = p["id"].(string)
			}
		}
	}
}

// secrets collects what must not be read elsewhere.
func (w *world) secrets() {
	for _, name := range []string{"payment", "refund", "key_id", "endpoint_id",
		"invitation_id", "payout_account_id", "person_id"} {
		w.shopSecrets = append(w.shopSecrets, w.shopHas[name])
	}
	w.shopSecrets = append(w.shopSecrets, "secret-cashier@shop.example")
	for _, name := range []string{"key_id", "endpoint_id", "invitation_id", "application_id",
		"document_id", "application_invitation", "import_id", "consent", "person_id"} {
		w.bankSecrets = append(w.bankSecrets, w.bankHas[name])
	}
	w.bankSecrets = append(w.bankSecrets, "secret-viewer@bank.example", "合同会社ひみつ",
		"secret.csv", "secret invitation")
	for _, s := range append(w.shopSecrets, w.bankSecrets...) {
		if s == "" {
			w.t.Fatalf("something has no id: %v %v", w.shopHas, w.bankHas)
		}
	}
}

// code is what a payer's phone shows.
func (w *world) code() string {
	w.t.Helper()
	user, wallet := w.about.Users[0], w.about.Wallets[0]
	var code struct{ Code string }
	r, err := http.Post(wallet.ControlURL+"/users/"+user.ID+"/payment-code", "", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	if err := json.NewDecoder(r.Body).Decode(&code); err != nil {
		w.t.Fatal(err)
	}
	return code.Code
}

// pay makes a payment at the shop.
func (w *world) pay(by caller) map[string]any {
	w.t.Helper()
	p := w.must(by, http.MethodPost, "/v1/payments", map[string]any{"code": w.code(),
		"merchant_id": w.shop.MerchantID, "store_id": w.shop.ID,
		"terminal_id": w.shop.TerminalID, "amount": yen(777)})
	if p["state"] != "captured" {
		w.t.Fatalf("the payment is %v", p)
	}
	return p
}

func yen(n int64) map[string]any { return map[string]any{"currency": "JPY", "value": n} }

func account() map[string]any {
	return map[string]any{"bank_code": "0001", "branch_code": "001", "type": "ordinary",
		"number": "1234567", "holder_kana": "カブシキガイシヤイロリヤ"}
}

// pixel is the smallest picture.
var pixel = func() []byte {
	b, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUl" +
		"EQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
	if err != nil {
		panic(fmt.Sprint("read the picture: ", err))
	}
	return b
}()
