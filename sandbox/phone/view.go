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
	Look     Look
	User     User
	Balance  money.Amount
	Code     Code
	Ask      *Ask      // nil when nothing waits for an answer
	Receipts []Receipt // newest first, at most 20
	Base     string    // path of this page without a trailing slash, such as "/phone/user-01"
}

// User is the person who holds the phone.
type User struct {
	ID     string // as the wallet and the network's protocol name it
	Name   string // in the wallet's own script
	NameEN string // Latin letters
}

// Code is the payment code that a till scans. Value is empty while the network cannot be
// reached; the other fields are then zero and the page says so.
type Code struct {
	Value      string    // digits
	Grouped    string    // Value in groups of four, for people
	IssuedAt   time.Time // when its life began
	ExpiresAt  time.Time // after this a till is refused; a new one comes before
	QRSVG      string    // complete <svg> element, safe to write unescaped
	BarcodeSVG string    // the same as Code 128
}

// Ask is a payment that waits for the user.
type Ask struct {
	RequestID string // of the page of this question, form field request_id
	PaymentID string // form field payment_id
	Shop      string
	Order     money.Amount // what the shop asked
	Debit     money.Amount // what the account will be debited
	Rate      string       // plain decimal: 1 unit of Order's currency in Debit's; "" if none
	ExpiresAt time.Time    // after this the question closes and nothing is debited
	NeedsPIN  bool
	WrongPIN  bool // the last answer had a wrong PIN
	TriesLeft int  // answers left before the payment fails, 1 to 3
	// Returns says that the answer leads to somewhere else: it is sent as a plain form, to the
	// page of the question.
	Returns bool
}

// ReceiptState is how a payment stands for its payer.
type ReceiptState string

// The states of a receipt. A part refund is Paid with Refunded above zero.
const (
	Paid      ReceiptState = "paid"
	Held      ReceiptState = "held"
	Failed    ReceiptState = "failed"
	Cancelled ReceiptState = "cancelled"
	Refunded  ReceiptState = "refunded"
)

// Receipt is one payment of the user that has come to an end.
type Receipt struct {
	PaymentID string
	Shop      string
	OrderRef  string
	Order     money.Amount // what the shop asked
	Debit     money.Amount // what the account was debited
	Rate      string       // plain decimal: 1 unit of Order's currency in Debit's; "" if none
	Time      time.Time
	State     ReceiptState
	Reason    wallet.Why   // when Failed
	Code      string       // the protocol's own code of Reason
	Refunded  money.Amount // given back so far; all of it when Refunded or Cancelled
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

	Question func(View) Component    // the page of one question, View.Ask
	Scan     func(Reading) Component // the page that reads a shop's code
	Visit    func(Arrival) Component // the page that asks whose phone this is
	Outcome  func(Ending) Component  // the page that says what became of it
	Consent  func(Leave) Component   // the page that asks for a consent
	SignIn   func(Leave) Component   // the page that asks to let a page know who the user is
}

// Reading is the page that reads a shop's code, or takes the amount that the code does not name.
type Reading struct {
	Lang     i18n.Lang
	Look     Look
	User     User
	Base     string
	Text     string         // of the code; form field code_text
	Shop     string         // with Currency
	Currency money.Currency // form field amount is in it; "" while a code is wanted
	Amount   string         // as it was typed
	Problem  string         // key of a text; "" when there is none
	Code     string         // the protocol's own code of Problem, may be ""
}

// Arrival is the page for a browser that came to an order and is nobody's phone yet.
type Arrival struct {
	Lang  i18n.Lang
	Look  Look
	Users []User
	Then  string // the rest of the path after the user's own
	About string // what it is about, the beginning of two keys of texts: "visit" or "signin.whose"
}

// Ending is the page that says what became of a question, or why there is none.
type Ending struct {
	Lang    i18n.Lang
	Look    Look
	User    User
	Base    string
	Receipt *Receipt // nil when there is nothing to show
	Message string   // key of a text; "" with a Receipt that says all
	Shop    string   // address of the shop to go back to; "" when there is none
}

// Leave is a consent that waits for the user.
type Leave struct {
	Lang     i18n.Lang
	Look     Look
	User     User
	Base     string
	ID       string
	Shop     string
	Text     string
	WrongPIN bool
}
