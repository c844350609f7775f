package checkout_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"watari/kit/money"
	"watari/pay/link"
)

// told is the machine form of a page.
type told struct {
	Kind    string
	Shop    struct{ ID, Name, Name_JA string }
	Amount  *money.Amount
	Wallets []struct{ ID, Name string }
	State   string
}

// formed is the answer to a choice.
type formed struct {
	PaymentID string `json:"payment_id"`
	Form      struct {
		CodeText string            `json:"code_text"`
		PageURL  string            `json:"page_url"`
		AppURL   string            `json:"app_url"`
		Params   map[string]string `json:"params"`
	}
}

// problem is a refusal.
type problem struct {
	Type   string
	Status int
}

// Goal: a program reads and pays an order as a person does. Method: the machine form with each
// wallet, until it is paid.
func TestMachineFormOfAnOrder(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	for connector, want := range map[string]link.Way{"wechatpay": link.WayEntry,
		"paypay": link.WayPage, "linepay": link.WayPage} {
		p, path := r.order(1980)
		var open told
		if status := b.machine("GET", path, nil, &open); status != 200 || open.Kind != "order" ||
			open.State != "open" || open.Shop.ID != "S1" || open.Amount == nil ||
			*open.Amount != p.Order || len(open.Wallets) != len(brands) {
			t.Fatalf("%d: %+v", status, open)
		}
		var f formed
		status := b.machine("POST", path, map[string]any{"wallet": brands[connector][0]}, &f)
		_, asked := r.wallets[connector].asks()
		if status != 200 || f.PaymentID != p.ID || asked.Way != want ||
			f.Form.PageURL == "" && len(f.Form.Params) == 0 {
			t.Fatalf("%s: %d: %+v, asked %q", connector, status, f, asked.Way)
		}
		r.pays(connector)
		var paid told
		b.machine("GET", path, nil, &paid)
		if paid.State != "paid" || len(paid.Wallets) != 0 {
			t.Errorf("after the payment: %+v", paid)
		}
		var no problem
		if b.machine("POST", path, map[string]any{"wallet": "MIDORI"}, &no) != 409 ||
			!strings.HasSuffix(no.Type, "/payment-closed") {
			t.Errorf("a second payment: %+v", no)
		}
	}
	p, path := r.order(1980)
	var f formed
	b.machine("POST", path, map[string]any{"wallet": "LIANHUA"}, &f)
	if f.Form.CodeText != public+path || f.PaymentID != p.ID {
		t.Errorf("a wallet that resolves our codes is told %+v", f)
	}
	r.forward(11 * time.Minute)
	var late told
	if b.machine("GET", path, nil, &late); late.State != "expired" {
		t.Errorf("after its time the order is %q", late.State)
	}
}

// Goal: a program pays at a store by its printed code. Method: the machine form of an entry page,
// with an Idempotency-Key twice.
func TestMachineFormOfAStore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	var open told
	b.machine("GET", r.entry(), nil, &open)
	if open.Kind != "store" || open.Amount != nil || open.State != "open" ||
		open.Shop.Name_JA != "平田酒造場 三町店" {
		t.Fatalf("%+v", open)
	}
	body := map[string]any{"wallet": "POCHI", "amount": money.MustNew(1200, "JPY")}
	var f formed
	if b.machine("POST", r.entry(), body, &f) != 200 || !strings.HasPrefix(f.PaymentID, "pay_") {
		t.Fatalf("%+v", f)
	}
	for _, bad := range []any{map[string]any{"wallet": "POCHI"},
		map[string]any{"wallet": "POCHI", "amount": money.MustNew(5, "CNY")},
		map[string]any{"wallet": "NOBODY", "amount": money.MustNew(5, "JPY")},
		map[string]any{"wallet": 1}, map[string]any{"walet": "POCHI"}, []int{1},
		map[string]any{"wallet": strings.Repeat("x", 1000)}} {
		var no problem
		if status := b.machine("POST", r.entry(), bad, &no); status < 400 || status >= 500 ||
			!strings.Contains(no.Type, "/problems/") || no.Status != status {
			t.Errorf("%v: status %d, %+v", bad, status, no)
		}
	}
	var no problem
	if b.machine("GET", "/q/nobody", nil, &no) != 404 ||
		!strings.HasSuffix(no.Type, "/payment-not-found") {
		t.Errorf("an order that nobody knows: %+v", no)
	}
}

// Goal: another site cannot choose for a payer. Method: a form that its browser says is from
// elsewhere; and what browsers are told to keep out.
func TestOtherSitesAreKeptOut(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	_, path := r.order(1980)
	req, err := http.NewRequest(http.MethodPost, r.server.URL+path,
		strings.NewReader("wallet=MIDORI"))
	r.must(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	p := b.do(req).is(403)
	p.has("h1", "did not come from this page")
	if n, _ := r.wallets["linepay"].asks(); n != 0 {
		t.Errorf("the wallet was asked %d times", n)
	}
	h := b.get(path).header
	if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") ||
		!strings.Contains(csp, "form-action 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("the policy is %q", csp)
	}
	if h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", h)
	}
}

// Goal: one address cannot flood wallets or the network. Method: one address until it is refused,
// then another, then the first one a minute later.
func TestFloodsAreRefusedByAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.browser("en")
	b.from = "203.0.113.7"
	refused := 0
	for i := range 200 {
		if p := b.post("/q/nobody", "wallet", "X"); p.status == 429 {
			refused = i
			p.has("h1", "One moment")
			if p.header.Get("Retry-After") == "" {
				t.Error("nobody says when to come back")
			}
			break
		}
	}
	if refused < 60 {
		t.Errorf("refused after %d requests", refused)
	}
	var no problem
	if b.machine("POST", "/q/nobody", map[string]any{"wallet": "X"}, &no) != 429 {
		t.Errorf("programs get %+v", no)
	}
	b.get("/q/nobody").is(404)
	b.from = "198.51.100.1, 203.0.113.8"
	b.post("/q/nobody", "wallet", "X").is(404)
	b.from = "203.0.113.7"
	r.forward(time.Minute)
	b.post("/q/nobody", "wallet", "X").is(404)
}
