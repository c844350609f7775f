package wallet

import "watari/kit/fsm"

// State is how a payment stands in the wallet's books.
type State string

// The states of a payment. No row is ever committed as stateNew: it is the claim of a request id
// while its transaction runs.
const (
	stateNew  State = "new"
	Opened    State = "open"   // an order that no user has taken
	Asking    State = "asking" // waits for the user's answer
	Agreed    State = "agreed" // the user said yes; waits for Complete
	Held      State = "held"   // taken from the balance, promised, not yet captured as a whole
	Late      State = "late"   // will be debited later by itself (mode late_success)
	Deaf      State = "deaf"   // cancelled, and will be debited all the same (late_success)
	Paid      State = "paid"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Event is what moves a payment.
type Event string

// The events.
const (
	evOpen   Event = "open"
	evAsk    Event = "ask"
	evAgree  Event = "agree"
	evHold   Event = "hold"
	evDelay  Event = "delay"
	evDebit  Event = "debit"
	evRefuse Event = "refuse"
	evCancel Event = "cancel"
)

// steps is the whole life of a payment in the wallet.
var steps = fsm.Table[State, Event]{
	{From: stateNew, Event: evDebit, To: Paid},
	{From: stateNew, Event: evHold, To: Held},
	{From: stateNew, Event: evOpen, To: Opened},
	{From: stateNew, Event: evAsk, To: Asking},
	{From: stateNew, Event: evDelay, To: Late},
	{From: stateNew, Event: evRefuse, To: Failed},
	{From: stateNew, Event: evCancel, To: Cancelled}, // an id that was never seen (W4)
	{From: Opened, Event: evAsk, To: Asking},
	{From: Opened, Event: evRefuse, To: Failed},
	{From: Opened, Event: evCancel, To: Cancelled},
	{From: Asking, Event: evAgree, To: Agreed},
	{From: Asking, Event: evDelay, To: Late},
	{From: Asking, Event: evDebit, To: Paid},
	{From: Asking, Event: evHold, To: Held},
	{From: Asking, Event: evRefuse, To: Failed},
	{From: Asking, Event: evCancel, To: Cancelled},
	{From: Agreed, Event: evDebit, To: Paid},
	{From: Agreed, Event: evHold, To: Held},
	{From: Agreed, Event: evDelay, To: Late},
	{From: Agreed, Event: evRefuse, To: Failed},
	{From: Agreed, Event: evCancel, To: Cancelled},
	{From: Held, Event: evDebit, To: Paid}, // captured
	{From: Held, Event: evCancel, To: Cancelled},
	{From: Late, Event: evDebit, To: Paid},
	{From: Late, Event: evHold, To: Held},
	{From: Late, Event: evRefuse, To: Failed},
	{From: Late, Event: evCancel, To: Deaf},
	{From: Deaf, Event: evDebit, To: Paid},
	{From: Deaf, Event: evHold, To: Held},
	{From: Deaf, Event: evRefuse, To: Cancelled}, // the money is not there any more
	{From: Paid, Event: evCancel, To: Cancelled},
}
