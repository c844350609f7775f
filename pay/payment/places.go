package payment

import (
	"maps"
	"sync"
)

// placesMax is how many legs, and as many refunds, of one wallet a node works on at a time.
const placesMax = 64

// place is where a worker of the schedule sits: each wallet has its own for each kind of work,
// so that one that does not answer holds up no other (a bulkhead).
type place struct {
	what   string // "leg" or "refund"
	issuer int64
}

// taken counts the places that are taken.
type taken map[place]int

// take takes a place, or says that there is none.
func (t taken) take(p place) bool {
	if t[p] >= placesMax {
		return false
	}
	t[p]++
	return true
}

// full lists the wallets that have no place left for a kind of work.
func (t taken) full(what string) []int64 {
	var nos []int64
	for p, n := range t {
		if p.what == what && n >= placesMax {
			nos = append(nos, p.issuer)
		}
	}
	return nos
}

// places are the places of a node. Only the schedule takes them; workers give them back.
type places struct {
	mu    sync.Mutex
	taken taken
}

// now returns a copy of what is taken. Until the schedule takes more it can only become less.
func (ps *places) now() taken {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return maps.Clone(ps.taken)
}

// take takes a place that is known to be free.
func (ps *places) take(p place) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.taken[p]++
}

// leave gives a place back.
func (ps *places) leave(p place) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.taken[p]--; ps.taken[p] == 0 {
		delete(ps.taken, p)
	}
}
