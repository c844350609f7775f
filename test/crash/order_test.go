package crash

import (
	"net/http"
	"sync"
	"time"

	"watari/kit/clock"
	"watari/test/program"
)

// orders is a shop over /v1 whose payers pay with their own phones: it makes an order, and each
// payer who has not paid yet opens it in a wallet and says yes. It is safe for concurrent use.
type orders struct {
	plain
	way    string        // order_code or page
	hold   bool          // the order is promised first, and then captured
	keep   bool          // with hold: the promise is not captured
	life   time.Duration // until the order lapses; 0 is the network's own time
	idle   bool          // the payers choose their wallets, and do not pay
	chosen func()        // called once, when every payer has chosen and nobody has paid
	payers []program.User

	mu      sync.Mutex
	expires string            // of the order, so that a repeat asks for the same
	forms   map[string]string // by payer: what the wallet is shown
	done    map[string]bool   // by payer: there is nothing left to do
}

// sell makes the order and lets the payers do what they can at once.
func (b *orders) sell(s sale) heard {
	b.mu.Lock()
	if b.done == nil {
		b.done, b.forms = map[string]bool{}, map[string]string{}
		if b.life > 0 {
			b.expires = clock.Now().Add(b.life).UTC().Format(time.RFC3339Nano)
		}
	}
	ask := map[string]any{"store_id": s.store.ID, "merchant_id": s.store.MerchantID,
		"terminal_id": s.store.TerminalID, "order_ref": s.request, "way": b.way,
		"amount": minor{"JPY", s.yen}, "hold": b.hold}
	if b.expires != "" {
		ask["expires_at"] = b.expires
	}
	b.mu.Unlock()
	var r resource
	status := b.call(http.MethodPost, b.w.path("/v1/orders"), s.request, ask, &r)
	if h := hear(status, r); h.word != open {
		return h
	}
	return b.further(s, r)
}

// inquire reads the order, after what is still to be done for it.
func (b *orders) inquire(s sale) heard {
	r, status := b.find(s)
	if status == http.StatusOK && r.State == "" {
		return heard{silence, "not there"}
	}
	if h := hear(status, r); h.word != open {
		return h
	}
	return b.further(s, r)
}

// further does the next step of an open order: its payers choose and pay, its shop captures.
func (b *orders) further(s sale, r resource) heard {
	if r.State == "authorised" {
		if b.keep {
			return heard{kept, ""}
		}
		var k resource
		status := b.call(http.MethodPost, b.w.path("/v1/payments/%s/captures", r.ID),
			s.request+"c", map[string]any{"amount": minor{"JPY", s.yen}}, &k)
		if status == 0 {
			return heard{silence, "capture"}
		}
		return heard{open, "capture " + k.State + k.Type}
	}
	all := true
	for _, payer := range b.payers {
		all = b.choose(r, payer) && all
	}
	if !b.w.alive() {
		return heard{silence, "choose"}
	}
	if !all {
		return heard{open, "not chosen"}
	}
	b.mu.Lock()
	chosen := b.chosen
	b.chosen = nil
	b.mu.Unlock()
	if chosen != nil {
		chosen()
	}
	if b.idle {
		return heard{open, "nobody pays"}
	}
	var paying sync.WaitGroup
	for _, payer := range b.payers {
		paying.Go(func() { b.pay(payer) })
	}
	paying.Wait()
	if !b.w.alive() {
		return heard{silence, "pay"}
	}
	return heard{open, "paying"}
}

// choose gets what a payer's wallet is shown, and tells whether there is something.
func (b *orders) choose(r resource, payer program.User) bool {
	b.mu.Lock()
	text := b.forms[payer.ID]
	b.mu.Unlock()
	switch wallet := b.w.of(payer); {
	case b.way == page: // its address changes with each process of the network
		text = r.CheckoutURL
	case wallet.Protocol == aps:
		text = r.CodeText
	case text == "":
		var f struct {
			CodeText string `json:"code_text"`
		}
		b.call(http.MethodPost, b.w.path("/v1/payments/%s/wallets", r.ID), "",
			map[string]any{"wallet_id": payer.Wallet, "way": b.way}, &f)
		text = f.CodeText
	}
	b.mu.Lock()
	b.forms[payer.ID] = text
	b.mu.Unlock()
	return text != ""
}

// pay is a payer's yes. It does not wait for a wallet that waits for a dead network.
func (b *orders) pay(payer program.User) {
	b.mu.Lock()
	text, done := b.forms[payer.ID], b.done[payer.ID]
	b.mu.Unlock()
	if done {
		return
	}
	network := b.w.network.Load()
	answered := make(chan int, 1)
	go func() { answered <- b.w.scan(payer, text) }()
	status := 0
	select {
	case status = <-answered:
	case <-network.Done():
		// What needs no network is done at once; the rest is tried again.
		select {
		case status = <-answered:
		case <-time.After(2 * time.Second):
		}
	}
	b.mu.Lock()
	b.done[payer.ID] = status == http.StatusOK || status == http.StatusConflict
	b.mu.Unlock()
}

// consents is a shop that charges a payer who has agreed to it, over /v1.
type consents struct {
	plain
	payer  program.User
	active string // the id of the consent
}

// sell asks for the consent when there is none yet, and charges.
func (b *consents) sell(s sale) heard {
	if b.active == "" && !b.agree(s) {
		return heard{silence, "no consent"}
	}
	var r resource
	status := b.call(http.MethodPost, b.w.path("/v1/payments"), s.request, map[string]any{
		"store_id": s.store.ID, "merchant_id": s.store.MerchantID,
		"terminal_id": s.store.TerminalID, "consent_id": b.active, "order_ref": s.request,
		"amount": minor{"JPY", s.yen}}, &r)
	return hear(status, r)
}

// agree asks for the consent, lets the payer give it, and tells whether it is active.
func (b *consents) agree(s sale) bool {
	var c struct {
		ID, State string
		Form      struct {
			PageURL string `json:"page_url"`
		}
	}
	b.call(http.MethodPost, b.w.path("/v1/consents"), s.request+"a", map[string]any{
		"store_id": s.store.ID, "merchant_id": s.store.MerchantID, "wallet_id": b.payer.Wallet,
		"description": "a ride each month", "return_url": "https://shop.example/done"}, &c)
	if c.Form.PageURL == "" {
		b.w.t.Errorf("no form of consent %+v", c)
		return false
	}
	if status := b.w.scan(b.payer, c.Form.PageURL); status != http.StatusOK {
		b.w.t.Errorf("the payer's yes to consent %s: status %d", c.ID, status)
		return false
	}
	for end := clock.Now().Add(settleMax); c.State != "active"; time.Sleep(lookEvery) {
		if clock.Now().After(end) {
			b.w.t.Errorf("the consent is %s", c.State)
			return false
		}
		b.call(http.MethodGet, b.w.path("/v1/consents/%s", c.ID), "", nil, &c)
	}
	b.active = c.ID
	return true
}
