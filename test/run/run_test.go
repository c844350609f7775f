package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is a small Go module whose packages end in every way that a package can.
var module = map[string]string{
	"go.mod":       "module m\n\ngo 1.26\n",
	"none/none.go": "package none\n",
	"good/good_test.go": `package good
import "testing"
func TestOne(t *testing.T) {}
func TestTwo(t *testing.T) {
	t.Run("a", func(t *testing.T) {}); t.Run("b", func(t *testing.T) {}) }`,
	"bad/bad_test.go": `package bad
import "testing"
func TestChild(t *testing.T) {
	t.Run("a", func(t *testing.T) {}); t.Run("b", func(t *testing.T) { t.Error("child says") }) }
func TestParent(t *testing.T) { t.Run("a", func(t *testing.T) {}); t.Error("parent says") }
func TestQuiet(t *testing.T) { t.Log("quiet says") }`,
	"skip/skip_test.go": `package skip
import "testing"
func TestSkip(t *testing.T) { t.Skip("no engine here") }`,
	"exit/exit_test.go": `package exit
import ("os"; "testing")
func TestMain(m *testing.M) { m.Run(); os.Exit(3) }
func TestFine(t *testing.T) {}`,
	"panics/panics_test.go": `package panics
import "testing"
func TestPanics(t *testing.T) { panic("out of the blue") }`,
	"broken/broken_test.go": "package broken\nfunc f() int { return \"text\" }\n",
}

// The goal is that no way of failing is lost. The method: the real go command on a module whose
// packages pass, fail, skip, panic, exit and do not compile.
func TestEveryEndOfAGoPackageIsCounted(t *testing.T) {
	t.Parallel()

	total, out := runGo(t, module, "./...")

	if total.passed != 3+3+1 {
		t.Errorf("passed: got %d, want 7", total.passed)
	}
	want := []string{"m/bad TestChild/b", "m/bad TestParent", "m/broken", "m/exit",
		"m/panics TestPanics"}
	if got := slices.Sorted(slices.Values(total.failed)); !slices.Equal(got, want) {
		t.Errorf("failed: got %q, want %q", got, want)
	}
	if want := []string{"m/skip TestSkip"}; !slices.Equal(total.skipped, want) {
		t.Errorf("skipped: got %q, want %q", total.skipped, want)
	}
	if why := total.why["m/bad TestChild/b"]; len(why) != 1 ||
		!strings.HasSuffix(why[0], "child says") {
		t.Errorf("beside the name of the failed test: got %q", why)
	}
	for _, text := range []string{"child says", "parent says", "no engine here",
		"out of the blue", "cannot use \"text\""} {
		if !strings.Contains(out, text) {
			t.Errorf("the output lacks %q:\n%s", text, out)
		}
	}
	if strings.Contains(out, "quiet says") {
		t.Errorf("the output shows what a passing test wrote:\n%s", out)
	}
}

// The goal is that a runner which cannot even start counts. The method: a go.mod that is broken,
// and a module that has no test.
func TestARunThatProvesNothingIsNotGood(t *testing.T) {
	t.Parallel()

	broken, _ := runGo(t, map[string]string{"go.mod": "modul m\n", "a.go": "package a\n"}, "./...")
	empty, _ := runGo(t, map[string]string{"go.mod": "module m\n", "a.go": "package a\n"}, "./...")

	if broken.good() || len(broken.failed) != 1 {
		t.Errorf("a broken go.mod: good %t, failed %q", broken.good(), broken.failed)
	}
	if empty.good() {
		t.Error("a run without a test is called good")
	}
}

// The goal is that Node's tests count like Go's. The method: Node itself on a file whose tests
// pass, fail, skip and nest.
func TestEveryEndOfANodeTestIsCounted(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.test.mjs")
	write(t, file, `import {test, describe, it} from 'node:test'
test('one', () => {})
test('two - # hash', () => { throw new Error('node says') })
describe('group', () => {
  it('three', () => {}); it('four', () => { throw new Error('x') }); it.skip('five', () => {}) })
test('parent', async (t) => { await t.test('six', () => {}); throw new Error('own') })
`)

	var total tally
	var out strings.Builder
	run(&out, &total, "node", []string{"node", "--test", "--test-reporter=tap", file}, readTAP)

	if total.passed != 3 {
		t.Errorf("passed: got %d, want 3", total.passed)
	}
	want := []string{`node two - \# hash`, "node four", "node parent"}
	if !slices.Equal(total.failed, want) {
		t.Errorf("failed: got %q, want %q", total.failed, want)
	}
	if want := []string{"node five"}; !slices.Equal(total.skipped, want) {
		t.Errorf("skipped: got %q, want %q", total.skipped, want)
	}
	if !strings.Contains(out.String(), "node says") {
		t.Errorf("the output lacks the failure's text:\n%s", out.String())
	}
}

// The goal is a last line that machines can read. The method: print a tally of each sort.
func TestTheLastLineCounts(t *testing.T) {
	t.Parallel()
	cases := []struct {
		total tally
		last  string
		good  bool
	}{
		{tally{}, "0 passed, 0 failed, 0 skipped", false},
		{tally{passed: 7}, "7 passed, 0 failed, 0 skipped", true},
		{tally{passed: 7, failed: []string{"a"}}, "7 passed, 1 failed, 0 skipped", false},
		{tally{passed: 7, skipped: []string{"a"}}, "7 passed, 0 failed, 1 skipped", false},
	}
	for _, c := range cases {
		var out strings.Builder
		c.total.print(&out)

		lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
		if got := lines[len(lines)-1]; got != c.last || c.total.good() != c.good {
			t.Errorf("got %q, good %t; want %q, good %t", got, c.total.good(), c.last, c.good)
		}
	}
}

// runGo writes a module and runs its tests with the go command, as main does.
func runGo(t *testing.T, files map[string]string, pattern string) (*tally, string) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(folder, name), text)
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Fatalf("find the go command: %v", err)
	}
	var total tally
	var out strings.Builder
	args := []string{tool, "-C", folder, "test", "-json", "-count=1", pattern}
	run(&out, &total, "go test", args, readGo)
	return &total, out.String()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatalf("make folder: %v", err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatalf("write file: %v", err)
	}
}
