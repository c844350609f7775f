package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// goTest runs Go tests, so many packages at once. No result is taken from the cache. They are
// compiled as `make build` compiles the program, so that no package is compiled twice, and linked
// without what only a debugger reads, which takes half the time.
func goTest(parallel int, packages []string) []string {
	return append([]string{"env", "CGO_ENABLED=0", "go", "test", "-json", "-count=1", "-trimpath",
		"-ldflags=-s", fmt.Sprintf("-p=%d", parallel), "-timeout=30m"}, packages...)
}

// heavyOnes are the packages that start servers and browsers of their own, the longest first. Two
// of them at once are more than two cores carry, and what waits for a page then waits too long.
var heavyOnes = []string{"/test/browser", "/test/crash", "/test/network", "/test/federation",
	"/test/ways"}

// heavyAtOnce is how many of them run at once.
const heavyAtOnce = 1

// longOnes are the other packages that take long. They begin first: when they ended last, one of
// them would run alone.
var longOnes = []string{"watari/pay/payment", "watari/visit/order", "watari/visit/park",
	"watari/sandbox", "watari/sandbox/park/crowd", "watari/kit/access/people",
	"watari/connect/wechatpay"}

// packages lists the packages of the module, longOnes first, and the heavy ones apart, in the order
// of heavyOnes.
func packages() (others, heavy []string, err error) {
	out, err := exec.Command("go", "list", "./...").Output()
	if err != nil {
		return nil, nil, fmt.Errorf("list packages: %w", err)
	}
	found := map[string]string{}
	for _, name := range strings.Fields(string(out)) {
		i := slices.IndexFunc(heavyOnes, func(end string) bool {
			return strings.HasSuffix(name, end)
		})
		if i < 0 {
			others = append(others, name)
		} else {
			found[heavyOnes[i]] = name
		}
	}
	for _, end := range heavyOnes {
		if found[end] == "" {
			return nil, nil, fmt.Errorf("there is no package %s", end)
		}
		heavy = append(heavy, found[end])
	}
	for i, name := range longOnes {
		at := slices.Index(others, name)
		if at < 0 {
			return nil, nil, fmt.Errorf("there is no package %s", name)
		}
		others = slices.Insert(slices.Delete(others, at, at+1), i, name)
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
	leave := inMemory()
	// One package more than there are cores, because somebody always waits for a commit.
	run(os.Stdout, &total, "go test", goTest(runtime.NumCPU()+1, others), readGo)
	run(os.Stdout, &total, "go test", goTest(heavyAtOnce, heavy), readGo)
	if scripts := nodeTests("ui/web"); len(scripts) > 0 {
		args := append([]string{"node", "--test", "--test-reporter=tap"}, scripts...)
		run(os.Stdout, &total, "node --test", args, readTAP)
	}

	leave()
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
