// Package start is the first page of a sandbox: what to do to try a payment, every till that can
// be opened, every phone, and where the keys and documents are.
//
// # Routes, on the network's own server
//
//	GET  /sandbox                  the page; q searches the tills
//	POST /sandbox/tills/{store}    makes a fresh activation link and goes there
//	POST /sandbox/gates/{gate}     the same for a device at a gate of the park
//
// Activation links work once, so a till, or a gate, is opened by a form and never by a link that a
// page holds: the page may stay open, be reloaded and be opened twice.
//
// The language is what i18n.Choose finds. Without scripts a search asks the server; with them
// the list is narrowed while somebody types. Both compare the same text, see shop.find.
package start
