package merchant

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"watari/pay/report"
	"watari/ui/console"
)

// scale is how long one bar of the takings is.
type scale string

// The scales, and what one page of each shows.
const (
	byDay   scale = "day"   // the days of a month
	byWeek  scale = "week"  // thirteen weeks, which begin on Mondays
	byMonth scale = "month" // the months of a year
)

// weeks is how many weeks a page shows: a quarter.
const weeks = 13

// slot is one bar: a day, a week or a month.
type slot struct {
	from, until  time.Time
	label, short string
	report.Takings
}

// takingsScreen is what was taken in a span of time, and how it came about.
type takingsScreen struct {
	place
	scale         scale
	title         string
	slots         []slot
	total         report.Takings
	wallets       []share
	shares        []share // by store
	before, after string  // addresses of the spans beside; after is "" for what has not begun
	now           time.Time
}

// span is the months, weeks or days of one page.
type span struct{ from, until time.Time }

func (a *app) showTakings(v *console.Visit) error {
	s, err := a.takingsOf(v)
	if err != nil {
		return err
	}
	p := console.Page{Title: v.T("takings.title"), Tab: "takings", Wide: true,
		Actions: []console.Action{{Text: v.T("csv"), Icon: "down", Download: true,
			Href: query("/merchant/takings.csv", "by", string(s.scale), "at",
				v.R.Form.Get("at"), "store", s.chosen)}}}
	return v.Show(http.StatusOK, p, takingsPage(v, s))
}

// spanOf reads the scale and the span of an address: by, and at, a day within it.
func spanOf(v *console.Visit) (scale, span) {
	at := dayIn(v, "at")
	if today := midnight(v.Now); at.IsZero() || at.After(today) {
		at = today
	}
	switch by := scale(v.R.Form.Get("by")); by {
	case byMonth:
		from := time.Date(at.Year(), 1, 1, 0, 0, 0, 0, at.Location())
		return by, span{from, from.AddDate(1, 0, 0)}
	case byWeek:
		until := monday(at).AddDate(0, 0, 7)
		return by, span{until.AddDate(0, 0, -7*weeks), until}
	}
	from := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, at.Location())
	return byDay, span{from, from.AddDate(0, 1, 0)}
}

