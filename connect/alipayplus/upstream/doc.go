// Package upstream lets this network be an acquirer of another Alipay+ network: a bank runs it in
// front, and the other network's wallets pay at the bank's shops.
//
// Client is the connector (link.Connector, link.Preparer). It calls the other network as its
// acquirers do, pay, inquiryPayment, cancelPayment and refund, under our own client id and key
// there. Server takes what the other network tells on its own, notifyPayment. In the directory the
// other network is an issuer with this connector; its code group says which codes are its
// wallets', and its own codes are not issued here.
//
// # Rules
//
//	U1  An answer is believed when it is signed by the other network for our client id, and
//	    names no other acquirer than us. pay, cancelPayment and refund repeat no id of ours:
//	    acquirerId is the one that can be compared.
//	U2  The outcome of a result is that of package alipayplus: S with SUCCESS is a yes, a
//	    documented F a no, REPEAT_REQ_INCONSISTENT and ORDER_NOT_EXIST and everything else
//	    unknown.
//	U3  What the other network settles with us (settlementAmount) is what it pays to us. The
//	    core compares it with what it reckoned itself, so the agreement with the other network
//	    has to be in the currency of the orders (JPY), or at its own rates: a payment that is
//	    settled at another amount is not booked, but left to an operator.
//	U4  The customer, the wallet behind the network and its brand are the other network's to
//	    tell; the customer id is handed on.
//	U5  Windows nest: ours end five minutes before those of the other network, so that a cancel
//	    of the last minute still arrives.
//	U6  A notice is believed like an answer, and answered, signed, after the core has it. A
//	    notice of an id that is not ours is refused; the other network repeats it in vain.
//
// # Budgets
//
// The other network answers within 8 s, in process if need be, and has wallets behind it. A call
// ends after 6 s here; then the payment is inquired like any other whose outcome is not known.
// The protocol has no field for the time that is left.
//
// Source: https://docs.alipayplus.com/alipayplus/alipayplus/, pages api_acq_tile/ (pay in user
// presented mode, pay_order_code, pay_entry_code, inquiry_payment, cancel_payment, refund,
// notify_payment), api_acq/timeout, api_acq/idempotency, and
// integration_merchant_mode_private_order_code_acq_older_edition/post_payment.
package upstream
