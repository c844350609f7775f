package payment

import "watari/kit/fsm"

// Event is what happens to a payment.
type Event string

// The events of a payment.
const (
	OnSale    Event = "sale"      // the wallet approved and the money is captured at once
	OnPromise Event = "authorise" // the wallet approved; the shop captures later
	OnCapture Event = "capture"
	OnDecline Event = "decline"
	OnSilence Event = "no_answer"
	OnCancel  Event = "cancel" // by the acquirer, or by the scheme at the deadline
	OnReturn  Event = "refund_in_full"
)

// Steps is the whole life of a payment: from, event, to.
var Steps = fsm.Table[State, Event]{
	{From: Authorising, Event: OnSale, To: Captured},
	{From: Authorising, Event: OnPromise, To: Authorised},
	{From: Authorising, Event: OnDecline, To: Declined},
	{From: Authorising, Event: OnSilence, To: Pending},
	{From: Authorising, Event: OnCancel, To: Cancelled},
	{From: Pending, Event: OnSale, To: Captured},
	{From: Pending, Event: OnPromise, To: Authorised},
	{From: Pending, Event: OnDecline, To: Declined},
	{From: Pending, Event: OnCancel, To: Cancelled},
	{From: Authorised, Event: OnCapture, To: Captured},
	{From: Authorised, Event: OnCancel, To: Cancelled},
	{From: Captured, Event: OnCapture, To: Captured},
	{From: Captured, Event: OnCancel, To: Cancelled},
	{From: Captured, Event: OnReturn, To: Refunded},
}

// LegState is where we stand with the wallet.
type LegState string

// The states of a leg.
const (
	LegAsked      LegState = "asked"      // the wallet is being called for the first time
	LegUnknown    LegState = "unknown"    // it is inquired on schedule
	LegApproved   LegState = "approved"   // the wallet owes us the amount
	LegDeclined   LegState = "declined"   // the wallet owes us nothing
	LegCancelling LegState = "cancelling" // the payment is closed; we ask until it is final
	LegCancelled  LegState = "cancelled"  // the wallet gave its user the money back, or never took it
	LegStuck      LegState = "stuck"      // an operator must look
)

// LegEvent is what happens to a leg.
type LegEvent string

// The events of a leg.
const (
	LegOnYes     LegEvent = "yes"
	LegOnNo      LegEvent = "no"
	LegOnSilence LegEvent = "no_answer"
	LegOnClose   LegEvent = "payment_closed"
	LegOnUndone  LegEvent = "undone"   // cancel or refund at the wallet succeeded
	LegOnLateYes LegEvent = "late_yes" // a yes for a payment that is closed
	LegOnDoubt   LegEvent = "mismatch" // a yes that names something else, or no end of asking
	LegOnTaken   LegEvent = "taken"    // two people say that the wallet keeps the money
	LegOnSettled LegEvent = "settled"  // two people say that it gave it back, or never took it
)

// LegSteps is the whole life of a leg.
var LegSteps = fsm.Table[LegState, LegEvent]{
	{From: LegAsked, Event: LegOnYes, To: LegApproved},
	{From: LegAsked, Event: LegOnNo, To: LegDeclined},
	{From: LegAsked, Event: LegOnSilence, To: LegUnknown},
	{From: LegAsked, Event: LegOnClose, To: LegCancelling},
	{From: LegAsked, Event: LegOnDoubt, To: LegStuck},
	{From: LegUnknown, Event: LegOnYes, To: LegApproved},
	{From: LegUnknown, Event: LegOnNo, To: LegDeclined},
	{From: LegUnknown, Event: LegOnSilence, To: LegUnknown},
	{From: LegUnknown, Event: LegOnClose, To: LegCancelling},
	{From: LegUnknown, Event: LegOnDoubt, To: LegStuck},
	{From: LegApproved, Event: LegOnClose, To: LegCancelling},
	{From: LegDeclined, Event: LegOnLateYes, To: LegCancelling},
	{From: LegCancelling, Event: LegOnSilence, To: LegCancelling},
	{From: LegCancelling, Event: LegOnLateYes, To: LegCancelling},
	{From: LegCancelling, Event: LegOnUndone, To: LegCancelled},
	{From: LegCancelling, Event: LegOnDoubt, To: LegStuck},
	{From: LegCancelled, Event: LegOnLateYes, To: LegCancelling},
	{From: LegCancelled, Event: LegOnDoubt, To: LegStuck},
	{From: LegDeclined, Event: LegOnDoubt, To: LegStuck},
	{From: LegStuck, Event: LegOnTaken, To: LegStuck},
	{From: LegStuck, Event: LegOnSettled, To: LegCancelled},
}

// ConsentSteps is the whole life of a consent.
var ConsentSteps = fsm.Table[ConsentState, ConsentEvent]{
	{From: ConsentAsked, Event: ConsentOnYes, To: ConsentActive},
	{From: ConsentAsked, Event: ConsentOnNo, To: ConsentDeclined},
	{From: ConsentAsked, Event: ConsentOnRevoke, To: ConsentRevoked},
	{From: ConsentActive, Event: ConsentOnRevoke, To: ConsentRevoked},
}

// RefundEvent is what happens to a refund.
type RefundEvent string

// The events of a refund.
const (
	RefundOnYes     RefundEvent = "yes"
	RefundOnNo      RefundEvent = "no"
	RefundOnSilence RefundEvent = "no_answer"
)

// RefundSteps is the whole life of a refund.
var RefundSteps = fsm.Table[RefundState, RefundEvent]{
	{From: RefundRequested, Event: RefundOnYes, To: RefundSucceeded},
	{From: RefundRequested, Event: RefundOnNo, To: RefundFailed},
	{From: RefundRequested, Event: RefundOnSilence, To: RefundUnknown},
	{From: RefundUnknown, Event: RefundOnYes, To: RefundSucceeded},
	{From: RefundUnknown, Event: RefundOnNo, To: RefundFailed},
	{From: RefundUnknown, Event: RefundOnSilence, To: RefundUnknown},
}
