package money

import (
	"cmp"
	"strconv"
	"strings"

	"watari/kit/check"
)

// MinorMax is the largest amount in minor units: 2^53 - 1.
const MinorMax = 1<<53 - 1

// Amount is a sum of money: minor units, never negative, and their currency (M1). It is a value:
// copy it, compare it with ==. The zero value is no amount at all.
type Amount struct {
	minor    int64
	currency Currency
}

// New returns minor units of c.
//
// Errors: ErrCurrency, ErrRange.
func New(minor int64, c Currency) (Amount, error) {
	if _, ok := digits[c]; !ok {
		return Amount{}, ErrCurrency.Newf("%q is not a currency code of ISO 4217", clip(string(c)))
	}
	if minor < 0 || minor > MinorMax {
		return Amount{}, ErrRange.Newf("%s %d is not between 0 and %d minor units",
			c, minor, int64(MinorMax))
	}
	return Amount{minor: minor, currency: c}, nil
}

// MustNew is New for amounts that are known to be right, such as constants and columns with a
// CHECK. It panics on an error.
func MustNew(minor int64, c Currency) Amount {
	a, err := New(minor, c)
	if err != nil {
		check.That(false, "money: %v", err)
	}
	return a
}

// Parse reads a plain decimal in major units, such as "84.64" or "1980". It takes digits and one
// point with digits on both sides, at most as many decimals as the currency has, and nothing else:
// no sign, blank, grouping, exponent or needless leading zero.
//
// Errors: ErrSyntax, ErrCurrency, ErrRange.
func Parse(s string, c Currency) (Amount, error) {
	n, ok := c.Digits()
	if !ok {
		return Amount{}, ErrCurrency.Newf("%q is not a currency code of ISO 4217", clip(string(c)))
	}
	whole, fraction, err := splitPlain(s)
	if err != nil {
		return Amount{}, ErrSyntax.Newf("%q is not a plain decimal number", clip(s))
	}
	if len(fraction) > n {
		return Amount{}, ErrSyntax.Newf("%q has more than the %d decimals of %s", clip(s), n, c)
	}
	minor, err := strconv.ParseInt(whole+fraction+zeros[:n-len(fraction)], 10, 64)
	if err != nil {
		return Amount{}, ErrRange.Newf("%s %s is over the largest amount", c, clip(s))
	}
	return New(minor, c)
}

// Minor returns the amount in minor units.
func (a Amount) Minor() int64 { return a.minor }

// Currency returns the currency; it is empty for the zero value.
func (a Amount) Currency() Currency { return a.currency }

// IsZero tells whether there are no minor units. A JPY 0 and the zero value are both zero; Valid
// tells them apart.
func (a Amount) IsZero() bool { return a.minor == 0 }

// Valid tells whether a was made by this package and so has a currency.
func (a Amount) Valid() bool { return a.currency != "" }

// Add returns a + b. It panics when the currencies differ (M2).
//
// Errors: ErrRange.
func (a Amount) Add(b Amount) (Amount, error) {
	a.same(b)
	return New(a.minor+b.minor, a.currency)
}

// Sub returns a - b. It panics when the currencies differ (M2).
//
// Errors: ErrRange, when b is larger than a.
func (a Amount) Sub(b Amount) (Amount, error) {
	a.same(b)
	return New(a.minor-b.minor, a.currency)
}

// Cmp returns -1, 0 or 1 as a is less than, equal to or more than b. It panics when the currencies
// differ (M2).
func (a Amount) Cmp(b Amount) int {
	a.same(b)
	return cmp.Compare(a.minor, b.minor)
}

// String returns currency and decimal, such as "CNY 84.64", for logs and documents.
func (a Amount) String() string {
	if !a.Valid() {
		return "no amount"
	}
	return string(a.currency) + " " + a.Decimal()
}

// Decimal returns the amount in major units with all the decimals of its currency: "84.64",
// "1980", "0.005". Parse reads it back.
func (a Amount) Decimal() string {
	whole, fraction := a.parts()
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// parts returns the digits before and after the point.
func (a Amount) parts() (whole, fraction string) {
	n := digits[a.currency]
	s := strconv.FormatInt(a.minor, 10)
	if len(s) <= n {
		s = zeros[:n-len(s)+1] + s
	}
	return s[:len(s)-n], s[len(s)-n:]
}

// same panics unless both amounts are of one currency.
func (a Amount) same(b Amount) {
	if !a.Valid() || a.currency != b.currency {
		check.That(false, "money: %s and %s are not of one currency", a, b)
	}
}

// zeros is where padding is cut from.
const zeros = "00000000000000000000000000000000000000000000000000"

// splitPlain takes a plain decimal apart: digits, then perhaps a point and digits.
func splitPlain(s string) (whole, fraction string, err error) {
	whole, fraction, point := strings.Cut(s, ".")
	if !allDigits(whole) || (point && !allDigits(fraction)) || len(s) > len(zeros) {
		return "", "", strconv.ErrSyntax
	}
	if len(whole) > 1 && whole[0] == '0' {
		return "", "", strconv.ErrSyntax
	}
	return whole, fraction, nil
}

// allDigits tells whether s is one or more ASCII digits.
func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
