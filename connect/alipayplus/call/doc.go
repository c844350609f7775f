// Package call sends signed Alipay+ requests and believes signed answers only. It knows no message
// and no payment: a body goes out, a body comes back, verified.
//
// Every error means that nothing is known of what the other side did.
//
// # Rules
//
//	L1  An answer counts when it is HTTP 200, at most AnswerMax bytes long, signed by whom was
//	    called, for the client id that called, at a time within the window.
//	L2  A redirect is not followed: a request is signed for one place.
//	L3  Nothing is sent twice, and nothing outlives its context.
//	L4  Each host has its own pool of connections: a slow party holds up nobody else.
//	L5  An address that a participant named is called only when it is on the public internet
//	    (outbound.PublicOnly), checked on the resolved address just before it is dialled.
//
// Source: https://docs.alipayplus.com/alipayplus/alipayplus/, pages api_acq/signature and
// api_mpp/signature.
package call
