package payment

import "watari/kit/fault"

// The problems that this package reports.
var (
	ErrNotFound = fault.Define("payment-not-found", fault.NotFound, "No such payment")
	// ErrClosed: the request id was given up by a cancel before the payment arrived, or the
	// payment is cancelled.
	ErrClosed = fault.Define("payment-closed", fault.Conflict, "The payment is closed")
	ErrState  = fault.Define("payment-state-conflict", fault.Conflict,
		"The payment is in another state")
	// ErrInconsistent: the same id came before with another value of the member "field".
	ErrInconsistent = fault.Define("request-inconsistent", fault.Conflict,
		"The request id was used with other values")
	ErrAmount   = fault.Define("amount-invalid", fault.Unprocessable, "The amount is not valid")
	ErrCurrency = fault.Define("currency-not-supported", fault.Unprocessable,
		"The currency is not supported")
	// ErrWalletOnly: the price of the order is for other wallets.
	ErrWalletOnly = fault.Define("wallet-not-for-order", fault.Unprocessable,
		"The order cannot be paid with this wallet")
	// ErrOfOrder: what a visitor bought is cancelled where it was bought.
	ErrOfOrder = fault.Define("payment-of-visitor-order", fault.Conflict,
		"The payment is of a visitor's order; cancel that")
	ErrWalletClosed = fault.Define("wallet-not-open", fault.Unprocessable,
		"The wallet does not take payments now")
	ErrCodeUsed = fault.Define("wallet-code-used", fault.Unprocessable,
		"The wallet code was used before")
	ErrCodeExpired = fault.Define("wallet-code-expired", fault.Unprocessable,
		"The wallet code has expired")
	ErrCancelWindow = fault.Define("cancel-window-exceeded", fault.Conflict,
		"The cancel window is over; refund instead")
	ErrRefundAmount = fault.Define("refund-amount-exceeded", fault.Unprocessable,
		"The refund is more than what is left")
	ErrRefundWindow = fault.Define("refund-window-exceeded", fault.Conflict,
		"The refund window is over")
	// ErrRefundZero: this step would return nothing in the wallet's currency, and the
	// wallet's protocol has no refund of zero.
	ErrRefundZero = fault.Define("refund-step-zero", fault.Unprocessable,
		"The refund is too small for the wallet's currency")
	ErrRefundPartial = fault.Define("refund-partial-unsupported", fault.Unprocessable,
		"The wallet refunds only the whole payment")
	// ErrTillRefund: the terminal lacks the permission, or the amount needs a manager's PIN.
	ErrTillRefund = fault.Define("till-may-not-refund", fault.Forbidden,
		"The terminal may not give this back")
	ErrBusy      = fault.Define("network-busy", fault.Unavailable, "Too many payments at once")
	ErrRequestID = fault.Define("request-id-invalid", fault.Unprocessable,
		"The request id is not valid")
	ErrCodeCount = fault.Define("code-count-invalid", fault.Unprocessable,
		"Too many codes, or none")
	// ErrWay: the wallet, or the order, cannot be paid like this.
	ErrWay = fault.Define("way-not-supported", fault.Unprocessable,
		"It cannot be paid this way")
	ErrReturn = fault.Define("return-url-invalid", fault.Unprocessable,
		"The return address is not valid")
	ErrExpiry = fault.Define("expiry-invalid", fault.Unprocessable,
		"The time at which it expires is not valid")
	ErrTries = fault.Define("too-many-tries", fault.Conflict,
		"The order was tried too often")
	ErrDeclined = fault.Define("wallet-declined", fault.Unprocessable,
		"The wallet does not take the payment")
	ErrConsentUnknown = fault.Define("consent-unknown", fault.NotFound, "No such consent")
	// ErrConsent: it was not given, was revoked, or is over.
	ErrConsent = fault.Define("consent-not-active", fault.Unprocessable,
		"The payer's consent does not stand")
	// ErrCapture: more than what is left of the promise, or more often than the wallet can.
	ErrCapture = fault.Define("capture-not-possible", fault.Unprocessable,
		"This cannot be captured")
	ErrSettle = fault.Define("settlement-currency-not-agreed", fault.Unprocessable,
		"The settlement currency is not agreed")
)
