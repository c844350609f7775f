package park

import (
	"time"

	"watari/kit/i18n"
	"watari/visit/order"
)

// Availability is whether something can be bought.
type Availability string

// What can be said of it.
const (
	Available   Availability = "available"
	Few         Availability = "few" // at most fewLeft
	SoldOut     Availability = "sold_out"
	DayClosed   Availability = "closed"
	NotYet      Availability = "not_yet" // its sale has not begun
	SaleOver    Availability = "over"
	NotForSale  Availability = "not_sold" // not on this day, not through this channel, no price
	fewLeft                  = 10
	unlimited                = int64(1) << 40
	offerGivers              = 4
)

// Offer is a product on one day, as it is offered.
type Offer struct {
	Product   Product
	Day       string
	State     Availability
	Remaining int64 // -1 is without limit; of a product with slots the most in one slot
	Slots     []SlotOffer
	Units     []UnitOffer // that have a price on this day
	From      time.Time   // when it lets in
	Until     time.Time
}

// SlotOffer is one slot of an offer.
type SlotOffer struct {
	Slot
	State     Availability
	Remaining int64 // -1 is without limit
	Starts    time.Time
	Ends      time.Time
}

// UnitOffer is what one person of an age class pays.
type UnitOffer struct {
	Unit  Unit
	List  int64 // struck through when it is more than Price
	Price int64
	Given []Given // who gives the difference
	// Deals are discounts that other wallets give, when the buyer's is not known or gives none.
	Deals []Deal
}

// Given is a part of a discount and who gives it.
type Given struct {
	Funding order.Funding
	Kind    RuleKind
	Name    i18n.Text // of the discount
}

// Deal is a price with a wallet.
type Deal struct {
	Rule    string
	Name    i18n.Text
	Issuers []string // ids of wallets; none is every one
	Price   int64
}

// DayOffer is one day of the calendar of sales.
type DayOffer struct {
	Day         string
	Type        string
	Open, Close time.Time
	State       Availability
	Remaining   int64 // -1 is without limit
	// Price and List are what the units that were asked for cost together, with the cheapest product
	// that has room; List is without discounts. Both are -1 when nothing is sold.
	Price, List int64
	Product     string // that product
	Note        i18n.Text
	// Units are what one person of each age class pays, when CalendarQuery.Each asks for it and the
	// park is open, whether there is room or not.
	Units []UnitPrice
}

// UnitPrice is what one person of an age class pays; List is without discounts.
type UnitPrice struct {
	Unit        Unit
	List, Price int64
}

// Wish is what somebody thinks of buying.
type Wish struct {
	ParkID   string
	Channel  string // "" is ByVisitor
	IssuerID string // the wallet, "" when it is not known
	Items    []order.Item
	Voucher  string
	Claims   []string
	Visitor  string // id, "" when nobody is known
}

// Quote is what a wish costs now. It holds nothing.
type Quote struct {
	Lines       []order.Line
	List, Total int64
	OnlyIssuers []string // wallets that the price is for; none is every one
	Given       []Given  // sums over the lines, by rule and giver
	Policy      Policy
}
