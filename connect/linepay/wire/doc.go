// Package wire holds the messages of LINE Pay's online API v3 and offline APIs v4 and v2, as they
// stand on the wire, and what two sides need to read and write them without losing anything.
//
// Every answer is HTTP 200 with a returnCode of four digits, also when it refuses.
//
// # Units and limits
//
// An amount is a JSON number in major units with at most the decimals of its currency; it is a
// Number here, which is text, so no digit is ever lost. A transaction is named by a JSON number of
// 19 digits, more than a float64 holds; it is an ID here, which is text as well. An order is named
// by up to 100 characters of the merchant's own.
//
// Sources: https://developers-pay.line.me/online-api-v3,
// https://developers-pay.line.me/offline-api-v4, https://developers-pay.line.me/offline-api-v2,
// https://developers.line.biz/en/docs/line-pay/appendix/ (codes).
package wire
