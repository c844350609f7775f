package alipay

import (
	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// reasons are the protocol's codes.
var reasons = map[wallet.Why]wire.Code{
	wallet.WhyBalance:      wire.CodeBalance,
	wallet.WhyCode:         wire.CodeInvalidCode,
	wallet.WhyCodeExpired:  wire.CodeExpiredCode,
	wallet.WhyToken:        wire.CodeToken,
	wallet.WhyNobody:       wire.CodeUserUnknown,
	wallet.WhyCurrency:     wire.CodeCurrency,
	wallet.WhyLimit:        wire.CodePaymentLimit,
	wallet.WhyUser:         wire.CodeVerification,
	wallet.WhyPIN:          wire.CodeVerification,
	wallet.WhyClosed:       wire.CodeOrderClosed,
	wallet.WhyExpired:      wire.CodeOrderClosed,
	wallet.WhyTaken:        wire.CodeOrderStatus,
	wallet.WhyInconsistent: wire.CodeInconsistent,
	wallet.WhyUnknown:      wire.CodeOrderNotExist,
	wallet.WhyState:        wire.CodeOrderStatus,
	wallet.WhyAmount:       wire.CodeParam,
	wallet.WhyCancelWindow: wire.CodeCancelWindow,
	wallet.WhyRefundWindow: wire.CodeRefundWindow,
	wallet.WhyRefundOver:   wire.CodeRefundAmount,
}

func codeFor(why wallet.Why) wire.Code {
	if c, known := reasons[why]; known {
		return c
	}
	return wire.CodeUnknown
}

// callResult says whether a call was done.
func callResult(why wallet.Why) wire.Result {
	if why == wallet.WhyNone {
		return wire.ResultOf(wire.CodeSuccess)
	}
	return wire.ResultOf(codeFor(why))
}

// resultOf is the answer to pay.
func resultOf(s wallet.Standing) wire.Result {
	if s.Why != wallet.WhyNone || s.Payment == nil {
		return wire.ResultOf(codeFor(s.Why))
	}
	return stands(s.Payment.State, s.Payment.Why)
}

// stands is how a payment stands, in the protocol's words.
func stands(state wallet.State, why wallet.Why) wire.Result {
	switch state {
	case wallet.Paid:
		return wire.ResultOf(wire.CodeSuccess)
	case wallet.Failed:
		return wire.ResultOf(codeFor(why))
	case wallet.Cancelled, wallet.Deaf: // F2
		return wire.ResultOf(wire.CodeOrderClosed)
	default:
		return wire.ResultOf(wire.CodeInProcess)
	}
}

// debited repeats what a message tells of a payment.
func debited(p *wallet.Payment) wire.Debited {
	d := wire.Debited{PaymentRequestID: p.RequestID}
	if p.OrderCurrency == "" { // a blocked id
		return d
	}
	d.PaymentID = p.PaymentID
	d.CustomerID = p.UserID
	d.PaymentAmount = wire.AmountOf(p.Order())
	d.PayToAmount = wire.AmountOf(p.PayTo())
	if p.PaidUS > 0 {
		d.PaymentTime = wire.FormatTime(clock.FromMicros(p.PaidUS))
	}
	return d
}
