// Package wire holds the messages of the Alipay+ protocol (APS, version 1) and nothing else:
// who says what to whom, which fields a message has, how long they are, and what the result
// codes mean. It opens no connection and knows no payment.
//
// # Who talks to whom
//
//	acquirer → network   PayRequest, InquiryRequest, CancelRequest, RefundRequest,
//	                     ConsultRequest
//	network  → acquirer  PaymentNotice, to the address that the payment named;
//	                     PrivateCodeRequest, to the address that was agreed
//	wallet   → network   PaymentCodeRequest, UserInitiatedRequest, WalletNotice,
//	                     QuoteRequest, CodeRulesRequest
//	network  → wallet    WalletPayRequest, WalletInquiryRequest, WalletCancelRequest,
//	                     WalletRefundRequest
//	auto-debit           PrepareRequest, ApplyTokenRequest, CancelTokenRequest go from the
//	                     acquirer over the network to the wallet; AuthNotice and
//	                     UnbindingRequest the other way
//
// # Rules of a message
//
//	W1  Every scalar is written as a JSON string: "20", "true". Read are strings, numbers and
//	    booleans, because the official Java client writes the latter two bare.
//	W2  A field that is optional is left out or null. An empty string in a request is an
//	    error; in an answer it is taken for an absent field, so that a paid order is not
//	    lost over a cosmetic fault.
//	W3  Fields that are not known are ignored, but the whole body must be well-formed JSON
//	    in UTF-8, without NUL, without a member named twice, at most MaxDepth deep.
//	W4  An amount is a currency of ISO 4217 and a positive whole number of its minor units,
//	    at most 16 digits and at most 2^53 - 1. JPY 1,280 is "1280", USD 10.00 is "1000".
//	W5  A decoded request keeps every limit of length; the error names the field that does
//	    not. Lengths count characters, not bytes.
//	W6  Encode is deterministic: the same message gives the same bytes.
//
// Times are written in ISO 8601 with an offset and read in three forms, see ParseTime.
//
// # What the documents leave open
//
// The fields of a CodeRule are this network's own; so is paymentAmount in UserInitiatedRequest and
// PrivateCodeRequest, which carries the amount that a user typed after a STORE_CODE. Of the
// auto-debit messages only the fields are here that the pages name.
//
// Sources: https://docs.alipayplus.com/alipayplus/alipayplus/, pages api_acq_tile/ (pay in user
// presented mode, pay_order_code, pay_entry_code, inquiry_payment, cancel_payment, refund,
// notify_payment), api_acq/ (pay_private_order_code, prepare, apply_token, cancel_token),
// api_acq_ns/ (auth_notify, consult_unbinding), api_mpp/ (pay, inquiry_payment, cancel_payment,
// refund, notify_payment, get_payment_code, pay_private_order_code, inquiry_code_rules),
// api_non_sdk_mpp/inquiry_quote, sdk_mpp/identify_code (the actions of a code rule); names and
// enumerations as in the package com.alipay.global.api.model.aps of the official Java client.
package wire
