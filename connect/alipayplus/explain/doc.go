// Package explain is the command `watari explain-signature`: it takes one message of the Alipay+
// protocol as it was received, prints the exact text that should have been signed, says whether
// the signature verifies, and if not, what the sender signed instead.
//
// Opaque signature failures are the first complaint of everybody who integrates a payment
// protocol; this is the answer to them. What it finds is described in package sign.
package explain
