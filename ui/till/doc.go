// Package till is the screen at a shop's counter: take a payment, see how it ended, look at the
// day, give money back.
//
// # Nouns
//
// A till is a browser that was activated for one terminal: the one-time link /till/activate/…
// leaves a cookie, and every page asks whose terminal it belongs to. A sale is one attempt to
// take a payment; its request id is minted by the page before it is sent and kept by the browser
// until the answer was shown, so that asking again finds the same answer, also after the browser
// was killed. An order is a payment
// that a customer makes by scanning the till's screen. Today is the day in Japan.
//
// # Invariants
//
//	U1  A result is never lost and never guessed: a sale without an answer is asked again under
//	    its own request id. "Declined" is said only of a payment or a refusal that the network
//	    keeps.
//	U2  A request id carries its terminal: no till can ask for the sale of another one.
//	U3  Before a sale the cashier is warned when a payment of the same amount waits for its
//	    outcome on the same terminal; the warning is never about the sale itself.
//	U4  A refund or a cancellation of a paid payment needs the terminal's permission, stays
//	    under the daily caps of terminal and store, and above the store's limit needs the
//	    manager's PIN (rules.go). A repeated request is answered before it is judged again.
//	U5  A till sees the payments of its own store and of no other.
//	U6  What a browser keeps is the shell alone: scripts, styles, and the page that says that there
//	    is no connection. No answer of the network is kept or shown again from a cache.
//	U7  A sale is begun within a minute of the scan or not at all: later it is only looked for. A
//	    sale of one terminal is never asked for by another.
//	U8  Forms work without scripts. Scripts add the keypad, the camera, asking again, and screens
//	    that change by themselves.
//
// # Routes, all below /till
//
//	GET  /                              the amount
//	GET  /scan?amount=                  the customer's code
//	POST /sales                         amount, code, request, sure
//	POST /orders                        amount, request, sure: makes an order and shows its QR code
//	POST /payments/{id}/code            wallet: shows that wallet's own code of an order
//	GET  /payments/{id}/result          how it ended, or that it has not
//	GET  /payments/{id}                 the receipt
//	GET  /payments/{id}/refund          how much goes back; POST looks at it once more
//	POST /payments/{id}/refunds         does it: amount, request, pin
//	GET  /payments/{id}/refunds/{rid}   how the refund ended
//	GET  /payments/{id}/cancel          asks; POST does it
//	GET  /day?day=2026-11-22&till=1     a day's payments
//	GET  /waiting                       the payments of this terminal without an outcome
//	GET  /live                          server-sent events of the store
//	GET  /settings                      language and light; POST keeps them in cookies
//	GET  /activate/{secret}             once, then the cookie; POST /activate takes the link typed
//	GET  /manifest.webmanifest          the till as an app that can be installed
//	GET  /worker.js                     the service worker: keeps the shell
//	GET  /away                          the page without a connection
//
// The live stream sends "hello" when it begins and "change" for each event of the store, with
// JSON {payment, state, tone, text, news}. It ends when the reader fell behind; the browser
// connects again and reads the pages anew, so nothing is missed.
//
// Amounts are yen without decimals, at most 13 digits. Caps and limits are minor units of JPY.
package till
