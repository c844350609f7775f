package linepay

import (
	"fmt"

	"watari/kit/money"
)

// rates is what one unit of the merchant's currency costs a user in Taiwan dollars. They are
// about those of the autumn of 2026 and never change.
var rates = map[money.Currency]string{"TWD": "1", "USD": "32.15", "THB": "0.986", "JPY": "0.209"}

func rateOf(from, users money.Currency) (money.Rate, error) {
	if users != "TWD" {
		return money.Rate{}, fmt.Errorf("users' accounts are kept in TWD, not in %q", users)
	}
	text, known := rates[from]
	if !known {
		return money.Rate{}, fmt.Errorf("there is no rate from %q to TWD", from)
	}
	return money.ParseRate(text, from, users)
}

// debitOf is what a user is debited for an amount, at least the smallest unit.
func (f *Front) debitOf(asked money.Amount) (money.Amount, error) {
	debit, err := asked.Convert(f.rate, money.HalfUp)
	if err == nil && debit.IsZero() && !asked.IsZero() {
		return money.New(1, debit.Currency())
	}
	return debit, err
}
