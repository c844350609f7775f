package fx

import (
	"time"

	"watari/kit/money"
)

// Quote is a rate that is locked for an issuer's payments (X1). It serves any number of them.
type Quote struct {
	ID        string
	IssuerNo  int64
	Rate      money.Rate // from the order currency to the issuer's, with the spread
	Mid       money.Rate // the same without the spread
	SpreadPPM int64
	Day       string    // of the reference rates, YYYY-MM-DD
	From      time.Time // inclusive
	Until     time.Time // exclusive, for new payments
}

// Live tells whether the quote is good for a new payment at now.
func (q Quote) Live(now time.Time) bool { return !now.Before(q.From) && now.Before(q.Until) }

// Convert returns what an order costs in the quote's currency, with the spread and at the mid
// rate; the difference is the network's spread. Each is rounded once, half away from zero (X2).
// It panics when the order is not in the quote's base currency.
//
// Errors: money.ErrRange.
func (q Quote) Convert(order money.Amount) (payTo, mid money.Amount, err error) {
	if payTo, err = order.Convert(q.Rate, money.HalfUp); err != nil {
		return payTo, mid, err
	}
	mid, err = order.Convert(q.Mid, money.HalfUp)
	return payTo, mid, err
}
