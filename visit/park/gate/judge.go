package gate

import (
	"time"

	"watari/visit/park"
)

// Kind is the direction of a scan.
type Kind string

// The directions.
const (
	Entry Kind = "entry"
	Exit  Kind = "exit"
)

// Reason is what a scan was decided by.
type Reason string

// The reasons. All but Admitted are refusals.
const (
	Admitted  Reason = "admitted"
	Invalid   Reason = "invalid"   // it is no ticket
	Foreign   Reason = "foreign"   // it was signed with a key that is not the park's
	Forged    Reason = "forged"    // its signature does not hold
	Unknown   Reason = "unknown"   // there is no such ticket
	Cancelled Reason = "cancelled" // it was given back
	Replaced  Reason = "replaced"  // another took its place
	Early     Reason = "early"     // its time has not come
	Late      Reason = "late"      // its time has passed
	Product   Reason = "product"   // this gate does not take it
	Again     Reason = "used"      // it was used, and does not let in again now
	Digits    Reason = "digits"    // its changing digits are missing or too old
)

// Reasons returns every reason, in the order in which they are looked for; Admitted is the last.
func Reasons() []Reason {
	return []Reason{Invalid, Foreign, Forged, Unknown, Cancelled, Replaced, Early, Late, Product,
		Again, Digits, Admitted}
}

// Overridable says whether staff may let somebody in all the same, with a reason of theirs.
func (r Reason) Overridable() bool {
	switch r {
	case Unknown, Early, Late, Product, Digits, Again:
		return true
	case Admitted, Invalid, Foreign, Forged, Cancelled, Replaced:
	}
	return false
}

// facts are all that a decision depends on. Devices decide by the same in ui/web/src/gate.
type facts struct {
	form    Reason // Invalid, Foreign, Forged, or Admitted when the text can be believed
	alone   bool   // the device decides: what it does not know may have been sold since its pack
	known   bool
	revoked Reason // Cancelled or Replaced, "" when it is not
	kind    Kind
	at      time.Time
	// The ticket lets in from notBefore until the end of the minute of notAfter.
	notBefore, notAfter time.Time
	listed              bool // the gate takes its product
	digits              bool // they are right, or not needed
	entries             int64
	inside              bool
	today               bool // the last pass was on the park day of this scan
	reentry             park.Reentry
}

// judge decides a scan: the first check that does not hold.
func judge(f facts) Reason {
	switch {
	case f.form != Admitted:
		return f.form
	case !f.known && !f.alone:
		return Unknown
	case f.revoked != "":
		return f.revoked
	case f.kind == Exit:
		return Admitted
	case f.at.Before(f.notBefore):
		return Early
	case !f.at.Before(f.notAfter.Add(time.Minute)):
		return Late
	case !f.listed:
		return Product
	case f.entries > 0 && !again(f.reentry, f.inside, f.today):
		return Again // before the digits: who has no battery may have been copied
	case !f.digits:
		return Digits
	}
	return Admitted
}

// onceADay is the rule of a ticket into the park for many days whose product lets in once.
const onceADay park.Reentry = "daily"

// rule is by what a ticket lets in again.
func (t *Ticket) rule() park.Reentry {
	last := t.NotAfter.Add(-time.Minute) // a day that ends at five ends with the minute before
	return ruleOf(t.Reentry, t.Admits && park.DayOf(last) > park.DayOf(t.NotBefore))
}

// ruleOf is a product's rule; days tells that it lets into the park on more days than one.
func ruleOf(rule park.Reentry, days bool) park.Reentry {
	if days && rule != park.AfterExit && rule != park.AnyTime {
		return onceADay
	}
	return rule
}

// again says whether a ticket that was used lets in once more. Who was not seen going out is out
// when the day ends.
func again(rule park.Reentry, inside, today bool) bool {
	switch rule {
	case park.AnyTime:
		return true
	case park.AfterExit:
		return !inside || !today
	case onceADay:
		return !today
	case park.Once:
	}
	return false
}

// sameDay says whether a pass was on the park day of a moment; the zero time was on none.
func sameDay(pass, at time.Time) bool {
	return !pass.IsZero() && park.DayOf(pass) == park.DayOf(at)
}

// takes says whether a gate takes a product: one of its list, and without a list every one that
// lets into the park.
func takes(list []string, product string, admits bool) bool {
	if len(list) == 0 {
		return admits
	}
	for _, code := range list {
		if code == product {
			return true
		}
	}
	return false
}
