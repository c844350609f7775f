package park

import "watari/kit/fault"

var (
	// ErrUnknown: there is no such park, product, discount or closure, or it is another party's.
	ErrUnknown = fault.Define("park-unknown", fault.NotFound, "There is no such thing in a park")
	// ErrInvalid: what was given about a park cannot be; the fields say why.
	ErrInvalid = fault.Define("park-invalid", fault.Unprocessable, "The park cannot be like this")
	// ErrTaken: the name in addresses, or the code, belongs to another.
	ErrTaken = fault.Define("park-code-taken", fault.Conflict, "The name is taken")
	// ErrChanged: somebody changed it meanwhile; read it again.
	ErrChanged = fault.Define("park-changed", fault.Conflict, "It was changed meanwhile")
	// ErrQuotaTaken: more is taken than the new size allows; member "taken".
	ErrQuotaTaken = fault.Define("park-quota-taken", fault.Conflict,
		"More is taken than the quota would allow")
	// ErrDay: a day or period cannot be read.
	ErrDay = fault.Define("park-day-invalid", fault.Invalid, "The day cannot be read")

	// ErrNotSold: it is not sold, or not this way, or not now; member "product".
	ErrNotSold = fault.Define("park-not-sold", fault.Conflict, "This is not sold now")
	// ErrSoldOut: nothing, or not enough, is left; members "product", "day", "slot", "left".
	ErrSoldOut = fault.Define("park-sold-out", fault.Conflict, "Sold out")
	// ErrClosed: the park is closed on the day; member "day".
	ErrClosed = fault.Define("park-closed", fault.Conflict, "The park is closed on this day")
	// ErrLimit: more than one order or visitor can have; member "limit".
	ErrLimit = fault.Define("park-limit", fault.Unprocessable, "More than is allowed")
	// ErrVoucher: the voucher does not exist, was used, or is not valid now.
	ErrVoucher = fault.Define("park-voucher-invalid", fault.Unprocessable,
		"The voucher is not valid")
	// ErrTooLate: it cannot be given back, or changed, any more.
	ErrTooLate = fault.Define("park-too-late", fault.Conflict, "It is too late for this")
	// ErrChanges: the day was changed as often as the rules of the purchase allow.
	ErrChanges = fault.Define("park-changes-used", fault.Conflict,
		"The day cannot be changed again")
	// ErrWait: one cannot wait for this, for example because there is room.
	ErrWait = fault.Define("park-wait-refused", fault.Conflict, "There is no waiting for this")
	// ErrClosing: the closure of the day is still being worked on, or the day is open.
	ErrClosing = fault.Define("park-closure-conflict", fault.Conflict,
		"The day cannot be opened or closed now")
)
