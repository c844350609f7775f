package linepay

import (
	"watari/connect/linepay/wire"
	"watari/kit/clock"
	"watari/sandbox/wallet"
)

// codes are the protocol's words for why something was not done.
var codes = map[wallet.Why]wire.Code{
	wallet.WhyBalance:      wire.CodeBalance,
	wallet.WhyCode:         wire.CodeKey,
	wallet.WhyCodeExpired:  wire.CodeKey,
	wallet.WhyToken:        wire.CodeConsentOver,
	wallet.WhyNobody:       wire.CodeNoMember,
	wallet.WhyCurrency:     wire.CodeCurrency,
	wallet.WhyLimit:        wire.CodeMemberBlocked,
	wallet.WhyUser:         wire.CodeExpired,
	wallet.WhyPIN:          wire.CodeAccount,
	wallet.WhyClosed:       wire.CodeRefunded,
	wallet.WhyExpired:      wire.CodeExpired,
	wallet.WhyTaken:        wire.CodeInProgress,
	wallet.WhyInconsistent: wire.CodeSameOrder,
	wallet.WhyUnknown:      wire.CodeNoRecord,
	wallet.WhyState:        wire.CodeState,
	wallet.WhyAmount:       wire.CodeNoAmount,
	wallet.WhyCancelWindow: wire.CodeRefundDate,
	wallet.WhyRefundWindow: wire.CodeRefundDate,
	wallet.WhyRefundOver:   wire.CodeRefundOver,
}

func codeFor(why wallet.Why) wire.Code {
	if code, known := codes[why]; known {
		return code
	}
	return wire.CodeInternal
}

// texts are what the answers say beside their codes, for people.
var texts = map[wire.Code]string{
	wire.CodeOK: "Success.", wire.CodeAgreed: "Authorization completed.",
	wire.CodeGone:            "Cancelled by the user, or timed out.",
	wire.CodeFailed:          "Payment failed.",
	wire.CodeCompleted:       "Payment completed.",
	wire.CodeNoMerchant:      "Merchant not found.",
	wire.CodeHeader:          "Header information error.",
	wire.CodeAmount:          "Amount information error.",
	wire.CodeKey:             "Invalid oneTimeKey.",
	wire.CodeBalance:         "Insufficient balance.",
	wire.CodeInProgress:      "Payment in progress.",
	wire.CodeNoRecord:        "Transaction record not found.",
	wire.CodeSameTransaction: "A transaction with this transactionId exists.",
	wire.CodeOtherAmount:     "The amount differs from the requested one.",
	wire.CodeNotRefundable:   "This type of transaction cannot be refunded or voided.",
	wire.CodeRefundOver:      "The refundable amount is exceeded.",
	wire.CodeRefunded:        "The transaction was refunded or voided before.",
	wire.CodeNotAgreed:       "The user has not selected a method and authorised the payment.",
	wire.CodeSameOrder:       "A transaction with this orderId exists.",
	wire.CodeCurrency:        "Unsupported currency.",
	wire.CodeInternal:        "Internal error.",
}

func textFor(code wire.Code) string {
	if text, known := texts[code]; known {
		return text
	}
	return "-" // as the protocol writes no text
}

// requestState is how a request stands for its check.
func requestState(p *wallet.Payment) wire.Code {
	switch p.State {
	case wallet.Opened, wallet.Asking:
		return wire.CodeOK
	case wallet.Agreed, wallet.Late:
		return wire.CodeAgreed
	case wallet.Failed:
		if p.Why == wallet.WhyUser || p.Why == wallet.WhyExpired {
			return wire.CodeGone
		}
		return wire.CodeFailed
	case wallet.Deaf:
		return wire.CodeGone
	}
	return wire.CodeCompleted
}

// orderState is how an order of the offline API stands; "" while the wallet says nothing of it.
func orderState(p *wallet.Payment) string {
	switch p.State {
	case wallet.Paid:
		if allBack(p) {
			return wire.OrderRefunded
		}
		return wire.OrderComplete
	case wallet.Held:
		return wire.OrderComplete
	case wallet.Asking:
		return wire.OrderWaiting
	case wallet.Failed:
		return wire.OrderFailed
	case wallet.Cancelled, wallet.Deaf:
		return wire.OrderCancelled
	}
	return ""
}

// allBack tells whether all that was taken was refunded.
func allBack(p *wallet.Payment) bool {
	return p.TakenOrderMinor > 0 && p.RefundedOrderMinor >= p.TakenOrderMinor
}

// payStatus is how a confirmed payment stands in the history; "" when it is not one.
func payStatus(p *wallet.Payment) string {
	switch {
	case p.PaidUS == 0:
		return ""
	case p.State == wallet.Paid:
		return wire.StatusCaptured
	case p.State == wallet.Held:
		return wire.StatusAuthorised
	case p.State == wallet.Cancelled && !clock.Now().Before(heldUntil(p)):
		return wire.StatusExpired
	case p.State == wallet.Cancelled:
		return wire.StatusVoided
	}
	return ""
}
