// Package event is the log of what happened: history, outbox and evidence in one row.
//
// An event is written by the transaction that makes it true. Events lie in lanes, one or
// more per node, and are numbered within their lane. Readers remember a Cursor, the number
// reached in every lane.
//
// Invariants:
//
//	E1 Within a lane sequence order is commit order: an append locks the row of its lane
//	   until the commit. A reader that has seen number n has seen everything up to n, and
//	   so misses nothing, whatever commits late in other lanes.
//	E2 Numbers have no gaps.
//	E3 Events are never changed. Each carries the SHA-256 of its predecessor's hash and its
//	   own canonical line; the first follows 32 zero bytes. VerifyChain recomputes them. A
//	   copy of the head kept elsewhere shows also that nothing was cut off at the end.
//	E4 A lost lane claim is harmless: two nodes in one lane wait for each other, no more.
//
// The canonical line is lane, seq, at_us, kind, subject, acquirer_no, store_no, actor and
// data, separated by tabs; only data, the last, may hold control characters.
//
// The order between lanes is that of the clocks of their nodes: good for people, not for
// decisions.
//
// Hash: FIPS 180-4.
package event
