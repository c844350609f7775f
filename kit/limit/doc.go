// Package limit lets each address on the network through so many times a minute, and have so many
// of something at the same time.
//
// # Invariants
//
//	L1  An address that was quiet for a minute has a whole minute's worth again, at once.
//	L2  All of a subscriber's IPv6 network, a /64, is one address.
//	L3  Who comes through a proxy on this machine is whom the proxy names last. A name that cannot
//	    be read, or that says loopback, gives no more room than strangers have.
//	L4  At most 20,000 addresses are remembered, about 2 MB.
package limit
