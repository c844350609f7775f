package queue

import "watari/kit/fsm"

// State is how a place stands for somebody who thinks of joining.
type State string

// The states of a place.
const (
	// Operating: people are taken. There may be a wait, known or not.
	Operating State = "operating"
	// Down: it stands still and is expected to go on today.
	Down State = "down"
	// Closed: it takes nobody: before opening, after closing, or for today.
	Closed State = "closed"
	// Refurbishment: it is closed for longer.
	Refurbishment State = "refurbishment"
	// Unknown: nobody has said anything for too long.
	Unknown State = "unknown"
)

// States returns every state of a place.
func States() []State { return []State{Operating, Down, Closed, Refurbishment, Unknown} }

// LineState is how a virtual queue stands.
type LineState string

// The states of a virtual queue. It may be opened again on the same day.
const (
	// LineClosed gives no numbers and calls nobody.
	LineClosed LineState = "closed"
	// LineOpen gives numbers and calls them.
	LineOpen LineState = "open"
	// LineFull gives no more numbers and calls those that were given.
	LineFull LineState = "full"
	// LinePaused gives no numbers and calls nobody; windows that were given move.
	LinePaused LineState = "paused"
)

type lineStep string

const (
	lineOpens   lineStep = "open"
	lineFills   lineStep = "stop_giving"
	linePauses  lineStep = "pause"
	lineResumes lineStep = "resume"
	lineRefills lineStep = "resume_full" // of one that gave no more numbers before its pause
	lineCloses  lineStep = "close"
)

// lines is the life of a virtual queue: from, step, to.
var lines = fsm.Table[LineState, lineStep]{
	{From: LineClosed, Event: lineOpens, To: LineOpen},
	{From: LineOpen, Event: lineFills, To: LineFull},
	{From: LineOpen, Event: linePauses, To: LinePaused},
	{From: LineOpen, Event: lineCloses, To: LineClosed},
	{From: LineFull, Event: lineOpens, To: LineOpen},
	{From: LineFull, Event: linePauses, To: LinePaused},
	{From: LineFull, Event: lineCloses, To: LineClosed},
	{From: LinePaused, Event: lineResumes, To: LineOpen},
	{From: LinePaused, Event: lineRefills, To: LineFull},
	{From: LinePaused, Event: lineCloses, To: LineClosed},
}

// TicketState is where a number of a virtual queue stands.
type TicketState string

// The states of a number. Redeemed, Expired and Left are final.
const (
	// Joined: it waits to be called.
	Joined TicketState = "joined"
	// Called: it has a return window.
	Called TicketState = "called"
	// Redeemed: its people came and were let in.
	Redeemed TicketState = "redeemed"
	// Expired: its people did not come in time, or the queue closed before it was called.
	Expired TicketState = "expired"
	// Left: its holder gave it up.
	Left TicketState = "left"
)

type ticketStep string

const (
	ticketCalled   ticketStep = "call"
	ticketRedeemed ticketStep = "redeem"
	ticketLapsed   ticketStep = "lapse"
	ticketGivenUp  ticketStep = "leave"
)

// tickets is the life of a number: from, step, to.
var tickets = fsm.Table[TicketState, ticketStep]{
	{From: Joined, Event: ticketCalled, To: Called},
	{From: Joined, Event: ticketGivenUp, To: Left},
	{From: Joined, Event: ticketLapsed, To: Expired},
	{From: Called, Event: ticketRedeemed, To: Redeemed},
	{From: Called, Event: ticketLapsed, To: Expired},
	{From: Called, Event: ticketGivenUp, To: Left},
}
