package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// goTest runs Go tests. Nothing is taken from the cache.
func goTest(parallel string, packages []string) []string {
	return append([]string{"go", "test", "-json", "-count=1", "-p=" + parallel,
		"-timeout=15m"}, packages...)
}

// alone are the packages that start servers and browsers of their own: two of them at a time
// are more than two cores carry, and what waits for a page then waits too long.
var alone = []string{"/test/browser", "/test/crash", "/test/federation", "/test/network",
	"/test/ways"}

// packages lists the packages of the module, those that run alone apart.
func packages() (others, heavy []string, err error) {
	out, err := exec.Command("go", "list", "./...").Output()
	if err != nil {
		return nil, nil, fmt.Errorf("list packages: %w", err)
	}
	for _, name := range strings.Fields(string(out)) {
		if slices.ContainsFunc(alone, func(end string) bool {
			return strings.HasSuffix(name, end)
		}) {
			heavy = append(heavy, name)
		} else {
			others = append(others, name)
		}
	}
	if len(heavy) != len(alone) {
		return nil, nil, fmt.Errorf("of %v only %v are there", alone, heavy)
	}
	return others, heavy, nil
}

func main() {
	var total tally
	others, heavy, err := packages()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	run(os.Stdout, &total, "go test", goTest("2", others), readGo)
	run(os.Stdout, &total, "go test", goTest("1", heavy), readGo)
	if scripts := nodeTests("ui/web"); len(scripts) > 0 {
		args := append([]string{"node", "--test", "--test-reporter=tap"}, scripts...)
		run(os.Stdout, &total, "node --test", args, readTAP)
	}

	total.print(os.Stdout)
	if !total.good() {
		os.Exit(1)
	}
}

// reader turns the output of one test runner into results. It writes what a person wants to see
// on the way to w.
type reader func(w io.Writer, stream io.Reader, total *tally) error

// run starts a test runner and reads its stream to the end. A runner that fails without having
// reported a failure is a failure itself, under its name.
func run(w io.Writer, total *tally, name string, args []string, read reader) {
	before := len(total.failed)
	err := func() error {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stderr = os.Stderr
		stream, err := cmd.StdoutPipe()
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		if err := read(w, stream, total); err != nil {
			_, _ = io.Copy(io.Discard, stream)
			_ = cmd.Wait()
			return err
		}
		return cmd.Wait()
	}()
	if err != nil && len(total.failed) == before {
		_, _ = fmt.Fprintf(w, "%s: %v\n", name, err)
		total.fail(name)
	}
}

// nodeTests returns the test files of the pages' own scripts.
func nodeTests(folder string) []string {
	var found []string
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // no such folder: no tests
		}
		if entry.IsDir() && entry.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".test.mjs") || strings.HasSuffix(path, ".test.js") {
			found = append(found, path)
		}
		return nil
	})
	return found
}
