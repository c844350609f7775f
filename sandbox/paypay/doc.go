// Package paypay is PayPay's side of a simulated wallet: the Open Payment API over real HTTP, as
// strict as the real one.
//
// # Nouns
//
// Secrets is what the wallet knows of its agreement with the one merchant that it serves. A code is
// an order of the merchant that one user pays, named by codeId; a payment code is what a user's
// phone shows. A session is a page on which a user consents, a consent what comes of it.
//
// # Rules
//
//	S1  A request is believed when its key is the merchant's, its epoch is within two minutes, its
//	    nonce is new, its hash fits body and content type, and its code fits. Else it is 401,
//	    UNAUTHORIZED, as it is for another merchant.
//	S2  A body with a field that is not documented, a text that is too long, an id with other signs
//	    than A-Z a-z 0-9 - _ or another currency than JPY is 400, INVALID_REQUEST_PARAMS; one
//	    without a required field is MISSING_REQUEST_PARAMS.
//	S3  A merchantPaymentId is one payment, for ever. A second code for it is
//	    DUPLICATE_DYNAMIC_QR_REQUEST; a second debit is told how the first one stands.
//	S4  A code lives five minutes. When it is over the payment still says CREATED.
//	S5  A cancel is accepted and done at once; the answer is 202 all the same, and the state says
//	    how it ended. One of a payment that nobody has seen blocks its id, and one of a payment
//	    that is over is ORDER_NOT_REVERSIBLE.
//	S6  A refund is answered CREATED and asked for it is REFUNDED. A promise is captured once, and
//	    the rest of it is released.
//	S7  Two debits of one user by consent, of the same amount within five minutes, are
//	    SUSPECTED_DUPLICATE_PAYMENT, unless agreeSimilarTransaction is true.
//	S8  Notices are posted unsigned, and given up after the third repeat. Cancels are not told.
//	S9  The call for a shop that scans a user's code is SIMULATED: PayPay publishes none. Its path
//	    says so.
//
// The package shares the messages of connect/paypay/wire and the signatures of
// connect/paypay/sign, and nothing that interprets them.
//
// Sources: those that are named there.
package paypay
