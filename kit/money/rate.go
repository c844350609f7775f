package money

import (
	"math/big"
	"math/bits"

	"watari/kit/check"
)

// Rate is an exact exchange rate with a direction: one major unit of Base is the Decimal's number
// of major units of Quote. The zero value is no rate.
type Rate struct {
	value Decimal
	base  Currency
	quote Currency
}

// NewRate gives a number its direction.
//
// Errors: ErrRate for the zero Decimal, ErrCurrency.
func NewRate(value Decimal, base, quote Currency) (Rate, error) {
	if !value.Valid() {
		return Rate{}, ErrRate.Newf("a rate needs a number")
	}
	for _, c := range [...]Currency{base, quote} {
		if _, ok := c.Digits(); !ok {
			return Rate{}, ErrCurrency.Newf("%q is not a currency code of ISO 4217",
				clip(string(c)))
		}
	}
	return Rate{value: value, base: base, quote: quote}, nil
}

// ParseRate reads a plain decimal: ParseRate("7.9827", "EUR", "CNY") says that one euro is 7.9827
// yuan.
//
// Errors: ErrRate, ErrCurrency.
func ParseRate(s string, base, quote Currency) (Rate, error) {
	value, err := ParseDecimal(s)
	if err != nil {
		return Rate{}, err
	}
	return NewRate(value, base, quote)
}

// RateOf returns the rate that was stored as the columns coef and exp.
//
// Errors: ErrRate, ErrCurrency.
func RateOf(coef, exp int64, base, quote Currency) (Rate, error) {
	value, err := DecimalOf(coef, exp)
	if err != nil {
		return Rate{}, err
	}
	return NewRate(value, base, quote)
}

// Cross returns the rate from base to quote when one euro is eurBase of base and eurQuote of
// quote: (eurQuote ÷ eurBase) × (1 + spreadPPM ÷ 1,000,000), computed as one fraction and rounded
// half-even once, to 12 significant digits (M5). For the euro itself pass One.
//
// Errors: ErrRate, when a number is missing, the spread is not above -1,000,000, or the result is
// out of range; ErrCurrency.
func Cross(base, quote Currency, eurBase, eurQuote Decimal, spreadPPM int64) (Rate, error) {
	if !eurBase.Valid() || !eurQuote.Valid() || spreadPPM <= -int64(Whole) {
		return Rate{}, ErrRate.Newf("no cross rate from %s to %s: %s, %s, spread %d ppm",
			base, quote, eurBase, eurQuote, spreadPPM)
	}
	x := new(big.Rat).Quo(eurQuote.fraction(), eurBase.fraction())
	x.Mul(x, big.NewRat(int64(Whole)+spreadPPM, int64(Whole)))
	value, err := rounded(x)
	if err != nil {
		return Rate{}, err
	}
	return NewRate(value, base, quote)
}

// One is the euro's rate against itself, for Cross.
func One() Decimal { return Decimal{coef: 1} }

// Base returns the currency that one unit of is priced.
func (r Rate) Base() Currency { return r.base }

// Quote returns the currency of the price.
func (r Rate) Quote() Currency { return r.quote }

// Value returns the number without its direction.
func (r Rate) Value() Decimal { return r.value }

// Columns returns the pair that is stored.
func (r Rate) Columns() (coef, exp int64) { return r.value.Columns() }

// Valid tells whether r was made by this package.
func (r Rate) Valid() bool { return r.value.Valid() }

// String returns the number in plain digits, without the currencies.
func (r Rate) String() string { return r.value.String() }

// Convert returns a in the quote currency of r, rounded once by m (M3). It panics when a is not in
// the base currency of r (M2). A small amount can become zero.
//
// Errors: ErrRange.
func (a Amount) Convert(r Rate, m Mode) (Amount, error) {
	if !r.Valid() || a.currency != r.base {
		check.That(false, "money: %s at a rate from %q to %q", a, r.base, r.quote)
	}
	// minor(quote) = minor(base) × coef × 10^(exp + digits(quote) - digits(base))
	hi, lo := bits.Mul64(uint64(a.minor), uint64(r.value.coef))
	n, ok := shift(hi, lo, r.value.exp+digits[r.quote]-digits[r.base], m)
	if !ok || n > MinorMax {
		return Amount{}, ErrRange.Newf("%s at %s is over the largest amount of %s", a, r, r.quote)
	}
	return New(int64(n), r.quote)
}

// shift returns hi:lo × 10^by rounded by m, or false when that leaves 64 bits.
func shift(hi, lo uint64, by int, m Mode) (uint64, bool) {
	if hi == 0 && lo == 0 {
		return 0, true
	}
	if by >= 0 {
		if hi > 0 || by > 19 {
			return 0, false
		}
		over, n := bits.Mul64(lo, pow10(by))
		return n, over == 0
	}

	// 10^19 is the largest power in 64 bits: divide off what is above it first, and remember
	// whether anything was cut, because that turns a half into more than a half.
	places, more := -by, false
	if places > 19 {
		hi, lo, more = quotient(hi, lo, pow10(places-19))
		places = 19
	}
	return divide(hi, lo, pow10(places), more, m)
}

// quotient returns hi:lo ÷ d cut off, and whether anything was cut.
func quotient(hi, lo, d uint64) (qhi, qlo uint64, more bool) {
	qhi, rest := bits.Div64(0, hi, d)
	qlo, rest = bits.Div64(rest, lo, d)
	return qhi, qlo, rest != 0
}

// pow10 returns 10^n for n from 0 to 19.
func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}
