package park

import (
	"slices"
	"time"

	"watari/kit/i18n"
	"watari/kit/id"
)

// Discount is a rule with its name and the time of its sale.
type Discount struct {
	ParkID string    `json:"-"`
	Rule   Rule      `json:"rule"` // its ID is the discount's, as Park.Slug; it never changes
	Name   i18n.Text `json:"name"` // at most 80 characters
	// From and Until bound when it is bought, Until exclusive; zero is without bound. The days that
	// it is for stand in the rule.
	From     time.Time `json:"from,omitzero"`
	Until    time.Time `json:"until,omitzero"`
	Channels []string  `json:"channels,omitempty"` // none is every one
	Ended    bool      `json:"-"`
	Version  int64     `json:"-"`
}

// issuersMax is how many wallets a discount names.
const issuersMax = 50

// inForce says whether what is bought now, through a channel, gets it.
func (d *Discount) inForce(now time.Time, channel string) bool {
	return !d.Ended && !now.Before(d.From) && (d.Until.IsZero() || now.Before(d.Until)) &&
		(len(d.Channels) == 0 || slices.Contains(d.Channels, channel))
}

// check refuses what a discount cannot be.
//
// Errors: ErrInvalid.
func (d *Discount) check() error {
	r := &refusal{problem: ErrInvalid}
	rule := &d.Rule
	r.unless(id.IsCode(rule.ID), "/id", "has 1 to 40 letters a to z, digits and hyphens inside")
	r.text(d.Name, NameMax, true, "/name")
	r.unless(slices.Contains([]RuleKind{ForResidents, ForMembers, ForGroups, ForWallet,
		ForVoucher}, rule.Kind), "/kind", "is resident, member, group, wallet or voucher")
	r.unless(within(rule.OffPPM, 0, million) && within(rule.OffYen, 0, yenMax) &&
		(rule.OffPPM > 0) != (rule.OffYen > 0), "/off_ppm",
		"either off_ppm, to 1000000, or off_yen is more than 0")
	r.unless(within(rule.WalletPPM, 0, million), "/wallet_ppm", "is 0 to 1000000")
	r.unless(rule.WalletPPM == 0 || rule.Kind == ForWallet, "/wallet_ppm",
		"is of discounts for a wallet's users only")
	r.unless((rule.Kind == ForGroups) == (rule.MinCount > 0) && within(rule.MinCount, 0, 200) &&
		rule.MinCount != 1, "/min_count", "is 2 to 200, of groups only")
	claims := rule.Kind == ForResidents || rule.Kind == ForMembers
	r.unless(claims == (rule.Claim != "") && len(rule.Claim) <= 64 && plain(rule.Claim), "/claim",
		"is needed for residents and members, of at most 64 letters")
	r.unless(len(rule.Issuers) == 0 || rule.Kind == ForWallet, "/issuers",
		"are of discounts for a wallet's users only")
	r.unless(len(rule.Issuers) <= issuersMax, "/issuers", "are at most 50")
	r.unless(len(rule.Products) <= productsMax, "/products", "are at most 200")
	for _, u := range rule.Units {
		r.unless(u.known(), "/units", "are age classes")
	}
	_, first := midnight(rule.FirstDay)
	_, last := midnight(rule.LastDay)
	r.unless(rule.FirstDay == "" || first, "/first_day", "is written 2026-11-23")
	r.unless(rule.LastDay == "" || last, "/last_day", "is written 2026-11-23")
	r.unless(rule.FirstDay == "" || rule.LastDay == "" || rule.FirstDay <= rule.LastDay,
		"/last_day", "is not before first_day")
	r.unless(d.Until.IsZero() || d.Until.After(d.From), "/until", "comes after from")
	for _, c := range d.Channels {
		r.unless(slices.Contains(Channels(), c), "/channels", "are visitor, octo or counter")
	}
	return r.answer()
}
