package watch

import (
	"encoding/json"
	"time"
)

// Alert is something that a person must know of.
type Alert struct {
	ID       string
	Kind     Kind
	Subject  string // what it is about; see the kinds
	Severity Severity
	State    State
	Times    int64           // how often it happened; 1 for what stands
	Data     json.RawMessage // an object of the kind's own members
	First    time.Time       // when it began
	Last     time.Time       // when it was seen, or happened, last
	// Who looks after it and what they say; they stay when it ends.
	AcknowledgedBy string
	Acknowledged   time.Time
	Note           string
	EndedBy        string // "system" when it ended by itself
	Ended          time.Time
}

// Live says whether the alert has not ended.
func (a Alert) Live() bool { return a.State != Ended }

// Condition is something that a check found: what an alert is made of.
type Condition struct {
	Kind    Kind
	Subject string
	// Severity is "" for what is not bad enough to call anybody, and not over either: see Holds.
	Severity Severity
	// Holds keeps what wavers around a bound from ending and beginning again: a live alert of this
	// severity keeps it, and with no Severity every live one goes on, with this one.
	Holds Severity
	// Data is an object of the kind's own members; nil keeps what the alert says.
	Data any
	// At is when it happened, and Times how often; both for lasting kinds only.
	At    time.Time
	Times int64
}

// Filter chooses alerts; zero fields choose all.
type Filter struct {
	State State
	Live  bool // those that have not ended
	Kind  Kind
	After string // the last id of the page before
	Limit int
}

// System is the actor of what ends by itself.
const System = "system"
