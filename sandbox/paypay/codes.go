package paypay

import (
	"fmt"
	"net/http"

	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/kit/id"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// paymentDigits is how long a payment's id is; it begins with a digit that is not 0.
const paymentDigits = 20

// newPaymentID makes an id as PayPay's are.
func newPaymentID() string { return "7" + wallet.Digits(paymentDigits-1) }

// keySigns is how many signs of chance are in a codeId.
const keySigns = 16

// moneyOf reads an amount that was checked.
func moneyOf(m *wire.Money) money.Amount { return money.MustNew(m.Amount, yen) }

// makeCode makes an order that one user pays: POST /v2/codes.
func (f *Front) makeCode(r *http.Request, body []byte) (answer, error) {
	var m wire.CodeRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return answer{}, err
	}
	order := moneyOf(m.Amount)
	until := clock.Now().Add(orderLife)
	ref := refPrefix + id.Secret(keySigns)[:keySigns]
	s, err := f.wallet.Open(r.Context(), wallet.Charge{RequestID: m.MerchantPaymentID,
		PaymentID: newPaymentID(), Ref: ref, Order: order, Debit: order, Shop: m.StoreInfo,
		OrderRef: m.Description, Expires: until, Hold: m.Hold, ReturnURL: m.RedirectURL,
		Compared: ref, // which no other request has: a second one is a duplicate (S3)
		Extra: extra{Kind: ofCode, StoreID: m.StoreID, TerminalID: m.TerminalID,
			Text: m.Description}.text()})
	switch {
	case err != nil:
		return answer{}, err
	case s.Why != wallet.WhyNone, s.Payment != nil && s.Payment.Ref != ref:
		return answer{code: wire.DuplicateCode, mode: s.Mode}, nil
	case s.Payment == nil:
		return answer{code: wire.InternalError, mode: s.Mode}, nil // it took no notice
	case s.Payment.State == wallet.Failed:
		return answer{code: codeFor(s.Payment.Why), mode: s.Mode}, nil
	}
	web, app := f.addresses(ref)
	return answer{code: wire.Success, created: true, mode: s.Mode, data: wire.CodeData{
		CodeID: ref, URL: web, Deeplink: app, Expiry: until.Unix(), CodeRequest: m}}, nil
}

// deleteCode closes a code that nobody paid: DELETE /v2/codes/{codeId}.
func (f *Front) deleteCode(r *http.Request, _ []byte) (answer, error) {
	ref, err := idOf(r, "id")
	if err != nil {
		return answer{}, err
	}
	p, err := f.wallet.ByRef(r.Context(), ref)
	if err != nil {
		return answer{}, err
	}
	if p == nil || p.State == wallet.Cancelled || p.State == wallet.Failed {
		return refuse(wire.CodeNotFound), nil
	}
	s, err := f.wallet.Close(r.Context(), p.RequestID)
	switch {
	case err != nil:
		return answer{}, err
	case s.Why == wallet.WhyState:
		return refuse(wire.CodeAlreadyPaid), nil
	case s.Why != wallet.WhyNone:
		return refuse(wire.CodeNotFound), nil
	}
	return answer{code: wire.Success}, nil
}

// codePayment tells how the payment of a code stands: GET /v2/codes/payments/{merchantPaymentId}.
func (f *Front) codePayment(r *http.Request, _ []byte) (answer, error) {
	return f.inquire(r, wire.CodePaymentNotFound, func(p *wallet.Payment) bool {
		return extraOf(p).Kind == ofCode || p.OrderCurrency == ""
	})
}

// payment tells how any payment stands: GET /v2/payments/{merchantPaymentId}.
func (f *Front) payment(r *http.Request, _ []byte) (answer, error) {
	return f.inquire(r, wire.NotFound, func(*wallet.Payment) bool { return true })
}

func (f *Front) inquire(r *http.Request, missing wire.Code, fits func(*wallet.Payment) bool,
) (answer, error) {
	key, err := idOf(r, "id")
	if err != nil {
		return answer{}, err
	}
	s, err := f.wallet.Inquire(r.Context(), key)
	if err != nil {
		return answer{}, err
	}
	if s.Payment == nil || !fits(s.Payment) {
		return refuse(missing), nil
	}
	d, err := f.told(r.Context(), s.Payment)
	if err != nil {
		return answer{}, fmt.Errorf("tell of %s: %w", key, err)
	}
	return answer{code: wire.Success, data: d}, nil
}

// cancel gives back what was paid: DELETE /v2/payments/{merchantPaymentId} (S5).
func (f *Front) cancel(r *http.Request, _ []byte) (answer, error) {
	key, err := idOf(r, "id")
	if err != nil {
		return answer{}, err
	}
	p, err := f.wallet.Payment(r.Context(), key)
	if err != nil {
		return answer{}, err
	}
	if p != nil && (p.State == wallet.Cancelled || p.State == wallet.Failed ||
		p.RefundedOrderMinor > 0) {
		return refuse(wire.NotReversible), nil
	}
	s, err := f.wallet.Cancel(r.Context(), key)
	if err != nil {
		return answer{}, err
	}
	if s.Why != wallet.WhyNone {
		return refuse(codeFor(s.Why)), nil
	}
	return answer{code: wire.Accepted}, nil
}
