package operator

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"watari/kit/foureyes"
	"watari/kit/money"
	"watari/pay/fx"
	"watari/pay/party"
	"watari/pay/report"
	"watari/ui/console"
)

// rateDays is how many days the pictures of rates show.
const rateDays = 90

// currencyLine is a currency that wallets settle in.
type currencyLine struct {
	Currency money.Currency
	Days     []report.RateDay // yen for one unit
	Fresh    fx.Freshness
	Stale    bool
	Wallets  []party.Wallet
}

// listRates draws the rates of every currency that wallets settle in.
func (p *pages) listRates(v *console.Visit) error {
	wallets, err := p.Directory.Wallets(v.Ctx())
	if err != nil {
		return err
	}
	var lines []currencyLine
	for _, w := range wallets {
		cur := w.Agreement.Currency
		if cur == "" || cur == yen || w.Issuer.Status == party.Closed {
			continue
		}
		i := slices.IndexFunc(lines, func(l currencyLine) bool { return l.Currency == cur })
		if i < 0 {
			i = len(lines)
			lines = append(lines, currencyLine{Currency: cur})
		}
		lines[i].Wallets = append(lines[i].Wallets, w)
	}
	for i := range lines {
		l := &lines[i]
		if l.Days, err = p.Reports.Rates(v.Ctx(), string(l.Currency), string(yen),
			rateDays); err != nil {
			return err
		}
		l.Fresh, err = p.Board.Fresh(v.Ctx(), yen, l.Currency, v.Now)
		l.Stale = errors.Is(err, fx.ErrStale) || errors.Is(err, fx.ErrMissing)
		if err != nil && !l.Stale {
			return err
		}
	}
	held, err := p.Desk.List(v.Ctx(), foureyes.Filter{State: foureyes.Open,
		Kind: fx.ChangeKind})
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, console.Page{Title: v.T("nav.rates"), Tab: "rates",
		Lead: v.T("rates.lead"), Wide: true}, ratesPage(v, lines, held))
}

// now is the newest rate, "1 CNY = 23.39 JPY".
func (l currencyLine) now() string {
	if len(l.Days) == 0 {
		return "–"
	}
	return rateText(l.Days[len(l.Days)-1].Rate)
}

// title names the picture of a rate.
func (l currencyLine) title(v *console.Visit) string {
	return v.T("rates.chart", "currency", string(l.Currency))
}

// span is the lowest and the highest rate, in millionths.
func (l currencyLine) span() (low, high int64) {
	for i, d := range l.Days {
		if i == 0 || d.Micros < low {
			low = d.Micros
		}
		high = max(high, d.Micros)
	}
	return low, high
}

// The size of the picture of a rate, in units of its viewBox, and what is left free at its edges.
const rateWide, rateHigh, rateEdge = 600, 160, 4

// path is the line through the rates, from the lowest to the highest.
func (l currencyLine) path() string {
	low, high := l.span()
	var b strings.Builder
	for i, d := range l.Days {
		pen := "L"
		if i == 0 {
			pen = "M"
		}
		y := int64(rateHigh / 2)
		if high > low {
			y = rateHigh - rateEdge - (d.Micros-low)*(rateHigh-2*rateEdge)/(high-low)
		}
		fmt.Fprintf(&b, "%s%d %d", pen, i*rateWide/max(len(l.Days)-1, 1), y)
	}
	return b.String()
}

// facts are how fresh the rate is, and who uses it with which spread.
func (l currencyLine) facts(v *console.Visit) []console.Fact {
	fresh := v.Badge(console.Good, "", v.T("rates.fresh"))
	switch {
	case l.Stale:
		fresh = v.Badge(console.Stop, "alert", v.T("rates.stale"))
	case l.Fresh.Until.IsZero():
		fresh = v.Badge(console.Plain, "", v.T("rates.repeats"))
	}
	list := []console.Fact{
		{Name: v.T("rates.mid"), Value: console.Strong(l.now())},
		{Name: v.T("c.state"), Value: fresh},
	}
	if n := len(l.Days); n > 0 {
		list = append(list, console.Fact{Name: v.T("quote.day"),
			Value: console.Text(l.Days[n-1].Day)})
	}
	if !l.Fresh.Until.IsZero() {
		list = append(list, console.Fact{Name: v.T("rates.until"), Value: v.Time(l.Fresh.Until)})
	}
	var users []string
	for _, w := range l.Wallets {
		users = append(users, w.Issuer.Name+" +"+percentOf(w.Agreement.SpreadPPM))
	}
	return append(list, console.Fact{Name: v.T("rates.users"),
		Value: console.Text(strings.Join(users, ", "))})
}
