// Package wechatpay speaks WeChat Pay's APIv3 for merchants outside mainland China, as a merchant
// or as an institution with sub-merchants.
//
// Client is the connector: payment by the user's code (micropay), orders that a user pays later
// (native, jsapi, mweb), query, reverse, close, refund, certificates and statements. Server takes
// notices. Signatures, their verification and the opening of sealed texts are those of the
// official library, github.com/wechatpay-apiv3/wechatpay-go; its client is not used, because it
// knows no other host than the mainland's and believes failures that nobody signed.
//
// The messages are in package wire.
//
// # Rules
//
//	G1  No answer is parsed before its signature is verified over its raw bytes and its time is
//	    within five minutes of ours, failures included. Anything else is unknown. The one
//	    exception is the list of certificates, see Client.Certificates.
//	G2  A state decides (table states), or a code of an answer below HTTP 500 (table codes). A code
//	    that is not in the table, and one that only says that the order number is in use, is
//	    unknown. So is every failure of an inquiry.
//	G3  An answer that names another order, refund or merchant is unknown.
//	G4  A repeat sends the same message: the network refuses an order number that comes back with
//	    other values.
//	G5  What is asked is the amount that WeChat settles with us (PayTo). What the user's account was
//	    debited is in payer_total and payer_currency, and is only shown.
//	G6  A refund is what the network says when it is asked, not that it was accepted. A refusal of
//	    a refund counts when the network does not know the refund.
//	G7  Cancelling an order that was paid refunds the whole of it under the order's own number, which
//	    the network keeps apart from order numbers.
//	G8  A notice is believed as an answer is (G1), and taken when the core has committed it. News of
//	    refunds is only a reason to ask.
//	G9  No secret, code or body is logged.
//
// Times: the result of a payment by code is asked after 5 s and then every 10 s, and the payment
// is reversed when nothing is known after 45 s; a reverse is possible from 15 s after the payment
// until the day ends in UTC+8. Refunds are possible for a year, at most 50 for one payment, and
// the network wants a minute between two.
//
// Not verified with the network, and therefore soft: how version 3 spells the business codes of
// micropay (the table takes each spelling of versions 2 and 3); until when exactly a payment can
// be reversed; what reverse answers for an order that it does not know (ORDER_NOT_EXIST is unknown
// here); that close is refused in the first five minutes of an order, as one page says (a refusal
// is unknown here and the core asks again); how a statement is signed.
//
// Sources: the pages 4013010527 and 4013014150 (micropay, reverse) below
// https://pay.weixin.qq.com/doc/global/v3/zh/ and 4012356543 (notices) below
// https://pay.weixin.qq.com/doc/global/v3/en/,
// https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_1.shtml and following (query,
// close, refund, statements),
// https://pay.weixin.qq.com/wiki/doc/apiv3_partner/wechatpay/wechatpay2_1.shtml (failures), and the
// source of the official library for signatures.
package wechatpay
