package code

import "watari/kit/fault"

// The problems that this package reports.
var (
	// ErrUnknown is returned for digits that no entry of the table fits, and for any other text.
	ErrUnknown = fault.Define("wallet-code-unknown", fault.Unprocessable,
		"The code is of no known wallet")
	// ErrMalformed is returned for text that no code can be: empty, over 512 characters, with
	// control characters or invalid UTF-8.
	ErrMalformed = fault.Define("wallet-code-malformed", fault.Unprocessable,
		"The code is not well formed")
	// ErrKind is returned for a code of another kind; the member "kind" says which.
	ErrKind = fault.Define("wallet-code-wrong-kind", fault.Unprocessable,
		"The code is not a payment code of a wallet")
)
