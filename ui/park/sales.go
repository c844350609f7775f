package park

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"watari/ui/console"
	"watari/visit/order"

	parks "watari/visit/park"
)

// axes are what sales are taken apart by.
var axes = []string{"day", "slot", "product", "channel", "unit"}

// salesScreen is what was sold for the days of a period.
type salesScreen struct {
	from, to string
	by       string
	products []parks.Product
	rows     []parks.SalesRow // one for each value of by
	total    parks.SalesRow
	funders  []funder
}

// funder is who gave a discount, and how much of it.
type funder struct {
	who, rule    string
	minor, lines int64
}

// salesMax is the longest period, in days.
const salesMax = 366

func (a *app) showSales(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s, err := a.salesOf(v, p)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("sales.title"), Tab: "sales", Wide: true,
		Lead: v.T("sales.lead"), Actions: []console.Action{{Text: v.T("csv"), Icon: "down",
			Download: true, Href: query("/park/sales.csv", "from", s.from, "to", s.to,
				"product", v.R.FormValue("product"), "channel", v.R.FormValue("channel"),
				"unit", v.R.FormValue("unit"), "slot", v.R.FormValue("slot"))}}}
	return v.Show(http.StatusOK, page, salesPage(v, s))
}

// twoWeeks is how far reports reach unless the address says, in days beside today.
const twoWeeks = 13

// period reads the days of a report: the last two weeks, and so many days to come, unless the
// address says.
func period(v *console.Visit, ahead int) (from, to string) {
	now := today(v)
	from, to = dayIn(v, "from", addDays(now, -twoWeeks)), dayIn(v, "to", addDays(now, ahead))
	if to < from {
		from, to = to, from
	}
	if last := addDays(from, salesMax-1); to > last {
		to = last
	}
	return from, to
}

// rowsOf reads what was sold, as far as it passes the filter of the address.
func (a *app) rowsOf(v *console.Visit, p parks.Park, from, to string) (parks.SalesReport, error) {
	all, err := a.Parks.Sales(v.Ctx(), parks.SalesQuery{ParkID: p.ID, From: from, To: to})
	if err != nil {
		return all, err
	}
	is := func(name, value string) bool {
		wanted := v.R.FormValue(name)
		return wanted == "" || wanted == value
	}
	all.Rows = slices.DeleteFunc(all.Rows, func(r parks.SalesRow) bool {
		return !is("product", r.Product) || !is("channel", r.Channel) ||
			!is("unit", string(r.Unit)) || !is("slot", r.Slot)
	})
	return all, nil
}

// filtered says whether the address asks for a part only.
func filtered(v *console.Visit) bool {
	for _, name := range []string{"product", "channel", "unit", "slot"} {
		if v.R.FormValue(name) != "" {
			return true
		}
	}
	return false
}

func (a *app) salesOf(v *console.Visit, p parks.Park) (s salesScreen, err error) {
	s.from, s.to = period(v, twoWeeks)
	if s.by = v.R.FormValue("by"); !slices.Contains(axes, s.by) {
		s.by = "day"
	}
	if s.products, err = a.Parks.Products(v.Ctx(), p.ID); err != nil {
		return s, err
	}
	all, err := a.rowsOf(v, p, s.from, s.to)
	if err != nil {
		return s, err
	}
	sums := map[string]*parks.SalesRow{}
	for _, r := range all.Rows {
		key := axisValue(s.by, r)
		if sums[key] == nil {
			sums[key] = &parks.SalesRow{Day: r.Day, Slot: r.Slot, Product: r.Product,
				Channel: r.Channel, Unit: r.Unit}
		}
		sums[key].Add(r)
		s.total.Add(r)
	}
	for _, r := range sums {
		s.rows = append(s.rows, *r)
	}
	slices.SortFunc(s.rows, func(x, y parks.SalesRow) int {
		return cmp.Compare(axisValue(s.by, x), axisValue(s.by, y))
	})
	s.funders, err = a.fundersOf(v, p, all.Funders)
	return s, err
}

