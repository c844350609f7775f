package till

import (
	"watari/kit/money"
	"watari/ui/theme"
)

// digitsMax is the longest amount that a till takes, in digits.
const digitsMax = theme.DigitsMax

// yen is the currency of every till.
const yen money.Currency = "JPY"

// yenOf is an amount of minor yen that is known to be right.
func yenOf(minor int64) money.Amount { return money.MustNew(minor, yen) }
