package wallet

import (
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/money"
)

const (
	// PIN is the PIN of every user of the sandbox.
	PIN = "123456"
	// PINAboveMinor is the largest payment that is debited without a question, CNY minor units.
	PINAboveMinor = 1_000_00
	// TriesMax is how many answers a PIN question takes; with the last wrong one the payment
	// fails.
	TriesMax = 3
	// refundWindow is how long refunds are accepted; a wallet must take them for 366 days.
	refundWindow = 367 * 24 * time.Hour
)

// plan is what the wallet means to do with a new charge.
type plan struct {
	event Event         // evDebit, evAsk, evDelay or evRefuse
	code  wire.Code     // with evRefuse
	due   time.Duration // with evDelay
}

// planFor decides what happens to a charge, from the mode that it met and its size.
func planFor(c Charge, m Mode, t Timing) plan {
	switch {
	case m == ModeDecline:
		return plan{event: evRefuse, code: wire.CodeBalance}
	case m == ModePIN, m == ModeNone && c.PayTo.Minor() > PINAboveMinor:
		return plan{event: evAsk}
	case m == ModeLate:
		return plan{event: evDelay, due: t.Late}
	default:
		return plan{event: evDebit}
	}
}

// objection returns the code for which a charge is refused before anything else is looked at, or
// "". owner is whom the code was given to, nil when this wallet never obtained it (W3).
func objection(c Charge, owner *code, now time.Time) wire.Code {
	switch {
	case c.PayTo.Currency() != Currency:
		return wire.CodeCurrency
	case owner == nil, owner.usedBy != "" && owner.usedBy != c.RequestID,
		c.Customer != "" && c.Customer != owner.userID:
		return wire.CodeInvalidCode
	case now.After(clock.FromMicros(owner.untilUS)):
		return wire.CodeExpiredCode
	case !c.Expires.IsZero() && now.After(c.Expires):
		return wire.CodeOrderClosed
	}
	return ""
}

// askEnds is when a PIN question closes: at the end that the network set, else after Timing.Ask.
func askEnds(c Charge, now time.Time, t Timing) time.Time {
	if !c.Expires.IsZero() {
		return c.Expires
	}
	return now.Add(t.Ask)
}

// cancelEnds is until when a wallet honours the network's cancel of a payment made at paid:
// 00:30 (UTC+8) of the next day.
func cancelEnds(paid time.Time) time.Time {
	y, m, d := paid.In(clock.CST).Date()
	return time.Date(y, m, d+1, 0, 30, 0, 0, clock.CST)
}

// cancellable returns the code for which a cancel is refused, or "".
func cancellable(p *Payment, now time.Time) wire.Code {
	if p.State == Paid && !now.Before(cancelEnds(clock.FromMicros(p.PaidUS))) {
		return wire.CodeCancelWindow
	}
	return ""
}

// refundable returns the code for which a refund is refused, or "" (W5). p is nil when the
// payment is not known.
func refundable(p *Payment, r Reversal, now time.Time) wire.Code {
	switch {
	case p == nil, r.PaymentID != "" && r.PaymentID != p.PaymentID:
		return wire.CodeOrderNotExist
	case p.State != Paid:
		return wire.CodeOrderStatus
	case r.From.Currency() != money.Currency(p.PayToCurrency),
		r.Order.Currency() != money.Currency(p.OrderCurrency):
		return wire.CodeCurrency
	case now.After(clock.FromMicros(p.PaidUS).Add(refundWindow)):
		return wire.CodeRefundWindow
	case p.RefundedMinor+r.From.Minor() > p.DebitedMinor,
		p.RefundedOrderMinor+r.Order.Minor() > p.OrderMinor:
		return wire.CodeRefundAmount
	}
	return ""
}
