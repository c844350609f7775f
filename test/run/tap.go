package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// tapLine is a result of the Test Anything Protocol, version 13, as Node writes it: blanks for
// the depth, "ok" or "not ok", a number, a name, and perhaps a directive after "#".
var tapLine = regexp.MustCompile(`^( *)(ok|not ok) \d+ - (.*?)(?: # (SKIP|TODO)\b.*)?$`)

// readTAP reads the stream of Node's test runner. Like in Go, a test with sub-tests is counted
// only when it fails without one of them failing.
func readTAP(w io.Writer, stream io.Reader, total *tally) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 1<<20)
	inner := map[int]int{} // depth → failures seen below it since its last result
	tests := map[int]int{} // depth → results seen below it since its last result
	showing := false       // inside the details of a failure
	for lines.Scan() {
		m := tapLine.FindStringSubmatch(lines.Text())
		if m == nil {
			if showing {
				_, _ = fmt.Fprintf(w, "     | %s\n", strings.TrimSpace(lines.Text()))
			}
			showing = showing && strings.TrimSpace(lines.Text()) != "..."
			continue
		}
		depth, name := len(m[1])/4, strings.TrimSpace(m[3])
		parent, blamed := tests[depth] > 0, inner[depth] > 0
		tests[depth], inner[depth] = 0, 0
		failed := m[2] == "not ok"
		switch {
		case m[4] != "":
			total.skip("node " + name)
		case failed && !blamed:
			total.fail("node " + name)
			_, _ = fmt.Fprintf(w, "FAIL node %s\n", name)
			showing = true
		case !failed && !parent:
			total.pass()
		}
		for up := range depth {
			tests[up]++
			if failed {
				inner[up]++
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read node: %w", err)
	}
	return nil
}
