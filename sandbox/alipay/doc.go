// Package alipay is the Alipay+ side of a simulated wallet: the protocol for mobile payment
// providers over real HTTP, signed both ways, with the wallet's own keys.
//
// The network calls pay, inquiryPayment, cancelPayment and refund under /aps/api/v1/payments/.
// The wallet calls getPaymentCode for its users' codes, userInitiatedPay for a code that a user
// scanned, and notifyPayment for how a payment ended.
//
// # Rules
//
//	F1  Every answer is HTTP 200 and signed, refusals too; only the modes leave a call without
//	    one.
//	F2  A payment that succeeded and was then cancelled is F, ORDER_IS_CLOSED.
//	F3  A code that the network resolved is an order under the network's request id: scanning it
//	    again is the same order.
//	F4  What the network does not know as a code of its own is opened as an address when it is
//	    one.
//
// The books are those of sandbox/wallet. The package reads messages and writes messages, and
// knows nothing of the network's tables or services.
//
// Sources: the public documentation of Alipay+ for mobile payment providers,
// https://docs.alipayplus.com/alipayplus/alipayplus/, pages api_mpp/pay, inquiry_payment,
// cancel_payment, refund, notify_payment, get_payment_code, pay_private_order_code, idempotency
// and signature.
package alipay
