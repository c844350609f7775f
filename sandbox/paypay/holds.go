package paypay

import (
	"fmt"
	"net/http"

	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// capture takes what was promised, once: POST /v2/payments/capture (S6).
func (f *Front) capture(r *http.Request, body []byte) (answer, error) {
	var m wire.CaptureRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return answer{}, err
	}
	p, err := f.wallet.Payment(r.Context(), m.MerchantPaymentID)
	switch {
	case err != nil:
		return answer{}, err
	case p == nil:
		return refuse(wire.NotFound), nil
	case p.State == wallet.Paid && p.Hold:
		return refuse(wire.AlreadyCaptured), nil
	case stateOf(p) == wire.StateExpired:
		return refuse(wire.OrderExpired), nil
	}
	s, err := f.wallet.Capture(r.Context(), wallet.CaptureAsk{CaptureID: m.MerchantCaptureID,
		RequestID: m.MerchantPaymentID, Order: moneyOf(m.Amount), Last: true})
	switch {
	case err != nil:
		return answer{}, err
	case s.Why == wallet.WhyState:
		return refuse(wire.NotCapturable), nil
	case s.Why == wallet.WhyAmount:
		return refuse(wire.HigherCapture), nil
	case s.Why != wallet.WhyNone:
		return refuse(codeFor(s.Why)), nil
	}
	d, err := f.told(r.Context(), s.Payment)
	return answer{code: wire.Success, data: d}, err
}

// revert gives a promise back: POST /v2/payments/preauthorize/revert.
func (f *Front) revert(r *http.Request, body []byte) (answer, error) {
	var m wire.RevertRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return answer{}, err
	}
	p, err := f.wallet.ByID(r.Context(), m.PaymentID)
	switch {
	case err != nil:
		return answer{}, err
	case p == nil:
		return refuse(wire.NotFound), nil
	case p.State != wallet.Held || p.TakenOrderMinor > 0:
		return refuse(wire.NotCancellable), nil
	}
	s, err := f.wallet.Cancel(r.Context(), p.RequestID)
	switch {
	case err != nil:
		return answer{}, err
	case s.Why != wallet.WhyNone:
		return refuse(wire.NotCancellable), nil
	}
	return answer{code: wire.Success, data: wire.RevertData{Status: wire.StateCancelled,
		AcceptedAt: clock.Now().Unix(), PaymentID: m.PaymentID, RequestedAt: m.RequestedAt,
		Reason: m.Reason}}, nil
}

// refund gives part of a payment back: POST /v2/refunds (S6).
func (f *Front) refund(r *http.Request, body []byte) (answer, error) {
	var m wire.RefundRequest
	if err := wire.DecodeRequest(body, &m); err != nil {
		return answer{}, err
	}
	p, err := f.wallet.ByID(r.Context(), m.PaymentID)
	switch {
	case err != nil:
		return answer{}, err
	case p == nil:
		return refuse(wire.NotFound), nil
	}
	order := moneyOf(m.Amount)
	done, why, err := f.wallet.Refund(r.Context(), wallet.RefundAsk{
		RefundRequestID: m.MerchantRefundID, RequestID: p.RequestID, PaymentID: m.PaymentID,
		Order: order, Compared: fmt.Sprintf("%s|%q", order, m.PaymentID), Extra: m.Reason,
		Tell: true})
	switch {
	case err != nil:
		return answer{}, err
	case why != wallet.WhyNone:
		return refuse(codeFor(why)), nil
	case !done.Succeeded:
		return refuse(codeFor(done.Why)), nil
	}
	return answer{code: wire.Success, data: refundData(p, done, wire.RefundCreated)}, nil
}

// refundOf tells how a refund stands: GET /v2/refunds/{merchantRefundId}.
func (f *Front) refundOf(r *http.Request, _ []byte) (answer, error) {
	key, err := idOf(r, "id")
	if err != nil {
		return answer{}, err
	}
	done, err := f.wallet.RefundOf(r.Context(), key)
	if err != nil {
		return answer{}, err
	}
	if done == nil || !done.Succeeded {
		return refuse(wire.RefundNotFound), nil
	}
	p, err := f.wallet.Payment(r.Context(), done.RequestID)
	if err != nil {
		return answer{}, err
	}
	if q := r.URL.Query(); q.Has(wire.QueryPaymentID) &&
		q.Get(wire.QueryPaymentID) != p.PaymentID {
		return refuse(wire.RefundNotFound), nil
	}
	return answer{code: wire.Success, data: refundData(p, done, wire.RefundDone)}, nil
}
