package wallet

import (
	"time"

	"watari/kit/clock"
	"watari/kit/money"
)

// User is somebody who has an account with the wallet.
type User struct {
	ID     string // at most 64 characters, unique over all wallets of the sandbox
	Name   string // in the wallet's own script
	NameEN string // Latin letters
}

// Account is a user with their money, in the profile's currency.
type Account struct {
	User
	Balance, Opening money.Amount
}

// Charge is what the network asks of a user. Order and Debit are above zero; PayTo may be the
// zero Amount, which means Order.
type Charge struct {
	RequestID string // the network's, unique for ever
	PaymentID string // the wallet's own, unique; "" for one that the books mint
	Ref       string // a second name of it, unique, such as what its QR code holds; may be ""

	// Who pays. Pay needs Code or Token; UserID with them is compared. Open may have UserID,
	// which puts the question on that user's phone at once.
	UserID string
	Code   string // a code of MintCode
	Token  string // a consent's

	Order money.Amount // what the shop asked, as the protocol says it
	Debit money.Amount // what the user is debited, in the profile's currency
	PayTo money.Amount // what the wallet settles with the network

	Shop     string // what the user is shown
	OrderRef string
	Rate     string // plain decimal, Order's currency to Debit's; "" when there is none

	Expires   time.Time // nothing is debited after it; zero if the protocol sets no end
	Hold      bool      // promise the money and wait for Capture
	TwoStep   bool      // the user's yes only agrees: Complete debits
	ReturnURL string    // where the wallet's page sends its user afterwards; may be ""
	CancelURL string    // where it sends one who said no; ReturnURL when ""

	Compared string // the compared fields of the message in one text (W1)
	Extra    string // the front's own data, kept as it is
}

// Payment is one charge in the wallet's books. Amounts are minor units: Order… of what the shop
// asked, the others of the user's account.
type Payment struct {
	RequestID string
	PaymentID string // the wallet's own
	Ref       string
	UserID    string // "" when nobody could be found, took it, or for a blocked id
	State     State
	Why       Why // when Failed

	OrderMinor    int64
	OrderCurrency string // "" for a blocked id
	PayToMinor    int64
	PayToCurrency string
	DebitMinor    int64 // what was asked of the user
	DebitCurrency string

	HeldMinor          int64 // promised and not yet captured
	DebitedMinor       int64 // what the wallet took
	TakenOrderMinor    int64 // the part of Order that is debited
	ReturnedMinor      int64 // by cancel and refunds
	RefundedOrderMinor int64
	RefundedMinor      int64 // by refunds

	Shop, OrderRef, Rate string
	Hold, TwoStep        bool
	NeedsPIN             bool
	Tries                int64 // wrong PINs
	ReturnURL, CancelURL string
	Compared, Extra      string

	CreatedUS int64
	PaidUS    int64 // 0: never; also when it was promised
	ExpiresUS int64 // 0: no end
	DueUS     int64 // when the wallet acts by itself; 0: never

	mode Mode // that its first call met
}

// Order is what the shop asked; the zero Amount for a blocked id.
func (p *Payment) Order() money.Amount { return amount(p.OrderMinor, p.OrderCurrency) }

// PayTo is what the wallet settles for the whole; the zero Amount for a blocked id.
func (p *Payment) PayTo() money.Amount { return amount(p.PayToMinor, p.PayToCurrency) }

// Debit is what the user was or would be debited; the zero Amount for a blocked id.
func (p *Payment) Debit() money.Amount { return amount(p.DebitMinor, p.DebitCurrency) }

// TakenOrder is the part of Order that Debited is for.
func (p *Payment) TakenOrder() money.Amount { return amount(p.TakenOrderMinor, p.OrderCurrency) }

// Debited is what the wallet took so far, before it gave anything back.
func (p *Payment) Debited() money.Amount { return amount(p.DebitedMinor, p.DebitCurrency) }

// Returned is what of Debited the user has back, by cancel and refunds.
func (p *Payment) Returned() money.Amount { return amount(p.ReturnedMinor, p.DebitCurrency) }

// Refunded is the part of Order that refunds gave back.
func (p *Payment) Refunded() money.Amount {
	return amount(p.RefundedOrderMinor, p.OrderCurrency)
}

// Time is when the payment was paid, or made if it never was.
func (p *Payment) Time() time.Time {
	if p.PaidUS > 0 {
		return clock.FromMicros(p.PaidUS)
	}
	return clock.FromMicros(p.CreatedUS)
}

// Ends is when an Asking payment closes unanswered.
func (p *Payment) Ends() time.Time { return clock.FromMicros(p.DueUS) }

// Ended tells whether nothing will happen to the payment by its user or by time any more.
func (p *Payment) Ended() bool {
	return p.State == Paid || p.State == Failed || p.State == Cancelled || p.State == Deaf
}

func amount(minor int64, currency string) money.Amount {
	if currency == "" {
		return money.Amount{}
	}
	return money.MustNew(minor, money.Currency(currency))
}
