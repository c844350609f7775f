// Package access says who is calling: API keys, roles, and the caller of a request.
//
// # Nouns
//
// A Grant is what a key allows: a role, and for which participant, merchant, store and terminal. A
// key is "wk_" and 52 characters of base 32: 256 random bits, shown once when it is made and never
// kept. A Caller is who was recognised; it travels in the context, and its Actor is the name that
// events record.
//
// # Invariants
//
//	A1  The database holds the SHA-256 of a key, never the key. A key has 256 bits of entropy, so
//	    a fast hash without salt is enough: there is nothing to guess (NIST SP 800-63B, 5.1.1.2,
//	    asks for slow hashes of what people choose).
//	A2  A revoked key is refused everywhere at most two seconds later: answers are cached for
//	    that long, refusals too (package recent).
//	A3  Authenticate writes nothing. That a key was used is noted in memory and written about
//	    once a minute by Run, so last_used_us may be behind by that much and is lost in a crash.
//	A4  A role says what kind of thing a caller may do, its numbers say to whom: a terminal key
//	    always has a participant, a store and a terminal; the roles of a bank have a participant;
//	    a merchant's owner has a participant and a merchant, managers and cashiers perhaps one of
//	    its stores too; an operator key has none of them.
//	A5  A key that was replaced may go on working until a time that was set then (RevokeAt).
//	A6  Whoever is recognised, by key or by session, is recognised with the Standing of their
//	    place, the worst of bank, merchant, store and terminal as far as they are bound to them.
//	    Closed: a key is refused with ErrClosed, a session has ended, nobody signs in. Suspended:
//	    reading goes on, so that records stay within reach of their owners, and so does giving
//	    back what was taken (refunds, cancellations), because payers are not to suffer, and
//	    one's own password and second factors. New payments and orders are refused where they are
//	    made (party.Point.Usable), so that a repeat of an earlier one is told what became of it;
//	    all else is refused here with ErrSuspended: captures, people, keys, webhooks, payout
//	    accounts, tills, merchants. Places below follow the one above. A change is obeyed at most
//	    two seconds later on every node, as A2.
//	A7  A key acts for whoever made it, and so does a key that was made with it, or in its place:
//	    they know its secret. Where two people are needed, all of them are one (Caller.Name). Keys
//	    that were made without a caller are told apart by their labels.
//
// The package does not know what the roles may do; operations list the roles they allow.
package access
