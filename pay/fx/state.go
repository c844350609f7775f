package fx

import "watari/kit/fsm"

// State is where a change stands.
type State string

// The states of a change. All but Open are final.
const (
	Open       State = "open"       // waits for a second person
	Approved   State = "approved"   // its rates are applied
	Rejected   State = "rejected"   // its rates are never applied
	Superseded State = "superseded" // a later file of that day asks for something else
)

// decision is what happens to a change.
type decision string

const (
	approve   decision = "approve"
	reject    decision = "reject"
	supersede decision = "supersede"
)

// steps is the life of a change.
var steps = fsm.Table[State, decision]{
	{Open, approve, Approved},
	{Open, reject, Rejected},
	{Open, supersede, Superseded},
}
