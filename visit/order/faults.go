package order

import "watari/kit/fault"

// The problems that this package reports.
var (
	ErrNotFound = fault.Define("order-not-found", fault.NotFound, "No such order")
	// ErrRequest: the request breaks a limit; the fields say which.
	ErrRequest = fault.Define("order-invalid", fault.Unprocessable, "The order is not valid")
	// ErrRepeated: the same request id came before with other values.
	ErrRepeated = fault.Define("order-request-inconsistent", fault.Conflict,
		"The request id was used with other values")
	// ErrState: the order is in a state in which this cannot be done; member "state".
	ErrState = fault.Define("order-state-conflict", fault.Conflict,
		"The order is in another state")
	// ErrExpired: its hold has ended.
	ErrExpired = fault.Define("order-expired", fault.Conflict, "The time to pay is over")
	// ErrLine: a line does not exist, was used, or was cancelled; member "line".
	ErrLine = fault.Define("order-line-not-sold", fault.Conflict, "A line cannot be cancelled")
	// ErrQuote: the refund is not what was shown any more; member "refund".
	ErrQuote = fault.Define("order-refund-changed", fault.Conflict,
		"The refund has changed; look at it again")
	// ErrDearer: what stays would cost more than what was paid.
	ErrDearer = fault.Define("order-change-dearer", fault.Unprocessable,
		"The change costs more than what was paid")
	// ErrNoRefund: the wallet cannot give it back; member "because" says what it refuses with.
	// Nothing was cancelled: the seller may do so, and give the money back by other means.
	ErrNoRefund = fault.Define("order-refund-not-possible", fault.Conflict,
		"The wallet cannot give this back")
	ErrReturnUnknown = fault.Define("order-return-not-found", fault.NotFound, "No such return")
	ErrMassUnknown   = fault.Define("order-closure-not-found", fault.NotFound, "No such closure")
	ErrBusy          = fault.Define("orders-busy", fault.Unavailable,
		"Too many orders at once; try again")
	ErrCursor = fault.Define("order-cursor-invalid", fault.Invalid, "The cursor is not valid")
)
