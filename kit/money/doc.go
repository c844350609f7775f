// Package money holds amounts, exact exchange rates and the few sums that are done with them.
//
// # Nouns
//
// An Amount is a whole number of minor units (yen, fen, fils) and a Currency. A Decimal is an
// exact positive number of at most 12 significant digits. A Rate is a Decimal with a direction:
// one unit of Base is Rate units of Quote, both in major units. PPM is a part in a million.
//
// # Units and limits
//
// Minor units go from 0 to MinorMax = 2^53 - 1, so that every reader of JSON keeps them exactly
// and 1,024 of them can be summed in an int64. The digits of a currency are those of ISO 4217:
// JPY has none, CNY two, KWD three.
//
// # Invariants
//
//	M1  An Amount that New, Parse or JSON made has a known currency and is never negative. The
//	    zero value of Amount has no currency; doing sums with it is a defect and panics.
//	M2  Sums of two currencies panic: that is a bug, not an input. Leaving the range is an error
//	    (ErrRange): that can be an input.
//	M3  Every conversion and every share is computed exactly, in 128 bits or more, and rounded
//	    once. The rounding mode is always an argument and never a default.
//	M4  Split and Share lose nothing: the parts of Split sum to the whole, and Share of a whole
//	    is the whole.
//	M5  A Rate is what is printed: Cross rounds half-even once, to 12 significant digits, and
//	    every later sum uses that number. Equal rates have equal columns: no coefficient ends
//	    in zero.
//	M6  A rate is never turned round by division: the other direction is another rate.
//
// No floating point number appears in this package or in a package that imports it.
//
// Sources: ISO 4217:2015, list one, for codes and digits; Unicode CLDR for the names that
// FormatFor prints; for M6, Council Regulation (EC) No 1103/97, article 4, which forbids rounded
// and inverse rates in conversions through the euro.
package money
