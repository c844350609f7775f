// Package program runs the real binary in tests: it finds or builds bin/watari, starts
// `watari serve` on a fresh data folder, waits until it is ready, and reads sandbox.json.
//
// A Server is killed when its test ends, also when the test process dies. What it wrote is shown
// when the test fails. The address is always a free port of the loopback interface.
package program
