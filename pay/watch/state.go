package watch

import "watari/kit/fsm"

// State is where an alert stands.
type State string

// The states of an alert. Ended is final.
const (
	Open         State = "open"
	Acknowledged State = "acknowledged" // somebody looks after it
	Ended        State = "ended"
)

// step is what happens to an alert.
type step string

const (
	acknowledge step = "acknowledge"
	worsen      step = "worsen" // it grows worse, or happens again
	end         step = "end"    // it is no longer true, or a person is done with it
)

// steps is the whole life of an alert.
var steps = fsm.Table[State, step]{
	{From: Open, Event: acknowledge, To: Acknowledged},
	{From: Open, Event: worsen, To: Open},
	{From: Open, Event: end, To: Ended},
	{From: Acknowledged, Event: worsen, To: Open},
	{From: Acknowledged, Event: end, To: Ended},
}
