// Package people knows the people who sign in: passwords, second factors, sessions, invitations,
// and who may look after whom.
//
// # Nouns
//
// A Person has one Place: a role, and the bank, merchant and perhaps store that it is for. Who is
// somebody in two places has two e-mail addresses. An Invitation is a place that waits for its
// person; its Link is shown once to whoever made it, who passes it on: there is no mail server. A
// Session is a browser that is signed in. A ticket holds what the next step of a sign-in needs. A
// Holder is who changes their own second factors. A Keyring lets people look after API keys.
//
// Secrets in hands of browsers begin with ws_ (session), wt_ (ticket) and wi_ (link), and have 256
// random bits.
//
// # Invariants
//
//	P1  The database holds no secret that could be used: of sessions, tickets, links and recovery
//	    codes their SHA-256 (there is nothing to guess), of passwords argon2id (RFC 9106: 64 MiB,
//	    three passes, four lanes), of TOTP secrets and passkeys what the ring has sealed for that
//	    one person.
//	P2  Whether an e-mail address is known shows neither in the answer to a sign-in nor in its
//	    time, nor in when it locks.
//	P3  An attempt is counted before it is looked at. Ten wrong passwords in a quarter of an hour
//	    lock the account's password for as long, ten wrong codes in an hour its codes; thirty
//	    wrong attempts of an address (a /64 of IPv6) lock the address. Passkeys and single sign-on
//	    are not locked: there is nothing to guess, and a stranger cannot lock their owner out.
//	P4  A password has at least 12 characters in Unicode form NFKC, at most 1,024 bytes, is not
//	    the e-mail address, and not one or two characters again and again (NIST SP 800-63B, 5.1.1).
//	P5  A session ends after 30 minutes without a request and 12 hours at most, of a merchant
//	    after 30 and 90 days; an eleventh ends the first. One that ended is refused at once on the
//	    node that ended it and at most two seconds later elsewhere.
//	P6  Whoever changes what they sign in with has shown it in the last ten minutes. A new
//	    password ends the other sessions; so does a change of role.
//	P7  Operators and the people of banks have a second factor, except in a sandbox: TOTP (RFC
//	    6238, each step once) or a passkey that verifies its owner, which stands for both factors.
//	    Who has none is let in to enrol only, and the last one stays.
//	P8  Every change and every sign-in, also a refused one, is an event. Events name people by id
//	    and hold no e-mail address, so that the trail can be kept and shown.
//	P9  Nobody sees or changes people beyond their own place: others are answered as if they were
//	    not there. Nobody changes their own role. A role changes within one bank or one merchant.
//	P10 A link works once, for seven days, and the next one for the same person ends it. It is
//	    worth no more than the right of the person who made it, when it is used; one for a new
//	    password ends with a new role, or a new password that its owner sets. Who has ended
//	    comes back by an invitation only, not because a bank's provider still knows them.
//	P11 Nobody alone lets an operator in, or gives one a new password: a second operator approves
//	    it (kit/foureyes), because whoever could do it alone could be the second person of every
//	    other change. Operators make no API keys for the same reason. The program's own computer
//	    may do both (watari operator).
//	P12 Whoever makes an API key has seen it, so it goes with them: the keys that somebody made at
//	    their place end in the transaction that ends them, and those that they could not make any
//	    more in the one that moves them, each with an event. A key that is to stay is replaced by
//	    somebody else before, whose it is then, or is made with the key of a system: keys that a
//	    key made belong to the place and stay. Nobody makes one after they have ended or were
//	    moved, even while a node still knows their session.
//	P13 Nobody signs in to a place that is closed, and nobody stays (access, A6). That is told
//	    only to who has shown the password or a passkey.
//
// Limits: 1,000 people, 200 good links and 100 good API keys of a place, beside 4 of each terminal
// and 1,000 of all terminals of a merchant; 10 sessions and 10
// passkeys of a person; two passwords are hashed at a time, 64 wait; an address begins 100
// sign-ins by passkey or provider in a quarter of an hour.
//
// Sources: NIST SP 800-63B, RFC 9106 (argon2), RFC 6238 (TOTP), W3C Web Authentication Level 3.
package people
