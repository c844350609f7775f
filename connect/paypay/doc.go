// Package paypay speaks the PayPay Open Payment API for the network.
//
// Client is the connector to the wallet: it fulfils link.Connector, and Preparer (codes that one
// user pays), Holder (promises that are captured) and Agreer (users who consent to be charged).
// Server takes PayPay's notices. The messages are in package wire, the signatures in package sign.
//
// # Rules
//
//	P1  One request id of ours is one merchantPaymentId, for ever; captures and refunds have their
//	    own ids, a revert has the id of its payment with "_v".
//	P2  Everything is in whole yen, and the shop is owed what the user pays: a payment whose order
//	    and settlement amounts differ is declined here and nobody is called.
//	P3  Answers are not signed; they are PayPay's because TLS says so. A yes counts when it names
//	    our id, PayPay's id and an amount. A no counts when its code is in the table of judge.go
//	    and has the HTTP status that belongs to it. Everything else is unknown: 429, 5xx whatever
//	    the code says, TRANSACTION_FAILED, codes that are not documented, answers without an
//	    envelope, redirects.
//	P4  CREATED waits for its user, and stays CREATED when the time of its code is over. COMPLETED
//	    is a yes; AUTHORIZED is one for a promise. FAILED, CANCELED and EXPIRED are a no. REFUNDED
//	    was made, when a refund is named; otherwise a cancel ended so, and it is unknown until the
//	    cancel has its answer.
//	P5  A cancel is accepted and done later: the state decides. A code that nobody paid is deleted;
//	    without its id the cancel is accepted and waits for whoever pays. A payment that PayPay
//	    does not know is closed three minutes after it was sent, because its signature is stale
//	    by then. ORDER_NOT_REVERSIBLE of a payment that stands means that the window is over.
//	P6  A code has an id of its own until it is paid (Form.PreparedID), the payment another.
//	P7  A refund is made as soon as PayPay has it (CREATED): it tries by itself until it succeeds. A
//	    no to a refund counts when PayPay, asked for the refund, does not know it.
//	P8  A notice proves nothing. From an address on the list, of our merchant and with an id that
//	    can be ours, it makes the core look at once; the rest of it is not read.
//	P9  The call for a shop that scans a user's code is SIMULATED: PayPay publishes none, it comes
//	    with an acquirer's contract. Its path stands in the credentials (scan_path). Without one
//	    such payments are declined and nobody is called.
//	P10 No message body, token, code of a user or secret is logged.
//
// # Times
//
// PayPay asks for 30 s of patience for POST and 15 s for GET and DELETE; a till waits less, so
// calls end after 6 s and the outcome is asked for, every 2 to 3 s as PayPay asks. It signs for two
// minutes. A cancel is taken until 00:14:59 JST of the next day, a refund for 365 days.
//
// Assumed, not published, and therefore in ClientConfig: how long an outcome may stay unknown
// (Deadline, 3 minutes), how long a code lives (OrderLife, 5 minutes; each code tells its own end),
// how long a promise stands (HoldLife, 30 days), whether a payment may be refunded in parts
// (OneRefund). A user's code shown to a till is given one minute.
//
// Sources: the pages that are named in packages wire and sign;
// https://integration.paypay.ne.jp/hc/en-us/articles/4414054913423-How-does-the-status-of-refund-a-payment-API-change
// https://integration.paypay.ne.jp/hc/en-us/articles/4414069180943-Behavior-when-Cancel-a-payment-API-is-executed-before-payment
// https://integration.paypay.ne.jp/hc/en-us/articles/4414093922831-Is-it-possible-to-execute-Get-Payment-Details-for-expired-payment-screen
// https://integration.paypay.ne.jp/hc/en-us/articles/4414048508047-Is-the-webhook-always-delivered
// https://integration.paypay.ne.jp/hc/en-us/articles/4414068760463-How-long-is-the-refundable-period
package paypay
