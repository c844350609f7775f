package park

import (
	"slices"
	"time"

	"watari/kit/i18n"
	"watari/kit/id"
)

// Kind is what sort of product something is. It is for pages and reports; what a product allows is
// said by its other fields.
type Kind string

// The kinds of products.
const (
	DayTicket Kind = "day"
	Afternoon Kind = "afternoon"
	Night     Kind = "night"
	Timed     Kind = "timed"    // entry in a slot
	Ride      Kind = "ride"     // one ride
	Priority  Kind = "priority" // one ride, past the line
	Annual    Kind = "annual"
	Group     Kind = "group" // from so many heads
)

// Kinds returns every kind, in the order in which pages list them.
func Kinds() []Kind {
	return []Kind{DayTicket, Afternoon, Night, Timed, Annual, Group, Ride, Priority}
}

// Admission says whether a kind lets into the park, as rides do not.
func (k Kind) Admission() bool { return k != Ride && k != Priority }

// Reentry is whether a ticket lets in again.
type Reentry string

// The rules of coming back.
const (
	Once      Reentry = "none"
	AfterExit Reentry = "after_exit" // when it was scanned on the way out
	AnyTime   Reentry = "any"
)

// Product is something that a park sells.
type Product struct {
	ParkID      string    `json:"-"`
	Code        string    `json:"-"` // unique in the park, as Park.Slug; it never changes
	No          int64     `json:"-"` // its number in the text of tickets, from 1
	Kind        Kind      `json:"kind"`
	Name        i18n.Text `json:"name"`                // at most 80 characters
	About       i18n.Text `json:"about,omitempty"`     // at most 1,000 characters
	Sort        int64     `json:"sort,omitempty"`      // the lowest comes first
	Pools       []string  `json:"pools,omitempty"`     // every quota that it takes from; none is without limit
	Slots       []Slot    `json:"slots,omitempty"`     // none: it has no slots
	From        int64     `json:"from,omitempty"`      // minute from which it lets in; 0 is when the park opens
	Until       int64     `json:"until,omitempty"`     // minute until which; 0 is when the park closes
	Days        int64     `json:"days,omitempty"`      // how many days it is valid, from its day; 0 is 1
	Ahead       int64     `json:"ahead,omitempty"`     // how many days before its day it is sold; 0 is AheadMax
	LastSale    int64     `json:"last_sale,omitempty"` // minute of its day at which its sale ends; 0 is Until
	SaleFrom    time.Time `json:"sale_from,omitzero"`
	SaleUntil   time.Time `json:"sale_until,omitzero"`
	Channels    []string  `json:"channels,omitempty"`    // through which it is sold; none is every one
	MinCount    int64     `json:"min_count,omitempty"`   // pieces of one order for one day, at least
	MaxCount    int64     `json:"max_count,omitempty"`   // at most; 0 is no limit
	PerVisitor  int64     `json:"per_visitor,omitempty"` // pieces of one visitor for one day; 0 is no limit
	VoucherOnly bool      `json:"voucher_only,omitempty"`
	Reentry     Reentry   `json:"reentry,omitempty"`  // "" is Once
	Rotating    bool      `json:"rotating,omitempty"` // shown with digits that change, unless printed
	Place       string    `json:"place,omitempty"`    // code of the queue that it is for, of rides
	Ended       bool      `json:"-"`
	Version     int64     `json:"-"`
}

// Slot is a time at which a product lets in.
type Slot struct {
	Code  string `json:"code"` // "10:00"
	From  int64  `json:"from"` // minute of the park day
	Until int64  `json:"until"`
}

// AheadMax is how many days before its day anything is sold at most.
const AheadMax = 400

// Limits of a catalogue.
const (
	productsMax = 200
	slotsMax    = 60
	poolsMax    = 50
	pricesMax   = 5000
	rulesMax    = 200
)

// Slot returns the slot of a code.
func (p *Product) Slot(code string) (Slot, bool) {
	i := slices.IndexFunc(p.Slots, func(s Slot) bool { return s.Code == code })
	if i < 0 {
		return Slot{}, false
	}
	return p.Slots[i], true
}

// slotNo is the number of a slot in the text of tickets; 0 is none.
func (p *Product) slotNo(code string) int64 {
	s, ok := p.Slot(code)
	if !ok {
		return 0
	}
	return s.From + 1
}

// validDays is how many days it is valid.
func (p *Product) validDays() int64 { return max(p.Days, 1) }

