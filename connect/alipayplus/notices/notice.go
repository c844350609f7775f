package notices

import (
	"encoding/json"
	"strings"
	"time"

	"watari/kit/event"
)

// state is where a notice stands.
type state string

const (
	waiting state = "waiting"  // it is sent, or sent again
	taken   state = "taken"    // the acquirer has it
	givenUp state = "given_up" // it was tried as often as Schedule says, or can never be sent
)

// notice is one row: what is known of telling one payment, or one registration.
type notice struct {
	acquirerNo int64
	paymentID  string // or the id of a registration
	tries      int64
}

// registration says that a notice is of a merchant that was registered.
func (n notice) registration() bool { return strings.HasPrefix(n.paymentID, "app_") }

// Schedule returns the pauses after the first, second, … attempt that did not count.
func Schedule() []time.Duration {
	return []time.Duration{4 * time.Minute, 10 * time.Minute, 10 * time.Minute,
		15 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 15 * time.Hour}
}

// kinds are the events after which a payment may have its first final result, and a registration
// its decision.
func kinds() []string {
	return []string{"payment.captured", "payment.declined", "payment.cancelled",
		"application.registered", "application.approved", "application.refused"}
}

// wanted says whether an event is of a payment or registration that named an address.
func wanted(e event.Event) bool {
	var data struct {
		Notify int `json:"notify"`
	}
	return json.Unmarshal(e.Data, &data) == nil && data.Notify == 1
}

// after returns when a notice is sent again of which tries attempts did not count; false when it
// is given up.
func after(pauses []time.Duration, tries int64, now time.Time) (time.Time, bool) {
	if tries > int64(len(pauses)) {
		return time.Time{}, false
	}
	return now.Add(pauses[tries-1]), true
}
