// Package emv reads and writes the QR code texts of EMVCo and their Japanese profile, JPQR.
//
// # Nouns
//
// A merchant code is shown by a shop and scanned by the payer's phone: fields of a two-digit tag, a
// two-digit length and a value, closed by a checksum. Some values are templates: fields again. A
// payer code is shown by the phone and scanned by the till: Base64 of BER-TLV, as on a chip card.
//
// # Units and limits
//
// Lengths inside a merchant code count characters (Unicode code points), not bytes; the checksum
// runs over the bytes of its UTF-8. A text has at most TextMax characters. Positions in an Error
// count from 1: characters of a merchant code, decoded bytes of a payer code.
//
// # Invariants
//
//	E1  What was read is written again to the letter: Text of a parsed code is the parsed text,
//	    whatever the order of its fields, the spelling of its numbers, and fields unknown here.
//	E2  What Text returns can be read: it is read before it is returned.
//	E3  Amounts are exact: tag 54 in the decimals of the currency in tag 53, never a float.
//	E4  A refusal is an *Error that says which tag, where, and what is wrong.
//
// # What is read tolerantly
//
// Fields may come in any order between 00 and 63. Tag 62 may be empty, as in codes of Hong Kong's
// FPS. A static code may have an amount, a dynamic one none, and tag 01 may be absent: only JPQR
// forbids that. Names may have characters outside ASCII. Tags that the specification reserves are
// kept. Everything else follows the specification strictly.
//
// Sources: EMVCo QR Code Specification for Payment Systems, Merchant-Presented Mode 1.1 (tables of
// the data objects; CRC-16 of ISO/IEC 13239 with polynomial 1021 and initial value FFFF) and
// Consumer-Presented Mode 1.1; ISO/IEC 7816-4 and EMV Book 3, annex B (BER-TLV); ISO 4217 numeric
// codes; the Payments Japan Association's JPQR pages at https://jpqr.paymentsjapan.or.jp and, for
// the profile's checks, the public package mpm/jpqr of https://github.com/mercari/go-emv-code and
// https://github.com/suzzshin/jpqr-cpm for the payer's side. What the four levels of the unified
// store id mean is not published: their lengths alone are checked.
package emv
