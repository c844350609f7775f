package checkout

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"unicode/utf8"

	"watari/kit/money"
	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// wish is what a payer asks of an order or an entry page.
type wish struct {
	Wallet string        `json:"wallet"`
	Amount *money.Amount `json:"amount,omitempty"`
	Payer  string        `json:"payer,omitempty"`
	typed  string        // the amount of a form
	key    string        // the request of a form, or Idempotency-Key
}

// wordMax is the longest wallet or payer that is taken, in bytes.
const wordMax = 128

// wish reads a form or, from a program, JSON.
func (t *visit) wish() (wish, error) {
	kind, _, err := mime.ParseMediaType(t.r.Header.Get("Content-Type"))
	if err == nil && kind == "application/json" {
		return t.wishJSON()
	}
	if err := t.r.ParseForm(); err != nil {
		return wish{}, ErrBody.Newf("the form cannot be read").Because(err)
	}
	form := t.r.PostForm
	c := wish{Wallet: form.Get("wallet"), typed: form.Get("amount"), key: form.Get("request")}
	return c, c.check()
}

func (t *visit) wishJSON() (wish, error) {
	var c wish
	dec := json.NewDecoder(t.r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&c); err != nil {
		return c, ErrBody.Newf(`the body is not {"wallet":…,"amount":…}`).Because(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return c, ErrBody.Newf("there is more after the end of the body")
	}
	c.key = t.r.Header.Get("Idempotency-Key")
	return c, c.check()
}

func (c wish) check() error {
	for _, s := range []string{c.Wallet, c.Payer, c.key} {
		if len(s) > wordMax || !utf8.ValidString(s) {
			return ErrBody.Newf("a value is longer than %d bytes, or no text", wordMax)
		}
	}
	return nil
}

// The machine form of what a page says.
type (
	machinePage struct {
		Kind    string          `json:"kind"` // order or store
		Shop    machineShop     `json:"shop"`
		Amount  *money.Amount   `json:"amount"` // null for a store
		Wallets []machineWallet `json:"wallets"`
		State   string          `json:"state"`
	}
	machineShop struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		NameJA string `json:"name_ja"`
	}
	machineWallet struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	machineAnswer struct {
		PaymentID string      `json:"payment_id"`
		Form      machineForm `json:"form"`
	}
	machineForm struct {
		CodeText string            `json:"code_text"`
		PageURL  string            `json:"page_url"`
		AppURL   string            `json:"app_url"`
		Params   map[string]string `json:"params"`
	}
)

func shopOf(p party.Point) machineShop {
	return machineShop{ID: p.Store.ID, Name: p.Store.Name, NameJA: p.Store.NameJA}
}

// tell writes JSON.
func (t *visit) tell(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	t.w.Header().Set("Content-Type", "application/json")
	t.w.WriteHeader(http.StatusOK)
	if t.r.Method != http.MethodHead {
		_, _ = t.w.Write(append(raw, '\n'))
	}
	return nil
}

func machineWallets(all []offer) []machineWallet {
	list := make([]machineWallet, len(all))
	for i, o := range all {
		list[i] = machineWallet{ID: o.id, Name: o.name}
	}
	return list
}

// tellOrder is the page of an order for programs.
func (t *visit) tellOrder(p *payment.Payment) error {
	point, err := t.app.Places.Store(t.ctx(), p.StoreNo)
	if err != nil {
		return err
	}
	m := machinePage{Kind: "order", Shop: shopOf(point), Amount: &p.Order,
		Wallets: []machineWallet{}, State: string(stageOf(p, t.now))}
	if m.State == string(stageOpen) {
		all, err := t.offers(p)
		if err != nil {
			return err
		}
		m.Wallets = machineWallets(all)
	}
	return t.tell(m)
}

// tellForm answers a program that has chosen a wallet.
func (t *visit) tellForm(p *payment.Payment, f link.Form, err error) error {
	if err != nil {
		return err
	}
	params := f.Params
	if params == nil {
		params = map[string]string{}
	}
	return t.tell(machineAnswer{PaymentID: p.ID, Form: machineForm{CodeText: f.CodeText,
		PageURL: f.PageURL, AppURL: f.AppURL, Params: params}})
}
