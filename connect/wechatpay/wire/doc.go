// Package wire holds the messages of WeChat Pay's APIv3 for merchants outside mainland China, as
// they cross the wire, and nothing that judges them.
//
// # Rules
//
//	X1  Decode takes one JSON object in UTF-8, with no name twice, and ignores members that it
//	    does not know: the network adds some at any time. Strict refuses those too; it is for
//	    the side that has to find out what a caller got wrong.
//	X2  Amounts are whole numbers of the currency's smallest unit: 1980 is JPY 1,980 and CNY 19.80.
//	X3  In direct mode a message names mchid and appid; in institution mode it names sp_mchid,
//	    sub_mchid and sp_appid, and sub_appid when the sub-merchant has an app of its own.
//
// Source: https://pay.weixin.qq.com/doc/global/v3/zh/4013010527 and the pages beside it, and
// https://pay.weixin.qq.com/wiki/doc/api_external/en/apis/chapter3_1_1.shtml and following.
package wire
