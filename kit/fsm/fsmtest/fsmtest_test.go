package fsmtest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"watari/kit/fsm"
	"watari/kit/fsm/fsmtest"
)

// verdict is a testing.TB that keeps what Check says instead of failing.
type verdict struct {
	testing.TB
	said []string
}

func (v *verdict) Helper() {}

func (v *verdict) Error(args ...any) { v.said = append(v.said, args[0].(string)) }

type table = fsm.Table[string, string]

// Goal: every broken rule is named. Method: one broken table a rule.
func TestCheckNamesTheBrokenRule(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		table table
		start string
		list  []string
		want  string
	}{
		"sound":   {table{{"a", "x", "b"}}, "a", []string{"a", "b"}, ""},
		"endless": {table{{"a", "x", "b"}, {"b", "x", "a"}}, "a", []string{"a", "b"}, ""},
		"twice": {
			table{{"a", "x", "b"}, {"a", "x", "a"}}, "a", []string{"a", "b"}, "stands twice",
		},
		"unreachable": {
			table{{"a", "x", "b"}, {"c", "x", "b"}}, "a", []string{"a", "b", "c"},
			"c cannot be reached",
		},
		"no start": {table{{"a", "x", "b"}}, "z", []string{"a", "b"}, "start z is not"},
		"trap": {
			table{{"a", "x", "b"}, {"a", "y", "c"}, {"c", "y", "c"}}, "a",
			[]string{"a", "b", "c"}, "from c",
		},
		"list too few": {table{{"a", "x", "b"}}, "a", []string{"a"}, "lacks b"},
		"list too many": {
			table{{"a", "x", "b"}}, "a", []string{"a", "b", "c"}, "names c, the table",
		},
		"list twice": {table{{"a", "x", "b"}}, "a", []string{"a", "b", "b"}, "b twice"},
	} {
		v := &verdict{TB: t}
		fsmtest.Check(v, c.table, c.start, c.list)

		said := strings.Join(v.said, "\n")
		if c.want == "" && said != "" || !strings.Contains(said, c.want) {
			t.Errorf("%s: got %q, want %q", what, said, c.want)
		}
	}
}

// Goal: the diagram file is written on request and compared otherwise. Method: write, then check.
func TestDiagramIsWrittenAndCompared(t *testing.T) {
	path := filepath.Join(t.TempDir(), "door.md")
	door := table{{"open", "close", "closed"}}

	t.Setenv("WATARI_UPDATE", "1")
	fsmtest.Diagram(t, door, "Door", path)
	t.Setenv("WATARI_UPDATE", "")
	fsmtest.Diagram(t, door, "Door", path)

	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "# Door\n\n```mermaid\nstateDiagram-v2\n") {
		t.Errorf("got %s", text)
	}
}
