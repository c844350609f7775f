package park

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"watari/ui/console"
	"watari/visit/order"
	"watari/visit/park/queue"

	parks "watari/visit/park"
	gates "watari/visit/park/gate"
)

// todayScreen is how the park is doing now.
type todayScreen struct {
	choice   []parks.Park // when there are several
	chosen   string
	day      string
	inside   gates.Occupancy
	hours    []gates.Hour
	waits    []queue.Wait
	sold     parks.SalesRow // for today; nothing for cashiers (R2)
	closed   *parks.Day     // when the park does not open today
	working  []parks.Closure
	clashes  int64
	owed     owedSum // to visitors, by refunds that failed
	mayMoney bool
}

func (a *app) showToday(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s, err := a.todayOf(v, p)
	if err != nil {
		return err
	}
	page := console.Page{Title: v.T("today.title"), Tab: "today", Wide: true,
		Lead: p.Name.In(v.Lang) + " · " + dayName(v, s.day)}
	return v.Show(http.StatusOK, page, todayPage(v, s))
}

func (a *app) todayOf(v *console.Visit, p parks.Park) (s todayScreen, err error) {
	s.day, s.chosen, s.mayMoney = today(v), p.ID, v.May(keepers...)
	if s.choice, err = a.parksOf(v.Ctx(), v.Caller); err != nil {
		return s, err
	}
	if s.inside, err = a.Gates.Occupancy(v.Ctx(), p.ID); err != nil {
		return s, err
	}
	if s.hours, err = a.Gates.Hours(v.Ctx(), p.ID, s.day); err != nil {
		return s, err
	}
	if s.waits, err = a.Queues.Live(v.Ctx(), p.ID); err != nil {
		return s, err
	}
	slices.SortStableFunc(s.waits, func(a, b queue.Wait) int { return longest(b) - longest(a) })
	days, err := a.Parks.Days(v.Ctx(), p.ID, s.day, s.day)
	if err != nil {
		return s, err
	}
	if len(days) == 1 && days[0].Closed {
		s.closed = &days[0]
	}
	if !s.mayMoney {
		return s, nil
	}
	return s, a.todayMoney(v, p, &s)
}

// todayMoney adds what only those see who run the park.
func (a *app) todayMoney(v *console.Visit, p parks.Park, s *todayScreen) error {
	sales, err := a.Parks.Sales(v.Ctx(), parks.SalesQuery{ParkID: p.ID, From: s.day, To: s.day})
	if err != nil {
		return err
	}
	for _, r := range sales.Rows {
		s.sold.Add(r)
	}
	closures, err := a.Parks.Closures(v.Ctx(), p.ID)
	if err != nil {
		return err
	}
	for _, c := range closures {
		if isWorking(c) {
			s.working = append(s.working, c)
		}
	}
	clashes, err := a.Gates.Clashes(v.Ctx(), p.ID, s.day)
	if err != nil {
		return err
	}
	s.clashes = int64(len(clashes))
	s.owed, err = a.owedOf(v, p)
	return err
}

// isWorking says that a closure still gives back.
func isWorking(c parks.Closure) bool {
	return c.Mass.State == order.MassRunning || c.Mass.Waiting > 0
}

// longest orders waits: what is not known comes after all that is, what is shut last.
func longest(w queue.Wait) int {
	switch {
	case w.State != queue.Operating:
		return -2
	case w.Minutes == nil:
		return -1
	}
	return int(*w.Minutes)
}

// stats are the first figures.
func (s todayScreen) stats(v *console.Visit) []console.Stat {
	inside := v.Number(s.inside.Now)
	note := v.N("today.entered", s.inside.Entered)
	if s.inside.Exits == 0 {
		note = v.T("today.no_exits")
	}
	list := []console.Stat{{Label: v.T("today.inside"), Value: inside, Note: note},
		{Label: v.T("today.entries"), Value: v.Number(s.inside.Entered), Href: "/park/gates"}}
	if s.mayMoney {
		list = append(list,
			console.Stat{Label: v.T("today.sold"), Value: v.Number(s.sold.Sold),
				Note: v.T("today.redeemed", "n", v.Number(s.sold.Redeemed)), Href: "/park/sales"},
			console.Stat{Label: v.T("figure.net"), Value: yen(v, s.sold.Net()),
				Note: v.T("today.net.note"), Href: "/park/sales"})
	}
	return list
}

