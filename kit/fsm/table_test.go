package fsm_test

import (
	"slices"
	"testing"

	"watari/kit/fsm"
	"watari/kit/fsm/fsmtest"
)

type (
	state string
	event string
)

// door is a small life with a final state.
var door = fsm.Table[state, event]{
	{"closed", "open", "open"},
	{"open", "close", "closed"},
	{"closed", "wall up", "walled-up"},
}

// Goal: Next answers the table and nothing else. Method: every pair.
func TestNextAnswersTheTable(t *testing.T) {
	t.Parallel()
	if to, ok := door.Next("closed", "open"); !ok || to != "open" {
		t.Errorf("got %q, %v", to, ok)
	}
	for _, from := range []state{"open", "walled-up", "nowhere", ""} {
		if to, ok := door.Next(from, "open"); ok || to != "" {
			t.Errorf("Next(%q, open): got %q, %v, want a refusal", from, to, ok)
		}
	}
}

// Goal: final means that no step leaves. Method: each state.
func TestFinalHasNoWayOut(t *testing.T) {
	t.Parallel()
	if door.Final("closed") || door.Final("open") || !door.Final("walled-up") {
		t.Error("only walled-up is final")
	}
	if got := door.States(); !slices.Equal(got, []state{"closed", "open", "walled-up"}) {
		t.Errorf("states: got %v", got)
	}
	if got := door.Events(); !slices.Equal(got, []event{"open", "close", "wall up"}) {
		t.Errorf("events: got %v", got)
	}
}

// Goal: the diagram is the table. Method: golden text.
func TestMermaidDrawsTheTable(t *testing.T) {
	t.Parallel()
	want := `stateDiagram-v2
    [*] --> closed
    closed --> open : open
    open --> closed : close
    closed --> walled_up : wall up
    walled_up --> [*]
`
	if got := door.Mermaid(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if got := (fsm.Table[state, event]{}).Mermaid(); got != "stateDiagram-v2\n" {
		t.Errorf("empty table: got %q", got)
	}
}

// Goal: a sound table passes Check. Method: the door.
func TestSoundTablePasses(t *testing.T) {
	t.Parallel()
	fsmtest.Check(t, door, "closed", []state{"walled-up", "open", "closed"})
}
