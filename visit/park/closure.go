package park

import (
	"time"

	"watari/kit/i18n"
	"watari/visit/order"
)

// Closure is a day, or some products on it, that the park does not open after all, for example
// because of the weather. Everybody gets the whole price back.
type Closure struct {
	ID       string // "clo_…"; also the id of the order.Mass
	ParkID   string
	Day      string
	Products []string  // none is the whole day
	Reason   i18n.Text // for visitors, at most 200 characters
	Actor    string
	Created  time.Time
	Reopened time.Time // when it was sold again; zero is never
	// Mass says how far the refunds are.
	Mass order.Mass
}
