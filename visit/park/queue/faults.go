package queue

import "watari/kit/fault"

var (
	// ErrUnknown: there is no such queue, park, number or entity, or it is another party's.
	ErrUnknown = fault.Define("queue-unknown", fault.NotFound, "There is no such queue")
	// ErrInvalid: what was given about a queue cannot be; the fields say why.
	ErrInvalid = fault.Define("queue-invalid", fault.Unprocessable,
		"The queue cannot be like this")
	// ErrCodeTaken: another place of the park has this code.
	ErrCodeTaken = fault.Define("queue-code-taken", fault.Conflict,
		"Another queue of the park has this code")
	// ErrPlaces: the park has as many places as it can have.
	ErrPlaces = fault.Define("queue-too-many", fault.Conflict,
		"The park has as many queues as it can have")
	// ErrChanged: somebody changed it meanwhile.
	ErrChanged = fault.Define("queue-changed", fault.Conflict,
		"The queue was changed by somebody else meanwhile")
	// ErrCounts: counts cannot be taken: a time in the future or long past, a number below 0.
	ErrCounts = fault.Define("queue-counts-invalid", fault.Unprocessable,
		"The counts cannot be taken")
	// ErrDay: a day or period cannot be read.
	ErrDay = fault.Define("queue-day-invalid", fault.Invalid, "The day cannot be read")
	// ErrVirtualNone: the place has no virtual queue.
	ErrVirtualNone = fault.Define("virtual-queue-none", fault.NotFound,
		"This place has no virtual queue")
	// ErrVirtualShut: the virtual queue gives no numbers now.
	ErrVirtualShut = fault.Define("virtual-queue-shut", fault.Conflict,
		"The virtual queue gives no numbers now")
	// ErrVirtualFull: all numbers of the day are taken.
	ErrVirtualFull = fault.Define("virtual-queue-full", fault.Conflict,
		"All numbers of the day are taken")
	// ErrVirtualHeld: the visitor is in a virtual queue already.
	ErrVirtualHeld = fault.Define("virtual-queue-held", fault.Conflict,
		"You hold a number already; leave that queue first")
	// ErrVirtualOften: the visitor took as many numbers on this day as one can.
	ErrVirtualOften = fault.Define("virtual-queue-often", fault.Conflict,
		"You took as many numbers today as one can")
	// ErrVirtualTicket: the visitor holds no ticket into the park for today, which this queue asks
	// for.
	ErrVirtualTicket = fault.Define("virtual-queue-ticket", fault.Conflict,
		"A number needs a ticket into the park for today")
	// ErrLiveFull: as many watch live on this node as it has room for, or as one address may.
	ErrLiveFull = fault.Define("queue-live-full", fault.Unavailable,
		"Too many watch at the moment")
	// ErrVirtualParty: the party is too large for one number.
	ErrVirtualParty = fault.Define("virtual-queue-party", fault.Unprocessable,
		"So many people do not fit on one number")
	// ErrVirtualStep: the number or the queue is not in a state for this.
	ErrVirtualStep = fault.Define("virtual-queue-step", fault.Conflict,
		"This cannot be done in the present state")
	// ErrVirtualEarly: the return window has not begun.
	ErrVirtualEarly = fault.Define("virtual-queue-early", fault.Conflict,
		"The return window has not begun")
	// ErrVirtualLate: the return window is over.
	ErrVirtualLate = fault.Define("virtual-queue-late", fault.Conflict,
		"The return window is over")
)
