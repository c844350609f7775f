// Package sign makes and checks what proves who speaks in the PayPay Open Payment API: the HMAC of
// a request, and the token that a user's browser brings back from the page of a consent.
//
// # Rules
//
//	S1  A request is signed over path, method, nonce, epoch, content type and the hash of its
//	    body, in that order, joined by line feeds. The path has no query. The content type is the
//	    header's, byte by byte; a request without a body has the word "empty" for content type
//	    and for hash.
//	S2  A server believes a request for two minutes around the epoch in it (Window), and each
//	    nonce once.
//	S3  Answers are not signed: that they are PayPay's is proved by TLS alone. So are the notices;
//	    they prove nothing.
//	S4  A token is believed when it is HS256 and signed with the secret of our own key. The secret
//	    is base64; the official client libraries disagree about whether it is decoded first, so
//	    both readings of it verify.
//
// The functions are pure: no clock, no random source, no state.
//
// Sources: https://www.paypay.ne.jp/opa/doc/v1.0/api_authorization,
// https://www.paypay.ne.jp/opa/doc/v1.0/account_link.html, and the npm package
// @paypayopa/paypayopa-sdk-node for what the text leaves open.
package sign
