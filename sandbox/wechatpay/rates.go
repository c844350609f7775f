package wechatpay

import (
	"watari/kit/check"
	"watari/kit/money"
)

// rates is what the wallet sells its users' money for: one unit of the merchant's currency in the
// users'. They never change.
var rates = map[money.Currency]string{"JPY": "0.0428", "USD": "6.84", "TWD": "0.2215",
	"EUR": "7.99"}

// rate returns the rate from the merchant's currency to the users'.
func (f *Front) rate() money.Rate {
	users := f.wallet.Profile().Currency
	text := rates[f.keys.Settles]
	if f.keys.Settles == users {
		text = "1"
	}
	r, err := money.ParseRate(text, f.keys.Settles, users)
	check.That(err == nil, "wechatpay: the rate from %s to %s: %v", f.keys.Settles, users, err)
	return r
}

// debitOf is what a user is debited for an order, at least the smallest unit.
func (f *Front) debitOf(order money.Amount) (money.Amount, error) {
	debit, err := order.Convert(f.rate(), money.HalfUp)
	if err == nil && debit.IsZero() {
		return money.New(1, debit.Currency())
	}
	return debit, err
}

// printed is a rate as messages carry it, times 10^8; it is 0 when the rate is finer than that.
func printed(r money.Rate) int64 {
	coef, exp := r.Columns()
	for exp += 8; exp > 0; exp-- {
		coef *= 10
	}
	for ; exp < 0; exp++ {
		if coef%10 != 0 {
			return 0
		}
		coef /= 10
	}
	return coef
}
