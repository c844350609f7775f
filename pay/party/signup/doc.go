// Package signup takes merchants in: what they tell of themselves, the papers that prove it, who
// looked at it and decided, the account that they are paid to, and whole portfolios by file.
//
// An Application is one merchant with one store and one terminal that is to be signed by one
// acquirer. Its Form is what was filled in, by a clerk or, over an invitation link, by the
// merchant. Documents and notes belong to it. An approval makes the merchant, the store and the
// terminal. A Payout account is where a merchant's money goes. An Import is a file of shops, made
// all or none.
//
// Amounts are whole yen; rates parts per million; times are microseconds UTC; days are
// YYYY-MM-DD.
//
// Invariants. The code cites them.
//
//	U1  An application moves by its table (Steps), each step is an event with its actor in the
//	    same transaction, and whoever changes it names the version that they saw.
//	U2  Whoever filled a form in never approves it, nor whoever made the link over which a merchant
//	    did: they know its secret. People are one with the keys that they made (access, A7).
//	U3  Nothing is approved without the outcome "clear" of a screening, the documents that its
//	    kind and category need, and a form without a mistake. Some categories are never.
//	U4  An approval makes merchant, store and terminal, or nothing.
//	U5  What identifies a person, or where money goes, is sealed at rest: representative,
//	    addresses, telephone, e-mail, account, documents and notes. Events hold none of it. What
//	    is sealed names its owner, so that it cannot be moved to another one's row.
//	U6  A payout account of a merchant is changed by two people, is in force 72 hours after the
//	    second one agreed, and can be stopped until then; the event says which contact has to be
//	    told, the one from before. Few wait at a time.
//	U7  An import makes all lines of its file or none, in one transaction that also says that it
//	    is done. An import whose node died says so, and nothing of it is there.
//	U8  An invitation link is kept as its SHA-256, works for a time, and shows one application of
//	    one acquirer.
//	U9  The application of a merchant moves with the merchant's status, in one transaction,
//	    whoever changes that.
//
// Sources: ISO 18245 (merchant category codes), JIS X 0401 (prefectures), the check digit of
// corporate numbers in article 2 of the ordinance of the Ministry of Finance no. 70 of 2014, the
// Zengin character set (pay/party/zengin), RFC 4180 (CSV).
package signup
