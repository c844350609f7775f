package order

import "watari/kit/fsm"

// State is where an order stands.
type State string

// The states of an order. StateCancelled is final.
const (
	StateHeld      State = "held"           // stock and price are kept until Order.Expires
	StatePaying    State = "paying"         // a payment is open
	StatePaid      State = "paid"           // paid and handed over; some lines may be cancelled
	StateExpired   State = "expired"        // the hold ended unpaid; the stock is given back
	StateReturning State = "refunding_late" // it was paid too late, and its money goes back
	StateCancelled State = "cancelled"      // every line was given back
)

// Event is what happens to an order.
type Event string

// The events of an order.
const (
	OnPay       Event = "pay"            // a payment is opened
	OnUnpaid    Event = "payment_closed" // nobody paid it, and the hold lasts
	OnPaid      Event = "paid"
	OnExpiry    Event = "expire"
	OnAbandon   Event = "abandon" // by the buyer, or because the seller closed
	OnHonour    Event = "paid_late_honoured"
	OnLate      Event = "paid_late_refused"
	OnReturned  Event = "late_money_returned"
	OnCancelAll Event = "all_lines_cancelled"
)

// Steps is the whole life of an order: from, event, to.
var Steps = fsm.Table[State, Event]{
	{From: StateHeld, Event: OnPay, To: StatePaying},
	{From: StateHeld, Event: OnPaid, To: StatePaid}, // it is free, or on account
	{From: StateHeld, Event: OnExpiry, To: StateExpired},
	{From: StateHeld, Event: OnAbandon, To: StateExpired},
	{From: StatePaying, Event: OnPaid, To: StatePaid},
	{From: StatePaying, Event: OnUnpaid, To: StateHeld},
	{From: StatePaying, Event: OnExpiry, To: StateExpired},
	{From: StatePaying, Event: OnAbandon, To: StateExpired},
	{From: StateExpired, Event: OnHonour, To: StatePaid},
	{From: StateExpired, Event: OnLate, To: StateReturning},
	{From: StateReturning, Event: OnReturned, To: StateCancelled},
	{From: StatePaid, Event: OnCancelAll, To: StateCancelled},
}

// AttemptState is where one payment of an order stands.
type AttemptState string

// The states of an attempt.
const (
	AttemptOpening  AttemptState = "opening"  // written; the payment may not exist yet
	AttemptOpen     AttemptState = "open"     // the payment waits for its payer
	AttemptCaptured AttemptState = "captured" // it was paid; what it bought is decided
	AttemptClosed   AttemptState = "closed"   // nobody paid it, or it was refused
)

// attemptEvent is what happens to an attempt.
type attemptEvent string

const (
	onOpened   attemptEvent = "payment_opened"
	onRefused  attemptEvent = "payment_refused"
	onCaptured attemptEvent = "payment_captured"
	onClosed   attemptEvent = "payment_closed"
)

// attempts is the whole life of an attempt.
var attempts = fsm.Table[AttemptState, attemptEvent]{
	{From: AttemptOpening, Event: onOpened, To: AttemptOpen},
	{From: AttemptOpening, Event: onRefused, To: AttemptClosed},
	{From: AttemptOpen, Event: onCaptured, To: AttemptCaptured},
	{From: AttemptOpen, Event: onClosed, To: AttemptClosed},
}

// ReturnState is where a return stands.
type ReturnState string

// The states of a return. Succeeded is final.
const (
	ReturnDue       ReturnState = "due"  // to be asked for
	ReturnSent      ReturnState = "sent" // asked for; the outcome is not known
	ReturnSucceeded ReturnState = "succeeded"
	ReturnFailed    ReturnState = "failed" // it is owed, and a person must look; see Retry
)

// returnEvent is what happens to a return.
type returnEvent string

const (
	onSent      returnEvent = "sent"
	onSucceeded returnEvent = "succeeded"
	onFailed    returnEvent = "failed"
	onRetry     returnEvent = "retry"
	onRepaid    returnEvent = "repaid" // by other means
)

// returns is the whole life of a return.
var returns = fsm.Table[ReturnState, returnEvent]{
	{From: ReturnDue, Event: onSent, To: ReturnSent},
	{From: ReturnSent, Event: onSent, To: ReturnSent},
	{From: ReturnSent, Event: onSucceeded, To: ReturnSucceeded},
	{From: ReturnSent, Event: onFailed, To: ReturnFailed},
	{From: ReturnFailed, Event: onRetry, To: ReturnDue},
	{From: ReturnFailed, Event: onRepaid, To: ReturnSucceeded},
}

// MassState is where a closure stands.
type MassState string

// The states of a closure. MassDone is final.
const (
	MassRunning MassState = "running"
	MassDone    MassState = "done"
)
