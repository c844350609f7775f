package paypay

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// similarTime is how long a debit of the same amount is suspicious, and similarMax how many of a
// user's last payments are looked at.
const (
	similarTime = 5 * time.Minute
	similarMax  = 50
)

// charge debits a user who has consented: POST /v2/payments.
func (f *Front) charge(r *http.Request, body []byte) (answer, error) {
	return f.byConsent(r, body, false)
}

// holdCharge promises what such a user will be debited: POST /v2/payments/preauthorize.
func (f *Front) holdCharge(r *http.Request, body []byte) (answer, error) {
	return f.byConsent(r, body, true)
}

func (f *Front) byConsent(r *http.Request, body []byte, hold bool) (answer, error) {
	var m wire.PaymentRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return answer{}, err
	}
	code, err := f.consented(r.Context(), &m, r.URL.Query().Get(wire.QuerySimilar) == "true")
	if err != nil || code != wire.Success {
		return refuse(code), err
	}
	order := moneyOf(m.Amount)
	s, err := f.wallet.Pay(r.Context(), wallet.Charge{RequestID: m.MerchantPaymentID,
		PaymentID: newPaymentID(), Token: m.ConsentID, Order: order, Debit: order,
		Shop: m.Description, OrderRef: m.ReceiptNumber, Hold: hold,
		Compared: fmt.Sprintf("charge|%s|%q|%t", order, m.ConsentID, hold),
		Extra: extra{Kind: ofCharge, ConsentID: m.ConsentID, StoreID: m.StoreID,
			TerminalID: m.TerminalID, Text: m.Description}.text()})
	if err != nil {
		return answer{}, err
	}
	return f.debited(r.Context(), s)
}

// consented says whether a user may be debited by consent: it stands, and nothing like it was
// debited just now (S7).
func (f *Front) consented(ctx context.Context, m *wire.PaymentRequest, similar bool,
) (wire.Code, error) {
	c, err := f.wallet.ConsentByToken(ctx, m.ConsentID)
	switch {
	case err != nil:
		return "", err
	case c == nil || c.State != wallet.ConsentGiven:
		return wire.ConsentInvalid, nil
	case clock.Now().After(clock.FromMicros(c.AtUS).Add(consentLife)):
		return wire.ConsentExpired, nil
	case similar:
		return wire.Success, nil
	}
	last, err := f.wallet.Payments(ctx, c.UserID, similarMax)
	if err != nil {
		return "", err
	}
	since := clock.Micros(clock.Now().Add(-similarTime))
	for _, p := range last {
		if extraOf(p).Kind == ofCharge && p.RequestID != m.MerchantPaymentID &&
			p.OrderMinor == m.Amount.Amount && p.PaidUS > since {
			return wire.SuspectedDuplicate, nil
		}
	}
	return wire.Success, nil
}

// scan debits the user whose code a shop scanned. The call is SIMULATED (S9).
func (f *Front) scan(r *http.Request, body []byte) (answer, error) {
	var m wire.ScanRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return answer{}, err
	}
	order := moneyOf(m.Amount)
	c := wallet.Charge{RequestID: m.MerchantPaymentID, PaymentID: newPaymentID(),
		Code: m.PaymentCode, Order: order, Debit: order, Shop: m.StoreInfo,
		OrderRef: m.ReceiptNumber, Hold: m.Hold,
		Compared: fmt.Sprintf("scan|%s|%q|%t", order, m.PaymentCode, m.Hold),
		Extra: extra{Kind: ofScan, StoreID: m.StoreID, TerminalID: m.TerminalID,
			Text: m.Description}.text()}
	if m.ExpiresAt > 0 {
		c.Expires = time.Unix(m.ExpiresAt, 0)
	}
	s, err := f.wallet.Pay(r.Context(), c)
	if err != nil {
		return answer{}, err
	}
	return f.debited(r.Context(), s)
}

// debited is the answer to a debit, the first one or a repeat of it (S3).
func (f *Front) debited(ctx context.Context, s wallet.Standing) (answer, error) {
	p := s.Payment
	switch {
	case s.Why != wallet.WhyNone:
		return answer{code: codeFor(s.Why), mode: s.Mode}, nil
	case p == nil:
		return answer{code: wire.InternalError, mode: s.Mode}, nil // it took no notice
	case p.State == wallet.Failed:
		return answer{code: codeFor(p.Why), mode: s.Mode}, nil
	}
	d, err := f.told(ctx, p)
	a := answer{code: wire.Success, data: d, mode: s.Mode}
	if p.State == wallet.Asking || p.State == wallet.Late {
		a.code = wire.ConfirmationRequired
	}
	return a, err
}
