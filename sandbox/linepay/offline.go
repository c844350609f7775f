package linepay

import (
	"net/http"
	"strings"

	"watari/connect/linepay/wire"
	"watari/sandbox/wallet"
)

// keyPay is the body of both versions.
type keyPay struct {
	wire.KeyPay
	ProductName string `json:"productName"`
	Capture     *bool  `json:"capture"`
}

// payByKey debits the user whose one-time key a till has scanned.
func (f *Front) payByKey(r *http.Request, body []byte) (answer, error) {
	var m keyPay
	if bad := read(body, &m); bad != nil {
		return *bad, nil
	}
	product, hold := m.ProductName, m.Capture != nil && !*m.Capture
	asked, bad := f.plain(m.OrderID, m.Currency, m.Amount)
	if strings.HasPrefix(r.URL.Path, "/v4/") && bad == nil {
		if asked, bad = f.order(m.OrderID, m.Currency, m.Amount, m.Packages); bad == nil {
			product = m.Packages[0].Products[0].Name
			hold, _, bad = modeOf(m.Options)
		}
	}
	switch {
	case bad != nil:
		return *bad, nil
	case asked.IsZero():
		return refuse(wire.CodeNoAmount), nil
	case product == "":
		return parameter("productName is missing"), nil
	case m.Key == "":
		return parameter("oneTimeKey is missing"), nil
	}
	id := transaction()
	c, err := f.chargeOf(m.OrderID, id, asked, product, hold)
	if err != nil {
		return refuse(wire.CodeAmount), nil
	}
	c.Code, c.Extra = m.Key, about{Offline: true, Product: product}.keep()
	s, err := f.wallet.Pay(r.Context(), c)
	if err != nil {
		return answer{}, err
	}
	return charged(s, id), nil
}

// charged is the answer to a payment by a key or a consent.
func charged(s wallet.Standing, id string) answer {
	a := answer{mode: s.Mode}
	switch p := s.Payment; {
	case p == nil && s.Why == wallet.WhyNone: // the mode takes no notice
	case p == nil || p.PaymentID != id: // L4
		a.code = wire.CodeSameOrder
	case p.State == wallet.Asking:
		a.code = wire.CodeInProgress
	case p.State == wallet.Failed:
		a.code = codeFor(p.Why)
	default:
		a.code, a.info = wire.CodeOK, paid(p)
	}
	return a
}

// checkOrder says how an order of the offline API stands.
func (f *Front) checkOrder(r *http.Request, _ []byte) (answer, error) {
	s, err := f.wallet.Inquire(r.Context(), r.PathValue("order"))
	if err != nil {
		return answer{}, err
	}
	if s.Payment == nil || !aboutOf(s.Payment).Offline {
		return refuse(wire.CodeNoRecord), nil
	}
	state := orderState(s.Payment)
	if state == "" {
		return refuse(wire.CodeInProgress), nil
	}
	m := paid(s.Payment)
	m.Status = state
	return done(m), nil
}
