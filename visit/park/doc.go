// Package park sells what a park sells: tickets by day and slot, at prices of a calendar, with
// discounts that somebody pays for.
//
// # Nouns
//
// A product is what is sold: a day, an afternoon, a timed entry, a ride, a year. A piece is one of
// it for one person of an age class, the unit. A quota is how many there are, of a day, of a slot,
// through a channel. A rule is a discount; a basket is everything that prices are computed from; a
// policy is what happens when a visitor gives something back. Prices are whole yen, tax included.
// A day is a day of the park, YYYY-MM-DD in Japan, from five in the morning.
//
// # Invariants
//
//	T1  A quota is never sold beyond its size and the oversell margin that its park allows, over
//	    all channels and nodes.
//	T2  What was taken from a quota goes back once: when its hold ends, or when it is given back. If
//	    somebody waits for it, it is kept for them in the same transaction and nobody can be faster.
//	    An allotment that ends is offered to them some seconds before everybody can buy it.
//	T3  A price depends on the basket alone, which is kept with the order. What stays of an order is
//	    priced by the rules of its purchase; a discount that it does not earn any more falls away.
//	    What stays never costs more than what was paid for all of it, so giving back in pieces
//	    returns what giving back at once does. What is sold from so many on stays so many, or none.
//	    What a closure took counts in all of this as if it was still there.
//	T4  A price that a wallet gives is paid with that wallet.
//	T5  Each discount is yen of a line with its giver; they sum to the list price less the price.
//	T6  A closed day sells nothing, and nothing of it stays sold.
//	T7  Vouchers that are asked for again under the same request id are made once.
//
// Lock order: orders (visit/order), parks, days, quotas, vouchers, limits, products, waits,
// tickets, each by their keys. A sale locks a day against being closed, not against other sales.
// Who offers places to who waits locks their products against being changed: a product takes from
// other quotas only while no places of it are kept.
package park
