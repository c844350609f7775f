// Package signin lets users of WeChat in, inside WeChat's own browser, where its page finds out who
// somebody is without asking (OAuth, scope snsapi_base).
//
// # Rules
//
//	W1  Users are known by openid, which belongs to one application; payments through the same
//	    application name them by it.
//	W2  A code works once, for five minutes. Whoever comes back without one was not let in.
//	W3  Elsewhere than in WeChat's browser its page shows only that it has to be opened there, so
//	    it is not offered there, unless the credentials say that it works.
//
// Source: WeChat Official Accounts, sign-in on web pages,
// https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html.
package signin
