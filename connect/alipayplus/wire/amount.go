package wire

import (
	"strconv"

	"watari/kit/money"
)

// Amount is a sum of money as it is written (W4). Value is in minor units, in decimal digits.
type Amount struct {
	Currency string `json:"currency"`
	Value    string `json:"value"`
}

// AmountOf writes a; an amount without a currency gives nil, so that the field is left out.
func AmountOf(a money.Amount) *Amount {
	if !a.Valid() {
		return nil
	}
	return &Amount{string(a.Currency()), strconv.FormatInt(a.Minor(), 10)}
}

// Money returns the amount. What was decoded gives no error.
//
// Errors: the value is not made of digits only, begins with zero, or is over money.MinorMax
// (money.ErrSyntax, money.ErrRange); the currency is unknown (money.ErrCurrency).
func (a Amount) Money() (money.Amount, error) {
	var minor int64
	if len(a.Value) == 0 || len(a.Value) > 16 || a.Value[0] == '0' {
		return money.Amount{}, money.ErrSyntax.Newf("value is not a positive whole number")
	}
	for i := range len(a.Value) {
		c := a.Value[i]
		if c < '0' || c > '9' {
			return money.Amount{}, money.ErrSyntax.Newf("value is not a positive whole number")
		}
		minor = 10*minor + int64(c-'0')
	}
	return money.New(minor, money.Currency(a.Currency))
}

// String returns currency and value, for comparison and for logs: "JPY 1280".
func (a Amount) String() string { return a.Currency + " " + a.Value }
