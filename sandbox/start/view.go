package start

import (
	"slices"
	"strconv"
	"strings"

	"watari/kit/i18n"
	"watari/kit/money"
	"watari/sandbox"
	"watari/sandbox/seed"
	"watari/sandbox/wallet"
)

// The files of the bundle that the page loads.
const (
	styleFile  = "start-style.css"
	scriptFile = "start.js"
)

// firstPrefecture is where the tour begins: Gifu, whose Takayama has the network's first bank.
const firstPrefecture = "21"

// view is what the page shows.
type view struct {
	*i18n.Texts
	Config
	query   string // as it was typed
	regions []region
	count   int // of shops that were found
	total   int // of all shops
	first   shop
	gates   []Gate
	sandbox.Outside
}

func (s *Start) view(lang i18n.Lang, query string, found sandbox.Outside) view {
	v := view{Texts: s.texts.For(lang), Config: s.Config, query: shortened(query),
		total: len(s.shops), Outside: found}
	wanted := plain(v.query)
	var fit []shop
	for _, one := range s.shops {
		if one.Prefecture == firstPrefecture && v.first.StoreID == "" {
			v.first = one
		}
		if one.fits(wanted) {
			fit = append(fit, one)
		}
	}
	v.regions, v.count = grouped(fit), len(fit)
	return v
}

// inLang is this page in another language.
func (v view) inLang(l i18n.Lang) string { return Path + "?lang=" + string(l) }

// name is a shop's name as the page's language writes it, and other the name on its sign, or in
// Latin letters beneath that.
func (v view) name(s shop) (name, lang, other, otherLang string) {
	if v.Lang == i18n.Japanese {
		return s.StoreJA, "ja", s.Store, "en"
	}
	return s.Store, "en", s.StoreJA, "ja"
}

// prefecture is the name of a prefecture, and beneath it the one on the signs.
func (v view) prefecture(p prefecture) (name, sign string) {
	name, sign = p.names[string(v.Lang)], p.names["ja"]
	if name == sign {
		sign = ""
	}
	return name, sign
}

// within lists the prefectures of a region.
func (v view) within(r region) string {
	if len(r.prefectures) == 1 {
		return ""
	}
	var names []string
	for _, p := range r.prefectures {
		names = append(names, p.names[string(v.Lang)])
	}
	return strings.Join(names, v.T("list.comma"))
}

// filling says how far the park is filled, "" when it is full.
func (v view) filling() string {
	done, total := v.Park.Filled()
	if done >= total {
		return ""
	}
	return v.T("park.filling", "share", strconv.Itoa(done*100/total))
}

// gatePath is where a form opens a device at a gate.
func gatePath(g Gate) string { return Path + "/gates/" + g.ID }

// resellerCall is a first call of the reseller of the park's tickets.
func (v view) resellerCall() string {
	return "curl -H \"Authorization: Bearer $(jq -r '.resellers[0].api_key' " + v.File +
		")\" " + v.BaseURL + "/octo/products"
}

// tillPath is where a form opens a till.
func tillPath(s shop) string { return Path + "/tills/" + s.StoreID }

// facts are what somebody who tries things runs into, in the order in which they do.
func (v view) facts() []string {
	given := money.MustNew(seed.RefundPINAboveMinor, "JPY")
	return []string{
		v.T("fact.browser"),
		v.T("fact.pin", "amount", v.asked(), "pin", wallet.PIN),
		v.T("fact.manager", "amount", money.FormatFor(string(v.Lang), given),
			"pin", seed.ManagerPIN),
	}
}

// asked lists above which amounts the wallets ask for a PIN, each once.
func (v view) asked() string {
	var amounts []string
	for _, w := range v.Wallets {
		if text := money.FormatFor(string(v.Lang), w.PINAbove); !slices.Contains(amounts, text) {
			amounts = append(amounts, text)
		}
	}
	return strings.Join(amounts, v.T("list.comma"))
}

// phoneCount is how many phones there are.
func (v view) phoneCount() (n int) {
	for _, w := range v.Wallets {
		n += len(w.Phones)
	}
	return n
}

// firstPhone is the phone with which a tour begins; false when there is none.
func (v view) firstPhone() (p sandbox.Phone, lang string, ok bool) {
	for _, w := range v.Wallets {
		if len(w.Phones) > 0 {
			return w.Phones[0], w.Lang, true
		}
	}
	return sandbox.Phone{}, "", false
}

// listCall is a first call of the API, as it is typed at a command line.
func (v view) listCall() string {
	return "curl -H \"Authorization: Bearer $(jq -r '.acquirers[0].api_key' " + v.File +
		")\" " + v.BaseURL + "/v1/stores"
}

// faultCall makes the wallet answer late, once.
func (v view) faultCall() string {
	return "curl -d '{\"mode\":\"slow\",\"count\":1}' -H 'Content-Type: application/json' " +
		v.controlURL() + "/faults"
}

// controlURL is that of the first wallet.
func (v view) controlURL() string {
	if len(v.Wallets) == 0 {
		return ""
	}
	return v.Wallets[0].ControlURL
}

// initial is the character that stands for a person.
func initial(p sandbox.Phone) string {
	for _, r := range p.Name {
		return string(r)
	}
	return ""
}
