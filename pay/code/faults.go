package code

import "watari/kit/fault"

// The problems that this package reports.
var (
	// ErrUnknown is returned for digits that no entry of the table fits, for a payer code whose
	// application is not in the table, and for any other text.
	ErrUnknown = fault.Define("wallet-code-unknown", fault.Unprocessable,
		"The code is of no known wallet")
	// ErrMalformed is returned for text that no code can be: empty, over 512 characters, with
	// control characters or invalid UTF-8; and for a payer code that breaks its format.
	ErrMalformed = fault.Define("wallet-code-malformed", fault.Unprocessable,
		"The code is not well formed")
	// ErrKind is returned for a code of another kind; the member "kind" says which.
	ErrKind = fault.Define("wallet-code-wrong-kind", fault.Unprocessable,
		"The code is not a payment code of a wallet")

	// ErrMerchant is returned for a merchant code that breaks its format, read or to be written;
	// the member "tag" is the path of the field ("62.05"), "position" its first character from
	// 1. Members that are not known are absent.
	ErrMerchant = fault.Define("merchant-code-invalid", fault.Unprocessable,
		"The merchant's code is not valid")
	// ErrForeign is returned for a sound merchant code that names no store of this network.
	ErrForeign = fault.Define("merchant-code-unknown", fault.Unprocessable,
		"The merchant's code names no store of this network")
)
