package ledger

import "watari/kit/fault"

// The problems that this package reports.
var (
	// ErrClosed says that a trial balance failed and nothing is posted until an operator
	// has looked (L7).
	ErrClosed = fault.Define("ledger-closed", fault.Unavailable,
		"The ledger is closed for writes")
)
