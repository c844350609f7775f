// Package checkout is what a payer sees who scanned a code, or whom a shop's web page sent: what
// is to be paid, the wallets that can pay it, and how it ended.
//
// # Nouns
//
// An order is a payment that waits for its payer; its token is its id without the prefix. The
// order page (/q) is behind the code that a till shows, the checkout (/pay) is where a web shop
// sends its customer, and the entry page (/s) is behind the printed code of a store: there the
// payer types the amount, which makes an order. A wallet is recognised when the page is open in
// its own browser, by the User-Agent, or when the address names it (wallet=<issuer id>).
//
// # Invariants
//
//	V1  Nothing is ever said to be paid, or not paid, but by the order itself. A page that waits
//	    looks again when an event of its order came, now and then, and when its payer comes back.
//	V2  Looking changes nothing: wallets are asked by forms, and by the payer's return, which
//	    inquires what was asked before.
//	V3  One form of the entry page makes one order, however often it is sent (its field request).
//	V4  What the payment cost its payer is shown to the browser that chose the wallet; everybody
//	    else who has the code is told that the order is paid.
//	V5  A page leaves for http and https addresses; a button may also open a wallet's own scheme,
//	    but nothing that a browser would run.
//	V6  Every page works without scripts. Requests are bounded by address (limit.go).
//
// # Routes
//
//	GET  /q/{token}         the order; the same below /pay, with the way back to the shop
//	POST /q/{token}         wallet: asks it, and says how the payer gets there
//	GET  /q/{token}/back    where wallets send their users; leads to the order
//	GET  /q/{token}/live    server-sent events: "change" when something happened to the order
//	GET  /s/{token}         the amount, for the store of a printed code
//	POST /s/{token}         amount, request, wallet (optional): makes the order
//
// # Machine form
//
// With "Accept: application/json" the same addresses speak JSON; problems are RFC 9457 documents.
//
//	GET  → {"kind":"order"|"store", "shop":{"id","name","name_ja"},
//	        "amount":{"currency","value"}|null, "wallets":[{"id","name"}], "state"}
//	POST {"wallet":"<issuer id>", "amount":{"currency","value"}}
//	     → {"payment_id", "form":{"code_text","page_url","app_url","params"}}
//
// The amount is sent to entry pages only. Who speaks JSON is taken for the wallet's own browser.
// The header Idempotency-Key takes the place of the field request. State is open, paid, reserved,
// refunded, declined, expired or cancelled; an entry page is open or closed. POST also takes
// "payer", the wallet's own id of its user where a wallet's page call needs it.
//
// Entry pages take yen without decimals, at most 13 digits.
package checkout
