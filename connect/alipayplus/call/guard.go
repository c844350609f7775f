package call

import (
	"errors"
	"net"
	"net/netip"
)

// ErrPrivate says that an address given by a participant leads into our own network.
var ErrPrivate = errors.New("the address is not on the public internet")

// shared is the address space between carriers and their customers (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// PublicOnly refuses addresses that are not on the public internet (L5). Participants name the
// addresses where they are told and asked, and must not reach through us what only we can reach.
//
// Errors: ErrPrivate.
func PublicOnly(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return ErrPrivate
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return ErrPrivate
	}
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || shared.Contains(ip) {
		return ErrPrivate
	}
	return nil
}
