package merchant

import (
	"net/http"
	"strconv"

	"watari/pay/report"
	"watari/ui/console"
)

// lastMax is how many payments the first page shows.
const lastMax = 8

// todayScreen is what was taken today.
type todayScreen struct {
	place
	total  report.Takings
	before report.Takings // of the same hours yesterday
	hours  console.BarChart
	last   []report.Line
	shares []share // by store, when there are several and none is chosen
}

// share is what a part of the shop took.
type share struct {
	name, href string
	report.Takings
}

func (a *app) showToday(v *console.Visit) error {
	s, err := a.todayOf(v)
	if err != nil {
		return err
	}
	p := console.Page{Title: v.T("today.title"), Tab: "today", Lead: v.Lang.Day(v.Now)}
	if a.Park != nil {
		runs, err := a.Park(v.Ctx(), v.Caller)
		if err != nil {
			return err
		}
		if runs {
			p.Actions = []console.Action{{Text: v.T("park"), Icon: "ticket", Href: "/park"}}
		}
	}
	return v.Show(http.StatusOK, p, todayPage(v, s))
}

func (a *app) todayOf(v *console.Visit) (s todayScreen, err error) {
	if s.place, err = a.placeOf(v); err != nil {
		return s, err
	}
	today := report.Day(v.Now)
	if s.total, err = a.Reports.Total(v.Ctx(), s.scope, today); err != nil {
		return s, err
	}
	yesterday := report.Period{From: today.From.AddDate(0, 0, -1),
		Until: v.Now.AddDate(0, 0, -1)}
	if !isCashier(v) {
		if s.before, err = a.Reports.Total(v.Ctx(), s.scope, yesterday); err != nil {
			return s, err
		}
	}
	hours, err := a.Reports.Hours(v.Ctx(), s.scope, v.Now)
	if err != nil {
		return s, err
	}
	s.hours = hourChart(v, hours)
	if s.last, _, err = a.Reports.Search(v.Ctx(), report.Query{Scope: s.scope, Period: today,
		Limit: lastMax}); err != nil {
		return s, err
	}
	if s.many() && s.chosen == "" {
		s.shares, err = a.byStore(v, s.place, today)
	}
	return s, err
}

// hourChart is what each hour of the day sold, from an hour before the first sale, at nine at the
// latest, to the hour that runs.
func hourChart(v *console.Visit, hours [24]report.Takings) console.BarChart {
	now := v.Now.In(midnight(v.Now).Location()).Hour()
	first, last := min(9, now), max(now, 18)
	for h, t := range hours {
		if t.SoldMinor > 0 {
			first, last = min(first, h), max(last, h)
		}
	}
	c := console.BarChart{Title: v.T("today.hours"), LabelTitle: v.T("today.hour"),
		ValueTitle: v.T("figure.sold")}
	for h := first; h <= last; h++ {
		c.Bars = append(c.Bars, console.Bar{Label: strconv.Itoa(h) + ":00",
			Short: strconv.Itoa(h), Value: hours[h].SoldMinor, Shown: yen(v, hours[h].SoldMinor),
			Now: h == now})
	}
	return c
}

// byStore is what each store took in a period, in the order of the stores.
func (a *app) byStore(
	v *console.Visit, p place, period report.Period,
) (list []share, err error) {
	rows, err := a.Reports.By(v.Ctx(), p.scope, period, "", report.ByStore)
	if err != nil {
		return nil, err
	}
	took := map[int64]report.Takings{}
	for _, r := range rows {
		took[r.No(0)] = r.Takings
	}
	for _, st := range p.stores {
		list = append(list, share{name: st.In(string(v.Lang)), Takings: took[st.No],
			href: v.Here("store", strconv.FormatInt(st.No, 10))})
	}
	return list, nil
}

// compared says how today compares with yesterday at the same hour.
func (s todayScreen) compared(v *console.Visit) string {
	was, is := s.before.NetMinor(), s.total.NetMinor()
	switch {
	case isCashier(v) || was == 0 && is == 0:
		return ""
	case is > was:
		return v.T("today.more", "amount", yen(v, is-was))
	case is < was:
		return v.T("today.less", "amount", yen(v, was-is))
	}
	return v.T("today.same")
}
