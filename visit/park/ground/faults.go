package ground

import "watari/kit/fault"

var (
	// ErrUnknown: there is no such park or point, or it is another party's.
	ErrUnknown = fault.Define("map-unknown", fault.NotFound, "There is no such place on a map")
	// ErrInvalid: what was given cannot be on a map; the fields say why.
	ErrInvalid = fault.Define("map-invalid", fault.Unprocessable, "The map cannot be like this")
	// ErrCodeTaken: another point of the park has this code.
	ErrCodeTaken = fault.Define("map-code-taken", fault.Conflict,
		"Another point of the park has this code")
	// ErrFull: the map has as many features as it can have.
	ErrFull = fault.Define("map-full", fault.Conflict, "The map has as many features as it can have")
	// ErrChanged: somebody changed it meanwhile.
	ErrChanged = fault.Define("map-changed", fault.Conflict,
		"The map was changed by somebody else meanwhile")
	// ErrWay: no path leads there.
	ErrWay = fault.Define("map-no-way", fault.NotFound, "No path of the park leads there")
)
