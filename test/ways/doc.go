// Package ways tests every way to pay with every wallet, as its users do: the real binary with its
// simulated wallets, which speak their own protocols over HTTP with real signatures. Each cell of
// the matrix in docs/protocols.md is a payment, a refund of a part and a refund of the rest; the
// network's books, the shop's view and the wallet's own list have to agree on all of them.
package ways
