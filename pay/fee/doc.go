// Package fee computes what a payment costs and what of it a refund gives back: pure arithmetic,
// without a database, a clock or an error.
//
// # Nouns
//
// Three fees are taken from a captured amount, each in the order currency (yen):
//
//   - MDR, the merchant discount rate: what the merchant pays its acquirer, the bank;
//   - interchange: what the bank pays the issuer, the wallet;
//   - scheme fee: what the bank pays this network.
//
// A Plan holds the three prices: parts per million of the amount, plus an optional fixed sum for
// each payment. Parts are the three fees of one payment in minor units. What the bank keeps is
// MDR less interchange less scheme fee: Parts.Bank.
//
// # Invariants
//
//	E1  Each part is rounded once, downwards: a fraction of a yen is left to whoever pays it.
//	E2  No part is negative. MDR is at most the amount, and so is interchange and scheme fee
//	    together: where fixed sums ask for more, interchange is taken first, and the scheme gets
//	    what is left.
//	E3  When the merchant's price covers the other two (rate by rate and fixed sum by fixed sum),
//	    MDR covers interchange and scheme fee to the yen: rounding never costs the bank anything.
//	E4  When it does not, the bank bears the difference: Bank is negative, neither the wallet nor
//	    the scheme gets less, and the merchant does not pay more.
//	E5  Whatever the sequence of refunds, they return no more than each part, and exactly each
//	    part once the payment is refunded in full.
//
// # Why downwards
//
// The law's own rule for paying a debt with a fraction of a yen is to drop it below 50 sen and to
// round it up from there, unless the parties agree otherwise (Act on Currency Units and Issuance
// of Coins, Act No. 42 of 1987, article 3). Here they agree otherwise, for two reasons. A merchant
// can check any statement against its contract: the fees are never more than turnover times rate.
// And rounding down is the one rule under which parts that add up before rounding still fit into
// each other after it (E3): the sum of two numbers rounded down is never above their sum rounded
// down. Half away from zero would make the bank pay for payments at prices that cover its costs.
//
// Interchange and scheme fee are computed on the captured amount, not on the authorised one.
package fee
