// Package wire has the messages of the PayPay Open Payment API as they cross the wire, for both
// sides.
//
// # Rules
//
//	W1  Every answer is an envelope: resultInfo with a code, and data. The code has the HTTP
//	    status that is documented for it; an answer in which the two contradict each other is not
//	    PayPay's word (Reply.Sound).
//	W2  Requests are read strictly: unknown fields, missing fields, texts that are too long and
//	    ids with other signs are refused with the code that PayPay has for it. Answers are read
//	    leniently: fields may be added.
//	W3  Amounts are whole yen of at most 11 digits; times are seconds since 1970 UTC.
//	W4  PathSimulatedScan and the two codes that begin with SIMULATED are no part of PayPay: its
//	    call for a shop that scans a payer's code is not public. They are in the same form as
//	    everything else so that the real call can take their place.
//
// Sources: https://www.paypay.ne.jp/opa/doc/v1.0/dynamicqrcode,
// https://www.paypay.ne.jp/opa/doc/v1.0/preauth_capture,
// https://www.paypay.ne.jp/opa/doc/v1.0/continuous_payments,
// https://www.paypay.ne.jp/opa/doc/v1.0/account_link.html,
// https://integration.paypay.ne.jp/hc/en-us/sections/4414048194447-Refund-Cancel
// and the tables of codes in the README of the npm package @paypayopa/paypayopa-sdk-node.
package wire
