package party

import "watari/kit/fsm"

// Change is what happens to the status of a participant, merchant, store or terminal.
type Change string

// The changes of a status.
const (
	OnSuspend Change = "suspend" // for a while
	OnResume  Change = "resume"
	OnClose   Change = "close" // for ever (R5)
)

// Steps is the life of a participant, merchant, store or terminal: from, change, to.
var Steps = fsm.Table[Status, Change]{
	{From: Open, Event: OnSuspend, To: Suspended},
	{From: Open, Event: OnClose, To: Closed},
	{From: Suspended, Event: OnResume, To: Open},
	{From: Suspended, Event: OnClose, To: Closed},
}

// changeTo returns the change that leads to a status.
func changeTo(to Status) (Change, bool) {
	switch to {
	case Open:
		return OnResume, true
	case Suspended:
		return OnSuspend, true
	case Closed:
		return OnClose, true
	}
	return "", false
}
