package linepay

import (
	"fmt"

	"watari/connect/linepay/wire"
	"watari/kit/money"
	"watari/pay/link"
)

// refusals are the codes with which LINE Pay has done nothing of what it was asked, and will not,
// each with its reason. Every other code that is not one of success leaves the outcome unknown.
var refusals = map[wire.Code]link.Reason{
	wire.CodeNoMember:        link.ReasonUserUnknown,
	wire.CodeMemberBlocked:   link.ReasonUserBlocked,
	wire.CodeNoMerchant:      link.ReasonMerchant,
	wire.CodeMerchantBlocked: link.ReasonMerchant,
	wire.CodeHeader:          link.ReasonConfiguration,
	wire.CodeCard:            link.ReasonOther,
	wire.CodeAmount:          link.ReasonConfiguration,
	wire.CodeKey:             link.ReasonCodeInvalid,
	wire.CodeAccount:         link.ReasonUserBlocked,
	wire.CodeBalance:         link.ReasonBalance,
	wire.CodeNoMethod:        link.ReasonOther,
	wire.CodeNotRefundable:   link.ReasonOther,
	wire.CodeRefundDate:      link.ReasonWindow,
	wire.CodeRefundOver:      link.ReasonAmount,
	wire.CodeRefunded:        link.ReasonAmount,
	wire.CodeTooMany:         link.ReasonConfiguration,
	wire.CodeCurrency:        link.ReasonConfiguration,
	wire.CodeState:           link.ReasonOther,
	wire.CodeExpired:         link.ReasonClosed,
	wire.CodeNoAmount:        link.ReasonConfiguration,
	wire.CodeOverPromise:     link.ReasonAmount,
	wire.CodeNoConsent:       link.ReasonConfiguration,
	wire.CodeConsentOver:     link.ReasonConfiguration,
	wire.CodeNoConsents:      link.ReasonConfiguration,
	wire.CodeCardError:       link.ReasonOther,
	wire.CodeCardAuthority:   link.ReasonOther,
	wire.CodeCardFraud:       link.ReasonRisk,
	wire.CodeCardStopped:     link.ReasonOther,
	wire.CodeCardMissing:     link.ReasonOther,
	wire.CodeCardWrong:       link.ReasonOther,
	wire.CodeCardExpired:     link.ReasonOther,
	wire.CodeCardBalance:     link.ReasonBalance,
	wire.CodeCardLimit:       link.ReasonLimitTotal,
	wire.CodeCardPayment:     link.ReasonLimitAmount,
	wire.CodeCardStolen:      link.ReasonUserBlocked,
	wire.CodeCardSuspended:   link.ReasonUserBlocked,
	wire.CodeCardCVN:         link.ReasonVerification,
	wire.CodeCardListed:      link.ReasonRisk,
	wire.CodeCardNumber:      link.ReasonOther,
	wire.CodeCardAmount:      link.ReasonLimitAmount,
	wire.CodeCardDeclined:    link.ReasonOther,
	wire.CodeParameter:       link.ReasonConfiguration,
	wire.CodeJSON:            link.ReasonConfiguration,
}

// judge turns the code of what was asked into an outcome. It is not for the codes of a payment
// request's state, see requestState.
func judge(code wire.Code) link.Answer {
	if code == wire.CodeOK {
		return link.Answer{Outcome: link.Approved, Code: string(code)}
	}
	if reason, refused := refusals[code]; refused {
		return link.Answer{Outcome: link.Declined, Reason: reason, Code: string(code)}
	}
	a := unknown(code, said(code))
	a.UserActing = code == wire.CodeInProgress || code == wire.CodeNotAgreed
	a.NoSuch = code == wire.CodeNoRecord || code == wire.CodeNoRequest
	return a
}

// requestState turns the code of a payment request's check into an outcome. CodeCompleted is not
// one: what was taken stands in the history.
func requestState(code wire.Code) link.Answer {
	switch code {
	case wire.CodeOK:
		a := unknown(code, said(code))
		a.UserActing = true
		return a
	case wire.CodeAgreed:
		a := unknown(code, said(code))
		a.Agreed = true
		return a
	case wire.CodeGone:
		return closed(string(code))
	case wire.CodeFailed:
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonOther, Code: string(code)}
	}
	a := unknown(code, said(code))
	a.NoSuch = code == wire.CodeNoRecord || code == wire.CodeNoRequest
	return a
}

// orderState turns the state of an offline order into an outcome. OrderRefunded is not one: how
// much was given back stands in the history.
func orderState(status string) link.Answer {
	switch status {
	case wire.OrderComplete:
		return link.Answer{Outcome: link.Approved, Code: status}
	case wire.OrderFailed:
		return link.Answer{Outcome: link.Declined, Reason: link.ReasonOther, Code: status}
	case wire.OrderCancelled:
		return closed(status)
	}
	a := unknown(wire.CodeOK, fmt.Errorf("the order's state is %.20q", status))
	a.UserActing = status == wire.OrderWaiting
	return a
}

// said is a code as the cause of not knowing. The message is the wallet's and is left out.
func said(code wire.Code) error { return fmt.Errorf("LINE Pay says %s", code) }

func unknown(code wire.Code, cause error) link.Answer {
	return link.Answer{Outcome: link.Unknown, Code: string(code), Cause: cause}
}

func unheard(cause error) link.Answer { return unknown("", cause) }

// closed is a payment of which nothing of the user's is left with LINE Pay.
func closed(code string) link.Answer {
	return link.Answer{Outcome: link.Declined, Reason: link.ReasonClosed, Code: code}
}

// misconfigured is a request that was not sent.
func misconfigured(cause error) link.Answer {
	return link.Answer{Outcome: link.Declined, Reason: link.ReasonConfiguration, Cause: cause}
}

// sum adds the parts of a payment; nil when LINE Pay named none.
func sum(parts []wire.PayInfo, c money.Currency) (*money.Amount, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	total, err := money.New(0, c)
	for _, p := range parts {
		if err != nil {
			break
		}
		var one money.Amount
		if one, err = p.Amount.Money(c); err == nil {
			total, err = total.Add(one)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the amount: %w", err)
	}
	return &total, nil
}
