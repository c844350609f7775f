// Package fault declares and carries the problems that a caller may be told about.
//
// Three families of failure never mix in this program:
//
//   - an outcome is data ("declined: insufficient funds") and is no error at all;
//   - a fault is a refusal that the caller can understand and act on: this package;
//   - a defect is a broken invariant, raised by kit/check.
//
// Everything else (a disk, a driver, a lost connection) is an ordinary error, whose text is
// never shown to a caller.
//
// # Nouns
//
// A Problem is one kind of refusal. It is declared once, as a package variable, by Define, and
// that one value is the sentinel for errors.Is, the documentation, and the entry that the web
// layer maps to a status. An Error is one occurrence of a Problem: a public detail, extension
// members, field errors, and a private cause.
//
// # Invariants
//
//	F1  A slug is declared once in a program; Define panics on the second.
//	F2  The public text (Detail, Members, Fields) and the private cause are apart: only Error()
//	    shows the cause, and Error() is for logs.
//	F3  Decode(Encode(e)) repeats the public part of e to the letter, whatever the types of its
//	    members were. A stored refusal can therefore be answered again for ever; for the same
//	    reason a slug that was ever released is never removed.
//
// The package knows nothing of HTTP. The document that is made from a fault follows RFC 9457
// (Problem Details for HTTP APIs, July 2023).
package fault
