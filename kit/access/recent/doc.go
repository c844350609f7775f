// Package recent keeps answers of the database for two seconds, so that a secret that comes with
// every request is looked up about once a second, however often it comes.
//
// # Invariants
//
//	N1  An answer is used for at most two seconds after the database was asked, refusals too.
//	N2  Callers who find nothing wait together for one question, and one that hangs up spoils
//	    nothing for the others.
//	N3  The cache holds at most 10,000 answers, about 2 MB: a flood of invented secrets costs a
//	    look-up for each secret in use.
//	N4  After Forget or Clear has returned, an answer that was asked for before is not used.
package recent
