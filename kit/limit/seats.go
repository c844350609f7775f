package limit

import (
	"net/netip"
	"sync"
)

// Seats lets so many have something at the same time, a stream for instance, and one address not
// all of them. It is safe for concurrent use.
type Seats struct {
	all, each int

	mu    sync.Mutex
	taken int
	by    map[netip.Prefix]int
}

// NewSeats returns seats: at most all at a time, and at most each for one address. The programs of
// this machine may have all of them.
func NewSeats(all, each int) *Seats {
	return &Seats{all: all, each: each, by: map[netip.Prefix]int{}}
}

// Take takes a seat; leave gives it back, once. false when there is none for this address.
func (s *Seats) Take(from netip.Addr) (leave func(), ok bool) {
	key := network(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= s.all || s.by[key] >= s.each && !from.IsLoopback() {
		return nil, false
	}
	s.taken++
	s.by[key]++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.taken--
		if s.by[key]--; s.by[key] == 0 {
			delete(s.by, key)
		}
	}), true
}
