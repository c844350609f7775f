package report

import (
	"math/big"

	"watari/kit/money"
)

// RateDay is what one unit of a currency was in another on a day, at the mid rate.
type RateDay struct {
	Day  string // YYYY-MM-DD
	Rate money.Rate
	// Micros is the rate in millionths, for pictures.
	Micros int64
}

// priced fills in the rate of two rates against the euro.
func (d RateDay) priced(base, quote string, bc, be, qc, qe int64) (RateDay, error) {
	b, err := money.DecimalOf(bc, be)
	if err != nil {
		return d, err
	}
	q, err := money.DecimalOf(qc, qe)
	if err != nil {
		return d, err
	}
	d.Rate, err = money.Cross(money.Currency(base), money.Currency(quote), b, q, 0)
	if err != nil {
		return d, err
	}
	coef, exp := d.Rate.Columns()
	d.Micros = micros(coef, exp)
	return d, nil
}

// micros is coef × 10^exp in millionths, cut off; what is too large for a picture is the largest.
func micros(coef, exp int64) int64 {
	n := big.NewInt(coef)
	for ; exp < -6; exp++ {
		n.Div(n, big.NewInt(10))
	}
	for ; exp > -6; exp-- {
		n.Mul(n, big.NewInt(10))
	}
	if !n.IsInt64() {
		return 1<<63 - 1
	}
	return n.Int64()
}
