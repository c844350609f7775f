package webhook

import "time"

// Owner is whose endpoint it is, and so which events it gets: those of one merchant, or with
// MerchantNo 0 those of an acquirer and all its merchants.
type Owner struct {
	AcquirerNo int64
	MerchantNo int64
}

// Endpoint is an address that is told what happens.
type Endpoint struct {
	ID string
	Owner
	// URL is where messages are posted: https, at most URLMax bytes.
	URL string
	// Description is a name for people.
	Description string
	// Kinds are the kinds of message it gets, names of Kinds; none is all.
	Kinds  []string
	Status Status
	// Note says why it is disabled, in words for an API; "" else.
	Note string
	// SecretEnd is the end of the newest secret, for people who compare.
	SecretEnd string
	// OldUntil is until when messages are signed with the secret before as well; zero when there
	// is none.
	OldUntil time.Time
	Created  time.Time
	// Verified is when it last answered a challenge; zero before.
	Verified time.Time
	// LastOK is when it last took a message; zero before.
	LastOK time.Time
	// FailingSince is when the present row of failures began; zero when the last attempt went well.
	FailingSince time.Time
	// Fails is how many attempts in a row did not count.
	Fails int64
	// Next is when the next message is tried (again); zero when none waits.
	Next time.Time
	// Waiting is how many messages wait; List and Find count it.
	Waiting int64
}

// The longest texts of an endpoint, in bytes, and the most endpoints of one owner.
const (
	URLMax         = 500
	DescriptionMax = 200
	EndpointsMax   = 20
)

// Terms are what the owner of an endpoint decides.
type Terms struct {
	URL         string
	Description string
	Kinds       []string // none is all
}
