package park

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"watari/kit/clock"
	"watari/ui/console"

	parks "watari/visit/park"
)

// calendarScreen is a month of the calendar.
type calendarScreen struct {
	first, last   string
	before, after string // any day of the months beside
	days          []parks.Day
}

// monthOf are the first and last day of the month that a day is in.
func monthOf(day string) (first, last string) {
	t := parks.At(day, noon).In(clock.JST)
	a := time.Date(t.Year(), t.Month(), 1, 12, 0, 0, 0, clock.JST)
	return parks.DayOf(a), parks.DayOf(a.AddDate(0, 1, -1))
}

func (a *app) showCalendar(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	var s calendarScreen
	s.first, s.last = monthOf(dayIn(v, "month", today(v)))
	s.before, s.after = addDays(s.first, -1), addDays(s.last, 1)
	if s.days, err = a.Parks.Days(v.Ctx(), p.ID, s.first, s.last); err != nil {
		return err
	}
	t := parks.At(s.first, noon).In(clock.JST)
	page := console.Page{Title: v.T("calendar.title"), Tab: "calendar", Wide: true,
		Lead: v.T("calendar.month", "year", strconv.Itoa(t.Year()), "month",
			v.T("month."+strconv.Itoa(int(t.Month())))),
		Actions: []console.Action{{Text: v.T("days.edit"), Icon: "edit",
			Href: query("/park/calendar/edit", "from", s.first, "to", s.last)}}}
	return v.Show(http.StatusOK, page, calendarPage(v, s))
}

func (s calendarScreen) table(v *console.Visit) console.Table {
	t := console.Table{Caption: v.T("calendar.title"), Brief: true, Columns: []console.Column{
		{Title: v.T("axis.day"), Main: true}, {Title: v.T("day.type"), Number: true},
		{Title: v.T("day.hours")}, {Title: v.T("c.state")}, {Title: v.T("day.note"), Small: true}}}
	known := map[string]parks.Day{}
	for _, d := range s.days {
		known[d.Day] = d
	}
	for day := s.first; day <= s.last; day = addDays(day, 1) {
		d, ok := known[day]
		row := console.Row{Href: query("/park/calendar/edit", "from", day, "to", day)}
		state := v.Badge(console.Good, "", v.T("day.open"))
		switch {
		case !ok:
			state = v.Badge(console.Plain, "", v.T("day.missing"))
		case d.Closed:
			state = v.Badge(console.Stop, "", v.T("day.closed"))
		case len(d.Products) > 0:
			state = v.Badge(console.Wait, "", v.N("day.partly", int64(len(d.Products))))
		}
		hours := ""
		if ok && !d.Closed {
			hours = clockText(d.Open) + "–" + clockText(d.Close)
		}
		row.Cells = []templ.Component{console.Text(dayName(v, day)), console.Text(d.Type),
			console.Text(hours), state, console.Text(d.Note.In(v.Lang))}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// span is the days that a form is about: a period, and the days of the week in it.
type span struct {
	from, to string
}

// spanMax is how many days one form writes.
const spanMax = 366

// spanIn reads the period of an address or form.
func spanIn(v *console.Visit) span {
	s := span{from: dayIn(v, "from", today(v))}
	s.to = dayIn(v, "to", s.from)
	return s
}

// weekdays are the days of the week to tick, from Monday.
func weekdays(v *console.Visit) (list []console.Option) {
	for i := 1; i <= 7; i++ {
		n := strconv.Itoa(i % 7)
		list = append(list, console.Option{Value: n, Label: v.T("weekday." + n)})
	}
	return list
}

// typedDays are the days of a posted form: those of its period that fall on the ticked days of the
// week, or all of them when none is ticked.
func typedDays(v *console.Visit) (days []string) {
	from, to := v.Typed("from"), v.Typed("to")
	for name, day := range map[string]string{"from": from, "to": to} {
		if parks.At(day, 0).IsZero() {
			v.Mistake(name, v.T("wrong.day"))
		}
	}
	if v.Wrong() {
		return nil
	}
	if to < from || to > addDays(from, spanMax-1) {
		v.Mistake("to", v.T("wrong.span"))
		return nil
	}
	ticked := asSet(typedTicks(v, "weekday", []string{"0", "1", "2", "3", "4", "5", "6"}))
	for day := from; day <= to; day = addDays(day, 1) {
		weekday := strconv.Itoa(int(parks.At(day, noon).In(clock.JST).Weekday()))
		if len(ticked) == 0 || ticked[weekday] {
			days = append(days, day)
		}
	}
	if len(days) == 0 {
		v.Mistake("weekday", v.T("wrong.span"))
	}
	return days
}

func (a *app) askDays(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	s := spanIn(v)
	d := parks.Day{Type: "A", Open: 9 * 60, Close: 20 * 60}
	there, err := a.Parks.Days(v.Ctx(), p.ID, s.from, s.from)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		d = there[0]
	}
	page := console.Page{Title: v.T("days.edit"), Tab: "calendar", Crumbs: []console.Link{
		{Text: v.T("calendar.title"), Href: query("/park/calendar", "month", s.from)}}}
	return v.Show(http.StatusOK, page, daysPage(v, s, d))
}

func (a *app) putDays(v *console.Visit) error {
	p, err := a.park(v)
	if err != nil {
		return err
	}
	days := typedDays(v)
	d := parks.Day{Type: v.Typed("type"), Open: typedMinute(v, "open"),
		Close: typedMinute(v, "close"), Note: typedText(v, "note")}
	if d.Close <= d.Open {
		v.Mistake("close", v.T("wrong.close"))
	}
	if v.Wrong() {
		return a.askDays(v)
	}
	var list []parks.Day
	for _, day := range days {
		one := d
		one.Day = day
		list = append(list, one)
	}
	err = a.Parks.PutDays(v.Ctx(), p.ID, list, v.Caller.Actor)
	if v.Refused(err) {
		return a.askDays(v)
	}
	if err != nil {
		return err
	}
	return v.SeeOther(query("/park/calendar", "month", days[0]),
		v.N("days.saved", int64(len(days))))
}
