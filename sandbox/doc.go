// Package sandbox runs everything that is not real: simulated wallets, each with its own books,
// its own protocol and its users' phones, and the world that they and the shops belong to.
//
// # Parts
//
// Seed plants the world into an empty network, once. WriteFile writes sandbox.json, the list of
// names, keys and addresses that people and tests begin with. Announce tells the wallets where a
// process of the network listens. Host runs the counterparties: for each wallet one HTTP server
// with its protocol, its control interface and its users' phones.
//
// A wallet is a line of seed.Wallets, its protocol a line of protocols in fronts.go. The books of
// all are package wallet; a package for each protocol fulfils wallet.Front.
//
// # Control of a wallet
//
// On its control_url, which answers this machine only. Amounts are {"currency","value"} with an
// integer in minor units, times RFC 3339.
//
//	POST /users/{id}/payment-code → {"code","expires_at"}
//	POST /users/{id}/scan {"code_value","amount"?} → a payment, see below
//	GET  /users/{id} → {"balance","payments":[…]}
//	POST /faults {"mode","count"?} → 204
//
// A payment is {"payment_request_id","payment_id","state","paid","refunded","time","reason"?}.
// state is paid, failed or cancelled; the list holds no other. paid and refunded are of the user's
// account. reason is the protocol's own code of a failure.
//
// scan does what a user does who scans a code and confirms with the right PIN. code_value is any
// text that the wallet reads: a code of its own protocol; a code of the network, which the wallet
// asks about or opens as a page; the address of the wallet's own pay page; of a page of consent.
// On a shop's page it chooses this wallet, and types amount where the shop names none. It answers
// 200 when the wallet has paid or refused, after 15 seconds at most; state is then one of the
// above, or held (promised, to be captured), agreed (the shop has not completed it) or late (a
// mode delays the debit). A consent is answered {"consent_id","state":"given"}. Refused are, as
// problems: 404 no such user; 409 an order that is closed, over, paid or somebody else's; 422 a
// text that the wallet cannot pay, or that needs an amount; 503 the network did not answer.
//
// # Invariants
//
//	B1  The sandbox's own tables lie apart from the network's: in the file sandbox.db of the data
//	    folder, or in the schema watari_sandbox of the same PostgreSQL database. So do the books
//	    of each wallet: sandbox-<id>.db, or the schema sandbox_<id>.
//	B2  Seeding happens once, whichever processes start at once; one that dies in the middle is
//	    taken over. A wallet that a later version adds is planted when that starts.
//	B3  Whoever holds a wallet's port runs that wallet. Other processes try again twice a second,
//	    so the wallet comes back at the same address when its process dies.
//	B4  When a port belongs to a stranger another is chosen, and the network is told.
//	B5  sandbox.json and the credentials at wallets (wallets/<id>.json) are never seen half
//	    written, and nobody but their owner can read them.
//	B6  What network and wallet know of their agreement is made once and kept as one text, so that
//	    the two halves fit whichever process writes them.
//
// Private keys, API keys and credentials are kept in the sandbox's tables, which a real
// installation never does: they guard nothing but invented money.
package sandbox
