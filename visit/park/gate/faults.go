package gate

import "watari/kit/fault"

var (
	// ErrUnknown: there is no such park, gate or device, or it is not the caller's.
	ErrUnknown = fault.Define("gate-unknown", fault.NotFound, "There is no such gate")
	// ErrInvalid: a gate or device is not described as one can be.
	ErrInvalid = fault.Define("gate-invalid", fault.Unprocessable,
		"A gate cannot be like that")
	// ErrCodeTaken: another gate of the park has the code.
	ErrCodeTaken = fault.Define("gate-code-taken", fault.Conflict,
		"Another gate of the park has this code")
	// ErrChanged: somebody wrote the gate since it was read.
	ErrChanged = fault.Define("gate-changed", fault.Conflict,
		"The gate was changed since it was read")
	// ErrTooMany: a park has as many gates, devices or keys as there is room for.
	ErrTooMany = fault.Define("gate-too-many", fault.Unprocessable, "There are too many")
	// ErrLink: the link was used, is too old, or never was one.
	ErrLink = fault.Define("gate-link-invalid", fault.NotFound, "The link does not work any more")
	// ErrSession: the browser is no device of a gate.
	ErrSession = fault.Define("gate-session-unknown", fault.Unauthenticated,
		"This browser is no device of a gate")
	// ErrScan: a scan cannot be read.
	ErrScan = fault.Define("gate-scan-invalid", fault.Unprocessable, "A scan cannot be like that")
	// ErrDay: a day is not written as one.
	ErrDay = fault.Define("gate-day-invalid", fault.Invalid, "A day is written 2026-11-23")
	// ErrTicketUnknown: there is no such ticket.
	ErrTicketUnknown = fault.Define("park-ticket-unknown", fault.NotFound,
		"There is no such ticket")
)
