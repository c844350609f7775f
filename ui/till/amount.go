package till

import (
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"watari/kit/money"
)

// digitsMax is the longest amount that a till takes, in digits.
const digitsMax = 13

// yen is the currency of every till.
const yen money.Currency = "JPY"

// parseYen reads an amount as people write it: with or without thousands separators, a yen sign
// or the word for yen, in narrow or wide digits. The second value is the key of the text that
// says what is wrong, "" when nothing is.
func parseYen(typed string) (money.Amount, string) {
	s := width.Narrow.String(strings.TrimSpace(typed))
	for _, word := range []string{"JPY", "¥", "￥", "円", "日元", "日圓", "엔"} {
		s = strings.ReplaceAll(s, word, "")
	}
	s = strings.NewReplacer(",", "", "、", "", " ", "", "_", "").Replace(s)
	switch {
	case s == "":
		return money.Amount{}, "amount.missing"
	case strings.HasPrefix(s, "-"):
		return money.Amount{}, "amount.negative"
	case strings.Contains(s, "."):
		return money.Amount{}, "amount.fraction"
	case strings.Trim(s, "0123456789") != "":
		return money.Amount{}, "amount.not_number"
	}
	s = strings.TrimLeft(s, "0")
	switch {
	case s == "":
		return money.Amount{}, "amount.zero"
	case len(s) > digitsMax:
		return money.Amount{}, "amount.too_long"
	}
	minor, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return money.Amount{}, "amount.not_number"
	}
	a, err := money.New(minor, yen)
	if err != nil {
		return money.Amount{}, "amount.too_long"
	}
	return a, ""
}

// yenOf is an amount of minor yen that is known to be right.
func yenOf(minor int64) money.Amount { return money.MustNew(minor, yen) }
