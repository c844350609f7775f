// Package check states what must be true, and stays on in production.
//
// A check that fails is a defect: the program is wrong, not its input. It panics with a
// Defect, which carries an id for support. Whoever owns the unit of work (a request, a
// batch, a job) recovers it, logs the text under its id and shows only the id. Bad input
// is a fault (kit/fault), a refusal by a wallet is data.
package check
