package foureyes

import "watari/kit/fault"

// The problems that this package reports.
var (
	// ErrUnknown: no request has that id.
	ErrUnknown = fault.Define("change-request-not-found", fault.NotFound, "No such change")
	// ErrDecided: the request was approved, rejected or superseded before.
	ErrDecided = fault.Define("change-request-decided", fault.Conflict,
		"The change is decided already")
	// ErrOwn: the person who made a request asked to approve it (Y1).
	ErrOwn = fault.Define("change-request-own", fault.Forbidden,
		"A change is approved by a second person")
	// ErrStale: what the request was made from has changed since; it can only be rejected.
	ErrStale = fault.Define("change-request-stale", fault.Conflict,
		"Something else was changed since the change was made")
	// ErrCursor: the cursor is not one that a list gave out.
	ErrCursor = fault.Define("change-request-cursor-invalid", fault.Invalid,
		"The cursor is not valid")
)
