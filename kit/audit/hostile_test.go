package audit_test

import (
	"errors"
	"strings"
	"testing"

	"watari/kit/audit"
	"watari/kit/db"
	"watari/kit/db/dbtest"
)

// Goal: a line says one thing to every reader: who adds a second member of a name, which some tools
// read first and others last, is found out (T1). Method: such a member in each sort of line, in the
// name's own letters and in capitals, and something behind the object.
func TestALineThatSaysTwoThingsDoesNotVerify(t *testing.T) {
	t.Parallel()
	good := export(t, filled(t, dbtest.New(t, db.SQLite, sets...), 4), 0, 0)[0]
	if _, err := verify(good); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"an actor":           strings.Replace(good, "\n{", "\n"+`{"actor":"person:mallory",`, 1),
		"in capitals":        strings.Replace(good, "\n{", "\n"+`{"ACTOR":"person:mallory",`, 1),
		"capitals only":      strings.Replace(good, `"actor"`, `"Actor"`, 1),
		"an end":             strings.Replace(good, `{"end":true,`, `{"events":9,"end":true,`, 1),
		"heads":              strings.Replace(good, `"heads":`, `"heads":[],"heads":`, 1),
		"a head's hash":      strings.Replace(good, `[{"lane":1,`, `[{"lane":7,"lane":1,`, 1),
		"a brace behind":     strings.Replace(good, "}\n", "}}\n", 1),
		"a bracket behind":   strings.TrimSuffix(good, "\n") + "]\n",
		"a member left out":  strings.Replace(good, `"store_no":0,`, "", 1),
		"a first line short": strings.Replace(good, `"acquirer_no":0,"at"`, `"at"`, 1),
	} {
		if text == good {
			t.Fatalf("%s: nothing was changed", name)
		}
		_, err := verify(text)
		if broken := new(audit.BrokenError); !errors.As(err, &broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	spaced := strings.ReplaceAll(good, `,"seq":`, ` , "seq" : `)
	if _, err := verify(spaced); err != nil {
		t.Errorf("written by another tool: %v", err)
	}
}
