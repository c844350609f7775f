package money_test

import (
	"testing"

	"watari/kit/money"
)

// Goal: a shown amount always names its currency. Method: a table of languages and digits.
func TestShownAmountNamesItsCurrency(t *testing.T) {
	t.Parallel()
	yen, yuan := money.MustNew(1980, "JPY"), money.MustNew(8464, "CNY")
	for _, c := range []struct {
		lang   string
		amount money.Amount
		want   string
	}{
		{"en", yen, "JPY 1,980"},
		{"en", yuan, "CNY 84.64"},
		{"en-GB", money.MustNew(123456789, "KWD"), "KWD 123,456.789"},
		{"ja", yen, "1,980円"},
		{"ja", yuan, "84.64人民元"},
		{"ja-JP", money.MustNew(5, "CNY"), "0.05人民元"},
		{"zh-Hans", yen, "1,980日元"},
		{"zh-Hans", yuan, "84.64人民币"},
		{"zh-CN", money.MustNew(1234567, "JPY"), "1,234,567日元"},
		{"zh", yen, "1,980日元"},
		{"zh-Hant", yen, "1,980日圓"},
		{"zh-TW", money.MustNew(100000, "TWD"), "1,000.00新台幣"},
		{"zh-HK", money.MustNew(100000, "HKD"), "1,000.00港幣"},
		{"ko", yen, "1,980엔"},
		{"ko-KR", money.MustNew(50000, "KRW"), "50,000원"},
		{"fr", yen, "JPY 1,980"},
		{"", yen, "JPY 1,980"},
		{"ja", money.MustNew(1000, "KWD"), "KWD 1.000"},
		{"ja", money.MustNew(999, "JPY"), "999円"},
		{"ja", money.MustNew(0, "JPY"), "0円"},
	} {
		if got := money.FormatFor(c.lang, c.amount); got != c.want {
			t.Errorf("FormatFor(%q, %s): got %q, want %q", c.lang, c.amount, got, c.want)
		}
	}
}
