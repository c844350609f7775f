package fx

import (
	"testing"

	"watari/kit/fsm/fsmtest"
)

// Goal: the life of a change is sound, equals the schema's list, and is drawn. Method: fsmtest.
func TestLifeOfAChange(t *testing.T) {
	t.Parallel()
	fsmtest.Check(t, steps, Open, []State{"open", "approved", "rejected", "superseded"})
	fsmtest.Diagram(t, steps, "A rate change", "../../docs/states/fx-change.md")
}
