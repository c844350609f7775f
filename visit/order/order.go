package order

import (
	"encoding/json"
	"strconv"
	"time"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/money"
	"watari/pay/promo"
)

// Request is what somebody wants to buy.
type Request struct {
	// OrderID is made by Hold before the seller is asked; callers leave it empty.
	OrderID   string
	RequestID string // the buyer's own, 1 to 64 characters; a repeat is the same order
	Seller    string // Seller.Kind
	Place     string // the seller's own id of the place, for example of a park
	VisitorID string // "" for sales on account
	Channel   string // "visitor", "octo" or "counter"
	// Account names the reseller or counter on whose account it is sold, "" for visitors. Request
	// ids are unique with the visitor, or else with the account.
	Account  string
	IssuerID string // the wallet that the buyer pays with, "" when not known yet
	Lang     i18n.Lang
	Items    []Item // 1 to ItemsMax
	Voucher  string
	Claims   []string      // what the buyer says of themselves and proves at the gate: "resident:19"
	HoldFor  time.Duration // 0 is the seller's own; at most HoldMax
	Note     string
}

// Item is so many of one thing.
type Item struct {
	Product string            `json:"product"`
	Day     string            `json:"day,omitempty"` // YYYY-MM-DD in Japan; "" for what has no day
	Slot    string            `json:"slot,omitempty"`
	Unit    string            `json:"unit,omitempty"` // for example the age class
	Count   int64             `json:"count"`
	Options map[string]string `json:"options,omitempty"`
}

// Limits of a request.
const (
	ItemsMax = 50  // items
	LinesMax = 200 // persons and things of one order
	HoldMin  = time.Minute
	HoldMax  = 24 * time.Hour
)

// Held is a seller's answer to a request.
type Held struct {
	// Refusal says why it is not sold; everything else is empty then.
	Refusal *fault.Error
	Lines   []Line // numbered from 1; the state is set by this package
	Point   Point
	// OnlyIssuers are the ids of the wallets that the price is for; none is every wallet. A line
	// with funding of a wallet needs exactly that wallet here.
	OnlyIssuers []string
	// Policy and Basket are kept as they are: the seller's rules of the purchase, and what Requote
	// computes from.
	Policy, Basket json.RawMessage
	Expires        time.Time // HoldMin to HoldMax after now
	Description    string    // shown where it is paid, at most 256 characters
}

// Point is who sells: the store whose payments the order's are, by the acquirer's references.
type Point struct {
	AcquirerNo                      int64
	MerchantID, StoreID, TerminalID string // TerminalID may be ""
}

// LineState is where one line of an order stands.
type LineState string

// The states of a line.
const (
	LineHeld      LineState = "held"      // its stock is taken, it is not paid
	LineReleased  LineState = "released"  // the hold ended without a payment
	LineSold      LineState = "sold"      // it is paid and may be used
	LineUsed      LineState = "used"      // it was used, see Use
	LineCancelled LineState = "cancelled" // it was given back
)

// Line is one person or thing of an order. Amounts are yen.
type Line struct {
	No      int64             `json:"no"` // from 1
	Product string            `json:"product"`
	Day     string            `json:"day,omitempty"`
	Slot    string            `json:"slot,omitempty"`
	Unit    string            `json:"unit,omitempty"`
	Options map[string]string `json:"options,omitempty"`
	Label   i18n.Text         `json:"label"`
	List    int64             `json:"list"`  // without any discount
	Price   int64             `json:"price"` // what is paid for it; after a partial return, what the rest costs
	Funding []Funding         `json:"funding,omitempty"`
	State   LineState         `json:"state"`
	// Refunded is what was returned for a line that is cancelled, less its part of the fee.
	Refunded int64 `json:"refunded,omitempty"`
}

// live says whether a line counts in what an order costs.
func (l *Line) live() bool { return l.State != LineCancelled && l.State != LineReleased }

// Funding is one discount on a line and who gives it.
type Funding struct {
	Kind     string `json:"kind"`                // FundedByWallet or FundedByPlace
	IssuerNo int64  `json:"issuer_no,omitempty"` // of FundedByWallet
	Minor    int64  `json:"minor"`               // yen, more than 0
	Rule     string `json:"rule,omitempty"`      // the seller's own name of the discount
}

// Who gives a discount.
const (
	FundedByWallet = "wallet" // the wallet pays it to the seller
	FundedByPlace  = "park"   // the seller gets less
)

// Reason is why something is given back.
type Reason string

// The reasons.
const (
	ByVisitor   Reason = "visitor"
	BySeller    Reason = "park"
	ByClosure   Reason = "closure"
	LatePayment Reason = "late_payment"
	TwicePaid   Reason = "paid_twice"
	ByChange    Reason = "change" // of date, by Amend
)

// Cut is what is taken out of an order.
type Cut struct {
	Lines  []int64 // numbers of lines that are sold; none is all that are
	Reason Reason
	Full   bool // no fee, and the whole price: the seller closes
	// Closed are the lines that closures took before, as this package knows it: callers leave it
	// empty. What stays costs no more because of them.
	Closed []int64
}

