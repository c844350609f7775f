// Package acquirer is the console of a regional bank: it takes shops in, looks after them, and sees
// what they take; and the form by which a merchant applies.
//
// # Nouns
//
// An application is one merchant with one shop and one till that is to be signed
// (pay/party/signup). A shop is a store of the directory. A guest is whoever has an invitation
// link.
//
// # Who may what
//
//	viewer         reads everything of the bank
//	clerk          enters, reviews and decides applications, keeps shops and tills, imports, gives
//	               money back
//	administrator  all of that, and people, keys, webhooks, exports of the audit trail
//	guest          one application, by its link, until it is handed in
//
// # Invariants
//
//	B1  Every page asks with the caller's own bank: what belongs to another bank is answered as
//	    what does not exist.
//	B2  The role is checked where the page is added (routes.go), and nowhere else; a page hides what
//	    the reader may not do.
//	B3  The account number of an application is never put back into a form: it is shown by its last
//	    digits, and an empty field keeps it.
//	B4  Papers leave as downloads only, under the type that their content has.
//	B5  A secret (an activation, invitation or API key) is on the page that made it and on no other:
//	    it is never in an address and never kept in the browser's history.
//	B6  A guest is told the state of an application, what must be mended and why it was refused;
//	    never the notes and the screening of the bank.
package acquirer
