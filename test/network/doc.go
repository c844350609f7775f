// Package network tests the whole program from outside, as its users meet it: the real binary on
// a fresh store of each engine, banks that speak Alipay+ and /v1 to it over HTTP, and the sandbox's
// simulated wallet behind it.
//
// The bank's side of Alipay+ is written here from the protocol's public documentation
// (https://docs.alipayplus.com) with the standard library alone, so that it shares no mistake with
// connect/alipayplus.
//
// What is tested: that nothing is lost or doubled under load while the wallet misbehaves in every
// way it can; that bad input gets the answer its protocol defines, moves no money and leaves one
// line for the operator; that a crowd of connections keeps nobody out for long; and that two
// processes on one PostgreSQL database are one network.
package network
