package alipayplus

import (
	"errors"
	"fmt"

	"watari/connect/alipayplus/wire"
	"watari/kit/money"
	"watari/pay/link"
)

// reasons is what a wallet's final failure means for a payment. A code that is not here is
// ReasonOther.
var reasons = map[wire.Code]link.Reason{
	wire.CodeBalance:         link.ReasonBalance,
	wire.CodePaymentLimit:    link.ReasonLimitAmount,
	wire.CodeUserLimit:       link.ReasonLimitTotal,
	wire.CodeCountLimit:      link.ReasonLimitCount,
	wire.CodeInvalidCode:     link.ReasonCodeInvalid,
	wire.CodeExpiredCode:     link.ReasonCodeExpired,
	wire.CodeUserStatus:      link.ReasonUserBlocked,
	wire.CodeUserKYC:         link.ReasonUserBlocked,
	wire.CodeUserUnknown:     link.ReasonUserUnknown,
	wire.CodeVerification:    link.ReasonVerification,
	wire.CodeRisk:            link.ReasonRisk,
	wire.CodeRegulation:      link.ReasonRegulation,
	wire.CodeMerchantUnknown: link.ReasonMerchant,
	wire.CodeMerchantKYB:     link.ReasonMerchant,
	wire.CodeOrderClosed:     link.ReasonClosed,
	wire.CodeCancelWindow:    link.ReasonWindow,
	wire.CodeRefundWindow:    link.ReasonWindow,
	wire.CodeRefundAmount:    link.ReasonAmount,
	wire.CodeParam:           link.ReasonConfiguration,
	wire.CodeSignature:       link.ReasonConfiguration,
	wire.CodeKeyNotFound:     link.ReasonConfiguration,
	wire.CodeClient:          link.ReasonConfiguration,
	wire.CodeAccessDenied:    link.ReasonConfiguration,
	wire.CodeNoInterface:     link.ReasonConfiguration,
	wire.CodeMethod:          link.ReasonConfiguration,
	wire.CodeMediaType:       link.ReasonConfiguration,
	wire.CodeContract:        link.ReasonConfiguration,
	wire.CodeBusiness:        link.ReasonConfiguration,
	wire.CodeCurrency:        link.ReasonConfiguration,
	wire.CodeToken:           link.ReasonConfiguration,
	wire.CodeTokenExpired:    link.ReasonConfiguration,
}

// silent are failures that say nothing about the money of a payment (A5): the wallet has our id
// with other values, or does not have it (yet).
var silent = map[wire.Code]bool{wire.CodeInconsistent: true, wire.CodeOrderNotExist: true}

// Judge turns the result of a payment, cancel or refund into an outcome (A5). Wallets answer the
// network, and networks answer acquirers, with the same codes.
func Judge(r wire.Result) link.Answer {
	switch {
	case !r.Consistent():
		return NotKnown(r.Code, errors.New("the status of the answer contradicts its code"))
	case r.Status == wire.Success:
		return link.Answer{Outcome: link.Approved, Code: string(r.Code)}
	case r.Status != wire.Failure || silent[r.Code]:
		a := NotKnown(r.Code, Said(r))
		a.UserActing = r.Code == wire.CodeInProcess
		a.NoSuch = IsNoSuch(r)
		return a
	}
	reason, known := reasons[r.Code]
	if !known {
		reason = link.ReasonOther
	}
	return link.Answer{Outcome: link.Declined, Reason: reason, Code: string(r.Code)}
}

// IsNoSuch tells whether the other side does not know the id.
func IsNoSuch(r wire.Result) bool {
	return r.Status == wire.Failure && r.Code == wire.CodeOrderNotExist
}

// Said is a result as the cause of not knowing. The message is the other side's and is left out.
func Said(r wire.Result) error { return fmt.Errorf("the answer is %s %s", r.Status, r.Code) }

// NotKnown is the answer that says nothing, with its cause. code may be "".
func NotKnown(code wire.Code, cause error) link.Answer {
	return link.Answer{Outcome: link.Unknown, Code: string(code), Cause: cause}
}

// tell copies what the wallet tells of a payment.
func tell(a *link.Answer, d wire.Debited) {
	a.RequestID, a.TheirID, a.Customer = d.PaymentRequestID, d.PaymentID, d.CustomerID
	a.Order, a.PayTo = AmountOf(d.PaymentAmount), AmountOf(d.PayToAmount)
	a.At, _ = wire.ParseTime(d.PaymentTime)
}

// ours makes an answer about another id unknown: it proves nothing about ours.
func ours(a link.Answer, id string) link.Answer {
	if a.RequestID != "" && a.RequestID != id {
		a.Outcome, a.Reason = link.Unknown, link.ReasonNone
		a.Cause = errors.New("the answer names another request id")
	}
	return a
}

// AmountOf reads an amount that may be absent. Decoded amounts are valid.
func AmountOf(a *wire.Amount) *money.Amount {
	if a == nil {
		return nil
	}
	m, err := a.Money()
	if err != nil {
		return nil
	}
	return &m
}
