// Package octo sells a park's tickets to resellers, who speak OCTO: the open standard of tours and
// attractions (https://docs.octo.travel, OCTO API 1.0): the core and octo/pricing.
//
// # Nouns
//
// A reseller is who holds an API key of the park's merchant whose label begins with "reseller:";
// the key opens the addresses of this package and nothing else, and the label is the account on
// which the reseller buys. A supplier is the merchant; its product is one of a park, with the one
// option DEFAULT; a unit is an age class. A booking is an order of the channel octo, named by a
// uuid that the reseller made; a unit item is one of its lines.
//
// # Invariants
//
//	R1  The same uuid of a reseller is the same booking, however often it is sent; for another one it
//	    is refused.
//	R2  A reseller sees its own bookings only, and sells what everybody else sells: the quotas, with
//	    their allotments, are those of visit/park.
//	R3  A booking that is confirmed is settled outside, on account: no wallet pays it.
//	R4  Who travels is not kept: contacts and notes are read, checked for their form, said again in
//	    the answer to the request that had them, and dropped.
//	R5  A hold that is changed becomes another order: the new hold is taken first and the old one
//	    given up after it, before the booking is sold. Of the orders of a booking at most one is
//	    ever sold, whatever happens at the same time and wherever it stops; a change that is
//	    refused leaves the hold as it was.
package octo
