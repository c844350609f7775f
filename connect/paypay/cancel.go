package paypay

import (
	"context"
	"errors"
	"time"

	"watari/connect/paypay/wire"
	"watari/kit/clock"
	"watari/pay/link"
)

var (
	errInquiry = errors.New("the wallet does not tell how the payment stands")
	errPending = errors.New("the wallet has not cancelled yet")
	errRecent  = errors.New("the wallet does not know it, and may still get to know it")
)

// Cancel gives a whole payment back, or closes what was not paid: a code is deleted, a promise is
// reverted, a payment is cancelled. PayPay takes the last of these and does it afterwards, so its
// yes proves nothing; the state does (P5).
func (c *Client) Cancel(ctx context.Context, to link.Endpoint, r link.Cancel) link.Answer {
	return c.within(ctx, c.config.CallMax, to, func(ctx context.Context, x *exchange) link.Answer {
		if !isOrder(r.Way) && !r.Held {
			return x.cancelPayment(ctx, r.About)
		}
		d, a := x.state(ctx, r.About)
		switch {
		case d == nil && !a.NoSuch:
			return a
		case d != nil && stands(*d, r.OurRequestID, r.Held).Cause == errID:
			return unknown("", errID)
		case d != nil && d.Status == wire.StateAuthorised:
			return x.revert(ctx, r.About, *d)
		case d != nil && d.Status != wire.StateCreated, r.PreparedID == "":
			return x.cancelPayment(ctx, r.About)
		}
		return x.deleteCode(ctx, r.About)
	})
}

// deleteCode closes a code that nobody paid.
func (x *exchange) deleteCode(ctx context.Context, r link.About) link.Answer {
	reply, err := x.del(ctx, wire.PathCode(r.PreparedID))
	switch {
	case err != nil:
		return unknown("", err)
	case isDone(reply):
		return closed(reply.Code)
	case reply.Code == wire.CodeNotFound && reply.Sound():
		// It was deleted before, or its time is over. Unless it was paid just now.
		d, a := x.state(ctx, r)
		if d == nil && a.NoSuch || d != nil && d.Status == wire.StateCreated {
			return closed(reply.Code)
		}
		if d == nil {
			return a
		}
	case reply.Code != wire.CodeAlreadyPaid || !reply.Sound():
		return refused(reply, nil)
	}
	return x.cancelPayment(ctx, r)
}

// revertSuffix makes the id of a revert from that of its payment; there is one.
const revertSuffix = "_v"

// revert gives a promise back.
func (x *exchange) revert(ctx context.Context, r link.About, d wire.PaymentData) link.Answer {
	reply, err := x.post(ctx, wire.PathRevert, &wire.RevertRequest{PaymentID: d.PaymentID,
		MerchantRevertID: r.OurRequestID + revertSuffix, RequestedAt: clock.Now().Unix()})
	if err != nil {
		return unknown("", err)
	}
	var back wire.RevertData
	switch {
	case isDone(reply) && reply.Data(&back) == nil && back.PaymentID == d.PaymentID &&
		back.Status == wire.StateCancelled:
		return closed(reply.Code)
	case isDone(reply):
		return unknown(reply.Code, errPending)
	case reply.Code == wire.NotCancellable && reply.Sound():
		return x.settled(ctx, r, reply.Code)
	}
	return refused(reply, nil)
}

// cancelPayment asks for a cancel, and then how the payment stands.
func (x *exchange) cancelPayment(ctx context.Context, r link.About) link.Answer {
	reply, err := x.del(ctx, wire.PathPayment(r.OurRequestID))
	if err != nil {
		return unknown("", err)
	}
	looks := isDone(reply) || reply.Sound() && (reply.Code == wire.Accepted ||
		reply.Code == wire.NotReversible || isNoSuch(reply.Code))
	if !looks {
		return refused(reply, nil)
	}
	return x.settled(ctx, r, reply.Code)
}

// settled tells how a cancel ended, from what PayPay said to it and how the payment stands now.
func (x *exchange) settled(ctx context.Context, r link.About, said wire.Code) link.Answer {
	d, a := x.state(ctx, r)
	if d == nil {
		if a.NoSuch && x.quiet(r) {
			return closed(said)
		}
		if a.NoSuch {
			a.Cause = errRecent
		}
		return a
	}
	if stands(*d, r.OurRequestID, r.Held).Cause == errID {
		return unknown(said, errID)
	}
	switch d.Status {
	case wire.StateFailed, wire.StateCancelled, wire.StateExpired:
		return closed(said)
	case wire.StateRefunded:
		if isWhole(*d) {
			return closed(said)
		}
	case wire.StateCreated:
		// Whoever pays it now gets it back at once; when its time is over nobody can.
		if said != wire.NotReversible && isOrder(r.Way) && x.quiet(r) {
			return closed(said)
		}
		return unknown(said, errPending)
	case wire.StateCompleted, wire.StateAuthorised:
	default:
		return unknown(said, errInquiry)
	}
	if said == wire.NotReversible && d.Status != wire.StateAuthorised {
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonWindow, Code: string(said)}
	}
	return unknown(said, errPending)
}

// quiet tells whether nothing can come any more of a request that PayPay does not know, or of a
// code that nobody paid: its signature is too old, and the life of its code is over.
func (x *exchange) quiet(r link.About) bool {
	wait := late
	if isOrder(r.Way) {
		wait += x.client.config.OrderLife
	}
	return !r.At.IsZero() && clock.Now().Sub(r.At) > wait
}

// isWhole tells whether all of a payment was given back.
func isWhole(d wire.PaymentData) bool {
	if d.Refunds == nil || len(d.Refunds.Data) == 0 || d.Amount == nil {
		return true // by a cancel, which has no parts
	}
	rest := d.Amount.Amount
	for _, f := range d.Refunds.Data {
		if f.Amount != nil && f.Status != wire.RefundFailing {
			rest -= f.Amount.Amount
		}
	}
	return rest <= 0
}

// closed says that nothing of the user's is held, or can be.
func closed(code wire.Code) link.Answer {
	return link.Answer{Outcome: link.Approved, Code: string(code),
		At: clock.Now().Truncate(time.Second)}
}
