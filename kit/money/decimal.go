package money

import (
	"math/big"
	"strconv"
)

// Limits of a Decimal: coefMax has 12 digits; expMin and expMax keep every conversion inside two
// divisions of 128 bits.
const (
	coefMax = 999_999_999_999
	expMin  = -24
	expMax  = 12
)

// Decimal is an exact positive number: coef × 10^exp, with at most 12 significant digits and no
// zero at the end of coef (M5). The zero value is no number; Valid tells.
type Decimal struct {
	coef int64
	exp  int
}

// ParseDecimal reads a plain positive decimal of at most 12 significant digits, such as "186.75".
// It is as strict as Parse about signs, blanks and leading zeros; zeros at the end are taken.
//
// Errors: ErrRate.
func ParseDecimal(s string) (Decimal, error) {
	whole, fraction, err := splitPlain(s)
	if err != nil {
		return Decimal{}, ErrRate.Newf("%q is not a plain decimal number", clip(s))
	}
	n, ok := new(big.Int).SetString(whole+fraction, 10)
	if !ok {
		return Decimal{}, ErrRate.Newf("%q is not a plain decimal number", clip(s))
	}
	exp := -len(fraction)
	for ten, rest := big.NewInt(10), new(big.Int); n.Sign() > 0; exp++ {
		q, _ := new(big.Int).QuoRem(n, ten, rest)
		if rest.Sign() != 0 {
			break
		}
		n = q
	}
	if !n.IsInt64() {
		return Decimal{}, ErrRate.Newf("%q has more than 12 significant digits", clip(s))
	}
	return DecimalOf(n.Int64(), int64(exp))
}

// DecimalOf returns coef × 10^exp, for a pair that Columns gave.
//
// Errors: ErrRate, when the number is not positive, has more than 12 significant digits, or is
// out of range (exp, after zeros at the end of coef are taken off, from -24 to 12).
func DecimalOf(coef, exp int64) (Decimal, error) {
	if coef <= 0 {
		return Decimal{}, ErrRate.Newf("%de%d is not positive", coef, exp)
	}
	for ; coef%10 == 0; coef /= 10 {
		exp++
	}
	if coef > coefMax {
		return Decimal{}, ErrRate.Newf("%de%d has more than 12 significant digits", coef, exp)
	}
	if exp < expMin || exp > expMax {
		return Decimal{}, ErrRate.Newf("%de%d is out of range", coef, exp)
	}
	return Decimal{coef: coef, exp: int(exp)}, nil
}

// Columns returns the pair that is stored.
func (d Decimal) Columns() (coef, exp int64) { return d.coef, int64(d.exp) }

// Valid tells whether d was made by this package.
func (d Decimal) Valid() bool { return d.coef > 0 }

// String returns the number in plain digits: "0.0427453814190".
func (d Decimal) String() string {
	s := strconv.FormatInt(d.coef, 10)
	if d.exp >= 0 {
		return s + zeros[:d.exp]
	}
	if places := -d.exp; len(s) <= places {
		s = zeros[:places-len(s)+1] + s
	}
	return s[:len(s)+d.exp] + "." + s[len(s)+d.exp:]
}

// Cmp returns -1, 0 or 1 as d is less than, equal to or more than e.
func (d Decimal) Cmp(e Decimal) int { return d.fraction().Cmp(e.fraction()) }

// Near tells whether d is at most p of e away from e: |d - e| ≤ e × p. It is exact.
func (d Decimal) Near(e Decimal, p PPM) bool {
	off := new(big.Rat).Sub(d.fraction(), e.fraction())
	limit := new(big.Rat).Mul(e.fraction(), big.NewRat(int64(p), int64(Whole)))
	return off.Abs(off).Cmp(limit) <= 0
}

// NearInverse tells whether d looks like e turned round: whether d × e is at most p away from one.
// It is exact.
func (d Decimal) NearInverse(e Decimal, p PPM) bool {
	off := new(big.Rat).Mul(d.fraction(), e.fraction())
	off.Sub(off, big.NewRat(1, 1))
	return off.Abs(off).Cmp(big.NewRat(int64(p), int64(Whole))) <= 0
}

// fraction returns d as an exact fraction.
func (d Decimal) fraction() *big.Rat {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.exp, -d.exp))), nil)
	if d.exp < 0 {
		return new(big.Rat).SetFrac(big.NewInt(d.coef), ten)
	}
	return new(big.Rat).SetInt(ten.Mul(ten, big.NewInt(d.coef)))
}

// rounded returns x, which must be positive, half-even at 12 significant digits.
//
// Errors: ErrRate, when the number is out of range.
func rounded(x *big.Rat) (Decimal, error) {
	// Find the exponent at which the coefficient has 12 digits: start from the lengths of the
	// two numbers, which is right to within one, and correct.
	exp := int64(len(x.Num().String()) - len(x.Denom().String()) - 12)
	for {
		coef := scaled(x, exp)
		if coef.CmpAbs(big.NewInt(coefMax)) > 0 {
			exp++
			continue
		}
		if coef.Cmp(big.NewInt((coefMax+1)/10)) < 0 {
			exp--
			continue
		}
		return DecimalOf(coef.Int64(), exp)
	}
}

// scaled returns x ÷ 10^exp, rounded half-even to a whole number.
func scaled(x *big.Rat, exp int64) *big.Int {
	num, den := new(big.Int).Set(x.Num()), new(big.Int).Set(x.Denom())
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(exp, -exp)), nil)
	if exp < 0 {
		num.Mul(num, ten)
	} else {
		den.Mul(den, ten)
	}
	q, rest := new(big.Int).QuoRem(num, den, new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(den) {
	case 1:
		q.Add(q, big.NewInt(1))
	case 0:
		q.Add(q, big.NewInt(int64(q.Bit(0))))
	}
	return q
}
