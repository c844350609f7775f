package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// tally is the sum of all test runners: how many tests passed, and which did not.
type tally struct {
	passed          int
	failed, skipped []string            // names, in the order of their ends
	why             map[string][]string // by name: what the test itself complained of
}

func (t *tally) pass()            { t.passed++ }
func (t *tally) fail(name string) { t.failed = append(t.failed, name) }
func (t *tally) skip(name string) { t.skipped = append(t.skipped, name) }

// Bounds of what is repeated of a failed test at the end of the run.
const (
	whyMax     = 8
	whyLineMax = 400 // bytes
)

// complaint finds lines that a test wrote itself, with the place in its file. Servers that it
// runs write thousands of others.
var complaint = regexp.MustCompile(`^\s*[a-z0-9_]+_test\.go:[0-9]+: `)

// explain keeps the first lines that a failed test wrote itself, so that they stand beside its
// name where the rest of the output was cut.
func (t *tally) explain(name, said string) {
	if t.why == nil {
		t.why = map[string][]string{}
	}
	for line := range strings.Lines(said) {
		if len(t.why[name]) == whyMax {
			return
		}
		if complaint.MatchString(line) {
			line = strings.TrimSpace(line)
			t.why[name] = append(t.why[name], line[:min(len(line), whyLineMax)])
		}
	}
}

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
		for _, line := range t.why[name] {
			out("      %s", line)
		}
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
