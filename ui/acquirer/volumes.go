package acquirer

import (
	"fmt"
	"slices"

	"github.com/a-h/templ"

	"watari/pay/party/prefecture"
	"watari/pay/report"
	"watari/ui/console"
)

// spans are the lengths of the volumes page, in days.
var spans = []int{7, 30, 90}

// volumesPage is what the bank's shops took.
type volumesPage struct {
	days       int
	byDay      []report.DayTakings
	byWallet   []named
	byCategory []named
}

// named are takings under a name.
type named struct {
	name string
	report.Takings
}

func (a *app) showVolumes(v *console.Visit) error {
	p := volumesPage{days: int(number(v.R.FormValue("days")))}
	if !slices.Contains(spans, p.days) {
		p.days = spans[1]
	}
	scope, period := report.Scope{AcquirerNo: bank(v)}, report.Days(v.Now, p.days)
	var err error
	if p.byDay, err = a.Reports.Days(v.Ctx(), scope, period); err != nil {
		return fmt.Errorf("add up by day: %w", err)
	}
	wallets, err := a.Reports.Names(v.Ctx(), report.ByWallet, 0)
	if err != nil {
		return fmt.Errorf("name the wallets: %w", err)
	}
	rows, err := a.Reports.By(v.Ctx(), scope, period, yen, report.ByWallet)
	if err != nil {
		return fmt.Errorf("add up by wallet: %w", err)
	}
	for _, r := range rows {
		if r.No(0) != 0 {
			p.byWallet = append(p.byWallet, named{wallets[r.No(0)].In(string(v.Lang)),
				r.Takings})
		}
	}
	if rows, err = a.Reports.By(v.Ctx(), scope, period, yen, report.ByCategory); err != nil {
		return fmt.Errorf("add up by category: %w", err)
	}
	for _, r := range rows {
		p.byCategory = append(p.byCategory, named{category(v, r.Keys[0]), r.Takings})
	}
	largest(p.byWallet)
	largest(p.byCategory)
	frame := page(v.T("vol.title"), "volumes")
	frame.Wide = true
	return show(v, frame, volumes(v, p))
}

// largest puts the largest takings first.
func largest(list []named) {
	slices.SortStableFunc(list, func(a, b named) int {
		return int(min(1, max(-1, b.SoldMinor-a.SoldMinor)))
	})
}

func (p volumesPage) total() (t report.Takings) {
	for _, d := range p.byDay {
		t = t.Plus(d.Takings)
	}
	return t
}

func (p volumesPage) tabs(v *console.Visit) []console.Tab {
	list := make([]console.Tab, len(spans))
	for i, n := range spans {
		list[i] = console.Tab{Text: v.T("vol.days", "n", n), On: n == p.days,
			Href: link("volumes") + "?days=" + itoa(int64(n))}
	}
	return list
}

func (p volumesPage) stats(v *console.Visit) []console.Stat {
	t := p.total()
	average := "–"
	if t.Sales > 0 {
		average = yenText(v, (t.SoldMinor+t.Sales/2)/t.Sales)
	}
	return []console.Stat{
		{Label: v.T("vol.taken"), Value: yenText(v, t.SoldMinor),
			Note: v.N("n.payments", t.Sales)},
		{Label: v.T("vol.refunded"), Value: yenText(v, t.RefundedMinor),
			Note: v.N("n.refunds", t.Refunds)},
		{Label: v.T("vol.net"), Value: yenText(v, t.NetMinor())},
		{Label: v.T("vol.average"), Value: average}, rateStat(v, "vol.rate", t),
	}
}

// shares lists takings by name, each with its share of all as a bar.
func shares(v *console.Visit, caption, head string, list []named) console.Table {
	all := int64(0)
	for _, n := range list {
		all += n.SoldMinor
	}
	t := console.Table{Caption: caption, Columns: []console.Column{
		{Title: head, Main: true}, {Title: v.T("vol.taken"), Number: true},
		{Title: v.T("word.share")}, {Title: v.T("word.payments"), Number: true},
		{Title: v.T("vol.refunded"), Number: true}, {Title: v.T("vol.rate"), Number: true}},
		Empty: console.Empty{Icon: "chart", Title: v.T("vol.empty")}}
	for _, n := range list {
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{console.Text(n.name),
			console.Text(yenText(v, n.SoldMinor)), share(v, n.SoldMinor, all),
			console.Text(v.Number(n.Sales)), console.Text(yenText(v, n.RefundedMinor)),
			console.Text(v.Percent(n.Sales, n.Sales+n.Declined))}})
	}
	return t
}

