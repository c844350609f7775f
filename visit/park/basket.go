package park

import (
	"slices"
	"strings"
	"time"

	"watari/kit/money"
	"watari/pay/promo"
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

// pledged returns the rule for the wallets that give their part of it (promo, B4); false when there
// is none.
func (r Rule) pledged(now time.Time, pledges map[string]promo.Pledge) (Rule, bool) {
	if r.WalletPPM == 0 {
		return r, true
	}
	var give []string
	for id, p := range pledges {
		if p.Covers(r.WalletPPM, now) && (len(r.Issuers) == 0 || slices.Contains(r.Issuers, id)) {
			give = append(give, id)
		}
	}
	slices.Sort(give)
	r.Issuers = give
	return r, len(give) > 0
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
	// FeePPM is the least that is kept of the price when it is given back: what was to be kept when
	// its day was changed, in millionths. A change of the day is no way round the fee.
	FeePPM int64 `json:"fee_ppm,omitempty"`
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
	// Least is how many pieces of a product there are for one day, at least, by its code.
	Least map[string]int64 `json:"least,omitempty"`
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

// Price computes what each piece costs (T3). It depends on nothing but the basket. Where discounts
// leave nothing to pay, no wallet pays, and so none gives anything: the others do, and the seller
// gives what only the wallet's rule does.
func (b *Basket) Price() []Priced {
	rules := slices.Clone(b.Rules)
	slices.SortStableFunc(rules, func(x, y Rule) int { return strings.Compare(x.ID, y.ID) })
	out := b.price(rules)
	if !givenAway(out) {
		return out
	}
	others := b.price(slices.DeleteFunc(rules, func(r Rule) bool { return r.Kind == ForWallet }))
	if sumOf(others) == 0 {
		return others
	}
	for i := range out {
		for k := range out[i].Funding {
			f := &out[i].Funding[k]
			f.Kind, f.IssuerNo = order.FundedByPlace, 0
		}
	}
	return out
}

// givenAway says whether nothing is to be paid for pieces for which a wallet gives something.
func givenAway(ps []Priced) bool {
	return sumOf(ps) == 0 && slices.ContainsFunc(ps, func(p Priced) bool {
		return slices.ContainsFunc(p.Funding, func(f order.Funding) bool {
			return f.Kind == order.FundedByWallet
		})
	})
}

func sumOf(ps []Priced) (sum int64) {
	for _, p := range ps {
		sum += p.Price
	}
	return sum
}

// price takes the discounts off, piece by piece; rules are in the order of their ids.
func (b *Basket) price(rules []Rule) []Priced {
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

// tooFew says of which product fewer than are sold at once would stay for one day, when lines are
// taken out: "" of none. A day of which nothing stays is none; what closures took counts.
func (b *Basket) tooFew(rest *Basket, lines, closed []int64) (product string, least int64) {
	type key struct{ product, day string }
	left, took := map[key]int64{}, map[key]int64{}
	for _, p := range rest.Pieces {
		left[key{p.Product, p.Day}]++
	}
	for _, p := range b.Pieces {
		if slices.Contains(closed, p.No) {
			took[key{p.Product, p.Day}]++
		}
	}
	for _, p := range b.Pieces {
		k := key{p.Product, p.Day}
		if n := left[k]; slices.Contains(lines, p.No) && n > 0 && n+took[k] < b.Least[p.Product] {
			return p.Product, b.Least[p.Product]
		}
	}
	return "", 0
}

// Left prices what stays of a basket when some pieces are gone. Those of them that closures took
// count as if they were still there: a group stays one though the park has closed for some of it.
func (b *Basket) Left(gone, closed []int64) []Priced {
	out := b.Without(slices.DeleteFunc(slices.Clone(gone), func(no int64) bool {
		return slices.Contains(closed, no)
	})).Price()
	return slices.DeleteFunc(out, func(p Priced) bool { return slices.Contains(gone, p.No) })
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
