package wallet

import "watari/kit/fsm"

// StateNew is where every payment begins.
const StateNew = stateNew

// Steps is the state table.
func Steps() fsm.Table[State, Event] { return steps }

// StatesInSchema is the list of the schema's CHECK.
func StatesInSchema() []State {
	return []State{"new", "open", "asking", "agreed", "held", "late", "deaf", "paid", "failed",
		"cancelled"}
}
