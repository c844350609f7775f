package crash

import (
	"net/http"
	"net/url"
	"strings"

	"watari/test/program"
)

// word is what a bank heard about a payment or a refund.
type word string

// What a bank can hear. Open and silence are not final: it asks again.
const (
	paid     word = "paid"
	declined word = "declined"
	closed   word = "closed"
	refused  word = "refused"
	kept     word = "kept" // a promise that this shop does not capture
	open     word = "open"
	silence  word = "silence"
)

// heard is an answer, with what explains it.
type heard struct {
	word word
	why  string
}

// final tells whether there is nothing left to ask.
func (h heard) final() bool { return h.word != open && h.word != silence }

// sale is a payment as the bank's client knows it. All of its requests carry the same ids.
type sale struct {
	request string
	user    program.User
	code    string
	store   program.Store
	yen     int64
}

// giveback is a refund of a sale.
type giveback struct {
	request string
	yen     int64
}

// bank is a client of a bank, over one of the two interfaces.
type bank interface {
	sell(sale) heard
	inquire(sale) heard
	cancel(sale) heard
	refund(sale, giveback) heard
}

// plain is a bank over the network's own interface, /v1.
type plain struct {
	w    *world
	bank program.Acquirer
}

// resource is a payment or refund as /v1 shows it.
type resource struct {
	ID        string `json:"id"`
	RequestID string `json:"request_id"`
	State     string `json:"state"`
	Reason    string `json:"reason"`
	Failure   string `json:"failure"`
	Type      string `json:"type"` // of a problem document
	Amount    minor  `json:"amount"`
	PayTo     minor  `json:"pay_to"`
	Captured  int64  `json:"captured_minor"`
	Refunded  int64  `json:"refunded_minor"`
	Refunding int64  `json:"refunding_minor"`
	WalletRef string `json:"wallet_payment_id"`
	Wallet    struct {
		ID string `json:"id"`
	} `json:"wallet"`
	Hold        bool   `json:"hold"`
	CodeText    string `json:"code_text"`
	CheckoutURL string `json:"checkout_url"`
}

// words translates the states of /v1.
var words = map[string]word{"captured": paid, "refunded": paid, "declined": declined,
	"cancelled": closed, "pending": open, "authorising": open, "authorised": open, "succeeded": paid,
	"failed": declined, "requested": open, "unknown": open}

// call sends a request with the bank's key.
func (b plain) call(method, url, key string, in, out any) int {
	header := http.Header{"Authorization": {"Bearer " + b.bank.APIKey}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	return b.w.ask(method, url, header, in, out)
}

// hear makes an answer out of a status and a resource.
func hear(status int, r resource) heard {
	switch {
	case status == 0 || status >= http.StatusInternalServerError:
		return heard{silence, r.Type}
	case status >= http.StatusBadRequest:
		return heard{refused, r.Type[strings.LastIndex(r.Type, "/")+1:]}
	}
	return heard{words[r.State], r.Reason + r.Failure}
}

func (b plain) sell(s sale) heard {
	var r resource
	status := b.call(http.MethodPost, b.w.path("/v1/payments"), s.request, map[string]any{
		"store_id": s.store.ID, "merchant_id": s.store.MerchantID,
		"terminal_id": s.store.TerminalID, "code": s.code, "order_ref": s.request,
		"amount": minor{"JPY", s.yen}}, &r)
	return hear(status, r)
}

// find reads the payment of a sale; its id is "" when there is none.
func (b plain) find(s sale) (resource, int) {
	var list struct{ Items []resource }
	status := b.call(http.MethodGet,
		b.w.path("/v1/payments?request_id=%s", url.QueryEscape(s.request)), "", nil, &list)
	if status != http.StatusOK || len(list.Items) == 0 {
		return resource{}, status
	}
	return list.Items[0], status
}

func (b plain) inquire(s sale) heard {
	r, status := b.find(s)
	if status == http.StatusOK && r.State == "" {
		return heard{silence, "not there"}
	}
	return hear(status, r)
}

func (b plain) cancel(s sale) heard {
	var r resource
	status := b.call(http.MethodPost, b.w.path("/v1/cancellations"), "",
		map[string]any{"request_id": s.request}, &r)
	return hear(status, r)
}

func (b plain) refund(s sale, g giveback) heard {
	p, status := b.find(s)
	if p.ID == "" {
		return hear(status, p)
	}
	var r resource
	status = b.call(http.MethodPost, b.w.path("/v1/payments/%s/refunds", p.ID), g.request,
		map[string]any{"amount": minor{"JPY", g.yen}, "reason": "returned"}, &r)
	return hear(status, r)
}
