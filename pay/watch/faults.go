package watch

import "watari/kit/fault"

var (
	// ErrUnknown: there is no such alert.
	ErrUnknown = fault.Define("alert-unknown", fault.NotFound, "There is no such alert")
	// ErrEnded: the alert has ended.
	ErrEnded = fault.Define("alert-ended", fault.Conflict, "The alert has ended")
	// ErrTaken: somebody has acknowledged the alert before.
	ErrTaken = fault.Define("alert-acknowledged", fault.Conflict,
		"The alert is acknowledged already")
	// ErrStanding: the alert ends when what it says is no longer true.
	ErrStanding = fault.Define("alert-standing", fault.Conflict,
		"The alert is still true and ends by itself")
	// ErrRange: a period of health cannot be shown.
	ErrRange = fault.Define("health-range-invalid", fault.Invalid,
		"The period cannot be shown")
	// ErrCursor: a cursor is not one that was given out.
	ErrCursor = fault.Define("alert-cursor-invalid", fault.Invalid,
		"The cursor is not valid")
)
