package risk

import "watari/kit/fault"

// The problems that this package reports. The member "limit" says which limit: store_payment,
// wallet_payment, store_day, wallet_day, store_refund_day, terminal_refund_day,
// wallet_exposure, acquirer_exposure, terminal_failures or terminal_pin. Where the figures are
// the caller's own, "max" says what is allowed and "used" what was used before (K7).
var (
	// ErrLimitPayment: one payment may not be so large.
	ErrLimitPayment = fault.Define("limit-payment", fault.Unprocessable,
		"The payment is over the limit for one payment")
	// ErrLimitDay: the day's total would be too large.
	ErrLimitDay = fault.Define("limit-day", fault.Unprocessable,
		"The payment is over what is left of the day's limit")
	// ErrLimitExposure: an issuer would owe too much, or an acquirer be too far behind.
	ErrLimitExposure = fault.Define("limit-exposure", fault.Unprocessable,
		"The risk limit of a participant is reached")
	// ErrLimitVelocity: too many failures; the member "retry_after_s" says when to try again.
	ErrLimitVelocity = fault.Define("limit-velocity", fault.TooMany,
		"Too many failures in a short time")
)
