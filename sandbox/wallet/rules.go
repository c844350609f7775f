package wallet

import (
	"time"

	"watari/kit/clock"
	"watari/kit/money"
)

const (
	// PIN is the PIN of every user of the sandbox.
	PIN = "123456"
	// TriesMax is how many answers a PIN question takes; with the last wrong one the payment
	// fails.
	TriesMax = 3
)

// plan is what the wallet means to do with a charge.
type plan struct {
	event Event         // evDebit, evOpen, evAsk, evDelay or evRefuse
	why   Why           // with evRefuse
	due   time.Duration // with evDelay
	pin   bool          // with evOpen and evAsk
}

// planFor decides what happens to a charge by code or consent, from the mode that it met and its
// size. A consent is given so that nobody is asked again.
func (w *Wallet) planFor(c Charge, m Mode) plan {
	switch {
	case m == ModeDecline:
		return plan{event: evRefuse, why: WhyBalance}
	case m == ModePIN,
		m == ModeNone && c.Token == "" && c.Debit.Minor() > w.profile.PINAbove:
		return plan{event: evAsk, pin: true}
	case m == ModeLate:
		return plan{event: evDelay, due: w.timing.Late}
	default:
		return plan{event: evDebit}
	}
}

// objection returns why a charge is refused whoever pays it, if so.
func (w *Wallet) objection(c Charge, now time.Time) Why {
	switch {
	case c.Debit.Currency() != w.profile.Currency:
		return WhyCurrency
	case c.Order.IsZero() || c.Debit.IsZero():
		return WhyAmount
	case !c.Expires.IsZero() && now.After(c.Expires):
		return WhyExpired
	}
	return WhyNone
}

// askEnds is when a question closes, in microseconds: at the end that the network set, else
// after Timing.Ask.
func (w *Wallet) askEnds(p *Payment, now time.Time) int64 {
	if p.ExpiresUS > 0 {
		return p.ExpiresUS
	}
	return clock.Micros(now.Add(w.timing.Ask))
}

// agreedEnds is until when Complete may come, in microseconds.
func (w *Wallet) agreedEnds(p *Payment, now time.Time) int64 {
	if life := w.profile.Terms.AgreedFor; life > 0 {
		return clock.Micros(now.Add(life))
	}
	return w.askEnds(p, now)
}

// tooLate tells whether the time to cancel a paid payment is over.
func (w *Wallet) tooLate(p *Payment, now time.Time) bool {
	until := w.profile.Terms.CancelUntil
	return until != nil && p.State == Paid && !now.Before(until(clock.FromMicros(p.PaidUS)))
}

// refundable returns why a refund is refused, if so (W5). p is nil when the payment is not known.
func (w *Wallet) refundable(p *Payment, r RefundAsk, debit money.Amount, now time.Time) Why {
	life := w.profile.Terms.RefundFor
	switch {
	case p == nil, r.PaymentID != "" && r.PaymentID != p.PaymentID:
		return WhyUnknown
	case p.State != Paid:
		return WhyState
	case debit.Currency() != money.Currency(p.DebitCurrency),
		r.Order.Currency() != money.Currency(p.OrderCurrency):
		return WhyCurrency
	case r.Order.IsZero():
		return WhyAmount
	case life > 0 && now.After(clock.FromMicros(p.PaidUS).Add(life)):
		return WhyRefundWindow
	case p.RefundedMinor+debit.Minor() > p.DebitedMinor,
		p.RefundedOrderMinor+r.Order.Minor() > p.TakenOrderMinor:
		return WhyRefundOver
	}
	return WhyNone
}
