package payment

import (
	"sync"
	"time"
)

// pokesMax is how many legs are remembered at most; then everything is forgotten.
const pokesMax = 4096

// pokes remembers when legs were looked at, so that whoever pokes often makes no load.
type pokes struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// allow says whether a leg may be looked at now, and remembers it.
func (p *pokes) allow(leg string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at, ok := p.last[leg]; ok && now.Sub(at) < pokeEvery && !now.Before(at) {
		return false
	}
	if p.last == nil || len(p.last) >= pokesMax {
		p.last = map[string]time.Time{}
	}
	p.last[leg] = now
	return true
}
