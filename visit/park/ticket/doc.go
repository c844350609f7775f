// Package ticket is the text in a ticket's QR code: what it says, its signature, and the digits
// that change while it is shown on a phone.
//
// # The text
//
// A ticket is 92 bytes, written as 138 characters in base 45 (RFC 9285), which a QR code holds in
// its alphanumeric mode: version 6 at error correction M, 41 modules.
//
//	byte   0      1, the version of this layout
//	bytes  1-2    number of the key that signed it
//	bytes  3-10   the ticket, random: it tells nothing about its order
//	bytes 11-14   number of the product in its park
//	bytes 15-18   number of the slot, 0 for the whole day
//	bytes 19-22   not valid before, minutes since 1970-01-01T00:00Z
//	bytes 23-26   not valid after, minutes
//	byte  27      bits: 1 it must be shown with the changing digits, 2-4 the age class
//	bytes 28-91   Ed25519 signature (RFC 8032) over "watari ticket" NUL and bytes 0-27
//
// Numbers are unsigned and big-endian. There is one text for a ticket: other spellings of the same
// bytes (a longer text, a number that base 45 does not need) are refused.
//
// # The changing digits
//
// A screenshot of a ticket that must be shown changing is worth nothing after a minute. Such a
// ticket is shown with six digits behind its text, made as by RFC 6238 with HMAC-SHA-256 and steps
// of 30 seconds, from a secret of the ticket. The secret derives from the park's key of the day, so
// a gate without a network needs one key a day, and one that is stolen is worthless tomorrow.
//
// # Several in one code
//
// People who come together show one code with their texts one behind the other (Join): one scan,
// and a verdict for each of them. How long a text is follows from its own bit 1. Four that change
// are 576 characters: version 13 at error correction L, 69 modules.
//
// # Invariants
//
//	K1  Nothing in a text is believed before its signature was verified.
//	K2  Signed for one park, no other takes it: keys are of a park.
//	K3  A gate takes the digits of now and of one step before and after, by a clock that it has
//	    compared with the network's.
package ticket
