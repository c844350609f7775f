// Package foureyes lets two people change what nobody may change alone.
//
// A Request is a change that its maker proposes, in the words of its kind, and that a second
// person, the checker, approves or rejects. The packages whose things are changed hand the Desk a
// function for each of their kinds; the desk runs it when a request of the kind is approved. The
// table keeps every request with both names for ever.
//
// Invariants. The code cites them; the table's constraints hold Y1 and Y2 as well.
//
//	Y1  Who made a request never approves it. (They may reject it: that is safe.) Names are
//	    compared as people write them: without regard to case and outer blanks.
//	Y2  A request is decided once.
//	Y3  What a request does is done in the transaction that approves it: it is approved and done,
//	    or neither.
//	Y4  A request with a digest is asked once: another with the same digest of the same kind is
//	    not made, whatever became of the first.
//	Y5  Each step is an event with its actor, when the desk has a log.
package foureyes
