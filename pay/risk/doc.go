// Package risk says no: limits by amount, by day and by exposure, and the velocity of failures.
//
// The rules are pure. What they need to know of the past are counters; the payment batch loads
// the counters that its payments touch, asks Check for each payment in turn, reserves what
// passes, and writes the counters back, all in one transaction. A counter has a kind, a subject
// (the number of a store, terminal, issuer or acquirer) and a day.
//
//	kind                 counts                                       unit      given back
//	store_day            payments of a store in a day                 JPY       yes
//	issuer_day           payments by an issuer's wallets in a day     JPY       yes
//	issuer_owed          what an issuer owes, reserved or approved    its own   yes, or paid
//	acquirer_net         refunds less payments since the last payout  its own   yes, or paid out
//	store_refund_day     refunds by the tills of a store in a day     JPY       when they fail
//	terminal_refund_day  refunds by a terminal in a day               JPY       when they fail
//	terminal_fail        failed payments of a terminal in a minute    payments  no
//	terminal_pin         manager's PINs tried at a terminal in a day  tries     when right
//
// A day is a calendar day in Japan, YYYY-MM-DD; terminal_fail has a minute of UTC in its place,
// issuer_owed and acquirer_net the currency, because they have no end. Counters of a day count
// amounts and payments, the others one of the two. Where the counters without an end would have
// their count stands their base (K9).
//
// Invariants. The code cites them.
//
//	K1  A payment is counted in the transaction that lets it through, on rows that are locked
//	    until that transaction ends: no number of nodes passes a limit together.
//	K2  Rows are made, then locked and read, in the order of their keys, each step by a
//	    statement of its own: two batches never wait for each other in a circle.
//	K3  What is given back is what was taken: a payment keeps which counters hold it (Held), so
//	    a limit that came or went since changes nothing.
//	K4  A counter is loaded only for a limit that is configured; without limits a batch runs no
//	    statement here.
//	K5  Counters of a day never fall below zero. issuer_owed does when the issuer has paid in
//	    advance, acquirer_net as long as the acquirer has sold more than it refunded.
//	K6  terminal_fail is loose: read without a lock and added to without being read. Payments
//	    that are still in flight cannot have failed yet, so a lock would not make it exact; a
//	    terminal can pass its limit by what it has in flight.
//	K7  A refusal tells a caller its own figures only. Of an issuer's day and exposure it tells
//	    that they are full; the figures are in the private cause.
//	K8  A manager's PIN is counted and committed before it is compared, so guesses that are made
//	    at once are all counted.
//	K9  A counter without an end is its base and what payments and refunds hold of it. The base
//	    is what was owed when the cap was set (StartCap), less what was paid since.
//
// A malformed or unsigned message is not a failure: who sent it is not known.
package risk
