package park

import (
	"slices"
	"strings"

	"watari/kit/money"
	"watari/visit/order"
)

// RuleKind is what a discount is for.
type RuleKind string

// The kinds of discounts, in the order in which they are taken off a price. Of the first three one
// piece gets the best; the others come on top, each of what is left.
const (
	ForResidents RuleKind = "resident" // who lives in a prefecture; proved at the gate
	ForMembers   RuleKind = "member"   // proved at the gate
	ForGroups    RuleKind = "group"    // so many pieces of one order for the same day
	ForWallet    RuleKind = "wallet"   // who pays with a wallet
	ForVoucher   RuleKind = "voucher"  // who has its code
)

// Rule is a discount. Yen are whole; ppm are millionths.
type Rule struct {
	ID       string   `json:"id"`
	Kind     RuleKind `json:"kind"`
	Products []string `json:"products,omitempty"` // none is all
	Units    []Unit   `json:"units,omitempty"`    // none is all
	// FirstDay and LastDay are of the visit, both included; "" is without bound.
	FirstDay string `json:"first_day,omitempty"`
	LastDay  string `json:"last_day,omitempty"`
	OffPPM   int64  `json:"off_ppm,omitempty"` // 0 to 1,000,000 of the price that is left
	OffYen   int64  `json:"off_yen,omitempty"` // of a piece; with OffPPM 0
	// MinCount is how many pieces for one day, that the rule is for, make a group; 2 to 200.
	MinCount int64 `json:"min_count,omitempty"`
	// Claim is what somebody has to be, for residents and members: "resident:19", "member".
	Claim string `json:"claim,omitempty"`
	// Issuers are the ids of the wallets it is for; none is every wallet, as for other kinds.
	Issuers []string `json:"issuers,omitempty"`
	// WalletPPM is the wallet's share of the discount; the park bears the rest.
	WalletPPM int64 `json:"wallet_ppm,omitempty"`
}

// isFor says whether a rule is for one piece.
func (r *Rule) isFor(p Piece) bool {
	return (len(r.Products) == 0 || slices.Contains(r.Products, p.Product)) &&
		(len(r.Units) == 0 || slices.Contains(r.Units, p.Unit)) &&
		(r.FirstDay == "" || p.Day >= r.FirstDay) && (r.LastDay == "" || p.Day <= r.LastDay)
}

// off is what the rule takes off a price: rounded down to the yen, and never more than the price.
func (r *Rule) off(price int64) int64 {
	if r.OffPPM > 0 {
		return money.Share(price, r.OffPPM, million, money.Down)
	}
	return min(r.OffYen, price)
}

const million = 1_000_000

// Piece is one thing for one person: a line of an order.
type Piece struct {
	No      int64  `json:"no"`
	Product string `json:"product"`
	Day     string `json:"day,omitempty"`
	Slot    string `json:"slot,omitempty"`
	Unit    Unit   `json:"unit"`
	List    int64  `json:"list"` // yen, without any discount
}

// Basket is what prices are computed from, as it stood at the purchase: it is kept with the order,
// so that what stays of a cancelled order is priced by the same rules.
type Basket struct {
	Pieces   []Piece  `json:"pieces"`
	Rules    []Rule   `json:"rules,omitempty"` // those that were in force, see Rules.Order
	Issuer   string   `json:"issuer,omitempty"`
	IssuerNo int64    `json:"issuer_no,omitempty"`
	Claims   []string `json:"claims,omitempty"`
	Voucher  string   `json:"voucher,omitempty"` // id of the rule that the voucher is for
	// Pools are the quotas that each product took from, by its code.
	Pools map[string][]string `json:"pools,omitempty"`
	// Slotted are those of them that count each slot.
	Slotted []string `json:"slotted,omitempty"`
	// Code is the voucher that was entered.
	Code string `json:"code,omitempty"`
	// Changed is how often the day was changed.
	Changed int64 `json:"changed,omitempty"`
}

// Priced is what a piece costs and who gives what is off.
type Priced struct {
	Piece
	Price   int64
	Funding []order.Funding // sums to List less Price
}

// Price computes what each piece costs (T3). It depends on nothing but the basket.
func (b *Basket) Price() []Priced {
	rules := slices.Clone(b.Rules)
	slices.SortStableFunc(rules, func(x, y Rule) int { return strings.Compare(x.ID, y.ID) })
	out := make([]Priced, len(b.Pieces))
	for i, p := range b.Pieces {
		out[i] = Priced{Piece: p, Price: p.List}
		b.best(&out[i], rules, ForResidents, ForMembers, ForGroups)
		b.best(&out[i], rules, ForWallet)
		b.best(&out[i], rules, ForVoucher)
	}
	return out
}

// best takes off the largest discount of some kinds; of equal ones the first by id.
func (b *Basket) best(p *Priced, rules []Rule, kinds ...RuleKind) {
	var most int64
	var rule *Rule
	for i := range rules {
		r := &rules[i]
		if !slices.Contains(kinds, r.Kind) || !r.isFor(p.Piece) || !b.earns(r, p.Piece) {
			continue
		}
		if off := r.off(p.Price); off > most {
			most, rule = off, r
		}
	}
	if rule == nil {
		return
	}
	p.Price -= most
	wallet := int64(0)
	if b.IssuerNo != 0 && rule.WalletPPM > 0 {
		wallet = money.Share(most, rule.WalletPPM, million, money.Down)
	}
	if wallet > 0 {
		p.Funding = append(p.Funding, order.Funding{Kind: order.FundedByWallet,
			IssuerNo: b.IssuerNo, Minor: wallet, Rule: rule.ID})
	}
	if most > wallet {
		p.Funding = append(p.Funding, order.Funding{Kind: order.FundedByPlace,
			Minor: most - wallet, Rule: rule.ID})
	}
}

// earns says whether the basket fulfils the condition of a rule for a piece.
func (b *Basket) earns(r *Rule, p Piece) bool {
	switch r.Kind {
	case ForResidents, ForMembers:
		return slices.Contains(b.Claims, r.Claim)
	case ForGroups:
		n := int64(0)
		for _, other := range b.Pieces {
			if other.Day == p.Day && r.isFor(other) {
				n++
			}
		}
		return n >= r.MinCount
	case ForWallet:
		return b.IssuerNo != 0 && (len(r.Issuers) == 0 || slices.Contains(r.Issuers, b.Issuer))
	case ForVoucher:
		return b.Voucher == r.ID
	}
	return false
}

// Exclusive says whether some price holds for the basket's wallet only: then the order can be paid
// with that wallet and no other (T4).
func (b *Basket) Exclusive(ps []Priced) bool {
	for _, p := range ps {
		for _, f := range p.Funding {
			if f.Kind == order.FundedByWallet || b.kindOf(f.Rule) == ForWallet {
				return true
			}
		}
	}
	return false
}

func (b *Basket) kindOf(rule string) RuleKind {
	for _, r := range b.Rules {
		if r.ID == rule {
			return r.Kind
		}
	}
	return ""
}

// Without returns the basket less some pieces.
func (b *Basket) Without(lines []int64) *Basket {
	rest := *b
	rest.Pieces = nil
	for _, p := range b.Pieces {
		if !slices.Contains(lines, p.No) {
			rest.Pieces = append(rest.Pieces, p)
		}
	}
	return &rest
}
