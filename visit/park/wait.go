package park

import "time"

// WaitState is where somebody stands who waits for a place.
type WaitState string

// The states of waiting.
const (
	Waiting WaitState = "waiting"
	Offered WaitState = "offered" // a voucher holds the places until Wait.Until
	Took    WaitState = "taken"   // they were ordered
	Lapsed  WaitState = "lapsed"  // they were not ordered in time
	Left    WaitState = "left"    // given up
	Over    WaitState = "over"    // the day has come, or was closed
)

// Wait is somebody who waits for places that are sold out.
type Wait struct {
	ID        string // "wai_…"
	ParkID    string
	VisitorID string
	Product   string
	Day, Slot string
	Places    int64 // 1 to 20
	State     WaitState
	Ahead     int64 // how many wait before for the same; while Waiting
	Created   time.Time
	Voucher   string    // code, once offered: enter it with the order
	Until     time.Time // until when it holds the places
}

// Limits of waiting.
const (
	waitPlacesMax = 20
	waitsMax      = 10 // of one visitor that are open
	// OfferFor is how long a voucher of the waiting list holds its places.
	OfferFor = 30 * time.Minute
)
