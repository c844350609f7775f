// Package ledger counts the money: accounts, transfers and their postings, balances.
//
// An account belongs to a book: the scheme's own book (book 0) or the book of one acquirer,
// named by its participant number. An account is found by book, kind, owner and currency.
// A transfer is a balanced, immutable set of postings; a posting names an account, a side
// and a positive amount in minor units. A balance is two numbers that only grow, what was
// debited and what was credited; the account's kind says which side is its own.
//
// Invariants. The code cites them; `watari verify` recomputes them from the transfers.
//
//	L1  A posting is positive and has a side.
//	L2  The postings of a transfer sum to zero in each book and currency.
//	L3  A transfer is never changed or deleted. A correction is a new transfer that names
//	    the one it corrects.
//	L4  A transfer's id derives from the leg or refund and the step that caused it, so the
//	    same step can never post twice.
//	L5  An account's balance is the sum of its postings, over all lanes.
//	L6  In each book and currency, all debits equal all credits (trial balance).
//	L7  When a trial balance fails the ledger is closed for writes until `watari verify
//	    --reopen` finds that it holds again.
//
// A transfer keeps its postings in one column, as text such as "12d1980 13c1980": account
// number, side, minor units. A payment has about eleven postings; as rows of their own they
// cost a thousand bytes a payment and a third of the throughput, and no question is asked of
// a single posting that is not asked of its transfer (docs/decisions).
//
// A balance has lanes, one a node, so that two nodes never wait for one row; it is read as a
// sum. All sums are 64-bit: an account overflows after 92 million payments of 10^11 yen.
package ledger
