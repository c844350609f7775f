// Package crash kills the network's process and looks whether anybody lost money.
//
// A world is three things: the simulated wallets in a process of their own that is never killed,
// the network in another one, and banks that behave as real acquirers do. It begins with a copy of
// what `watari sandbox` once made of an empty store. The banks send the same request again when
// they got no answer, inquire when they got none that is final, and cancel when they cannot wait.
// Their payers show codes, or open orders in their wallets, and try again.
//
// One test kills the network at every point of kit/crash; the network is a build with the tag
// crash, which kills itself when it is there. Every point is met on both engines with the wallet of
// Alipay+, and on SQLite also with the other wallets whose connectors come there; some of these on
// PostgreSQL too. Another test kills the network at random moments while a hundred banks' clients
// pay, cancel and refund. After the restart both must end with the same list: each payment and
// refund in one final state, every user's balance less by exactly what was paid and not given back,
// and books that `watari verify` approves.
package crash
