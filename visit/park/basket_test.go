package park_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watari/visit/order"
	"watari/visit/park"
)

func pieces(n int, unit park.Unit, list int64) (ps []park.Piece) {
	for i := range n {
		ps = append(ps, park.Piece{No: int64(i + 1), Product: "day", Day: "2026-11-23", Unit: unit,
			List: list})
	}
	return ps
}

func total(ps []park.Priced) (sum int64) {
	for _, p := range ps {
		sum += p.Price
	}
	return sum
}

// Goal: the worked example of the documentation. Two adults at ¥6,800 and a child at ¥5,000, 10 per
// cent off with a wallet, half of it from the wallet.
func TestWalletDiscountIsShared(t *testing.T) {
	t.Parallel()
	b := park.Basket{Issuer: "wechat", IssuerNo: 7, Rules: []park.Rule{{ID: "wallet-10",
		Kind: park.ForWallet, OffPPM: 100_000, WalletPPM: 500_000, Issuers: []string{"wechat"}}}}
	b.Pieces = append(pieces(2, park.Adult, 6800), park.Piece{No: 3, Product: "day",
		Day: "2026-11-23", Unit: park.Child, List: 5001})
	got := b.Price()
	if got[0].Price != 6120 || got[2].Price != 4501 || !b.Exclusive(got) {
		t.Fatalf("priced %+v", got)
	}
	want := []order.Funding{
		{Kind: order.FundedByWallet, IssuerNo: 7, Minor: 250, Rule: "wallet-10"},
		{Kind: order.FundedByPlace, Minor: 250, Rule: "wallet-10"}}
	if !slices.Equal(got[2].Funding, want) {
		t.Errorf("the child's discount is given by %+v", got[2].Funding)
	}
	b.Issuer, b.IssuerNo = "paypay", 8
	if ps := b.Price(); total(ps) != 6800*2+5001 || b.Exclusive(ps) {
		t.Errorf("another wallet pays %d", total(ps))
	}
}

// Goal: a group that is no group any more pays the whole price (T3), and of group, member and
// resident the best counts.
func TestGroupFallsAway(t *testing.T) {
	t.Parallel()
	b := park.Basket{Pieces: pieces(20, park.Adult, 1000), Claims: []string{"resident:19"},
		Rules: []park.Rule{
			{ID: "group", Kind: park.ForGroups, OffPPM: 200_000, MinCount: 20},
			{ID: "home", Kind: park.ForResidents, OffYen: 50, Claim: "resident:19"}}}
	if got := total(b.Price()); got != 20*800 {
		t.Errorf("the group pays %d", got)
	}
	if got := total(b.Without([]int64{4}).Price()); got != 19*950 {
		t.Errorf("without one it pays %d", got)
	}
	if len(b.Pieces) != 20 {
		t.Error("the basket itself was changed")
	}
}

// Goal: whatever the rules, no price is below zero or over the list, and what is off is given by
// somebody to the yen (T5); the order of the rules does not matter.
func TestEveryYenOffIsGiven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := park.Basket{IssuerNo: rapid.Int64Range(0, 1).Draw(t, "issuer"), Issuer: "w",
			Claims: []string{"member"}, Voucher: "r3"}
		n := rapid.IntRange(1, 25).Draw(t, "pieces")
		b.Pieces = pieces(n, park.Adult, rapid.Int64Range(0, 99_999).Draw(t, "list"))
		for i, kind := range []park.RuleKind{park.ForMembers, park.ForGroups, park.ForWallet,
			park.ForVoucher} {
			r := park.Rule{ID: "r" + string(rune('0'+i)), Kind: kind, Claim: "member",
				MinCount: 10, WalletPPM: rapid.Int64Range(0, 1_000_000).Draw(t, "wallet")}
			if rapid.Bool().Draw(t, "ppm") {
				r.OffPPM = rapid.Int64Range(0, 1_000_000).Draw(t, "off_ppm")
			} else {
				r.OffYen = rapid.Int64Range(0, 200_000).Draw(t, "off_yen")
			}
			b.Rules = append(b.Rules, r)
		}
		first := b.Price()
		for _, p := range first {
			off := int64(0)
			for _, f := range p.Funding {
				if f.Minor <= 0 || f.Kind == order.FundedByWallet && b.IssuerNo == 0 {
					t.Fatalf("%+v gives what it cannot", f)
				}
				off += f.Minor
			}
			if p.Price < 0 || p.List-p.Price != off {
				t.Fatalf("%+v: %d off is given", p, off)
			}
		}
		slices.Reverse(b.Rules)
		if got := b.Price(); total(got) != total(first) {
			t.Fatalf("in another order it costs %d, not %d", total(got), total(first))
		}
	})
}

// Goal: the fee follows the ladder at its very edges.
func TestPolicyLadder(t *testing.T) {
	t.Parallel()
	p := park.Policy{Steps: []park.PolicyStep{{Before: 24 * time.Hour},
		{Before: 0, FeePPM: 500_000}}}
	visit := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		before time.Duration
		fee    int64
		ok     bool
	}{{48 * time.Hour, 0, true}, {24 * time.Hour, 0, true}, {24*time.Hour - 1, 2500, true},
		{0, 2500, true}, {-1, 5001, false}} {
		fee, ok := p.FeeFor(5001, visit.Add(-c.before), visit)
		if fee != c.fee || ok != c.ok {
			t.Errorf("%s before: fee %d, %v", c.before, fee, ok)
		}
	}
}