// mapPage is the bank's shops on the map.
type mapPage struct {
	by      string // shops, taken or payments
	shops   map[string]report.ShopCount
	takes   map[string]report.Takings
	nowhere int64 // shops whose prefecture is not known
}

// measures are what the map can be shaded by.
var measures = []string{"shops", "taken", "payments"}

func (a *app) showMap(v *console.Visit) error {
	p := mapPage{by: v.R.FormValue("by"), takes: map[string]report.Takings{}}
	if !slices.Contains(measures, p.by) {
		p.by = measures[0]
	}
	var err error
	if p.shops, err = a.Reports.ShopCounts(v.Ctx(), bank(v)); err != nil {
		return fmt.Errorf("count shops: %w", err)
	}
	rows, err := a.Reports.By(v.Ctx(), report.Scope{AcquirerNo: bank(v)},
		report.Days(v.Now, chartDays), yen, report.ByPrefecture)
	if err != nil {
		return fmt.Errorf("add up by prefecture: %w", err)
	}
	for _, r := range rows {
		p.takes[r.Keys[0]] = r.Takings
	}
	p.nowhere = p.shops[""].Open + p.shops[""].Suspended
	frame := page(v.T("map.title"), "map")
	frame.Lead, frame.Wide = v.T("map.text"), true
	return show(v, frame, shopMap(v, p))
}

func (p mapPage) tabs(v *console.Visit) []console.Tab {
	list := make([]console.Tab, len(measures))
	for i, m := range measures {
		list[i] = console.Tab{Text: v.T("map." + m), On: m == p.by,
			Href: link("map") + "?by=" + m}
	}
	return list
}

// value is what a prefecture is shaded by, and how it reads.
func (p mapPage) value(v *console.Visit, code string) (int64, string) {
	switch p.by {
	case "taken":
		n := p.takes[code].SoldMinor
		return n, yenText(v, n)
	case "payments":
		n := p.takes[code].Sales
		return n, v.N("n.payments", n)
	}
	n := p.shops[code].Open + p.shops[code].Suspended
	return n, v.N("n.shops", n)
}

func (p mapPage) picture(v *console.Visit) console.JapanMap {
	m := console.JapanMap{Title: v.T("map."+p.by) + " · " + v.T("map.title"),
		NameTitle: v.T("word.prefecture"), ValueTitle: v.T("map." + p.by),
		Values: map[string]console.PrefectureValue{}}
	for _, at := range prefecture.All() {
		n, text := p.value(v, at.Code)
		if n == 0 && p.shops[at.Code] == (report.ShopCount{}) {
			continue
		}
		m.Values[at.Code] = console.PrefectureValue{Value: n, Shown: text,
			Href: link("shops") + "?prefecture=" + at.Code}
	}
	return m
}

// top lists the prefectures with the most.
func (p mapPage) top(v *console.Visit) console.Table {
	type place struct {
		code, text string
		n          int64
	}
	var list []place
	for _, at := range prefecture.All() {
		if n, text := p.value(v, at.Code); n > 0 {
			list = append(list, place{at.Code, text, n})
		}
	}
	slices.SortStableFunc(list, func(a, b place) int {
		return int(min(1, max(-1, b.n-a.n)))
	})
	t := console.Table{Caption: v.T("map.top"), Columns: []console.Column{
		{Title: v.T("word.prefecture"), Main: true},
		{Title: v.T("map." + p.by), Number: true}},
		Empty: console.Empty{Icon: "map", Title: v.T("map.empty")}}
	for _, at := range list[:min(topMost, len(list))] {
		t.Rows = append(t.Rows, console.Row{Href: link("shops") + "?prefecture=" + at.code,
			Cells: []templ.Component{console.Text(v.Prefecture(at.code)),
				console.Text(at.text)}})
	}
	return t
}

const topMost = 12
