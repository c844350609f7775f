package limit

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// OwnFold is how many times as much as others the programs of this machine may do. A proxy that
// names the real caller is not one of them (L3).
const OwnFold = 100

// addressesMax is how many addresses are remembered; beyond that the idle ones are forgotten.
const addressesMax = 20_000

// Limiter lets each address through so many times a minute, in bursts of a minute's worth. It is
// safe for concurrent use.
type Limiter struct {
	perMinute int64

	mu   sync.Mutex
	seen map[netip.Prefix]*bucket
}

// bucket is what one address has used up, in thousandths of a request, and when that was so.
type bucket struct {
	used int64
	at   time.Time
}

// New returns a limiter.
func New(perMinute int64) *Limiter {
	return &Limiter{perMinute: perMinute, seen: map[netip.Prefix]*bucket{}}
}

// Allow counts one request of an address. When it is one too many, it says after how many
// seconds the next is allowed.
func (l *Limiter) Allow(from netip.Addr, now time.Time) (wait int64, ok bool) {
	most := l.perMinute
	if from.IsLoopback() {
		most *= OwnFold
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.seen) >= addressesMax {
		l.forget(now)
	}
	key := network(from)
	b := l.seen[key]
	if b == nil {
		b = &bucket{at: now}
		l.seen[key] = b
	}
	b.drain(now, most)
	if b.used+1000 > most*1000 {
		return max(1, 60/most), false
	}
	b.used += 1000
	return 0, true
}

// drain gives back what the time since the last look allows.
func (b *bucket) drain(now time.Time, most int64) {
	if passed := min(now.Sub(b.at), time.Minute); passed > 0 {
		b.used = max(0, b.used-passed.Milliseconds()*most/60)
	}
	b.at = now
}

// forget drops the addresses that were quiet for a minute, or all when none was. The caller
// holds mu.
func (l *Limiter) forget(now time.Time) {
	for key, b := range l.seen {
		if now.Sub(b.at) >= time.Minute {
			delete(l.seen, key)
		}
	}
	if len(l.seen) >= addressesMax {
		clear(l.seen)
	}
}

// network is what is counted as one address: of IPv6 the half that a subscriber gets.
func network(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// Caller is the address of who asks: the other end of the connection or, when that is a proxy on
// this machine, whom the proxy names last.
func Caller(remote string, forwarded []string) netip.Addr {
	from, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.IPv6Unspecified()
	}
	addr := from.Addr().Unmap()
	if !addr.IsLoopback() || len(forwarded) == 0 {
		return addr
	}
	all := strings.Split(forwarded[len(forwarded)-1], ",")
	named, err := netip.ParseAddr(strings.TrimSpace(all[len(all)-1]))
	if err != nil || named.Unmap().IsLoopback() {
		// Somebody was named who cannot be: no more room than strangers have.
		return netip.IPv6Unspecified()
	}
	return named.Unmap().WithZone("")
}

// Of is Caller for a request.
func Of(r *http.Request) netip.Addr {
	return Caller(r.RemoteAddr, r.Header.Values("X-Forwarded-For"))
}
