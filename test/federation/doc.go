// Package federation tests two networks as one: two real `watari serve` processes that know each
// other only by the Alipay+ protocol.
//
// Network A is a sandbox and has the wallet. Network B has a bank with a shop. At A, B is an
// acquirer; at B, A is an issuer with the connector alipayplus_upstream. A visitor with A's wallet
// pays at B's shop, and every yen and fen is in the books of both: what A owes its acquirer B is
// what B's issuer A owes B.
package federation
