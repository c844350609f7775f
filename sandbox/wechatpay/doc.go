// Package wechatpay is WeChat Pay's side of a simulated wallet: APIv3 for merchants outside
// mainland China over real HTTP, with its own keys, as strict as the real one.
//
// # Nouns
//
// Secrets is what the wallet knows of its agreement with the one merchant that it serves, in direct
// or in institution mode. A code_url, a prepay_id and an mweb_url are three ways to one order that
// no user has taken yet. A resource is what a notice seals with the merchant's APIv3 key.
//
// # Rules
//
//	S1  A request is believed when its Authorization header is parsed by name, its time is within
//	    five minutes, its nonce is new, its serial is the merchant's, and RSA with SHA-256 over
//	    method, path with query, time, nonce and body verifies. Else it is 401, SIGN_ERROR.
//	S2  A body with a member that is not documented, or without one that is required, is 400,
//	    PARAM_ERROR. Another merchant or app is 403, NO_AUTH.
//	S3  Every answer is signed, failures too.
//	S4  An order number is 6 to 32 characters of [A-Za-z0-9_|*-]. With other values it is 403,
//	    OUT_TRADE_NO_USED; with the same it is the same order.
//	S5  What the merchant asks is in its settlement currency. The user's account is debited at the
//	    rate of a fixed table; refunds give back the same share of that debit.
//	S6  Notices go out as documented, and again at the documented pauses (see Pauses).
//
// Reverse blocks an order number that was never seen, and close may be called at once: the pages
// are silent on the first, and the five minutes that one of them wants would only make people wait.
//
// The package shares the messages of connect/wechatpay/wire, and nothing that interprets them.
//
// Sources: the public documentation of WeChat Pay,
// https://pay.weixin.qq.com/doc/global/v3/zh/4013010527,
// https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_1.shtml and following,
// https://pay.weixin.qq.com/doc/global/v3/en/4012356543.
package wechatpay
