package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// goTest is the one command that runs all Go tests. Nothing is taken from the cache; two
// packages run at a time, which is what two cores carry when each starts servers and browsers.
var goTest = []string{"go", "test", "-json", "-count=1", "-p=2", "-timeout=10m", "./..."}

func main() {
	var total tally
	run(os.Stdout, &total, "go test", goTest, readGo)
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
