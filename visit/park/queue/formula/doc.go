// Package formula is the arithmetic of waiting: windows with one line in front of them, rides that
// load in batches, lines that grow because more come than leave.
//
// Everything here is a pure function of float64. Waits are estimates and nobody is paid by them,
// so fractions are at home in this package; no amount of money comes near it.
//
// The unit of time is the caller's: rates are per that unit and waits come in it. A function is
// given sensible numbers by its caller; where a formula has no answer (more people arrive than can
// ever be served) the answer is +Inf, never a number that looks like one.
//
// # Sources
//
// A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
// automatic telephone exchanges", 1917 (the formula C). J. D. C. Little, "A proof for the queuing
// formula L = λW", Operations Research 9 (1961). A. O. Allen, "Probability, Statistics, and
// Queueing Theory with Computer Science Applications", 1990, section 5.4 (the Allen-Cunneen
// approximation).
package formula
