// Package qr draws the two codes that a till can scan, as crisp SVG.
//
// A Symbol is a grid of dark and light modules: a QR code (ISO/IEC 18004, error correction M) or a
// Code 128 barcode (ISO/IEC 15417). SVG draws it on a white ground with the quiet zone that its
// standard asks for, in whole modules without antialiasing, so that it can be shown in any size
// and printed.
//
//	Q1  What is drawn reads back as the same text.
//	Q2  The quiet zone is part of the picture: 4 modules for QR, 10 beside a barcode.
//	Q3  Ground and bars have fixed colours: a dark page must not turn a code round.
package qr
