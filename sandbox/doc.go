// Package sandbox runs everything that is not real: the simulated wallet and its users' phones,
// and the world that they and the shops belong to.
//
// # Parts
//
// Seed plants the world into an empty network, once. WriteFile writes sandbox.json, the list of
// names, keys and addresses that people and tests begin with. Announce tells the wallet where a
// process of the network listens. Host runs the counterparties: one HTTP server on loopback with
// the wallet's protocol, its control interface and the phones' pages.
//
// # Invariants
//
//	B1  The sandbox's own tables lie apart from the network's: in the file sandbox.db of the data
//	    folder, or in the schema watari_sandbox of the same PostgreSQL database.
//	B2  Seeding happens once, whichever processes start at once; one that dies in the middle is
//	    taken over.
//	B3  Whoever holds the wallet's port runs the counterparties. Other processes try again twice
//	    a second, so the wallet comes back at the same address when its process dies.
//	B4  When the port belongs to a stranger another is chosen, and the network is told.
//	B5  sandbox.json is never seen half written, and nobody but its owner can read it.
//
// Private keys and API keys are kept in the sandbox's tables, which a real installation never
// does: they guard nothing but invented money.
package sandbox