// monday is the day on which the week of a day began.
func monday(day time.Time) time.Time {
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// next is when the bar that begins at a time ends.
func (by scale) next(t time.Time) time.Time {
	switch by {
	case byMonth:
		return t.AddDate(0, 1, 0)
	case byWeek:
		return t.AddDate(0, 0, 7)
	}
	return t.AddDate(0, 0, 1)
}

func (a *app) takingsOf(v *console.Visit) (s takingsScreen, err error) {
	if s.place, err = a.placeOf(v); err != nil {
		return s, err
	}
	var sp span
	s.scale, sp = spanOf(v)
	s.now = v.Now
	period := report.Period{From: sp.from, Until: sp.until}
	days, err := a.Reports.Days(v.Ctx(), s.scope, period)
	if err != nil {
		return s, err
	}
	s.slots = slotsOf(v, s.scale, sp, days)
	for _, one := range s.slots {
		s.total = s.total.Plus(one.Takings)
	}
	if s.wallets, err = a.byWallet(v, s.scope, period); err != nil {
		return s, err
	}
	if s.many() && s.chosen == "" {
		if s.shares, err = a.byStore(v, s.place, period); err != nil {
			return s, err
		}
	}
	s.title = spanTitle(v, s.scale, sp)
	s.before = v.Here("at", sp.from.AddDate(0, 0, -1).Format(time.DateOnly))
	if sp.until.Before(v.Now) {
		// The last day of the span after this one is in it, whatever the scale.
		last := s.scale.after(sp).AddDate(0, 0, -1)
		s.after = v.Here("at", last.Format(time.DateOnly))
	}
	return s, nil
}

// after is when the span after one ends.
func (by scale) after(sp span) time.Time {
	switch by {
	case byMonth:
		return sp.until.AddDate(1, 0, 0)
	case byWeek:
		return sp.until.AddDate(0, 0, 7*weeks)
	}
	return sp.until.AddDate(0, 1, 0)
}

// slotsOf puts days into the bars of a span.
func slotsOf(v *console.Visit, by scale, sp span, days []report.DayTakings) (list []slot) {
	for from := sp.from; from.Before(sp.until); from = by.next(from) {
		s := slot{from: from, until: by.next(from)}
		s.label, s.short = slotName(v, by, from)
		for _, d := range days {
			if !d.Day.Before(s.from) && d.Day.Before(s.until) {
				s.Takings = s.Takings.Plus(d.Takings)
			}
		}
		list = append(list, s)
	}
	return list
}

// slotName is what a bar is called, in full and in short.
func slotName(v *console.Visit, by scale, from time.Time) (label, short string) {
	switch by {
	case byMonth:
		m := strconv.Itoa(int(from.Month()))
		return v.T("month", "year", strconv.Itoa(from.Year()), "month", monthName(v, from)), m
	case byWeek:
		return v.T("days", "from", v.Lang.Day(from), "to", v.Lang.Day(from.AddDate(0, 0, 6))),
			strconv.Itoa(int(from.Month())) + "/" + strconv.Itoa(from.Day())
	}
	return v.Lang.Day(from), strconv.Itoa(from.Day())
}

// monthName is the name of a month, or its number where months have none.
func monthName(v *console.Visit, t time.Time) string {
	return v.T("month." + strconv.Itoa(int(t.Month())))
}

// spanTitle says in words what a page shows.
func spanTitle(v *console.Visit, by scale, sp span) string {
	switch by {
	case byMonth:
		return v.T("year", "year", strconv.Itoa(sp.from.Year()))
	case byWeek:
		return v.T("days", "from", v.Lang.Day(sp.from),
			"to", v.Lang.Day(sp.until.AddDate(0, 0, -1)))
	}
	return v.T("month", "year", strconv.Itoa(sp.from.Year()), "month", monthName(v, sp.from))
}

// byWallet is what came by each wallet, the most first.
func (a *app) byWallet(
	v *console.Visit, scope report.Scope, period report.Period,
) (list []share, err error) {
	rows, err := a.Reports.By(v.Ctx(), scope, period, "", report.ByWallet)
	if err != nil {
		return nil, err
	}
	names, err := a.Reports.Names(v.Ctx(), report.ByWallet, 0)
	for _, r := range rows {
		if r.Sales+r.Refunds == 0 {
			continue
		}
		s := share{name: names[r.No(0)].Name, Takings: r.Takings}
		at := len(list)
		for at > 0 && list[at-1].NetMinor() < s.NetMinor() {
			at--
		}
		list = append(list[:at], append([]share{s}, list[at:]...)...)
	}
	return list, err
}

// chart is the takings as bars.
func (s takingsScreen) chart(v *console.Visit) console.BarChart {
	c := console.BarChart{Title: v.T("takings.chart", "span", s.title),
		LabelTitle: v.T("takings.by." + string(s.scale)), ValueTitle: v.T("figure.sold")}
	for _, one := range s.slots {
		c.Bars = append(c.Bars, console.Bar{Label: one.label, Short: one.short,
			Value: one.SoldMinor, Shown: yen(v, one.SoldMinor),
			Now: !s.now.Before(one.from) && s.now.Before(one.until)})
	}
	return c
}

// table is the takings in figures, the newest first. What has not come yet is left out.
func (s takingsScreen) table(v *console.Visit) console.Table {
	t := console.Table{Caption: s.title, Brief: true, Columns: []console.Column{
		{Title: v.T("takings.by." + string(s.scale)), Main: true},
		{Title: v.T("figure.sold"), Number: true}, {Title: v.T("figure.sales"), Number: true},
		{Title: v.T("figure.refunded"), Number: true},
		{Title: v.T("figure.fees"), Number: true, Small: true},
		{Title: v.T("figure.due"), Number: true, Small: true}},
		Empty: console.Empty{Icon: "chart", Title: v.T("takings.none"),
			Text: v.T("takings.none.text")}}
	for i := len(s.slots) - 1; i >= 0; i-- {
		one := s.slots[i]
		if one.Takings == (report.Takings{}) {
			continue
		}
		t.Rows = append(t.Rows, console.Row{Href: s.lists(one), Cells: []templ.Component{
			console.Text(one.label), console.Text(yen(v, one.SoldMinor)),
			console.Text(v.N("today.count", one.Sales)), console.Text(less(v, one.RefundedMinor)),
			console.Text(less(v, one.FeesMinor)), console.Strong(yen(v, one.DueMinor()))}})
	}
	return t
}

// lists is the address of the payments of a bar.
func (s takingsScreen) lists(one slot) string {
	return query("/merchant/payments", "from", one.from.Format(time.DateOnly), "to",
		one.until.AddDate(0, 0, -1).Format(time.DateOnly), "store", s.chosen)
}

// scales are the tabs from one scale to another.
func (s takingsScreen) scales(v *console.Visit) (tabs []console.Tab) {
	for _, by := range []scale{byDay, byWeek, byMonth} {
		tabs = append(tabs, console.Tab{Text: v.T("takings.by." + string(by)),
			Href: v.Here("by", string(by)), On: s.scale == by})
	}
	return tabs
}

// downloadTakings is every day of the span, for a book-keeper.
func (a *app) downloadTakings(v *console.Visit) error {
	p, err := a.placeOf(v)
	if err != nil {
		return err
	}
	_, sp := spanOf(v)
	days, err := a.Reports.Days(v.Ctx(), p.scope, report.Period{From: sp.from, Until: sp.until})
	if err != nil {
		return err
	}
	var head []string
	for _, c := range []string{"date", "currency", "sales", "sold", "refunds", "refunded", "net",
		"fee", "due"} {
		head = append(head, v.T("csv."+c))
	}
	out, err := newSheet(v, fileName("takings", sp.from, sp.until.AddDate(0, 0, -1)), head...)
	for i := 0; err == nil && i < len(days); i++ {
		d := days[i]
		if d.Day.After(v.Now) {
			break
		}
		err = out.row(d.Day.Format(time.DateOnly), "JPY", number(d.Sales), number(d.SoldMinor),
			number(d.Refunds), number(d.RefundedMinor), number(d.NetMinor()),
			number(d.FeesMinor), number(d.DueMinor()))
	}
	if err == nil {
		_ = out.flush()
	}
	return nil // what is wrong now is that the browser has gone
}
