// Package alipayplus speaks the Alipay+ protocol (APS, version 1) for the network, on both sides.
//
// Client is the connector to wallets: it fulfils link.Connector by the calls pay, inquiryPayment,
// cancelPayment and refund. Server takes pay (in all of its shapes), inquiryPayment, cancelPayment,
// refund, consultPayment, registration and inquiryRegistrationStatus from acquirers, and
// getPaymentCode, userInitiatedPay, notifyPayment, inquiryCodeRules and
// inquiryForeignExchangeQuote from wallets. Notifier tells an acquirer how a payment, or the
// registration of a merchant, ended, at the address that it named; package notices decides when
// and how often.
//
// The messages are in package wire, the signatures in package sign, signed calls in package call.
// Package private knows whose a private order code is. Package upstream is the other role: this
// network as an acquirer of another one.
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
//	A8  pay with OrderCode, EntryCode or the cashier makes an order and answers U,
//	    PAYMENT_IN_PROCESS, with the code or the page for its payer. It is paid when a wallet
//	    asks userInitiatedPay what the code means, debits its user and tells by notifyPayment.
//	A9  userInitiatedPay gives the same customer the same answer as long as the order stands;
//	    another customer of the wallet gets REPEAT_REQ_INCONSISTENT.
//	A10 What a scanned text says never decides where the network calls: the acquirer of a
//	    private order code is asked at the address that the operator registered for its
//	    prefix, and its order is made under its own paymentRequestId.
//
// # Extensions and gaps
//
// A code that stands in a shop (a printed code, or an acquirer's) is answered with STORE_CODE, the
// shop and no paymentRequestId. The public documents do not say how the amount travels that its
// user then types: here the wallet calls userInitiatedPay again, with paymentAmount, and an
// acquirer is asked again with the same field. The fields of a code rule are this network's own.
//
// A registration (pages api_acq/registration and api_acq/inquiry_registration_status) names the
// address of its notice in registrationNotifyUrl; the documents agree on one offline. What it may
// say of a logo, contacts, shareholders and documents is not read. pspName is the wallet's id.
//
// A cashier payment whose merchant names no store is of the store with the merchant's reference.
// allowedPspRegions and userRegion are read and not used: the directory knows no region of a
// wallet. Agreement payments are answered with BUSINESS_NOT_SUPPORT.
//
// Times: acquirers wait 8 s for pay, cancel and refund and 5 s for an inquiry, and so does the
// network for wallets, less what it needs itself. A payment is inquired after 2, 2, 3, 3, 5, 5,
// 10, 10, … seconds, for 180 s. An acquirer may cancel until 00:15 UTC+8 of the next day, and
// wallets honour a cancel until 00:30.
//
// Source: https://docs.alipayplus.com/alipayplus/alipayplus/, pages named in package wire, and
// api_acq/timeout, api_acq/idempotency, api_mpp/timeout, api_mpp/idempotency,
// integration_user_mode_acq/accept_payment, integration_merchant_mode_acq/ (order code and entry
// code), integration_merchant_mode_mpp/obtain_payment_results,
// integration_cashier_mpp/identify_code.
package alipayplus
