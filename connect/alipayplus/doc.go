// Package alipayplus speaks the Alipay+ protocol (APS, version 1) for the network, on both sides.
//
// Client is the connector to wallets: it fulfils link.Connector by the calls pay, inquiryPayment,
// cancelPayment and refund. Server takes pay, inquiryPayment, cancelPayment and refund from
// acquirers, and getPaymentCode and notifyPayment from wallets. Notifier tells an acquirer how a
// payment ended, at the address that the payment named; when to tell and how often is not
// decided here.
//
// The messages are in package wire, the signatures in package sign.
//
// # Rules
//
//	A1  Every answer of the Server is HTTP 200 with a signed result, whatever went wrong:
//	    official clients give up on anything else without reading it. When the signing key
//	    itself fails there is no answer to sign, and it is HTTP 500.
//	A2  A request is believed in this order: known address and method, JSON, known client,
//	    known key version, signature over the raw bytes, time within the window, role; then
//	    it is parsed, once.
//	A3  The two id spaces are apart: the acquirer's paymentRequestId never reaches a wallet.
//	A4  The answer to a finished payment is made of what no longer changes. Repeating pay
//	    gives the same bytes for ever, after a refund or a cancel too; inquiryPayment tells
//	    how it stands now.
//	A5  From a wallet, S is a yes only when the signature verifies, the code is SUCCESS and
//	    the request id, where it is repeated, is ours. An F is a no only when it is signed and
//	    its code can be true of the payment: REPEAT_REQ_INCONSISTENT and ORDER_NOT_EXIST say
//	    nothing about the money. Everything else is unknown.
//	A6  The result of an inquiry and the result of the payment are two things: only the
//	    second decides, and only when the first is S.
//	A7  Nothing is signed under a lock, and no message body or wallet code is logged.
//
// Times: acquirers wait 8 s for pay, cancel and refund and 5 s for an inquiry, and so does the
// network for wallets, less what it needs itself. A payment is inquired after 2, 2, 3, 3, 5, 5,
// 10, 10, … seconds, for 180 s. An acquirer may cancel until 00:15 UTC+8 of the next day, and
// wallets honour a cancel until 00:30.
//
// Source: https://docs.alipayplus.com/alipayplus/alipayplus/, pages named in package wire, and
// api_acq/timeout, api_acq/idempotency, api_mpp/timeout, api_mpp/idempotency,
// integration_user_mode_acq/accept_payment, integration_merchant_mode_mpp/obtain_payment_results.
package alipayplus
