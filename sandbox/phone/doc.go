// Package phone is the screen of the sandbox wallet: the page that a visitor would have open on
// their phone at the counter. It shows the payment code as a QR code and as a Code 128 bar code,
// the balance, the question for the PIN, and the receipts.
//
// # Routes, on the wallet's own server
//
//	GET  /phone/{user}          the page
//	GET  /phone/{user}/code     the code part alone, renewed when it is used or nearly over
//	GET  /phone/{user}/events   server-sent events: code, ask, receipt, balance
//	POST /phone/{user}/confirm  form: payment_id, pin
//	POST /phone/{user}/reject   form: payment_id
//	GET  /phone-assets/…        style sheet, script and icon
//
// The data of an event is the HTML of the part that it names, drawn by the same Screens as the
// page; each is sent once at connection, then whenever it changes. Two parts are about absence
// too: ask is sent with nothing to ask, and code with Code.Value empty while the network cannot
// be reached.
//
// A form sent by a script (header HX-Request: true) is answered with the ask part: status 200
// when it was done, 422 when the PIN was wrong, 409 when there is no such question any more.
// A plain form is answered with a redirect to the page.
//
// The language is what i18n.Choose finds.
//
// Everything here belongs to the sandbox. A real wallet has its own app.
package phone
