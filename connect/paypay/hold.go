package paypay

import (
	"context"

	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

// Capture takes what was promised. PayPay takes one capture and releases the rest.
func (c *Client) Capture(ctx context.Context, to link.Endpoint, r link.Capture) link.Answer {
	return c.within(ctx, c.config.CallMax, to, func(ctx context.Context, x *exchange) link.Answer {
		amount, ok := charge(r.Order, r.PayTo)
		if !ok {
			return misfit("not in yen")
		}
		reply, err := x.post(ctx, wire.PathCapture, &wire.CaptureRequest{
			MerchantPaymentID: r.OurRequestID, Amount: amount, MerchantCaptureID: r.CaptureID,
			RequestedAt: clock.Now().Unix(), Description: r.CaptureID})
		if err != nil {
			return unknown("", err)
		}
		var d *wire.PaymentData
		switch {
		case isDone(reply):
			d = &wire.PaymentData{}
			if err := reply.Data(d); err != nil {
				return unknown(reply.Code, err)
			}
		case reply.Code == wire.AlreadyCaptured && reply.Sound():
			var a link.Answer
			if d, a = x.state(ctx, r.About); d == nil {
				return a
			}
		default:
			return refused(reply, nil)
		}
		return captured(*d, r, reply.Code)
	})
}

// captured finds a capture in the state of its promise.
func captured(d wire.PaymentData, r link.Capture, said wire.Code) link.Answer {
	a := link.Answer{Outcome: link.Unknown, Code: string(said), TheirID: d.PaymentID}
	if d.MerchantPaymentID != r.OurRequestID {
		a.Cause = errID
		return a
	}
	// Beside its captures a promise names what was promised, so only they say what was taken.
	if d.Captures == nil || d.Status != wire.StateCompleted && d.Status != wire.StateRefunded {
		a.Cause = errSparse
		return a
	}
	for _, one := range d.Captures.Data {
		if one.MerchantCaptureID != r.CaptureID {
			continue
		}
		a.RequestID, a.At = one.MerchantCaptureID, moment(one.AcceptedAt)
		if a.Order, a.PayTo = yen(one.Amount), yen(one.Amount); a.Order == nil {
			a.Cause = errSparse
			return a
		}
		a.Outcome = link.Approved
		return a
	}
	if said == wire.AlreadyCaptured && len(d.Captures.Data) > 0 {
		a.Outcome, a.Reason = link.Declined, link.ReasonClosed
		return a
	}
	a.Cause = errSparse
	return a
}
