package wallet

import (
	"time"

	"watari/kit/check"
	"watari/kit/money"
)

// Profile is what makes one simulated wallet another than the next.
type Profile struct {
	ID       string         // as the network's directory names it
	Protocol string         // the folder of its connector, and of its front
	Name     string         // its brand, in Latin letters
	Currency money.Currency // what its users' accounts are kept in
	Opening  int64          // what a user begins with, minor units, above zero
	PINAbove int64          // the largest debit without a PIN, minor units
	Lang     string         // BCP 47, of its users' names
	Terms    Terms
}

// Terms are the times of a protocol that its books have to know.
type Terms struct {
	// CancelUntil is the end of the time in which a payment made at paid can be cancelled as a
	// whole; nil when there is no end.
	CancelUntil func(paid time.Time) time.Time
	// RefundFor is how long after a payment refunds are accepted; 0 is for ever.
	RefundFor time.Duration
	// HoldFor is how long a promise stands that the network does not capture; 0 is for ever.
	HoldFor time.Duration
	// AgreedFor is how long a payment that its user agreed to waits for Complete; 0 is as long
	// as a PIN question stands.
	AgreedFor time.Duration
}

// checked panics on a profile with which no books can be kept.
func (p Profile) checked() Profile {
	_, known := p.Currency.Digits()
	check.That(p.ID != "" && p.Protocol != "" && p.Name != "" && known && p.Opening > 0 &&
		p.PINAbove > 0, "wallet: profile %q is not whole", p.ID)
	return p
}
