package check_test

import (
	"errors"
	"strings"
	"testing"

	"watari/kit/check"
)

// Goal: a true condition costs nothing, a false one panics with id and text.
// Method: both, recovered.
func TestThatPanicsWithADefectOnlyWhenFalse(t *testing.T) {
	t.Parallel()
	check.That(true, "never %d", 1)

	defer func() {
		d, ok := recover().(check.Defect)
		if !ok || d.Msg != "debits 3, credits 4" || !strings.HasPrefix(d.ID, "def_") {
			t.Errorf("recovered %+v", d)
		}
	}()
	check.That(false, "debits %d, credits %d", 3, 4)
}

// Goal: every panic can be treated as a defect. Method: one of ours, one of the runtime.
func TestRecoveredKeepsDefectsAndNamesOthers(t *testing.T) {
	t.Parallel()
	ours := check.Defect{ID: "def_x", Msg: "sum"}

	if got := check.Recovered(ours); got != ours {
		t.Errorf("got %+v, want %+v", got, ours)
	}
	other := check.Recovered(errors.New("index out of range"))
	if other.Msg != "index out of range" || other.ID == "" {
		t.Errorf("got %+v", other)
	}
	var d check.Defect
	if !errors.As(error(other), &d) {
		t.Error("a Defect must be an error")
	}
}
