// Package queue tells how long people wait in a park: for rides, at ticket counters, at entrances.
//
// # Nouns
//
// A Place is something that people queue for. A Count is what a sensor counted in a minute, a Post
// is what staff said, a Sample is a rider with a timed token. From these a Moment is found, once a
// minute: state, wait, bounds, how it was found, what it rests on. Wait is a Moment as it is shown.
// A Line is the virtual queue of a place and a Ticket a number in it. Daily, Course and Accuracy
// look back.
//
// Parks themselves are somebody else's (Parks): this package knows a park by its id.
//
// # Invariants
//
//	U1  What is not known is never shown as a wait: no count and no word for 15 minutes, and the
//	    wait is unknown. 0 means that nobody waits.
//	U2  A place that is not operating has no wait.
//	U3  What was found about a moment depends on what was known then and on nothing else (reckon):
//	    every node finds the same, and a look back finds it again.
//	U4  Who sends counts again changes nothing; what comes late is not lost.
//	U5  The state of a place is told as an event once for each change, on however many nodes.
//	U6  A visitor holds one number in a park. Numbers are called in the order of their turns; a
//	    party that does not fit is not overtaken.
//	U7  A breakdown costs nobody their window: it moves by as long as the breakdown lasts.
//	U8  Whoever listens gets the whole board first; who lags is cut off and begins again.
//	U9  Another party's park is answered like one that does not exist.
//	U10 What the map of its park says is closed until further notice is closed on every board,
//	    whatever is counted there; its virtual queue gives no numbers and calls none.
//	U11 Where a queue asks for it, a number is given only to who holds a ticket into the park for
//	    the day, or has entered with one.
//
// # Units
//
// Waits are minutes: as float64 where they are computed (nobody is paid by a wait, and no amount of
// money comes near this package), as whole seconds where they are kept, as whole minutes where they
// are shown. Parts are millionths where they are kept. Days are park days, "2026-11-23", from 05:00
// to 05:00 in Japan.
//
// # Sources
//
// The formulas are those of package formula. The rule that a wait of a ride which loads in batches
// is the dispatches that fill before, and that cumulative counts give the length of a line, is the
// usual practice of crowd management (N-curve). The public shape is that of ThemeParks.wiki (type
// library @themeparks/typelib 2.0.0).
package queue
