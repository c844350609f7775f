package checkout

// What one address may do in a minute. Visitors in one shop share an address, so there is room
// for some dozens of them.
const (
	readsAMinute  = 1200
	writesAMinute = 120
)
