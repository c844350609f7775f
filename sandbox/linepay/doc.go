// Package linepay is LINE Pay's side of a simulated wallet: the online API v3 and the offline APIs
// v4 and v2 over real HTTP, as strict as the real one.
//
// # Nouns
//
// Secrets is what the wallet knows of its agreement with the one merchant that it serves: a
// channel with its secret, and the currency that the merchant account is kept in. A request is an
// order that some user opens, confirms, and the merchant then confirms as well. An order of the
// offline API is paid by a one-time key, 18 digits that a user's phone shows for five minutes. A
// regKey is a standing consent.
//
// # Rules
//
//	L1  Every answer is HTTP 200 with a returnCode of four digits, refusals too; only the modes
//	    leave a call without one.
//	L2  A request is believed when its channel id is ours (else 1104, or 1106 without one), its
//	    nonce is new, and the HMAC over its raw path, query or body verifies (else 1106). The
//	    offline API v2 compares the secret instead.
//	L3  A body that is not JSON is 2102, a member that is missing or malformed 2101, another
//	    currency than the channel's 1178, an amount that is not the sum of its packages, or a
//	    package that is not the sum of its products, 1124.
//	L4  An order id is used once: 1172, whatever became of it.
//	L5  A request is debited by confirm, once its user has agreed (1169 before), for the amount
//	    that was requested (1153), once (1152). A user has 20 minutes.
//	L6  What the merchant asks is in its currency. The user's account is debited at the rate of a
//	    fixed table; refunds give back the same share of that debit.
//	L7  A refund has no id of the merchant's: sent twice it is made twice, up to what was paid
//	    (1164), then it is 1165. A promise is voided, not refunded (1155).
//	L8  The merchant is not told anything: it asks.
//
// Where the public pages are silent, this is what it does: a payment by one-time key that waits
// for its user's PIN is answered 1145 and its order is AUTH_READY; an order is REFUND once all of
// it is refunded; a promise is captured once, and what is not captured goes back; a consent is
// asked for with an amount of zero, and its key is told once.
//
// The books are those of sandbox/wallet. The package shares the messages and signatures of
// connect/linepay, and nothing that interprets them.
//
// Sources: https://developers-pay.line.me/online-api-v3,
// https://developers-pay.line.me/offline-api-v4, https://developers-pay.line.me/offline-api-v2,
// https://developers-pay.line.me/offline/prerequisites,
// https://developers.line.biz/en/docs/line-pay/appendix/ (codes).
package linepay
