package wallet

import (
	"time"

	"watari/connect/alipayplus/wire"
	"watari/kit/clock"
	"watari/kit/money"
)

// Currency is what the users' accounts are kept in, and what the wallet settles in.
const Currency money.Currency = "CNY"

// User is somebody who has an account with the wallet.
type User struct {
	ID     string // customerId of the protocol, at most 64 characters
	Name   string // Chinese
	NameEN string // Latin letters
}

// Account is a user with their money.
type Account struct {
	User
	Balance, Opening money.Amount // CNY
}

// Charge is what the network asks of a user, by one pay message.
type Charge struct {
	RequestID  string // the network's, unique for ever
	AcquirerID string
	Code       string // the payment code that the till scanned
	Customer   string // as the message names the payer; "" if it does not
	Order      money.Amount
	PayTo      money.Amount
	Shop       string // what the user is shown
	OrderRef   string
	Rate       string    // plain decimal, as quoted; "" if no quote was sent
	Expires    time.Time // nothing is debited after it; zero if the message has none
	Compared   string    // the compared fields of the message in one text (W1)
}

// Payment is one charge in the wallet's books. Amounts are in minor units of Order's and PayTo's
// currencies.
type Payment struct {
	RequestID  string
	PaymentID  string // the wallet's own
	UserID     string // "" when nobody could be found, or for a blocked id
	State      State
	Compared   string
	AcquirerID string

	OrderMinor    int64
	OrderCurrency string // "" for a blocked id
	PayToMinor    int64
	PayToCurrency string

	DebitedMinor       int64 // PayTo or nothing
	ReturnedMinor      int64 // by cancel and refunds
	RefundedOrderMinor int64
	RefundedMinor      int64 // by refunds

	Code     wire.Code // why, when Failed
	Shop     string
	OrderRef string
	Rate     string
	Tries    int64 // wrong PINs

	CreatedUS int64
	PaidUS    int64 // 0: never
	DueUS     int64 // when the wallet acts by itself; 0: never
}

// Result is how the payment stands, in the protocol's words.
func (p *Payment) Result() wire.Result {
	switch p.State {
	case Paid:
		return wire.ResultOf(wire.CodeSuccess)
	case Failed:
		return wire.ResultOf(p.Code)
	case Cancelled, Deaf: // W7
		return wire.ResultOf(wire.CodeOrderClosed)
	default:
		return wire.ResultOf(wire.CodeInProcess)
	}
}

// Order is what the shop asked; the zero Amount for a blocked id.
func (p *Payment) Order() money.Amount { return amount(p.OrderMinor, p.OrderCurrency) }

// PayTo is what the user was or would be debited; the zero Amount for a blocked id.
func (p *Payment) PayTo() money.Amount { return amount(p.PayToMinor, p.PayToCurrency) }

// Time is when the payment was paid, or made if it never was.
func (p *Payment) Time() time.Time {
	if p.PaidUS > 0 {
		return clock.FromMicros(p.PaidUS)
	}
	return clock.FromMicros(p.CreatedUS)
}

// Ends is when an Asking payment closes unanswered.
func (p *Payment) Ends() time.Time { return clock.FromMicros(p.DueUS) }

func amount(minor int64, currency string) money.Amount {
	if currency == "" {
		return money.Amount{}
	}
	return money.MustNew(minor, money.Currency(currency))
}

// Reversal is what the network asks to give back of a payment.
type Reversal struct {
	RefundRequestID string // the network's, unique for ever
	RequestID       string // of the payment
	PaymentID       string // the wallet's own; "" if the message names none
	Order           money.Amount
	From            money.Amount // refundFromAmount: CNY that the user gets back
	Compared        string
}

// Refund is what became of a Reversal.
type Refund struct {
	RefundRequestID, RefundID, RequestID string
	Compared                             string
	Succeeded                            bool
	Code                                 wire.Code // why, when it did not
	OrderMinor, FromMinor                int64
	AtUS                                 int64
}

// Result is how the refund ended, in the protocol's words.
func (r *Refund) Result() wire.Result {
	if r.Succeeded {
		return wire.ResultOf(wire.CodeSuccess)
	}
	return wire.ResultOf(r.Code)
}

// Returned is what of PayTo the user has back, by cancel and refunds.
func (p *Payment) Returned() money.Amount { return amount(p.ReturnedMinor, p.PayToCurrency) }
