// Package wallet keeps the books of one simulated wallet of the sandbox, whatever protocol it
// speaks: users with balances, payments by their codes, orders that they take, promises that are
// captured, standing consents, refunds, and what the network must hear of all that. It serves the
// control interface; the protocol itself is a Front, from a package of its own.
//
// # Nouns
//
// A Profile is what makes one wallet another than the next. A User holds a balance. A Code is a
// payment code of a user. A Charge is what the network asks; a Payment is what became of it, under
// the network's request id. An order is a payment that no user has taken yet. A Consent is a user's
// leave to be charged without being asked. A Notice is what the network must be told. A Mode is a
// way to misbehave, set through the control interface for tests. A Why is a reason, in no
// protocol's words.
//
// # Invariants
//
//	W1  A request id is processed once, for ever: a repeat is told how the payment stands; a
//	    repeat with other compared fields is refused (WhyInconsistent).
//	W2  A balance never falls below zero, and is the opening balance less every debit and promise,
//	    plus every release, cancel and refund. Each of these is one row of sim_entry.
//	W3  Nothing is debited for a code that is not of that user, or has expired, or paid before;
//	    nor under a consent that does not stand.
//	W4  A cancel succeeds whatever the state and gives back what is left. A cancel of an id that
//	    was never seen blocks it: a later pay finds it cancelled.
//	W5  Refunds of a payment never exceed what was taken, in either currency, and are known by
//	    their own request id for ever. Captures never exceed the promise.
//	W6  What is promised to the network is written with the debit that it tells of: a notice is
//	    sent again until the network takes it, whatever dies in between.
//	W7  An order is paid by one user: whoever takes it first is asked, and nobody else.
//
// W4 has one exception, on purpose: the mode late_success debits even after a cancel, because
// real wallets do that and the network has to cope.
//
// The states are in state.go. The wallet knows nothing of the network's tables or services.
package wallet
