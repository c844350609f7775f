// Package notices tells acquirers how their payments ended: it follows the event log and delivers
// notifyPayment until each acquirer has taken it.
//
// A notice belongs to a payment that named a paymentNotifyUrl and has its first final result:
// captured, declined, or cancelled before it was captured. What happens to it later (a refund, a
// cancel after the capture) the acquirer itself asked for, and it is not told again.
//
// A registration of a merchant that named an address is told in the same way, once it is decided
// (notifyRegistrationStatus). In the table it stands with its own id in place of a payment's.
//
// # Rules
//
//	N1  One payment has at most one notice, and its text never changes.
//	N2  Nothing is missed: the place that was reached in the event log is written only with, or
//	    after, the notices of what lies before it. After a crash some events are read twice,
//	    which N1 makes harmless.
//	N3  A notice is sent at once, and again after the pauses of Schedule, until the acquirer's
//	    signed answer is S. After the last pause it is given up, and the log says so.
//	N4  Of several nodes one sends a notice at a time: it holds the row for a while. When it dies
//	    another goes on; an acquirer may then be told twice.
//	N5  One acquirer that does not answer holds up no other: each has its own places.
//	N6  Nothing about the payer is kept here: the message is made anew at every attempt, from
//	    what no longer changes.
//
// The public documents do not say how often to repeat: Schedule is what its predecessors did.
//
// Source: https://docs.alipayplus.com/alipayplus/alipayplus/, pages api_acq_tile/notify_payment
// and integration_auto_debit_acq/handle_notification.
package notices
