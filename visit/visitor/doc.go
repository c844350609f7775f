// Package visitor knows who visits: people who signed in with the wallet on their phone.
//
// # Nouns
//
// A Visitor is a user of a wallet, known by the wallet's id of them and by nothing else: there is
// no e-mail address, no password, no name that we asked for. A trip is one visit of a browser to
// its wallet to be let in; a session is a browser that was. A receipt is a payment of the
// visitor's, by which something was bought here or which their wallet's user made in a shop.
//
// # Invariants
//
//	V1  The wallet's id of a user is kept sealed, and found again by a keyed hash (HMAC-SHA256)
//	    whose key is sealed too: the tables alone recognise nobody. One user of one wallet is one
//	    visitor, whatever browser they come with; two wallets are two visitors.
//	V2  A trip is bound to one browser (cookie), one wallet (the address that it comes back to),
//	    one question (state) and ten minutes, and is used up by whoever brings its cookie first,
//	    whatever comes of it. The same cookie with the very same answer is given the same session
//	    once more for a minute: browsers inside wallets load the way back twice. The wallet is
//	    asked once, another answer or another browser gets nothing, and a session that was ended
//	    meanwhile stays ended.
//	V3  Secrets are kept as hashes. Every sign-in makes a new session; a session ends after 30
//	    days, when the visitor signs out or is forgotten, at once on this node and within two
//	    seconds on the others. A visitor has at most SessionsMax: the oldest ends.
//	V4  After a sign-in nobody is sent anywhere but to a page of the visitor's app.
//	V5  A payment in a shop becomes a receipt only when it names a user who has signed in here
//	    before it was made. Nothing is kept of anybody else.
//	V6  Forget erases all that this package knows of a visitor: a later sign-in is somebody new.
//	    Orders and payments stay with their owners; what they hold is an id that leads nowhere.
//	V7  How many somebody may have of a day is no reason to be forgotten: what was counted for days
//	    that are not over goes on under a keyed hash of the wallet's id of its user (Counts), and is
//	    theirs again when they come back. It leads to nothing that they bought, and ends with its
//	    day.
//
// # Sources
//
// RFC 6749 and RFC 9700 (OAuth 2.0 and its security best current practice: state, single use, one
// return address a wallet against mix-up), RFC 7636 (PKCE), OpenID Connect Core 1.0 (nonce).
package visitor
