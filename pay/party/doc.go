// Package party is the directory: who is a member of the scheme, and where payments are taken.
//
// A participant is an acquirer (a bank that signs shops) or an issuer (a wallet operator), or
// both; an agreement says under which terms, for one role and one currency. An acquirer has
// merchants, a merchant has stores, a store has terminals. Each has a small number of ours (no)
// that keys are made of, and an id that its owner chose and that comes back unchanged on every
// message. Participants sign messages with RSA keys, of which several versions may be valid at
// once. A terminal is activated by a one-time link and then holds a session.
//
// Amounts are whole yen unless a field names its currency; rates are parts per million; times
// are microseconds UTC; a clearing day is a calendar day in the agreement's zone.
//
// Invariants. The code cites them.
//
//	R1  Every change of the directory bumps reference.version and appends an event with its
//	    actor, in the same transaction. What takes nothing away (an activation link, a new
//	    session, a last use) does not bump.
//	R2  All writers take the reference row first, so they never wait for each other in a
//	    circle, and what they have checked still holds when they write.
//	R3  A node refuses by a change at once when the change was made on that node, and within
//	    500 ms when it was made elsewhere; a payment batch refuses by every change that was
//	    committed when its transaction read the reference row (Reading).
//	R4  The directory never holds an older state under a newer version, and never one that
//	    was not committed.
//	R5  Closed is final. A closed participant, merchant, store or terminal keeps its id.
//	R6  A version of an agreement is never edited: a change is a new version, and the highest
//	    version that is valid at an instant is the one in force.
//	R7  Ids are opaque: compared by bytes, at most 64 characters, printable, without blanks at
//	    the ends, unique only with their owner. A participant's id is unique in the scheme, a
//	    merchant's in its acquirer, a store's in its merchant, a terminal's in its store.
//	R8  Names are in Unicode normal form C, trimmed, at most 256 characters, without control,
//	    format or private characters.
//	R9  A merchant or store that a message names and the directory does not know is refused,
//	    unless its acquirer may bring it on sight; then it is unverified, has low limits, and
//	    is never of a banned category.
//	R10 Secrets are kept as their SHA-256: an activation link works once, a session until it is
//	    revoked or its terminal is closed, or the store, merchant or acquirer that it is in. Who
//	    revokes a terminal's sessions ends its links too. A manager's PIN, which has few digits,
//	    is kept under PBKDF2.
//	R11 What is agreed with a participant, its keys, and where it is called are changed by two
//	    people (kit/foureyes): fees, limits, caps, terms. What was changed since a request was
//	    made makes it stale. Payments keep the version that they were made under.
//	R12 A cap where there was none comes in force with the transaction that adds it, which
//	    counts what is owed already; it cannot be agreed for a later day.
//	R13 What a status means for people and API keys is said in one place (Standing, kit/access
//	    A6): the worst of what they are bound to counts.
//
// What is not here: the private keys of the scheme, API keys (kit/access), and money.
//
// Sources: ISO 18245 (merchant category codes), ISO 4217 (currencies), JIS X 0401 (prefectures),
// RFC 5280 section 4.1.2.7 (SubjectPublicKeyInfo), RFC 8018 section 5.2 (PBKDF2).
package party
