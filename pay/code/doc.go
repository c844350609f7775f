// Package code says whose wallet a scanned string is, and issues and consumes wallet codes.
//
// # Nouns
//
// A wallet code is what a payer's phone shows and a till scans: digits, as a QR code or as Code
// 128, or a payer code of EMVCo or JPQR, Base64 as a QR code. A Table says whose it is: digits by
// their beginning and length, a payer code by its application. It is configuration, and Default is
// what is publicly known. A Match is the entry that a string fits.
//
// A merchant code is what a shop shows and a payer's phone scans. StaticStore and DynamicStore
// write one, ReadStore finds the store that one names. Package emv has the formats.
//
// Codes that this network issues for a wallet have 24 digits: CII (6, names the issuer), BTI (2,
// always 02: presented by the user), UIN (16, random).
//
// # Invariants
//
//	K1  A string has at most one owner: New refuses a table in which two entries could claim one
//	    string. A rule of length shares its lengths with no other entry, and so decides first.
//	    Then the longest prefix decides the owner; when the length does not fit it, the string
//	    has none, and no shorter prefix is tried.
//	K2  Nothing is guessed: what no entry fits, and a payer code that offers several wallets, is
//	    refused (ErrUnknown).
//	K3  A merchant's code and a URL are recognised as such and refused by Classify with a fault
//	    that says so, because a till cannot charge them.
//	K4  The code itself is never stored: its SHA-256 and its last four characters are.
//	K5  A code is consumed at most once by (issuer, hash), in the first commit of its payment,
//	    and nothing releases it.
//	K6  A merchant code written here reads back to the same store and order. Names in it are cut
//	    between characters; tokens, references and addresses are whole or absent.
//
// # The network's account in a merchant code
//
// Tag 27: 00 the network's identifier, 01 the store's token, 02 the entry or order address where
// it fits, 03 the order's token in a dynamic code; at most 99 characters with tags and lengths.
// Tag 26 is the JPQR account, only where every rule of JPQR can be kept.
//
// # Tables
//
// wallet_code has one row for each code that was issued here, and one for each code of another
// issuer once it was used. Rows are locked, read and written in the order of their key.
//
// Sources: Alipay+ "Code format" of the code scanning payment standards (24 digits, CII, BTI, UIN;
// 16 to 32 digits beginning with 25 to 30); WeChat Pay "Important parameters" of Quick Pay (18
// digits beginning with 10 to 15); LINE Pay "Offline API reference" (lengths of oneTimeKey by
// country); prefixes of Japanese wallets as they are printed under their barcodes, which the
// Payments Japan Association assigns; package emv for EMVCo and JPQR.
package code
