package phone

import (
	"context"
	"io"
	"time"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/sandbox/wallet"
)

// PIN is the PIN of every sandbox user. The page shows it beside the question, so that whoever
// tries the sandbox needs no other paper.
const PIN = wallet.PIN

// View is all that the page shows.
type View struct {
	Lang     i18n.Lang
	User     User
	Balance  money.Amount // CNY
	Code     Code
	Ask      *Ask      // nil when nothing waits for a PIN
	Receipts []Receipt // newest first, at most 20
	Base     string    // path of this page without a trailing slash, such as "/phone/user-01"
}

// User is the person who holds the phone.
type User struct {
	ID     string // as the wallet and the network's protocol name it (customerId)
	Name   string // Chinese
	NameEN string // Latin letters
}

// Code is the payment code that a till scans. Value is empty while the network cannot be
// reached; the other fields are then zero and the page says so.
type Code struct {
	Value      string    // digits, 24 of them
	Grouped    string    // Value in groups of four, for people
	IssuedAt   time.Time // when its life began
	ExpiresAt  time.Time // after this a till is refused; a new one comes before
	QRSVG      string    // complete <svg> element, safe to write unescaped
	BarcodeSVG string    // the same as Code 128
}

// Ask is a payment that waits for the PIN.
type Ask struct {
	PaymentID string // form field payment_id
	Shop      string
	Order     money.Amount // what the shop asked (JPY)
	PayTo     money.Amount // what the account will be debited (CNY)
	Rate      string       // plain decimal: 1 unit of Order's currency in PayTo's
	ExpiresAt time.Time    // after this the question closes and nothing is debited
	WrongPIN  bool         // the last answer had a wrong PIN
	TriesLeft int          // answers left before the payment fails, 1 to 3
}

// ReceiptState is how a payment stands for its payer.
type ReceiptState string

// The states of a receipt. A part refund is Paid with Refunded above zero.
const (
	Paid      ReceiptState = "paid"
	Failed    ReceiptState = "failed"
	Cancelled ReceiptState = "cancelled"
	Refunded  ReceiptState = "refunded"
)

// Receipt is one payment of the user that has come to an end.
type Receipt struct {
	PaymentID string
	Shop      string
	OrderRef  string
	Order     money.Amount // what the shop asked (JPY)
	PayTo     money.Amount // what the account was debited (CNY)
	Rate      string       // plain decimal: 1 unit of Order's currency in PayTo's; "" if unknown
	Time      time.Time
	State     ReceiptState
	Reason    string       // result code of the protocol when Failed, "" otherwise
	Refunded  money.Amount // CNY given back so far; all of it when Refunded or Cancelled
}

// Component is a drawn part of the page; templ.Component is one.
type Component interface {
	Render(ctx context.Context, w io.Writer) error
}

// Screens draws the page and its parts. Pages() returns the real ones, from the templates of
// this package.
type Screens struct {
	Page     func(View) Component // the whole document, all parts inside
	Code     func(View) Component // part "code"
	Ask      func(View) Component // part "ask"; draws an empty place when v.Ask is nil
	Receipts func(View) Component // part "receipt"
	Balance  func(View) Component // part "balance"
}
