// Package code says whose wallet a scanned string is, and issues and consumes wallet codes.
//
// # Nouns
//
// A wallet code is what a payer's phone shows and a till scans: digits, as a QR code or as Code
// 128. Its first digits say which wallet it is of. A Table holds those prefixes; it is
// configuration, and Default is what is publicly known. A Match is the entry that a string fits.
//
// Codes that this network issues for a wallet have 24 digits: CII (6, names the issuer), BTI (2,
// always 02: presented by the user), UIN (16, random).
//
// # Invariants
//
//	K1  A string has at most one owner: New refuses a table in which two entries could claim one
//	    string. The longest prefix decides the owner; when the length then does not fit, the
//	    string has none, and no shorter prefix is tried.
//	K2  Nothing is guessed: what no entry fits is refused (ErrUnknown).
//	K3  A merchant's code, an EMVCo consumer code and a URL are recognised as such and refused by
//	    Classify with a fault that says so, because a till cannot charge them.
//	K4  The code itself is never stored: its SHA-256 and its last four digits are.
//	K5  A code is consumed at most once by (issuer, hash), in the first commit of its payment,
//	    and nothing releases it.
//
// # Tables
//
// wallet_code has one row for each code that was issued here, and one for each code of another
// issuer once it was used. Rows are locked, read and written in the order of their key.
//
// Sources: Alipay+ "Code format" of the code scanning payment standards (24 digits, CII, BTI, UIN;
// 16 to 32 digits beginning with 25 to 30); WeChat Pay "Important parameters" of Quick Pay (18
// digits beginning with 10 to 15); EMVCo QR Code Specification for Payment Systems, merchant-
// presented (000201) and consumer-presented (hQV, Base64 of tag 85) modes; prefixes of Japanese
// wallets as they are printed under their barcodes, which the Payments Japan Association assigns.
package code
