package check

import (
	"fmt"

	"watari/kit/id"
)

// Defect says that the program broke one of its own rules. It is what That panics with.
type Defect struct {
	// ID is unique and safe to show to anybody, e.g. "def_…".
	ID string
	// Msg is for the log only: it may hold amounts, keys and states.
	Msg string
}

// Error returns the id and the text: for logs, never for callers from outside.
func (d Defect) Error() string { return "defect " + d.ID + ": " + d.Msg }

// That panics with a Defect unless cond holds. The text is formatted only then.
func That(cond bool, format string, args ...any) {
	if !cond {
		panic(newDefect(fmt.Sprintf(format, args...)))
	}
}

// Recovered turns the value of recover() into a Defect: one that That made stays as it
// is, any other panic (nil pointer, index) gets an id. It must not be called with nil.
func Recovered(v any) Defect {
	if d, ok := v.(Defect); ok {
		return d
	}
	return newDefect(fmt.Sprint(v))
}

func newDefect(msg string) Defect { return Defect{ID: id.New("def", 0), Msg: msg} }
