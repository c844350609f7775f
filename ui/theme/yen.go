package theme

import (
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"watari/kit/money"
)

// DigitsMax is the longest amount in yen that a page takes, in digits.
const DigitsMax = 13

// yen is the currency of what people type.
const yen money.Currency = "JPY"

// ParseYen reads an amount as people write it: with or without thousands separators, a yen sign
// or the word for yen, in narrow or wide digits. The second value is the key of the text that
// says what is wrong, "" when nothing is: amount.missing, amount.negative, amount.fraction,
// amount.not_number, amount.zero or amount.too_long.
func ParseYen(typed string) (money.Amount, string) {
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
	case len(s) > DigitsMax:
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

// GroupedYen writes an amount of yen as an amount pad shows it: digits and commas.
func GroupedYen(a money.Amount) string {
	s := strconv.FormatInt(a.Minor(), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
