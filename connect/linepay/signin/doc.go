// Package signin lets users of LINE in by LINE Login, which is OpenID Connect: the flow of
// codes with PKCE, and an ID token that names the user.
//
// # Rules
//
//	L1  An ID token is believed when it is HS256, signed with the secret of our channel, issued by
//	    LINE for our channel, not over, and has the nonce of this trip. No other algorithm is.
//	L2  A code works once, for ten minutes, with the return address and the PKCE secret of the
//	    trip that it was asked for.
//	L3  Users are known by sub, which belongs to one provider of channels. Payments by LINE Pay do
//	    not name them.
//
// Sources: LINE Developers, "Integrating LINE Login with your web app" and "Verify ID tokens",
// https://developers.line.biz/en/docs/line-login/integrate-line-login/ and
// https://developers.line.biz/en/docs/line-login/verify-id-token/; RFC 7636; OpenID Connect Core
// 1.0, 3.1.3.7.
package signin
