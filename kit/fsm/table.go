package fsm

import (
	"slices"
	"strings"
)

// Step is one line of a Table: in state From, event Event leads to state To. It is an alias, so
// that a table's lines are written without field names: {Open, Close, Closed}.
type Step[S, E ~string] = struct {
	From  S
	Event E
	To    S
}

// Table is a whole state machine. The order of its lines means nothing to Next and decides the
// order of States and Mermaid. Tables are short: every method reads the lines one by one.
type Table[S, E ~string] []Step[S, E]

// Next returns the state that e leads to from state from. It returns false when the table has no
// such step; the caller then refuses the event.
func (t Table[S, E]) Next(from S, e E) (S, bool) {
	for _, step := range t {
		if step.From == from && step.Event == e {
			return step.To, true
		}
	}
	var none S
	return none, false
}

// Final tells whether no step leaves s (S2). A state that the table does not name is final.
func (t Table[S, E]) Final(s S) bool {
	return !slices.ContainsFunc(t, func(step Step[S, E]) bool { return step.From == s })
}

// States returns every state that the table names, in order of appearance.
func (t Table[S, E]) States() []S {
	var states []S
	for _, step := range t {
		for _, s := range [...]S{step.From, step.To} {
			if !slices.Contains(states, s) {
				states = append(states, s)
			}
		}
	}
	return states
}

// Events returns every event that the table names, in order of appearance.
func (t Table[S, E]) Events() []E {
	var events []E
	for _, step := range t {
		if !slices.Contains(events, step.Event) {
			events = append(events, step.Event)
		}
	}
	return events
}

// Mermaid returns the table as a Mermaid state diagram (stateDiagram-v2) that ends in a newline.
// The state on the table's first line is drawn as the start.
func (t Table[S, E]) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	if len(t) == 0 {
		return b.String()
	}
	arrow := func(from, to, label string) {
		b.WriteString("    " + from + " --> " + to)
		if label != "" {
			b.WriteString(" : " + label)
		}
		b.WriteString("\n")
	}

	arrow("[*]", node(t[0].From), "")
	for _, step := range t {
		arrow(node(step.From), node(step.To), string(step.Event))
	}
	for _, s := range t.States() {
		if t.Final(s) {
			arrow(node(s), "[*]", "")
		}
	}
	return b.String()
}

// node writes a state as a Mermaid identifier, which takes no hyphens and no blanks.
func node[S ~string](s S) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(string(s))
}