// axisValue is the value of a row on an axis.
func axisValue(by string, r parks.SalesRow) string {
	switch by {
	case "slot":
		return r.Slot
	case "product":
		return r.Product
	case "channel":
		return r.Channel
	case "unit":
		return string(r.Unit)
	}
	return r.Day
}

// fundersOf names who gave discounts, the most first.
func (a *app) fundersOf(
	v *console.Visit, p parks.Park, rows []parks.FunderRow,
) (list []funder, err error) {
	names, err := a.Parks.RuleNames(v.Ctx(), p.ID)
	if err != nil {
		return nil, err
	}
	wallets, err := a.walletNames(v)
	for _, r := range rows {
		f := funder{who: v.T("funder.park"), rule: names[r.Rule].In(v.Lang), minor: r.Minor,
			lines: r.Lines}
		if f.rule == "" {
			f.rule = r.Rule
		}
		if r.Kind == order.FundedByWallet {
			f.who = wallets[r.IssuerNo]
		}
		list = append(list, f)
	}
	slices.SortStableFunc(list, func(x, y funder) int { return cmp.Compare(y.minor, x.minor) })
	return list, err
}

// walletNames are the names of wallets by their numbers.
func (a *app) walletNames(v *console.Visit) (map[int64]string, error) {
	all, err := a.Wallets(v.Ctx())
	names := map[int64]string{}
	for _, w := range all {
		names[w.No] = w.Name
	}
	return names, err
}

// label names a row on the axis of the page.
func (s salesScreen) label(v *console.Visit, r parks.SalesRow) string {
	switch s.by {
	case "slot":
		if r.Slot == "" {
			return v.T("slot.none")
		}
		return r.Slot
	case "product":
		return nameOr(productNames(v, s.products), r.Product)
	case "channel":
		return channelName(v, r.Channel)
	case "unit":
		return r.Unit.Name(v.Lang)
	}
	return dayName(v, r.Day)
}

func (s salesScreen) stats(v *console.Visit) []console.Stat {
	t := s.total
	return []console.Stat{
		{Label: v.T("figure.sold"), Value: v.Number(t.Sold)},
		{Label: v.T("figure.redeemed"), Value: v.Number(t.Redeemed),
			Note: v.Percent(t.Redeemed, t.Sold)},
		{Label: v.T("figure.no_show"), Value: v.Number(t.NoShow), Note: v.Percent(t.NoShow, t.Sold)},
		{Label: v.T("figure.refunded"), Value: v.Number(t.Refunded), Note: yen(v, t.Returned)},
		{Label: v.T("figure.net"), Value: yen(v, t.Net())}}
}

// chart is what was sold along the axis, in people.
func (s salesScreen) chart(v *console.Visit) console.BarChart {
	c := console.BarChart{Title: v.T("sales.chart"), LabelTitle: v.T("axis." + s.by),
		ValueTitle: v.T("figure.net")}
	for _, r := range s.whole() {
		label := s.label(v, r)
		short := label
		if s.by == "day" {
			short = strconv.Itoa(parks.At(r.Day, noon).Day())
		}
		c.Bars = append(c.Bars, console.Bar{Label: label, Short: short, Value: max(r.Net(), 0),
			Shown: yen(v, r.Net()), Now: s.by == "day" && r.Day == today(v)})
	}
	return c
}

// whole are the rows of the chart: between two days those on which nothing was sold, too.
func (s salesScreen) whole() []parks.SalesRow {
	if s.by != "day" || len(s.rows) == 0 {
		return s.rows
	}
	var out []parks.SalesRow
	next := s.rows[0].Day
	for _, r := range s.rows {
		for ; next < r.Day; next = addDays(next, 1) {
			out = append(out, parks.SalesRow{Day: next})
		}
		out = append(out, r)
		next = addDays(r.Day, 1)
	}
	return out
}

