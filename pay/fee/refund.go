package fee

import (
	"watari/kit/check"
	"watari/kit/money"
)

// Returned returns what of the fees total goes back with one refund (E5).
//
// paid is the captured amount and cumulative what is refunded of it after this refund, refunds
// whose outcome is open included; given is the sum of what the earlier ones returned or reserved.
func Returned(total Parts, paid, cumulative int64, given Parts) Parts {
	return Parts{
		MDR:         Step(total.MDR, paid, cumulative, given.MDR),
		Interchange: Step(total.Interchange, paid, cumulative, given.Interchange),
		Scheme:      Step(total.Scheme, paid, cumulative, given.Scheme),
	}
}

// Step returns what of total goes back with one refund: round(total × cumulative ÷ paid), half
// away from zero, less what was given before. The amount that the wallet gets back is computed by
// the same rule. All are minor units; total and given are of one currency, paid and cumulative of
// one, perhaps another.
//
// A reserved refund that fails takes its step back out of given, so given can be ahead of the
// formula for a while; the step is then zero and never negative. A full refund returns exactly
// total less given.
//
// It panics unless 0 < cumulative ≤ paid and 0 ≤ given ≤ total: the refund was checked before.
func Step(total, paid, cumulative, given int64) int64 {
	check.That(0 < cumulative && cumulative <= paid && 0 <= given && given <= total,
		"fee: %d refunded of %d, %d given of %d", cumulative, paid, given, total)
	return max(0, money.Share(total, cumulative, paid, money.HalfUp)-given)
}
