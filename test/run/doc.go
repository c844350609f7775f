// Command run runs every test of the repository and says in its last line how it went:
//
//	412 passed, 0 failed, 0 skipped
//
// It reads the machine-readable stream of go test, and the TAP stream of Node's test runner when
// the pages' scripts have tests. It prints one line a package, whatever a failing test wrote,
// and at the end the names of all that failed or were skipped.
//
// Packages run side by side, one more than there are cores; then those that start servers and
// browsers of their own, one after another. Where there is room the tests' files are in memory.
//
// What is counted: a test without sub-tests, and each sub-test that has none itself. A parent is
// counted only when it fails by itself. A package that fails outside its tests (it does not
// build, it panics, its time is over) counts as one failure.
//
// The exit status is 0 only when at least one test passed, none failed and none was skipped: a
// skipped test proves nothing, so a missing tool is a failure here.
package main
