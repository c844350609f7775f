package foureyes

import "watari/kit/fsm"

// State is where a request stands.
type State string

// The states of a request. All but Open are final.
const (
	Open       State = "open"       // waits for a second person
	Approved   State = "approved"   // it is done
	Rejected   State = "rejected"   // it is never done
	Superseded State = "superseded" // what it was about has changed since
)

// decision is what happens to a request.
type decision string

const (
	approve   decision = "approve"
	reject    decision = "reject"
	supersede decision = "supersede"
)

// steps is the life of a request.
var steps = fsm.Table[State, decision]{
	{Open, approve, Approved},
	{Open, reject, Rejected},
	{Open, supersede, Superseded},
}
