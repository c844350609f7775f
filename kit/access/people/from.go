package people

import (
	"net/http"
	"net/netip"
	"strings"
	"unicode/utf8"
)

// From is where a request came from, for the list of sessions, the audit trail and the lock-out
// of addresses.
type From struct {
	Address string // IP address without port
	Agent   string // the User-Agent header; cut at AgentMax bytes
}

// FromRequest returns where a request came from. The last address of X-Forwarded-For is believed
// when the connection comes from this machine: from the proxy in front, which writes it.
func FromRequest(r *http.Request) From {
	f := From{Agent: r.UserAgent()}
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return f
	}
	address := at.Addr().Unmap()
	if named := r.Header.Values("X-Forwarded-For"); address.IsLoopback() && len(named) > 0 {
		all := strings.Split(named[len(named)-1], ",")
		address, err = netip.ParseAddr(strings.TrimSpace(all[len(all)-1]))
		if err != nil || address.Unmap().IsLoopback() {
			return f // somebody was named who cannot be
		}
	}
	f.Address = address.Unmap().WithZone("").String()
	return f
}

// clean cuts what a browser says of itself to what is kept.
func (f From) clean() From {
	f.Agent = strings.Map(func(r rune) rune {
		if unprintable(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(f.Agent, " "))
	for len(f.Agent) > AgentMax {
		_, size := utf8.DecodeLastRuneInString(f.Agent)
		f.Agent = f.Agent[:len(f.Agent)-size]
	}
	if a, err := netip.ParseAddr(f.Address); err == nil {
		f.Address = a.Unmap().WithZone("").String()
	} else {
		f.Address = ""
	}
	return f
}

// origin is what attempts are counted by: an IPv4 address, or the /64 of an IPv6 address, which
// is what one household has. This machine is not counted (""): behind a proxy that names nobody,
// one guesser would lock everybody out.
func (f From) origin() string {
	a, err := netip.ParseAddr(f.Address)
	if err != nil {
		return "unknown"
	}
	a = a.Unmap()
	if a.IsLoopback() {
		return ""
	}
	if a.Is4() {
		return a.String()
	}
	prefix, err := a.WithZone("").Prefix(64)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}
