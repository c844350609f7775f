package ways

import (
	"testing"

	"watari/kit/db/dbtest"
	"watari/test/program"
)

// later is what a wallet can besides paying at once, as GET /v1/wallets tells it.
type later struct {
	ID       string   `json:"id"`
	Ways     []string `json:"ways"`
	Promises bool     `json:"promises"`
}

// Goal: a wallet that can promises an amount and pays a part of it later, and one that keeps
// consents is charged without its user until the consent is revoked. Method: every wallet that says
// it can, through its own protocol, on both engines; the payers' money is counted at the end.
func TestPromisesAndConsents(t *testing.T) {
	t.Parallel()
	for _, engine := range dbtest.Engines {
		t.Run(engine.String(), func(t *testing.T) {
			t.Parallel()
			w := open(t, engine)
			var list struct{ Items []later }
			w.call(t, "GET", "/v1/wallets", nil, &list)
			promises, consents := 0, 0
			for _, can := range list.Items {
				for _, wallet := range w.box.Wallets {
					if wallet.ID != can.ID {
						continue
					}
					if can.Promises {
						promises++
						t.Run(wallet.Protocol+"/promise", func(t *testing.T) {
							w.promise(t, wallet)
						})
					}
					if has(can.Ways, "agreement") {
						consents++
						t.Run(wallet.Protocol+"/consent", func(t *testing.T) {
							w.consent(t, wallet)
						})
					}
				}
			}
			if promises < 2 || consents < 2 {
				t.Errorf("%d wallets promise and %d keep consents, want two of each",
					promises, consents)
			}
			w.verify(t)
		})
	}
}

func has(all []string, one string) bool {
	for _, x := range all {
		if x == one {
			return true
		}
	}
	return false
}

// promise holds 5,000 yen, captures 3,200 of it and returns 200 of that.
func (w *world) promise(t *testing.T, wallet program.Wallet) {
	user := w.user(t, wallet)
	before := w.account(t, wallet, user).Balance
	var p payment
	w.call(t, "POST", "/v1/orders", map[string]any{"store_id": w.store.ID, "way": "page",
		"amount": money{"JPY", 5000}, "hold": true,
		"return_url": "https://shop.example/done"}, &p)
	w.scan(t, wallet, user, p.CheckoutURL, 0)
	if p = w.final(t, p.ID); p.State != "authorised" {
		t.Fatalf("the promise is %s", p.State)
	}
	var k struct{ ID, State, Failure string }
	w.call(t, "POST", "/v1/payments/"+p.ID+"/captures", map[string]any{
		"amount": money{"JPY", 3200}, "last": true}, &k)
	soon(t, "the capture has an outcome", func() bool {
		p = w.final(t, p.ID)
		return p.State == "captured"
	})
	w.refund(t, p.ID, 200)
	w.refund(t, p.ID, 3000)
	if p = w.final(t, p.ID); p.State != "refunded" {
		t.Errorf("after everything was returned it is %s", p.State)
	}
	soon(t, "the payer has everything back", func() bool {
		return w.account(t, wallet, user).Balance == before
	})
}

// consent asks a payer once, charges twice, returns both, and revokes.
func (w *world) consent(t *testing.T, wallet program.Wallet) {
	user := w.user(t, wallet)
	before := w.account(t, wallet, user).Balance
	type consent struct {
		ID, State string
		Form      struct {
			CodeText string `json:"code_text"`
			PageURL  string `json:"page_url"`
		}
	}
	var c consent
	w.call(t, "POST", "/v1/consents", map[string]any{"store_id": w.store.ID,
		"wallet_id": wallet.ID, "description": "bikes",
		"return_url": "https://shop.example/done"}, &c)
	text := c.Form.PageURL
	if text == "" {
		text = c.Form.CodeText
	}
	w.scan(t, wallet, user, text, 0)
	soon(t, "the consent is active", func() bool {
		c = consent{ID: c.ID}
		w.call(t, "GET", "/v1/consents/"+c.ID, nil, &c)
		return c.State == "active"
	})
	for _, minor := range []int64{150, 300} {
		var p payment
		w.call(t, "POST", "/v1/payments", map[string]any{"store_id": w.store.ID,
			"amount": money{"JPY", minor}, "consent_id": c.ID}, &p)
		if p = w.final(t, p.ID); p.State != "captured" {
			t.Fatalf("a charge of %d is %s: %s", minor, p.State, p.Reason)
		}
		w.refund(t, p.ID, minor)
	}
	w.call(t, "POST", "/v1/consents/"+c.ID+"/revoke", map[string]any{}, &c)
	if c.State != "revoked" {
		t.Errorf("it is %s", c.State)
	}
	soon(t, "the payer has everything back", func() bool {
		return w.account(t, wallet, user).Balance == before
	})
}
