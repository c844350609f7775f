// Package link is the contract a wallet connector fulfils.
//
// A connector speaks one wallet's own protocol and translates it into four calls
// (authorise, inquire, cancel, refund) and one notice that the wallet sends on its own.
// The payment core knows only this package: it never sees a wire message.
//
// Rules that every connector keeps; the conformance suite in linktest checks them:
//
//	C1  An outcome is approved, declined or unknown. Unknown is a value, not an error:
//	    a transport error, an answer that is not HTTP 200, a missing or wrong signature,
//	    an id that is not ours inside the answer, and "no such order" on inquiry are all
//	    unknown, never declined.
//	C2  A connector reports the amounts, ids and customer as the wallet told them and
//	    judges none of them; the core compares.
//	C3  A connector keeps no state about payments. The same request id may be sent any
//	    number of times.
//	C4  A connector never blocks past its context and never retries by itself.
//	C5  Windows, deadlines, schedules and id lengths come from Capabilities, never from
//	    constants in the core.
//	C6  A notice is verified before it is parsed, and answered only after the core has
//	    committed it.
//
// Amounts are in minor units of their currency; times carry a zone.
package link
