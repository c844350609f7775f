// Package fsm holds state machines as tables that a merchant could read.
//
// A Table is a list of steps: from this state, by this event, to that state. It has no entry
// actions, guards or nested states: what else happens with a step is written in the use case,
// where a reader looks for it, and the use case moves the row by compare-and-set.
//
// # Invariants
//
//	S1  A pair (state, event) stands at most once in a table, so Next has one answer.
//	S2  A state is final when no step leaves it.
//
// Package fsmtest proves both for a table, along with reachability and the CHECK list of the
// schema. Mermaid draws a table for docs/states.
package fsm
