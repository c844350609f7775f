package emv

import (
	"fmt"
	"strconv"
	"strings"

	"watari/kit/money"
)

// decimal tells whether s is what tags 54, 56 and 57 hold: digits, and at most one point after at
// least one of them. "98." is such a number by the specification's own example.
func decimal(s string) bool {
	whole, fraction, _ := strings.Cut(s, ".")
	return whole != "" && digits(whole) && digits(fraction)
}

// readAmount reads tag 54 or 56 in the decimals of its currency. Zero is not an amount there.
func readAmount(s string, c money.Currency) (money.Amount, string) {
	whole, fraction, _ := strings.Cut(s, ".")
	plain := strings.TrimLeft(whole, "0")
	if plain == "" {
		plain = "0"
	}
	if fraction != "" {
		plain += "." + fraction
	}
	a, err := money.Parse(plain, c)
	switch n, _ := c.Digits(); {
	case len(fraction) > n:
		return money.Amount{}, fmt.Sprintf("%s has %d decimals, not %d", c, n, len(fraction))
	case err != nil:
		return money.Amount{}, "the value is no amount of " + string(c)
	case a.IsZero():
		return money.Amount{}, "the amount is zero"
	}
	return a, ""
}

// The limits of tag 57 in parts per million: 00.01 and 99.99 per cent.
const (
	percentMin = 100
	percentMax = 999_900
)

// readPercent reads tag 57, 00.01 to 99.99, as parts per million.
func readPercent(s string) (money.PPM, string) {
	whole, fraction, _ := strings.Cut(s, ".")
	if len(whole) > 2 || len(fraction) > 2 {
		return 0, "a percentage is 00.01 to 99.99"
	}
	n, err := strconv.Atoi(whole + fraction + "00"[len(fraction):])
	p := money.PPM(n) * 100
	if err != nil || p < percentMin || p > percentMax {
		return 0, "a percentage is 00.01 to 99.99"
	}
	return p, ""
}

// percent writes parts per million as tag 57: "10" or "8.25".
func percent(p money.PPM) string {
	hundredths := p / 100
	if hundredths%100 == 0 {
		return strconv.FormatInt(int64(hundredths/100), 10)
	}
	return fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
}
