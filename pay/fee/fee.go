package fee

import (
	"watari/kit/check"
	"watari/kit/money"
)

// Plan is the price of one payment. The rates are parts per million of the captured amount, from
// 0 to money.Whole; the fixed sums are minor units of the order currency for each payment, from 0
// to money.MinorMax. A zero Plan takes nothing.
type Plan struct {
	// MDR is what the merchant pays the bank.
	MDR      money.PPM
	MDRFixed int64
	// Interchange is what the bank pays the issuer.
	Interchange      money.PPM
	InterchangeFixed int64
	// Scheme is what the bank pays the network.
	Scheme      money.PPM
	SchemeFixed int64
}

// Parts are the fees of one payment, or of one refund, in minor units of the order currency.
type Parts struct{ MDR, Interchange, Scheme int64 }

// Valid tells whether every price of p is within its limits.
func (p Plan) Valid() bool {
	for _, rate := range [...]money.PPM{p.MDR, p.Interchange, p.Scheme} {
		if rate < 0 || rate > money.Whole {
			return false
		}
	}
	for _, fixed := range [...]int64{p.MDRFixed, p.InterchangeFixed, p.SchemeFixed} {
		if fixed < 0 || fixed > money.MinorMax {
			return false
		}
	}
	return true
}

// Of returns the fees on amount under the plan p (E1 to E4). It panics when p is not valid: plans
// are checked when they are agreed.
func Of(p Plan, amount money.Amount) Parts {
	check.That(p.Valid(), "fee: plan %+v is out of range", p)
	minor := amount.Minor()
	interchange := min(part(p.Interchange, p.InterchangeFixed, minor), minor)
	return Parts{
		MDR:         min(part(p.MDR, p.MDRFixed, minor), minor),
		Interchange: interchange,
		Scheme:      min(part(p.Scheme, p.SchemeFixed, minor), minor-interchange),
	}
}

// part is one fee before E2 bounds it.
func part(rate money.PPM, fixed, minor int64) int64 {
	return money.Share(minor, int64(rate), int64(money.Whole), money.Down) + fixed
}

// Bank returns what is left for the acquirer; it is negative when the merchant's price does not
// cover the other two (E4).
func (p Parts) Bank() int64 { return p.MDR - p.Interchange - p.Scheme }

// Plus returns the sums of the parts.
func (p Parts) Plus(q Parts) Parts {
	return Parts{
		MDR:         p.MDR + q.MDR,
		Interchange: p.Interchange + q.Interchange,
		Scheme:      p.Scheme + q.Scheme,
	}
}

// Less returns what is left of p without q.
func (p Parts) Less(q Parts) Parts {
	return Parts{p.MDR - q.MDR, p.Interchange - q.Interchange, p.Scheme - q.Scheme}
}
