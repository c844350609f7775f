// Package seed is the world that a sandbox begins with: two regional banks, wallets with
// their users, and shops in all 47 prefectures. Every name is made up.
//
// Plant writes the members and their shops into an empty network, once; Invite makes a fresh
// activation link for every till. What the network does not keep, the members' private keys and
// the banks' API keys, is given by the caller, who keeps it in the sandbox's own store.
//
// Limits and prices: a payment is at most JPY 500,000; a till is paused after 100 refused
// attempts a minute; refunds above JPY 10,000 need the manager's PIN (1234). The Alipay+
// wallet's rate is the mid rate, without a spread, so that a receipt can be checked against the
// published rates.
//
// It is the one package of the sandbox that knows the network's directory: planting is what an
// operator would do by hand. Everything else in the sandbox speaks over the wires.
package seed
