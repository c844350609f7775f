package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output
	Test        string // "" is the package itself
	Output      string
	Elapsed     float64 // seconds
	FailedBuild string
}

// suite gathers the events of one package until the package ends.
type suite struct {
	ends   map[string]string           // test name → pass, fail or skip
	said   map[string]*strings.Builder // test name → its output; "" is the package's own
	parent map[string]bool             // tests that have sub-tests
}

func newSuite() *suite {
	return &suite{map[string]string{}, map[string]*strings.Builder{}, map[string]bool{}}
}

// readGo reads a stream of `go test -json` to its end.
func readGo(w io.Writer, stream io.Reader, total *tally) error {
	suites := map[string]*suite{}
	builds := map[string]*strings.Builder{} // import path → what the compiler said
	lines := bufio.NewReader(stream)
	for {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			readEvent(w, line, suites, builds, total)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read go test: %w", err)
		}
	}
}

// readEvent takes one line of the stream. A line that is no event is shown as it is: that is how
// the go command speaks of a broken go.mod, for example.
func readEvent(w io.Writer, line []byte, suites map[string]*suite,
	builds map[string]*strings.Builder, total *tally) {
	var e event
	if line[0] != '{' || json.Unmarshal(line, &e) != nil {
		_, _ = w.Write(line)
		return
	}
	if e.Action == "build-output" {
		if builds[e.ImportPath] == nil {
			builds[e.ImportPath] = &strings.Builder{}
		}
		builds[e.ImportPath].WriteString(e.Output)
		return
	}
	if e.Package == "" {
		return
	}
	if suites[e.Package] == nil {
		suites[e.Package] = newSuite()
	}
	suites[e.Package].take(e)
	if e.Test == "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
		if said := builds[e.FailedBuild]; said != nil {
			_, _ = io.WriteString(w, said.String())
		}
		suites[e.Package].close(w, e, total)
		delete(suites, e.Package)
	}
}

// take notes one event of the package.
func (s *suite) take(e event) {
	if cut := strings.LastIndex(e.Test, "/"); cut >= 0 {
		s.parent[e.Test[:cut]] = true
	}
	switch e.Action {
	case "output":
		if s.said[e.Test] == nil {
			s.said[e.Test] = &strings.Builder{}
		}
		s.said[e.Test].WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test != "" {
			s.ends[e.Test] = e.Action
		}
	}
}

// close counts the package's tests, prints its line, and shows what failing tests wrote.
func (s *suite) close(w io.Writer, e event, total *tally) {
	passed, notPassed := 0, 0
	var show []string
	for _, name := range slices.Sorted(maps.Keys(s.ends)) {
		full := e.Package + " " + name
		switch {
		case s.ends[name] == "fail" && !s.blamed(name):
			notPassed++
			total.fail(full)
			if said := s.said[name]; said != nil {
				total.explain(full, said.String())
			}
			show = append(show, name)
		case s.ends[name] == "skip":
			notPassed++
			total.skip(full)
			show = append(show, name)
		case s.ends[name] == "pass" && !s.parent[name]:
			passed++
			total.pass()
		}
	}
	if e.Action == "fail" && notPassed == 0 {
		total.fail(e.Package)
		show = s.unfinished()
	} else if e.Action == "fail" {
		show = append(show, "")
	}
	if len(s.ends) > 0 || e.Action == "fail" {
		_, _ = fmt.Fprintf(w, "%-4s %-40s %4d tests %7.2fs\n",
			map[bool]string{true: "FAIL", false: "ok"}[e.Action == "fail"], e.Package,
			passed+notPassed, e.Elapsed)
	}
	for _, name := range show {
		if said := s.said[name]; said != nil {
			_, _ = io.WriteString(w, indent(said.String()))
		}
	}
}

// unfinished returns the tests that wrote something and have not passed, and the package itself.
// One of them is to blame when the package ends badly and no test has failed.
func (s *suite) unfinished() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.said)) {
		if s.ends[name] != "pass" {
			names = append(names, name)
		}
	}
	return names
}

// blamed tells whether the failure of a test is that of one of its sub-tests.
func (s *suite) blamed(name string) bool {
	for other, end := range s.ends {
		if end == "fail" && strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	return false
}

// indent sets a test's output apart from the list of packages, without the runner's own marks.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		mark := strings.TrimSpace(line)
		if strings.HasPrefix(mark, "=== ") || mark == "FAIL" || mark == "PASS" || mark == "" {
			continue
		}
		b.WriteString("     | " + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}
