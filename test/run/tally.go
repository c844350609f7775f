package main

import (
	"fmt"
	"io"
)

// tally is the sum of all test runners: how many tests passed, and which did not.
type tally struct {
	passed          int
	failed, skipped []string // names, in the order of their ends
}

func (t *tally) pass()            { t.passed++ }
func (t *tally) fail(name string) { t.failed = append(t.failed, name) }
func (t *tally) skip(name string) { t.skipped = append(t.skipped, name) }

// good tells whether the run proves something: tests ran, and all of them passed.
func (t *tally) good() bool {
	return t.passed > 0 && len(t.failed) == 0 && len(t.skipped) == 0
}

// print lists what did not pass and closes with the line that is read by machines.
func (t *tally) print(w io.Writer) {
	out := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	if len(t.failed) > 0 {
		out("\nfailed:")
	}
	for _, name := range t.failed {
		out("  %s", name)
	}
	if len(t.skipped) > 0 {
		out("\nskipped, which counts as a failure of the run:")
	}
	for _, name := range t.skipped {
		out("  %s", name)
	}
	if t.passed == 0 && len(t.failed) == 0 && len(t.skipped) == 0 {
		out("no test ran")
	}
	out("%d passed, %d failed, %d skipped", t.passed, len(t.failed), len(t.skipped))
}
