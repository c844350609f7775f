// Package console is the frame and the components that all consoles share: the pages of banks,
// merchants, operators, and of people's own accounts.
//
// # Nouns
//
// A console is one App: pages below one prefix, for some roles. A visit is one request for a page;
// it knows who is signed in, speaks the page's language, and draws the components: they are its
// methods, so that a template needs nothing else.
//
// # Invariants
//
//	C1  A page of a console is drawn for people with one of its roles only; others are told that
//	    it is not theirs, strangers are sent to the page to sign in.
//	C2  What belongs to somebody else is answered exactly as what does not exist: 404.
//	C3  A page works without scripts. Scripts add what goes on by itself: live parts, copying,
//	    filters that apply at once.
//	C4  An error is told by words the person can act on, or by the id of the request and nothing
//	    more.
//	C5  Nothing loads from another host, and no script or style stands in a page.
//	C6  A picture of figures has a table of the same figures beside it.
//	C7  Who belongs to a suspended place (access, A6) is told so on every page, reads all that is
//	    theirs, and sends only the forms of HandleAlways.
package console