// entries are the people who came in, hour by hour.
func entriesChart(v *console.Visit, hours []gates.Hour) console.BarChart {
	c := console.BarChart{Title: v.T("entries.chart"), LabelTitle: v.T("c.hour"),
		ValueTitle: v.T("entries.people")}
	sums := map[int64]int64{}
	var first, last time.Time
	for _, h := range hours {
		sums[h.From.Unix()] += h.First + h.Again
		if first.IsZero() || h.From.Before(first) {
			first = h.From
		}
		if h.From.After(last) {
			last = h.From
		}
	}
	for at := first; len(sums) > 0 && !at.After(last); at = at.Add(time.Hour) {
		label, n := v.Lang.Time(at), sums[at.Unix()] // an hour in which nobody came is one, too
		c.Bars = append(c.Bars, console.Bar{Label: label, Short: label[:2], Value: n,
			Shown: v.Number(n), Now: !v.Now.Before(at) && v.Now.Sub(at) < time.Hour})
	}
	return c
}

// entered says whether anybody came.
func entered(hours []gates.Hour) bool {
	return slices.ContainsFunc(hours, func(h gates.Hour) bool { return h.First+h.Again > 0 })
}

// waitsTable is how long people wait; rows lead to the queue when the reader may post there.
func waitsTable(v *console.Visit, waits []queue.Wait) console.Table {
	t := console.Table{Caption: v.T("waits.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("c.place"), Main: true}, {Title: v.T("c.wait"), Number: true},
		{Title: v.T("c.state")}, {Title: v.T("c.seen"), Small: true}},
		Empty: console.Empty{Icon: "wait", Title: v.T("waits.none"),
			Text: v.T("waits.none.text")}}
	for _, w := range waits {
		row := console.Row{Cells: []templ.Component{console.Text(w.Place.Name.In(v.Lang)),
			console.Strong(waitText(v, w)), stateBadge(v, w.State), seen(v, w)}}
		if v.May(keepers...) {
			row.Href = "/park/queues/" + w.Place.ID
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// seen says what a wait rests on, and when that was seen.
func seen(v *console.Visit, w queue.Wait) templ.Component {
	switch {
	case w.Shut:
		return console.Text(v.T("source.map"))
	case w.ObservedAt.IsZero():
		return console.Text("")
	case w.Source == queue.FromNowhere:
		return console.Text(v.Lang.Time(w.ObservedAt))
	}
	return console.Two(v.Lang.Time(w.ObservedAt), v.T("source."+string(w.Source)))
}

// waitText is the wait of a place in words.
func waitText(v *console.Visit, w queue.Wait) string {
	switch {
	case w.State != queue.Operating:
		return "–"
	case w.TimedOnly:
		return v.T("wait.timed")
	case w.Minutes == nil:
		return v.T("wait.unknown")
	case *w.Minutes == 0:
		return v.T("wait.none")
	case w.AtMost:
		return v.T("wait.at_most", "n", strconv.FormatInt(*w.Minutes, 10))
	}
	return v.T("wait.minutes", "n", strconv.FormatInt(*w.Minutes, 10))
}

// stateBadge is how a place stands.
func stateBadge(v *console.Visit, s queue.State) templ.Component {
	tone := console.Plain
	switch s {
	case queue.Operating:
		tone = console.Good
	case queue.Down:
		tone = console.Stop
	case queue.Unknown:
		tone = console.Wait
	}
	return v.Badge(tone, "", v.T("state."+string(s)))
}