// Requoted is what an order costs without what is cut.
type Requoted struct {
	Keep   []Line // every line that stays, with its new price and funding
	Fee    int64  // yen; what is kept of the price of what is cut
	Refund int64  // yen; computed by this package: paid less Keep less Fee, never below 0
	// Basket replaces Order.Basket when it is not nil.
	Basket json.RawMessage
}

// Order is something that is being sold, or was. Amounts are yen.
type Order struct {
	ID          string
	RequestID   string
	Seller      string
	Place       string
	VisitorID   string
	Channel     string
	Account     string // of a sale on account; "" when a wallet pays
	Reference   string // the account's own number of the sale, see Confirm
	IssuerID    string // the wallet that paid, or that the buyer wants to pay with
	State       State
	Lines       []Line
	List, Total int64 // at the purchase
	Refunded    int64 // of Total, given back
	Refunding   int64 // of Total, on its way back
	Fees        int64 // of Total, kept at cancellations
	PaymentID   string
	Expires     time.Time // end of the hold
	Created     time.Time
	Paid        time.Time // zero while it is not
	Closed      time.Time // when its hold ended, or it was cancelled as a whole
	// NotHonoured says that a payment that comes now is given back without asking the seller: the
	// buyer gave the order up, or the seller closed.
	NotHonoured bool
	Honoured    bool // it was paid after its hold had ended
	Policy      json.RawMessage
	Basket      json.RawMessage
	Point       Point
	MerchantNo  int64
	StoreNo     int64
	OnlyIssuers []string
	Voucher     string
	Claims      []string
	Lang        i18n.Lang
	Note        string
	Description string
	ReturnURL   string
	Version     int64

	owner, compared string // of the request id, and what its repeats must be like
	granted         promo.Shares
	// Of the payment, for the books: the wallet, the agreements, and what it settles in.
	issuerNo, acquirerTerms, issuerTerms int64
	payTo                                money.Currency
	attempts                             int64     // payments that were opened
	due                                  time.Time // when its hold has to be looked at; zero is never
}

// parties are those of the order's discounts.
func (o *Order) parties() promo.Parties {
	return promo.Parties{AcquirerNo: o.Point.AcquirerNo, MerchantNo: o.MerchantNo,
		IssuerNo: o.issuerNo, AcquirerTerms: o.acquirerTerms, IssuerTerms: o.issuerTerms,
		PayTo: o.payTo}
}

// shares adds up who gives the discounts of some lines.
func shares(ls []Line) (s promo.Shares) {
	for _, l := range ls {
		for _, f := range l.Funding {
			if f.Kind == FundedByWallet {
				s.Wallet += f.Minor
			} else {
				s.Merchant += f.Minor
			}
		}
	}
	return s
}

// Live returns the lines that count in what the order costs: not cancelled and not released.
func (o *Order) Live() []Line {
	var out []Line
	for _, l := range o.Lines {
		if l.live() {
			out = append(out, l)
		}
	}
	return out
}

// Line returns the line of a number, or nil.
func (o *Order) Line(no int64) *Line {
	for i := range o.Lines {
		if o.Lines[i].No == no {
			return &o.Lines[i]
		}
	}
	return nil
}

// Price is what the lines that count cost together, in yen.
func (o *Order) Price() int64 { return priceOf(o.Live()) }

func priceOf(ls []Line) (sum int64) {
	for _, l := range ls {
		sum += l.Price
	}
	return sum
}

// Return is money that goes back, or a cancellation that returns nothing.
type Return struct {
	ID        string // also the request id of the refund
	OrderID   string
	RequestID string // under which the cancellation was asked for
	PaymentID string // "" for sales on account
	State     ReturnState
	Reason    Reason
	Lines     []int64 // that were cut; none for money that bought nothing
	Minor     int64   // yen
	Fee       int64   // yen, kept
	MassID    string  // of a closure, else ""
	Note      string  // why it failed
	Outside   string  // how it was given back when the wallet could not, see Repay
	Actor     string
	Created   time.Time
	Ended     time.Time // zero while it is on its way

	acquirerNo int64
	taken      promo.Shares // what is not granted any more
	extra      bool         // of a second payment: none of the order's own money
	refundID   string       // payment's own id of the refund
	sendings   int64        // how often it was asked for anew, after a failure
	tries      int64        // since then
	due        time.Time    // when it has to be looked at; zero is never
}

// ask is the request id of the refund. After one failed, another is asked for.
func (r *Return) ask() string {
	if r.sendings == 0 {
		return r.ID
	}
	return r.ID + "-" + strconv.FormatInt(r.sendings, 10)
}

// attempt is one payment that was opened for an order.
type attempt struct {
	orderID    string
	no         int64 // from 1
	acquirerNo int64
	paymentID  string // "" while it may not exist
	requestID  string
	state      AttemptState
	minor      int64
	expires    time.Time
	created    time.Time
	tries      int64
	due        time.Time
}
