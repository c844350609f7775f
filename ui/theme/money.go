package theme

import (
	"strings"

	"watari/kit/money"
)

// split takes what money.FormatFor wrote apart, so that the number can be drawn larger than the
// name of its currency. The three parts together are the same text.
func split(lang string, a money.Amount) (before, number, after string) {
	text := money.FormatFor(lang, a)
	start := strings.IndexAny(text, "0123456789")
	if start < 0 {
		return text, "", ""
	}
	end := strings.LastIndexAny(text, "0123456789") + 1
	return text[:start], text[start:end], text[end:]
}

// Unit returns what stands before and after the number of an amount in c, for a field in which
// people write the number themselves.
func Unit(lang string, c money.Currency) (before, after string) {
	one, err := money.New(1, c)
	if err != nil {
		return string(c), ""
	}
	before, _, after = split(lang, one)
	return strings.TrimSpace(before), strings.TrimSpace(after)
}
