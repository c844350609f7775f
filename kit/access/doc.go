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
//
// The package does not know what the roles may do; operations list the roles they allow.
package access
