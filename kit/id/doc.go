// Package id makes the ids that Watari gives out.
//
// An id is 31 characters of [a-z0-9_]: a prefix that says what it names, and a body.
//
//	pay_01jd9r2k7v0100407m3q5x8t2w4ya
//	|   |        | |  |
//	|   |        | |  13 characters random, 65 bits
//	|   |        | 3 characters shard, the number of the acquirer, 0 where there is none
//	|   |        2 characters cell, the installation that made it
//	|   9 characters time, milliseconds since 1970 UTC
//	3 characters prefix
//
// The digits are base 32 in an alphabet that sorts like its values (Crockford's, lower
// case: no i, l, o, u). So ids sort by the time they were made, which keeps B-tree
// indexes append-only; within one process and one shard they sort in the order of
// creation even inside a millisecond.
//
// Invariants:
//
//	I1 no two ids are equal: 65 bits are drawn anew in every millisecond, and the ids that
//	   follow in the same millisecond add random steps of up to 54 bits;
//	I2 an id is at most 32 characters, which is what WeChat Pay accepts as out_trade_no,
//	   and consists of lower-case letters, digits and one underscore, which PayPay accepts;
//	I3 an id is no secret. Secret makes those.
//
// A code is the other kind of name: people choose it, see IsCode.
package id
