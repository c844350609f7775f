package queue

import "net/netip"

// Sit takes a seat of those who watch live and keeps it.
func (q *Queues) Sit(address string) bool {
	_, ok := q.seats.Take(netip.MustParseAddr(address))
	return ok
}
