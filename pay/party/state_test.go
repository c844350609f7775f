package party_test

import (
	"regexp"
	"strings"
	"testing"

	"watari/kit/fsm/fsmtest"
	"watari/pay/party"
)

// Goal: the table of statuses keeps the rules of a table, and the schema lists its states.
// Method: fsmtest with the CHECK list of each of the four tables.
func TestStatusTableIsWhole(t *testing.T) {
	t.Parallel()
	text, err := party.Migrations.ReadFile("sql/202611220310_party.sql")
	if err != nil {
		t.Fatal(err)
	}
	lists := regexp.MustCompile(`_status check \(status in \(([^)]*)\)`).
		FindAllStringSubmatch(string(text), -1)

	if len(lists) != 4 {
		t.Fatalf("%d tables list statuses, want 4", len(lists))
	}
	for _, list := range lists {
		var states []party.Status
		for s := range strings.SplitSeq(list[1], ",") {
			states = append(states, party.Status(strings.Trim(s, " '\n\t")))
		}
		fsmtest.Check(t, party.Steps, party.Open, states)
	}
}

// Goal: the diagram that people read is the table. Method: compare the file.
func TestStatusDiagramIsCurrent(t *testing.T) {
	t.Parallel()
	fsmtest.Diagram(t, party.Steps, "Participant, merchant, store, terminal",
		"../../docs/states/party.md")
}
