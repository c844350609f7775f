package payment

import (
	"context"
	"time"

	"watari/kit/fault"
	"watari/kit/money"
	"watari/pay/link"
)

// Refundable says whether a refund of an amount can be asked of a payment's wallet now: it is
// refused later what Refund would refuse for the payment's state, its rest, the wallet's time for
// refunds, or because the wallet gives back no parts. Nothing is kept and nobody is asked; limits
// are not looked at.
//
// Errors: ErrNotFound, ErrState, ErrCurrency, ErrAmount, ErrRefundAmount, ErrRefundPartial,
// ErrRefundWindow, ErrRefundZero.
func (s *Service) Refundable(
	ctx context.Context, acquirerNo int64, paymentID string, amount money.Amount,
) error {
	p, err := s.load(ctx, pk{acquirerNo, paymentID})
	if err != nil {
		return err
	}
	if p.Step == 0 {
		return notCaptured(p)
	}
	f, err := s.frameOf(ctx, p)
	if err != nil {
		return err
	}
	if _, _, no := returnable(p, f.caps, amount, s.now()); no != nil {
		return no
	}
	return nil
}

func notCaptured(p *Payment) *fault.Error {
	return ErrState.Newf("the payment is %s; only a captured one is refunded",
		p.State).Set("state", string(p.State))
}

// returnable returns what a refund gives back, and what is then given in all. It refuses a refund
// that does not fit to its payment or its wallet (P7, P8).
func returnable(
	p *Payment, caps link.Capabilities, amount money.Amount, now time.Time,
) (part parts, given Given, no *fault.Error) {
	if no := mayReturn(p, caps, amount, now); no != nil {
		return parts{}, Given{}, no
	}
	part, given = share(p, amount.Minor())
	if part.payTo == 0 && !caps.ZeroRefund {
		return parts{}, Given{}, ErrRefundZero.Newf("%s would return nothing in %s", amount,
			p.PayTo.Currency())
	}
	return part, given, nil
}

func mayReturn(
	p *Payment, caps link.Capabilities, amount money.Amount, now time.Time,
) *fault.Error {
	minor := amount.Minor()
	rest := p.CapturedMinor - p.RefundedMinor - p.RefundingMinor
	switch {
	case p.State != Captured && p.State != Refunded:
		return notCaptured(p)
	case amount.Currency() != p.Order.Currency():
		return ErrCurrency.Newf("the payment is in %s", p.Order.Currency())
	case minor == 0:
		return ErrAmount.Newf("the amount is zero")
	case minor > rest:
		return ErrRefundAmount.Newf("%d %s are left", rest, p.Order.Currency()).
			Set("rest_minor", rest)
	case !caps.PartialRefund && minor != p.CapturedMinor:
		return ErrRefundPartial.Newf("refund the whole %s", p.Order)
	case now.After(p.Created.Add(caps.RefundWindow)):
		return ErrRefundWindow.Newf("it ended at %s",
			p.Created.Add(caps.RefundWindow).Format(time.RFC3339))
	}
	return nil
}
