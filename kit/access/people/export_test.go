package people

// Crowd takes every place at which a password waits to be hashed, until leave is called.
func (p *People) Crowd() (leave func()) {
	for range hashQueue {
		p.hashing.queue <- struct{}{}
	}
	return func() {
		for range hashQueue {
			<-p.hashing.queue
		}
	}
}
