package fx

import "watari/kit/fault"

// The problems that this package reports.
var (
	// ErrStale: the newest rates of a pair are too old to price a payment with.
	ErrStale = fault.Define("fx-rate-stale", fault.Unavailable, "The exchange rate is too old")
	// ErrMissing: a pair has no rates.
	ErrMissing = fault.Define("fx-rate-missing", fault.Unprocessable,
		"There is no exchange rate for the pair")
	// ErrQuoteUnknown: no quote has that id.
	ErrQuoteUnknown = fault.Define("fx-quote-not-found", fault.NotFound, "No such quote")
	// ErrFile: a rate file is not what the European Central Bank publishes. The members "line"
	// and "column" count from one; column is the field in the line, 0 when it is about the line.
	ErrFile = fault.Define("fx-file-malformed", fault.Invalid, "The rate file is not well formed")
	// ErrChangeUnknown: no change has that id.
	ErrChangeUnknown = fault.Define("fx-change-not-found", fault.NotFound, "No such rate change")
	// ErrChangeDecided: the change was approved, rejected or superseded before.
	ErrChangeDecided = fault.Define("fx-change-decided", fault.Conflict,
		"The rate change is decided already")
	// ErrChangeOwn: the person who made a change asked to approve it (X5).
	ErrChangeOwn = fault.Define("fx-change-own", fault.Forbidden,
		"A rate change is approved by a second person")
)
