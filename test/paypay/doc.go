// Package paypay holds tests in which PayPay's own client library, as it is published for Node.js,
// calls the sandbox's PayPay wallet. What the library makes of a request is what a merchant of
// PayPay sends, so the sandbox that takes it is PayPay-like, and refuses it for the same reasons.
//
// They need node and npm, and install the library into a folder of their own.
package paypay
