// Package watch looks after the network: it keeps how the wallets answered, minute by minute, and
// calls an operator when something needs one.
//
// # Health
//
// Every node adds what its guard (pay/link/guard) counted to one row a wallet a minute, every ten
// seconds. A row of zeros says that nobody paid; no row says that no node ran. Rows are kept for
// a month.
//
// # Alerts
//
// An Alert is something that a person must know of. It has a kind (kinds.go), is about a subject,
// begins open, may be acknowledged (somebody looks after it), and ends. Of two sorts:
//
//	standing  it is true now: a leg is stuck, a wallet is down, a cap is near, rates are old. It
//	          ends by itself when it is no longer true.
//	lasting   it happened: a notice was given up, a wallet contradicts itself. It ends when a
//	          person says so.
//
// # Invariants
//
// The code cites them; the table's constraints hold W1 as well.
//
//	W1  Of one kind about one subject at most one alert has not ended, on however many nodes.
//	W2  What could not be looked at ends nothing: only a check that answered ends its alerts.
//	W3  An acknowledged alert that grows worse, or happens again, is open again.
//	W4  What happened is told once: events that are read twice count once, and what a person has
//	    ended is raised again only by something newer.
//	W5  Each step of an alert is an event with its actor.
//	W6  The place that was reached in the event log is written with the alerts of what lies
//	    before it, or after them.
//	W7  Watching never stands in the way of paying: it locks nothing that a payment locks.
//	W8  What wavers around a bound is one alert: it ends, and grows less grave, only well below
//	    the bound at which it began, and a wallet is down until something proves that it is back.
package watch
