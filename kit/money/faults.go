package money

import "watari/kit/fault"

// What can be wrong with an amount or a rate that came from outside.
var (
	// ErrCurrency is returned for a code that is not in the table of ISO 4217 currencies.
	ErrCurrency = fault.Define("currency-unknown", fault.Unprocessable,
		"The currency is not known")
	// ErrRange is returned for an amount below zero or above MinorMax.
	ErrRange = fault.Define("amount-out-of-range", fault.Unprocessable,
		"The amount is out of range")
	// ErrSyntax is returned for text that does not spell an amount.
	ErrSyntax = fault.Define("amount-malformed", fault.Invalid,
		"The amount is not well formed")
	// ErrRate is returned for text or columns that do not spell a rate.
	ErrRate = fault.Define("rate-malformed", fault.Invalid,
		"The rate is not well formed")
)
