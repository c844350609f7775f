package watch

import "watari/kit/fsm"

// Steps is the table of alerts.
func Steps() fsm.Table[State, step] { return steps }

// LastKey is lastKey.
var LastKey = lastKey
