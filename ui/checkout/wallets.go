package checkout

import (
	"cmp"
	"slices"
	"strings"

	"watari/pay/link"
	"watari/pay/party"
	"watari/pay/payment"
)

// offer is a wallet that can pay, and how.
type offer struct {
	id, name  string
	no        int64
	connector string
	ways      []link.Way
}

// agents are the words by which the wallets' own browsers name themselves in User-Agent, and the
// protocol that their wallet speaks.
var agents = []struct{ word, connector string }{
	{"AlipayClient", "alipayplus"}, {"AlipayConnect", "alipayplus"},
	{"MicroMessenger", "wechatpay"}, {"PayPay", "paypay"}, {"Line/", "linepay"},
}

// offers are the open wallets that can pay an order, or any order of a store when p is nil, by
// their names.
func (t *visit) offers(p *payment.Payment) ([]offer, error) {
	var all []offer
	for _, way := range []link.Way{link.WayEntry, link.WayPage, link.WayOrder} {
		found, err := t.app.Payments.Choices(t.ctx(), p, way)
		if err != nil {
			return nil, err
		}
		for _, w := range found {
			all = add(all, w, way)
		}
	}
	slices.SortStableFunc(all, func(a, b offer) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

func add(all []offer, w party.Wallet, way link.Way) []offer {
	for i := range all {
		if all[i].no == w.Issuer.No {
			all[i].ways = append(all[i].ways, way)
			return all
		}
	}
	return append(all, offer{id: w.Issuer.ID, name: w.Issuer.Name, no: w.Issuer.No,
		connector: w.Issuer.Connector, ways: []link.Way{way}})
}

// meant says whether the page was opened for this wallet: by its own browser, or by an address
// that names it.
func (t *visit) meant(o offer) bool {
	if named := t.r.URL.Query().Get("wallet"); named != "" {
		return named == o.id
	}
	return t.inside(o)
}

// inside says whether the page is open in the wallet's own browser.
func (t *visit) inside(o offer) bool {
	agent := t.r.UserAgent()
	return slices.ContainsFunc(agents, func(a struct{ word, connector string }) bool {
		return a.connector == o.connector && strings.Contains(agent, a.word)
	})
}

// recognised returns the one wallet that the page was opened for.
func (t *visit) recognised(all []offer) (offer, bool) {
	var found []offer
	for _, o := range all {
		if t.meant(o) {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		return offer{}, false
	}
	return found[0], true
}

// way is how a wallet is asked: in its own browser by the page that it opened, elsewhere by
// sending its user there, or by a code of its own. "" is a wallet that cannot be reached from
// here: its user scans the order with it.
func (o offer) way(inside bool) link.Way {
	wanted := []link.Way{link.WayPage, link.WayOrder}
	if inside {
		wanted = []link.Way{link.WayEntry, link.WayPage, link.WayOrder}
	}
	for _, w := range wanted {
		if slices.Contains(o.ways, w) {
			return w
		}
	}
	return ""
}

// find returns the offer of a wallet by its id.
func find(all []offer, id string) (offer, bool) {
	i := slices.IndexFunc(all, func(o offer) bool { return o.id == id })
	if i < 0 {
		return offer{}, false
	}
	return all[i], true
}
