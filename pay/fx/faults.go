package fx

import (
	"watari/kit/fault"
	"watari/kit/foureyes"
)

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
)

// The problems of changes, which are those of all requests that need two people.
var (
	ErrChangeUnknown = foureyes.ErrUnknown
	ErrChangeDecided = foureyes.ErrDecided
	ErrChangeOwn     = foureyes.ErrOwn
)
