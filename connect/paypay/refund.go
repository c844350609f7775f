package paypay

import (
	"context"
	"net/url"

	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

// Refund gives part of a payment back. A no is believed when PayPay does not know the refund: it
// may be its word on a repeat of what was done before (P7).
func (c *Client) Refund(ctx context.Context, to link.Endpoint, r link.Refund) link.Answer {
	return c.within(ctx, c.config.CallMax, to, func(ctx context.Context, x *exchange) link.Answer {
		if _, ok := charge(r.Order, r.PayTo); !ok {
			return misfit("not in yen")
		}
		payment := r.TheirID
		if payment == "" {
			d, a := x.state(ctx, r.About)
			if d == nil {
				return a
			}
			if payment = d.PaymentID; payment == "" || d.MerchantPaymentID != r.OurRequestID {
				return unknown("", errSparse)
			}
		}
		reply, err := x.post(ctx, wire.PathRefunds, &wire.RefundRequest{PaymentID: payment,
			MerchantRefundID: r.RefundID, Reason: cut(r.Reason),
			Amount:      &wire.Money{Amount: r.PayTo.Minor(), Currency: wire.Currency},
			RequestedAt: clock.Now().Unix()})
		if err != nil {
			return unknown("", err)
		}
		if isDone(reply) {
			return returned(reply, r.RefundID)
		}
		a := refused(reply, ofRefunds)
		if !reply.Sound() {
			return a
		}
		return x.lookBack(ctx, r.RefundID, payment, a)
	})
}

// lookBack asks for a refund that was not answered with a yes.
func (x *exchange) lookBack(
	ctx context.Context, refundID, payment string, said link.Answer,
) link.Answer {
	reply, err := x.get(ctx, wire.PathRefund(refundID),
		url.Values{wire.QueryPaymentID: {payment}})
	switch {
	case err != nil:
		return unknown(wire.Code(said.Code), err)
	case isDone(reply):
		return returned(reply, refundID)
	case reply.Code == wire.RefundNotFound && reply.Sound():
		return said
	}
	return unknown(wire.Code(said.Code), errInquiry)
}

// returned turns the state of a refund into an outcome. It has no id but ours.
func returned(reply wire.Reply, refundID string) link.Answer {
	var d wire.RefundData
	if err := reply.Data(&d); err != nil {
		return unknown(reply.Code, err)
	}
	a := link.Answer{Outcome: link.Unknown, Code: string(reply.Code),
		RequestID: d.MerchantRefundID, TheirID: d.MerchantRefundID, Order: yen(d.Amount),
		PayTo: yen(d.Amount), At: moment(d.AcceptedAt)}
	switch {
	case d.MerchantRefundID != refundID:
		a.Cause = errID
	case a.Order == nil:
		a.Cause = errSparse
	case d.Status == wire.RefundCreated, d.Status == wire.RefundDone:
		a.Outcome = link.Approved
	default: // REFUND_FAILED: PayPay tries again by itself
		a.Cause = errPending
	}
	return a
}
