package foureyes

import (
	"testing"

	"watari/kit/fsm/fsmtest"
)

// Goal: the life of a request is sound, equals the schema's list, and is drawn. Method: fsmtest.
func TestLifeOfARequest(t *testing.T) {
	t.Parallel()
	fsmtest.Check(t, steps, Open, []State{"open", "approved", "rejected", "superseded"})
	fsmtest.Diagram(t, steps, "A change that needs two people",
		"../../docs/states/change-request.md")
}
