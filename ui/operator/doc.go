// Package operator is the console of the network's operators: how the wallets answer, what needs a
// person, every payment with its legs and postings, participants with their terms, changes that two
// people decide, rates, the ledger, people, and the trail of what was done.
//
// # Invariants
//
//	O1  Everything is read; what is changed goes through kit/foureyes, but for the status of a
//	    participant and what is done with alerts and people, which are safe for one.
//	O2  No page shows a payer's sealed data, or any key's secret twice.
//	O3  A search says which time it looked at. An id of ours is found in any.
//	O4  Times are Japan's, and say so.
package operator
