// Package signin lets users of PayPay in, by its account link: the page of POST /v1/qr/sessions
// asks a user to link their account with the scope user_profile, and what comes back is a signed
// token with the id of the link.
//
// # Rules
//
//	P1  The session is named after the state of the trip, and its nonce derives from that name and
//	    our secret: a token that answers another trip is refused, see paypay.Client.
//	P2  A link that the user gave is asked about once more, where nobody can forge the answer;
//	    unless PayPay says that it has ended, the token counts.
//	P3  Users are known by the id of their link (userAuthorizationId), which PayPay gives one user
//	    of one merchant as long as the link stands. Payments do not name them.
//	P4  The state travels in the return address: PayPay adds its own parameters and keeps those.
//
// Source: PayPay Open Payment API, "Account link",
// https://www.paypay.ne.jp/opa/doc/v1.0/account_link.html.
package signin
