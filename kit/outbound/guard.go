package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// ErrPrivate says that an address that somebody else named leads into our own network.
var ErrPrivate = errors.New("the address is not on the public internet")

// closed are ranges that are global unicast by their form and that nobody on the public internet
// answers under (IANA's registries of special-purpose addresses; RFC 6890), or through which one
// is reached that Public would refuse.
var closed = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),        // this network
	netip.MustParsePrefix("100.64.0.0/10"),    // between carriers and their customers, RFC 6598
	netip.MustParsePrefix("168.63.129.16/32"), // a host's own services in Azure, on each machine
	netip.MustParsePrefix("192.0.0.0/24"),     // protocol assignments
	netip.MustParsePrefix("192.88.99.0/24"),   // relays of 6to4, RFC 7526
	netip.MustParsePrefix("198.18.0.0/15"),    // between machines that are measured, RFC 2544
	netip.MustParsePrefix("240.0.0.0/4"),      // kept back
	netip.MustParsePrefix("::/96"),            // IPv4-compatible, RFC 4291
	netip.MustParsePrefix("64:ff9b:1::/48"),   // translation inside one network, RFC 8215
	netip.MustParsePrefix("100::/64"),         // discarded, RFC 6666
	netip.MustParsePrefix("2001::/23"),        // protocol assignments, Teredo among them
	netip.MustParsePrefix("5f00::/16"),        // segment routing, RFC 9602
	netip.MustParsePrefix("fec0::/10"),        // site-local, RFC 3879
	netip.MustParsePrefix("::ffff:0:0:0/96"),  // translated, RFC 2765
}

// The ranges of IPv6 that hold an IPv4 address to which packets go on: from which byte on.
var (
	translated = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052
	tunnelled  = netip.MustParsePrefix("2002::/16")    // 6to4, RFC 3056
)

// Public says whether an address is on the public internet. An IPv6 address that stands for an
// IPv4 address is judged by that.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if ip.Is6() {
		b := ip.As16()
		switch {
		case ip.Zone() != "":
			return false
		case translated.Contains(ip):
			ip = netip.AddrFrom4([4]byte(b[12:]))
		case tunnelled.Contains(ip):
			ip = netip.AddrFrom4([4]byte(b[2:6]))
		}
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range closed {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// PublicOnly is a Guard that refuses addresses that are not on the public internet: whoever names
// an address where they are told or asked must not reach through us what only we can reach.
//
// Errors: ErrPrivate.
func PublicOnly(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !Public(at.Addr()) {
		return ErrPrivate
	}
	return nil
}

// guarded dials what the guard lets pass. A name is looked up once, and only what was looked at is
// dialled, so that a second answer of its name server changes nothing; one refused address among
// others refuses the name.
type guarded struct {
	dialer *net.Dialer
	guard  func(address string) error
}

// addressesMax is how many addresses of a name are tried.
const addressesMax = 4

func (g guarded) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", address, err)
	}
	resolver := g.dialer.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	found, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	all := make([]string, len(found))
	for i, ip := range found {
		all[i] = net.JoinHostPort(ip.Unmap().String(), port)
		if err := g.guard(all[i]); err != nil {
			return nil, err
		}
	}
	err = &net.AddrError{Err: "no address", Addr: host}
	for _, one := range all[:min(len(all), addressesMax)] {
		var c net.Conn
		c, err = g.dialer.DialContext(ctx, network, one)
		if err == nil || ctx.Err() != nil {
			return c, err
		}
	}
	return nil, err
}
