// Package fx keeps reference rates, locks quotes for payments, and lets nobody alone change a rate
// by much.
//
// # Nouns
//
// A reference rate is what one euro is in a currency on a day, as the European Central Bank
// publishes it. A Quote is a rate from one currency to another, locked for an issuer until a time,
// that serves many payments. The mid rate of a quote has no spread in it; the difference between
// the two is the network's spread. A Change is a set of rates that an import found suspicious and
// that a second person approves or rejects (kit/foureyes). A Board does all of this.
//
// # Invariants
//
//	X1  A quote never changes. It expires for new payments only: what was made under it (capture,
//	    late approval, cancel, refund) keeps its rate.
//	X2  Rate and mid of a quote are computed from two reference rates of one day as one fraction,
//	    spread included, and rounded half-even once to 12 significant digits. Amounts are then
//	    rounded once, half away from zero.
//	X3  Importing a file again changes nothing.
//	X4  A rate more than 5 % off the one before it, a rate that looks turned round, and a rate that
//	    differs from the stored one of the same day are not applied: they become a change. When
//	    one rate of a day looks turned round, the whole day waits, because the file is in doubt.
//	    Days before the newest stored one, and before the newest of a first file, price nothing:
//	    their jumps are history and are applied.
//	X5  Who made a change never approves it. (They may reject it: that is safe.)
//	X6  A pair uses the newest day on which both currencies have a rate: a rate that is held back
//	    takes nobody else's with it, and two days are never mixed.
//
// # When a rate is too old
//
// Rates are published on the days on which TARGET is open: every day but Saturdays, Sundays, New
// Year's Day, Good Friday, Easter Monday, 1 May, 25 and 26 December. They appear at about 16:00
// Central European time, taken here as 15:00 UTC, which is right in winter and an hour late in
// summer. A rate is good until the second publication after it is due, plus two hours for the
// import: one missed import does not stop payments, two do. Friday's rate ends on Tuesday, that of
// Maundy Thursday on the Wednesday after Easter. Days are counted by that calendar and not in
// hours, so weekends and holidays make no rate old. Config changes both numbers.
//
// # Nodes
//
// Quotes live in the memory of the node that made them and in the table. Two nodes can have two
// live quotes for one pair. The first import of all has nothing to compare with and is applied as
// it is; the report then lists every currency as first seen.
//
// Sources: European Central Bank, "Euro foreign exchange reference rates" (file eurofxref-hist.csv
// and publication time); Eurosystem, TARGET long-term calendar for closing days.
package fx
