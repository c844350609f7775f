// Package clocktest measures processor time in benchmarks. Elapsed time tells little on a machine
// that others use as well; the processor time of the own process tells what a step costs.
package clocktest