// through says whether it is sold through a channel.
func (p *Product) through(channel string) bool {
	return len(p.Channels) == 0 || slices.Contains(p.Channels, channel)
}

// check refuses what a product cannot be.
//
// Errors: ErrInvalid.
func (p *Product) check() error {
	r := &refusal{problem: ErrInvalid}
	r.unless(id.IsCode(p.Code), "/code", "has 1 to 40 letters a to z, digits and hyphens inside")
	r.unless(slices.Contains(Kinds(), p.Kind), "/kind", "is none of the kinds of products")
	r.text(p.Name, NameMax, true, "/name")
	r.text(p.About, AboutMax, false, "/about")
	r.unless(len(p.Pools) <= 4 && len(slices.Compact(slices.Sorted(slices.Values(p.Pools)))) ==
		len(p.Pools), "/pools", "are at most 4, each once")
	r.unless(within(p.From, 0, minuteMax), "/from", "is 0 to 1740")
	r.unless(p.Until == 0 || endsAfter(p.From, p.Until), "/until",
		"is 301 to 1740, the day begins at five, and comes after from")
	r.unless(within(p.LastSale, 0, minuteMax), "/last_sale", "is 0 to 1740")
	r.unless(within(p.Days, 0, 400), "/days", "is 0 to 400")
	r.unless(within(p.Ahead, 0, AheadMax), "/ahead", "is 0 to 400")
	r.unless(p.SaleUntil.IsZero() || p.SaleUntil.After(p.SaleFrom), "/sale_until",
		"comes after sale_from")
	for _, c := range p.Channels {
		r.unless(slices.Contains(Channels(), c), "/channels", "are visitor, octo or counter")
	}
	r.unless(within(p.MinCount, 0, 200), "/min_count", "is 0 to 200")
	r.unless(within(p.MaxCount, 0, 200) && (p.MaxCount == 0 || p.MaxCount >= p.MinCount),
		"/max_count", "is 0 to 200, and not below min_count")
	r.unless(within(p.PerVisitor, 0, 10_000), "/per_visitor", "is 0 to 10000")
	r.unless(p.Place == "" || id.IsCode(p.Place), "/place", "is the code of a queue")
	r.unless(within(p.Sort, 0, 100_000), "/sort", "is 0 to 100000")
	if p.Reentry == "" {
		p.Reentry = Once
	}
	r.unless(slices.Contains([]Reentry{Once, AfterExit, AnyTime}, p.Reentry), "/reentry",
		"is none, after_exit or any")
	p.checkSlots(r)
	return r.answer()
}

// endsAfter says whether a minute of a day comes after another, and after the day has begun: a
// ticket is valid in between.
func endsAfter(from, until int64) bool {
	return until > max(from, int64(dayCut.Minutes())) && until <= minuteMax
}

func (p *Product) checkSlots(r *refusal) {
	seen, starts := map[string]bool{}, map[int64]bool{}
	for _, s := range p.Slots {
		r.unless(len(s.Code) >= 1 && len(s.Code) <= 20 && !seen[s.Code] && !starts[s.From] &&
			plain(s.Code), "/slots", "have codes of 1 to 20 characters and starts that differ")
		r.unless(within(s.From, 0, minuteMax) && endsAfter(s.From, s.Until), "/slots",
			"have minutes to 1740, end after they begin, and not before the day does, at 300")
		seen[s.Code], starts[s.From] = true, true
	}
	r.unless(len(p.Slots) <= slotsMax, "/slots", "are at most 60")
	r.unless(p.Kind != Timed || len(p.Slots) > 0, "/slots", "are needed for timed entry")
}

// plain says whether s is printable ASCII without blanks.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Price is what a product costs for an age class on the days of a type.
type Price struct {
	Product string
	Unit    Unit
	DayType string // "" is every type without a price of its own
	Yen     int64  // tax included, 0 to 10,000,000
}

const yenMax = 10_000_000

// check refuses what a price cannot be.
func (p Price) check(r *refusal, pointer string) {
	r.unless(id.IsCode(p.Product), pointer+"/product", "is the code of a product")
	r.unless(p.Unit.known(), pointer+"/unit", "is none of the age classes")
	r.unless(len(p.DayType) <= 8 && plain(p.DayType), pointer+"/day_type",
		"has at most 8 letters")
	r.unless(within(p.Yen, 0, yenMax), pointer+"/yen", "is 0 to 10000000")
}