func (s salesScreen) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("sales.title"), Columns: []console.Column{
		{Title: v.T("axis." + s.by), Main: true}, {Title: v.T("figure.sold"), Number: true},
		{Title: v.T("figure.redeemed"), Number: true, Small: true},
		{Title: v.T("figure.no_show"), Number: true, Small: true},
		{Title: v.T("figure.refunded"), Number: true, Small: true},
		{Title: v.T("figure.wallet"), Number: true, Small: true},
		{Title: v.T("figure.place"), Number: true, Small: true},
		{Title: v.T("figure.net"), Number: true}},
		Empty: console.Empty{Icon: "chart", Title: v.T("sales.none"),
			Text: v.T("sales.none.text")}}
	for _, r := range s.rows {
		t.Rows = append(t.Rows, console.Row{Cells: []templ.Component{
			console.Text(s.label(v, r)), console.Text(v.Number(r.Sold)),
			console.Text(v.Number(r.Redeemed)), console.Text(v.Number(r.NoShow)),
			console.Text(v.Number(r.Refunded)), console.Text(yen(v, r.Wallet)),
			console.Text(yen(v, r.Place)), console.Strong(yen(v, r.Net()))}})
	}
	return t
}

func (s salesScreen) fundersTable(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("funders.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("c.discount"), Main: true}, {Title: v.T("c.amount"), Number: true},
		{Title: v.T("c.funder")}, {Title: v.T("c.tickets"), Number: true}}}
	for _, f := range s.funders {
		t.Rows = append(t.Rows, console.Row{Cells: cells(f.rule, yen(v, f.minor), f.who,
			v.N("count.tickets", f.lines))})
	}
	return t
}

// tabs lead from one axis to another.
func (s salesScreen) tabs(v *console.Visit) (list []console.Tab) {
	for _, by := range axes {
		list = append(list, console.Tab{Text: v.T("axis." + by), Href: v.Here("by", by),
			On: by == s.by})
	}
	return list
}

// slots are the slots of all products, to choose from.
func (s salesScreen) slots(v *console.Visit) []console.Option {
	list := []console.Option{{Label: v.T("slot.all")}}
	known := map[string]bool{}
	for _, p := range s.products {
		for _, one := range p.Slots {
			if !known[one.Code] {
				known[one.Code] = true
				list = append(list, console.Option{Value: one.Code, Label: one.Code})
			}
		}
	}
	slices.SortFunc(list[1:], func(x, y console.Option) int {
		return cmp.Compare(x.Value, y.Value)
	})
	return list
}

// downloadSales is every row of the report, for a spreadsheet.
func (a *app) downloadSales(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	from, to := period(v, twoWeeks)
	all, err := a.rowsOf(v, p, from, to)
	if err != nil {
		return err
	}
	products, err := a.Parks.Products(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	names := productNames(v, products)
	head := []string{v.T("axis.day"), v.T("axis.slot"), v.T("csv.code"), v.T("axis.product"),
		v.T("axis.channel"), v.T("axis.unit"), v.T("figure.sold"), v.T("figure.redeemed"),
		v.T("figure.no_show"), v.T("figure.refunded"), v.T("figure.list"), v.T("figure.paid"),
		v.T("figure.wallet"), v.T("figure.place"), v.T("figure.returned"), v.T("figure.fees"),
		v.T("figure.net")}
	rows := [][]string{head}
	for _, r := range all.Rows {
		row := []string{r.Day, plain(r.Slot), plain(r.Product), plain(nameOr(names, r.Product)),
			plain(channelName(v, r.Channel)), plain(r.Unit.Name(v.Lang))}
		for _, n := range []int64{r.Sold, r.Redeemed, r.NoShow, r.Refunded, r.List, r.Paid,
			r.Wallet, r.Place, r.Returned, r.Fees, r.Net()} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		rows = append(rows, row)
	}
	return sheet(v, "watari-park-"+from+"-"+to+".csv", rows)
}
