// Package park is the console of people who run a park: today, what was sold, closures, gates,
// queues, what is sold and for how much, the map, vouchers, and the shops of the park.
//
// # Nouns
//
// A park belongs to a merchant; who owns or manages the merchant runs it, and its cashiers, who
// stand at the gates, see today and the gates. A day is a day of the park, in Japan, from five in
// the morning; every time on the pages is Japan's.
//
// # Invariants
//
//	R1  Whatever a page shows or changes belongs to a park of the merchant of who is signed in.
//	    Anything else does not exist: 404.
//	R2  A cashier changes nothing and sees no money.
//	R3  A link that makes a browser a gate is on one page, once.
//	R4  A file for spreadsheets runs no formula: a text that would begin one is quoted.
//	R5  A day is closed only after a question that says what it gives back, and by who typed how
//	    many orders that are. When more was sold meanwhile the question is asked again.
//	R6  What is given back of an order is what was shown before, or it is shown again.
//	R7  What cannot be undone, a key that is withdrawn or a refund that was given back otherwise, is
//	    kept only for who ticked that they have read what it does.
package park
