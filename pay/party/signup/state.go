package signup

import "watari/kit/fsm"

// State is where an application stands.
type State string

// The states of an application.
const (
	Draft     State = "draft"     // being filled in
	Applied   State = "applied"   // handed in, waits for somebody to look at it
	InReview  State = "in_review" // somebody looks at it
	Returned  State = "returned"  // something has to be mended: Remarks says what
	Refused   State = "refused"   // for ever
	Withdrawn State = "withdrawn" // given up before it was decided
	Approved  State = "approved"  // merchant, store and terminal exist; no payment is taken yet
	Live      State = "live"      // takes payments
	Suspended State = "suspended" // takes none for a while
	Closed    State = "closed"    // for ever
)

// Step is what happens to an application.
type Step string

// The steps of an application.
const (
	OnSubmit   Step = "submit"
	OnReview   Step = "review"
	OnReturn   Step = "return"
	OnRefuse   Step = "refuse"
	OnWithdraw Step = "withdraw"
	OnApprove  Step = "approve"
	OnGoLive   Step = "go_live"
	OnSuspend  Step = "suspend"
	OnClose    Step = "close"
)

// Steps is the life of an application: from, step, to.
var Steps = fsm.Table[State, Step]{
	{From: Draft, Event: OnSubmit, To: Applied},
	{From: Draft, Event: OnWithdraw, To: Withdrawn},
	{From: Applied, Event: OnReview, To: InReview},
	{From: Applied, Event: OnWithdraw, To: Withdrawn},
	{From: InReview, Event: OnApprove, To: Approved},
	{From: InReview, Event: OnReturn, To: Returned},
	{From: InReview, Event: OnRefuse, To: Refused},
	{From: Returned, Event: OnSubmit, To: Applied},
	{From: Returned, Event: OnWithdraw, To: Withdrawn},
	{From: Approved, Event: OnGoLive, To: Live},
	{From: Approved, Event: OnClose, To: Closed},
	{From: Live, Event: OnSuspend, To: Suspended},
	{From: Live, Event: OnClose, To: Closed},
	{From: Suspended, Event: OnGoLive, To: Live},
	{From: Suspended, Event: OnClose, To: Closed},
}
