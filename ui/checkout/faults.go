package checkout

import "watari/kit/fault"

// The problems that the machine form reports beside those of the payment service.
var (
	ErrTooMany = fault.Define("too-many-requests", fault.TooMany,
		"Too many requests from this address")
	ErrChoice = fault.Define("wallet-not-offered", fault.Unprocessable,
		"This wallet cannot pay here")
	ErrBody = fault.Define("choice-malformed", fault.Invalid,
		"The choice of a wallet cannot be read")
)
