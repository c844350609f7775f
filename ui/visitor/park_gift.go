package visitor

import (
	"slices"
	"strings"

	"watari/visit/order"
	"watari/visit/park"
)

// gift is a discount: how much it is, and who gives it.
type gift struct {
	name   string
	yen    int64
	givers []string // each with its part
	who    []string
}

// giftsOf puts the parts of discounts together, by their names.
func (v *Visit) giftsOf(wallet string, parts []park.Given) (out []gift) {
	for _, p := range parts {
		name := p.Name.In(v.Lang)
		i := slices.IndexFunc(out, func(g gift) bool { return g.name == name })
		if i < 0 {
			i = len(out)
			out = append(out, gift{name: name})
		}
		who := v.T("park.gives.park")
		if p.Funding.Kind == order.FundedByWallet {
			who = wallet
		}
		out[i].yen += p.Funding.Minor
		out[i].who = append(out[i].who, who)
		out[i].givers = append(out[i].givers, who+" "+v.moneyText(yen(p.Funding.Minor)))
	}
	return out
}

// gifts says what is given on a whole purchase, and how much of it by whom.
func (v *Visit) gifts(wallet string, parts []park.Given) (out []string) {
	for _, g := range v.giftsOf(wallet, parts) {
		out = append(out, v.T("park.gives", "why", g.name, "amount", v.moneyText(yen(g.yen)),
			"who", strings.Join(g.givers, " + ")))
	}
	return out
}

// offerGifts says which discounts the buyer's wallet has on an offer and who gives them; to who is
// not signed in, with which wallets there are some.
func (v *Visit) offerGifts(s buyScreen, o park.Offer) (out []string) {
	var deals []string
	for _, u := range o.Units {
		for _, g := range v.giftsOf(s.wallet, u.Given) {
			text := v.T("park.given", "why", g.name, "who", strings.Join(g.who, " + "))
			if !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
		for _, d := range u.Deals {
			if name := d.Name.In(v.Lang); !slices.Contains(deals, name) {
				deals = append(deals, name)
			}
		}
	}
	if s.wallet == "" && len(deals) > 0 {
		out = append(out, v.T("park.deal", "what", strings.Join(deals, " · ")))
	}
	return out
}
