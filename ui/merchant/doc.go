// Package merchant is the console of shop owners, their managers and cashiers, made for a phone
// first: what was taken today, the payments and their refunds, takings by day, week and month, what
// the bank owes, staff, QR stands, tills, webhooks and API keys.
//
// # Nouns
//
// A shop is a merchant with its stores. Who is signed in sees the stores of their own merchant, or
// the one store that they are bound to: that is their scope, and everything on the pages comes
// from it. The rules of a refund are those of a till, but for the till's own limits.
//
// # Invariants
//
//	S1  Whatever a page shows or changes is found through the scope of who is signed in. Anything
//	    else does not exist: 404.
//	S2  A cashier sees today, changes nothing, and gives nothing back here.
//	S3  A refund is looked at twice, asks for the manager's PIN where the store has that rule, and
//	    is given once however often its form is sent.
//	S4  A secret (a key, a link that signs somebody in) is on one page, once.
//	S5  A file for spreadsheets runs no formula: a text that would begin one is quoted.
package merchant
