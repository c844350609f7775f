package park

import (
	"time"

	"watari/kit/fault"
	"watari/kit/i18n"
	"watari/kit/id"
)

// Park is who sells tickets: a merchant's, through one of its stores.
type Park struct {
	ID   string // "prk_…"
	Slug string // its name in addresses: a to z, 0 to 9 and hyphens, 2 to 40
	// Whose it is, and the store whose payments its tickets are. They never change.
	AcquirerNo, MerchantNo, StoreNo int64
	// MerchantID and StoreID are the acquirer's own names of them; filled in when it is made.
	MerchantID, StoreID string
	Name                i18n.Text // at most 80 characters
	About               i18n.Text // at most 1,000 characters
	Prefecture          string    // "01" to "47" (JIS X 0401)
	// Latitude and Longitude are millionths of degrees (WGS 84); both 0 are not told.
	Latitude, Longitude int64
	Ages                []Ages
	Policy              Policy        // of what is bought from now on
	Hold                time.Duration // how long an order is held; 0 is HoldFor
	PerOrder            int64         // pieces of one order, at most; 0 is order.LinesMax
	PerVisitor          int64         // pieces of one visitor for one day, at most; 0 is no limit
	OnSale              bool          // false: nothing is sold
	Version             int64         // grows with every change of the park and of what it sells
}

// Ages says which ages an age class has, in whole years, both included; To 0 is without end.
type Ages struct {
	Unit Unit  `json:"unit"`
	From int64 `json:"from"`
	To   int64 `json:"to,omitempty"`
}

// Limits of what a park says.
const (
	NameMax   = 80
	AboutMax  = 1000
	labelMax  = 40
	parksMax  = 50 // of one merchant
	slugMin   = 2
	HoldFor   = 10 * time.Minute // when a park does not say
	minuteMax = 29 * 60          // minutes of a park day end at five in the morning
)

// Channels are through what is sold.
const (
	ByVisitor = "visitor" // the visitors' own app
	ByOCTO    = "octo"    // resellers
	ByCounter = "counter" // the ticket counters of the park
)

// Channels returns every channel.
func Channels() []string { return []string{ByVisitor, ByOCTO, ByCounter} }

// refusal gathers what is wrong with something, field by field.
type refusal struct {
	problem *fault.Problem
	err     *fault.Error
}

// unless notes a field that does not hold.
func (r *refusal) unless(ok bool, pointer, text string) {
	if ok {
		return
	}
	if r.err == nil {
		r.err = r.problem.Newf("see the fields")
	}
	r.err = r.err.At(pointer, text)
}

// text notes a localised text that is too long or broken. An empty one is, too, when needed.
func (r *refusal) text(t i18n.Text, max int, needed bool, pointer string) {
	if len(t) == 0 && !needed {
		return
	}
	if err := t.Validate(max); err != nil {
		r.unless(false, pointer, err.Error())
	}
}

// answer is nil when nothing was wrong.
func (r *refusal) answer() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// check refuses what a park cannot be.
//
// Errors: ErrInvalid.
func (p *Park) check() error {
	r := &refusal{problem: ErrInvalid}
	r.unless(id.IsCode(p.Slug) && len(p.Slug) >= slugMin, "/slug",
		"has 2 to 40 letters a to z, digits and single hyphens inside")
	r.text(p.Name, NameMax, true, "/name")
	r.text(p.About, AboutMax, false, "/about")
	r.unless(len(p.Prefecture) == 2 && p.Prefecture >= "01" && p.Prefecture <= "47",
		"/prefecture", "is 01 to 47")
	r.unless(within(p.Latitude, -90*million, 90*million) &&
		within(p.Longitude, -180*million, 180*million), "/latitude_e6",
		"the place is no point of the earth, in millionths of degrees")
	r.unless(p.Hold == 0 || p.Hold >= time.Minute && p.Hold <= 24*time.Hour, "/hold_seconds",
		"is 60 to 86400")
	r.unless(within(p.PerOrder, 0, 200), "/per_order", "is 0 to 200")
	r.unless(within(p.PerVisitor, 0, 10_000), "/per_visitor", "is 0 to 10000")
	classes := map[Unit]bool{}
	for _, a := range p.Ages {
		r.unless(!classes[a.Unit], "/ages", "names an age class twice")
		classes[a.Unit] = true
		r.unless(a.Unit.known() && within(a.From, 0, 130) && (a.To == 0 || a.To >= a.From) &&
			a.To <= 130, "/ages", "names an age class, and years from 0 to 130")
	}
	p.Policy.check(r)
	return r.answer()
}

func within(n, low, high int64) bool { return n >= low && n <= high }
