// Package visitor is the app on a visitor's phone: one set of pages for everything that visitors
// buy here, opened by a code, inside a wallet, or from the home screen.
//
// # Nouns
//
// A Visit is one request, and what its page is drawn with. A stranger is who is not signed in; a
// visitor is known by their wallet (visit/visitor). A Place is somewhere to go, a Booking what was
// bought and is not used up; both come from services, which add their own pages by Handle. A kept
// page is one that the browser's service worker shows without a connection.
//
// # Invariants
//
//	A1  A page never says more than its service did: what nobody knows is left out or named so,
//	    and a service that cannot be asked takes no other part of a page with it.
//	A2  Looking changes nothing. What changes something is a form of this site; links begin a
//	    sign-in, and only links of this site.
//	A3  Nobody is sent to an address that somebody else made but to pages of the app (V4 of
//	    visit/visitor). Wallets are reached by links, for the pages' policy lets no form leave.
//	A4  The first page takes at most 5 requests and 150 KB (test/browser); what only some pages
//	    need is a bundle of its own. Nothing comes from another host.
//	A5  A page is kept only when it says so (Page.Keep). Shown without a connection it says of
//	    when it is. What was kept for one visitor is dropped as soon as the browser hears that
//	    another one, or nobody, is signed in, and when the form to sign out is sent, whether it
//	    arrives or not.
//	A6  Every page works without scripts. Requests are bounded by address (errors.go).
//	A7  Who has to sign in on the way comes back to the page that they were on, with what they
//	    chose. The address of a form leads back to its page when it is asked for alone.
//	A8  Who is forgotten leaves nothing open behind: what is begun and not paid is given up, and
//	    places that are kept for them go to others (App.Ending). What is paid still lets in.
//
// # Routes
//
//	GET  /visit                          home: what is near, what is next
//	GET  /visit/tickets, /visit/map      of the services; without one, an empty page that says so
//	GET  /visit/receipts                 what was paid: yen, own money, rate
//	GET  /visit/settings                 language, sign out, be forgotten
//	GET  /visit/sign-in                  with which wallet; next is where to go afterwards
//	GET  /visit/sign-in/with/{wallet}    on to the wallet
//	GET  /visit/sign-in/back/{wallet}    back from it
//	GET  /visit/manifest.webmanifest, /visit/worker.js, /visit/offline.json, /visit/away
//
// # Service worker
//
// Pages carry two headers for it: Visit-Keep is "yes" on a page that may be kept, Visit-Who
// changes with who is signed in. It asks /visit/offline.json for what else to keep (App.Offline),
// when the first page is done and nothing else is to do. Browsers inside wallets on iPhones have
// none: there every page needs a connection.
//
// Times are Japan's, and say so where they might be taken for another's.
package visitor
