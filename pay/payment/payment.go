package payment

import (
	"time"

	"watari/kit/money"
	"watari/pay/fee"
	"watari/pay/link"
	"watari/pay/risk"
)

// State is what the acquirer is told of a payment. See state.go for the steps.
type State string

// The states of a payment. Declined, Cancelled and Refunded are final.
const (
	Authorising State = "authorising" // the wallet is being asked for the first time
	Pending     State = "pending"     // the wallet's answer is not known yet
	Authorised  State = "authorised"  // promised, not yet captured
	Captured    State = "captured"    // paid
	Declined    State = "declined"
	Cancelled   State = "cancelled"
	Refunded    State = "refunded" // the whole amount was returned
)

// Payment is one order's money. Amounts that are not known yet are zero.
type Payment struct {
	ID         string
	AcquirerNo int64
	RequestID  string // the caller's own id, unique with its owner
	State      State
	Version    int64
	MerchantNo int64
	StoreNo    int64
	TerminalNo int64 // 0 when the message named none
	IssuerNo   int64
	OrderRef   string
	Channel    Channel
	Order      money.Amount  // what the shop asked
	PayTo      money.Amount  // what the wallet settles with us
	Settle     money.Amount  // what we settle with the acquirer, before fees
	Payer      *money.Amount // what the wallet told us of its user's account; never posted
	QuoteID    string
	Rate       money.Rate // order currency to pay-to currency, with the wallet's spread
	Mid        int64      // PayTo at the mid rate, minor units: the rest is our spread
	Fees       fee.Parts  // fixed at approval, in the order currency
	// Amounts in the order currency, minor units. Refunding is reserved for refunds whose
	// outcome is not known; Refunded + Refunding never exceeds CapturedMinor.
	CapturedMinor, RefundedMinor, RefundingMinor int64
	Given                                        Given
	Reason                                       link.Reason // with Declined and Cancelled
	CodeLast4                                    string
	Customer                                     string // sealed; see kit/seal
	TheirID                                      string // the wallet's own payment id
	LegState                                     LegState
	// Taken is when the leg of an order was taken, whose day its limits count; zero for a sale.
	// It stands with the leg.
	Taken                              time.Time
	Created                            time.Time
	Concluded                          time.Time // zero while the outcome is not known
	CancelUntil                        time.Time
	AcquirerAgreement, IssuerAgreement int64 // versions
	NotifyURL                          string
	Held                               risk.Held // the limits that count this payment
	Actor                              string
	Way                                link.Way
	// Step is the last character of the id of the leg that pays. 0: an order that no leg has
	// paid yet; IssuerNo, PayTo, Rate, Mid, Fees and Held are zero until one does.
	Step        byte
	Hold        bool // it is promised first, and captured later
	ReturnURL   string
	Description string
	// CapturingMinor is reserved for captures whose outcome is not known; Captures is how many
	// were asked for and did not fail.
	CapturingMinor, Captures int64
	Expires                  time.Time // of an order or a promise; zero for a sale by a wallet code
	// OnlyIssuers are the numbers of the wallets that an order may be paid with; none is every wallet.
	OnlyIssuers []int64
	Due         time.Time // when the schedule closes it; zero is never
}

// order says whether a payment waits for a payer to come to it.
func (p *Payment) order() bool { return p.Way != link.WayCode && p.Way != link.WayAgreement }

// open says whether the outcome of a payment is not known yet.
func (p *Payment) open() bool { return p.State == Authorising || p.State == Pending }

// legID returns the id of the leg that pays, or "" while there is none.
func (p *Payment) legID() string {
	if p.Step == 0 {
		return ""
	}
	return legOf(p.ID, p.Step)
}

// Given is what refunds returned or have reserved so far, so that every sequence of
// refunds returns exactly the total.
type Given struct{ PayTo, Mid, MDR, Interchange, Scheme int64 }

// Channel is how a request reached the network. Request ids are unique within it.
type Channel string

// The channels. A till's requests carry its terminal in the scope.
const (
	ChannelAlipayPlus Channel = "aps"
	ChannelAPI        Channel = "v1"
	ChannelTill       Channel = "till"
	ChannelScan       Channel = "scan" // a payer's wallet, by a printed merchant code
	// ChannelOrder is what visitors buy. Only what sold it cancels it or gives its money back: the
	// two must never say different things.
	ChannelOrder Channel = "order"
)

// Field is one compared value of a request: a repeat with the same id must have the same.
type Field struct{ Name, Value string }

// Origin says who asks, under which id, and since when the clock runs.
type Origin struct {
	AcquirerNo int64
	Channel    Channel
	RequestID  string    // at most 64 characters, printable, case-sensitive
	Compare    []Field   // in a fixed order for each operation
	Actor      string    // written into every event: "terminal:…", "key:…", "aps:…"
	Began      time.Time // first byte of the request; budgets count from it
}

// Sale is a payment by a wallet code that a till scanned.
type Sale struct {
	Origin
	MerchantID, StoreID, TerminalID string // the acquirer's references; TerminalID may be ""
	OrderRef, Description           string
	Amount                          money.Amount
	Code                            string         // the scanned code, or "" with ConsentID
	ConsentID                       string         // a standing consent, instead of Code
	SettleCurrency                  money.Currency // "" is the agreement's
	NotifyURL                       string
	Merchant                        *NewMerchant // what the message says of them, see OnSight
}

// NewMerchant describes a merchant and store as an acquirer's message names them. It is
// used only when the directory does not know them and the acquirer may bring them on sight.
type NewMerchant struct {
	Name, MCC, StoreName, StoreMCC, Prefecture string
}

// Ref names a payment: by our id, or by the caller's request id within its channel.
type Ref struct{ PaymentID, RequestID string }

// Cancellation asks to give up a whole payment.
type Cancellation struct {
	Origin // RequestID and Compare are not used: a cancel is idempotent on its payment
	Ref    Ref
	// Unpaid gives up only what nobody has paid; a payment that was paid is returned as it is.
	Unpaid bool
}

// Giveback asks to return part or all of a captured payment. Origin.RequestID is the id of
// the refund.
type Giveback struct {
	Origin
	Ref    Ref
	Amount money.Amount
	Reason string
	Of     Channel // of the payment that Ref.RequestID names
	// TerminalNo is the till that asks, 0 when none does; its daily cap counts the refund.
	TerminalNo int64
	// AtStore says that the people of the store ask, without a till: the store's daily cap counts
	// the refund.
	AtStore bool
}

// RefundState is the life of a refund.
type RefundState string

// The states of a refund. Succeeded and Failed are final.
const (
	RefundRequested RefundState = "requested"
	RefundUnknown   RefundState = "unknown"
	RefundSucceeded RefundState = "succeeded"
	RefundFailed    RefundState = "failed"
)

// Refund is one return of captured money.
type Refund struct {
	ID         string // sent to the wallet unchanged, resends included
	AcquirerNo int64
	PaymentID  string
	RequestID  string
	State      RefundState
	Order      money.Amount
	PayTo      money.Amount
	Mid        int64
	Fees       fee.Parts // what of the fees goes back
	Reason     string    // why, in the shop's words
	Failure    link.Reason
	TheirID    string
	StoreNo    int64
	TerminalNo int64     // the till that asked, 0 when none did
	Next       time.Time // when it is sent again; zero is never
	Tries      int64
	Held       risk.Held
	Doubts     int64 // failures answered to resends; one alone proves nothing
	Created    time.Time
	Concluded  time.Time
	Actor      string
}
