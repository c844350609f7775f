package park

import (
	"time"

	"watari/kit/money"
)

// Policy is what happens when a visitor gives something back. It is kept with the order as it stood
// at the purchase.
type Policy struct {
	// Steps are in the order of Before, the longest first. The first whose time has not come decides.
	Steps []PolicyStep `json:"steps"`
	// Changes is how often the day may be changed without a fee. When what was moved is given back
	// later, at least as much is kept as would have been on the day of the change.
	Changes int64 `json:"changes"`
}

// PolicyStep keeps a part of the price as the fee until so long before a visit begins.
type PolicyStep struct {
	Before time.Duration `json:"before"`
	FeePPM int64         `json:"fee_ppm"` // millionths of the price, 0 to 1,000,000
}

// Keeps is what is kept of a price, in millionths, when it is given back at now for a visit that
// begins at visit. After the last step nothing is returned: it is 1,000,000, and ok is false.
func (p Policy) Keeps(now, visit time.Time) (ppm int64, ok bool) {
	for _, s := range p.Steps {
		if !now.After(visit.Add(-s.Before)) {
			return s.FeePPM, true
		}
	}
	return million, false
}

// FeeFor is Keeps in yen of a price, rounded down.
func (p Policy) FeeFor(price int64, now, visit time.Time) (fee int64, ok bool) {
	ppm, ok := p.Keeps(now, visit)
	return money.Share(price, ppm, million, money.Down), ok
}

// stepsMax is how many steps a ladder has at most.
const stepsMax = 10

// check refuses what a policy cannot be.
func (p Policy) check(r *refusal) {
	r.unless(len(p.Steps) <= stepsMax, "/policy/steps", "are at most 10")
	for i, s := range p.Steps {
		r.unless(within(s.FeePPM, 0, million), "/policy/steps", "have a fee of 0 to 1000000")
		r.unless(s.Before >= -48*time.Hour && s.Before <= AheadMax*24*time.Hour,
			"/policy/steps", "lie within two days after the visit and 400 before")
		r.unless(i == 0 || s.Before < p.Steps[i-1].Before, "/policy/steps",
			"are in order, the longest before the visit first")
	}
	r.unless(within(p.Changes, 0, 10), "/policy/changes", "is 0 to 10")
}
