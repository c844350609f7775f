package till

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"watari/kit/clock"
	"watari/kit/money"
	"watari/pay/payment"
)

// A day's list is read in pages of pageSize, at most pagesMax of them for the totals, and shown
// in parts of rowsMax.
const (
	pageSize = 200
	pagesMax = 100
	rowsMax  = 50
)

// dayScreen is a day of the store, or of this terminal in it.
type dayScreen struct {
	title, date           string
	before, after         string // addresses of the days beside; after is "" today
	self                  string // address of this page
	more                  string // address of a longer list; "" when all is shown
	store, till           string // addresses of the two scopes
	mine                  bool   // only this terminal
	rows                  []row
	sold, refunded, net   money.Amount
	count                 int64 // paid
	hours                 hourChart
	emptyTitle, emptyText string
}

// dayOf is the day of an instant in Japan, as YYYY-MM-DD.
func dayOf(t time.Time) string { return t.In(clock.JST).Format(time.DateOnly) }

// showDay lists a day's payments: day (YYYY-MM-DD, today when absent), till=1 for this terminal
// only, rows for how many.
func (a *app) showDay(t *visit) error {
	today := midnight(t.now)
	from, err := time.ParseInLocation(time.DateOnly, t.r.Form.Get("day"), clock.JST)
	if err != nil || from.After(today) {
		from = today
	}
	mine, rows := t.r.Form.Get("till") == "1", rowsMax
	if n, err := strconv.Atoi(t.r.Form.Get("rows")); err == nil {
		rows = min(max(n, rowsMax), pageSize*pagesMax)
	}
	f := payment.Filter{AcquirerNo: t.point().Acquirer.No, StoreNo: t.point().Store.No,
		From: from, Until: from.AddDate(0, 0, 1), Limit: pageSize}
	if mine {
		f.TerminalNo = t.point().Terminal.No
	}
	list, err := t.all(f)
	if err != nil {
		return err
	}
	s, err := t.dayOf(list, rows)
	if err != nil {
		return err
	}
	t.dayLinks(&s, from, today, mine, rows, len(list))
	return a.show(t.w, t.r, http.StatusOK, t.v.day(s))
}

func midnight(t time.Time) time.Time {
	y, m, d := t.In(clock.JST).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.JST)
}

// all reads every page of a list.
func (t *visit) all(f payment.Filter) ([]payment.Payment, error) {
	var all []payment.Payment
	for range pagesMax {
		list, next, err := t.app.Payments.List(t.ctx(), f)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if next == "" {
			break
		}
		f.After = next
	}
	return all, nil
}

// dayOf adds a day up. Sold is what was paid and not cancelled; refunded is what of it went back.
func (t *visit) dayOf(list []payment.Payment, rows int) (dayScreen, error) {
	var s dayScreen
	var sold, back int64
	var hours [24]int64
	for i := range list {
		p := &list[i]
		if p.State == payment.Cancelled || p.State == payment.Declined || isOpen(p.State) {
			continue
		}
		sold += p.CapturedMinor
		back += p.RefundedMinor
		s.count++
		hours[p.Created.In(clock.JST).Hour()] += p.CapturedMinor
	}
	s.sold, s.refunded, s.net = yenOf(sold), yenOf(back), yenOf(sold-back)
	if sold > 0 {
		s.hours = chart(hours)
	}
	var err error
	s.rows, err = t.rows(list[:min(rows, len(list))])
	return s, err
}

// dayLinks names the day and adds the ways to its neighbours.
func (t *visit) dayLinks(s *dayScreen, from, today time.Time, mine bool, rows, all int) {
	v := t.v
	link := func(day time.Time, mine bool, rows int) string {
		q := url.Values{}
		if !day.Equal(today) {
			q.Set("day", dayOf(day))
		}
		if mine {
			q.Set("till", "1")
		}
		if rows > rowsMax {
			q.Set("rows", strconv.Itoa(rows))
		}
		if len(q) == 0 {
			return "/till/day"
		}
		return "/till/day?" + q.Encode()
	}
	s.mine = mine
	s.title, s.date = v.T("day.today"), v.Lang.Day(from)
	s.emptyTitle, s.emptyText = v.T("day.empty.today"), v.T("day.empty.today.text")
	switch {
	case from.Equal(today.AddDate(0, 0, -1)):
		s.title = v.T("day.yesterday")
	case from.Before(today):
		s.title, s.date = v.Lang.Day(from), strconv.Itoa(from.Year())
	}
	if from.Before(today) {
		s.emptyTitle, s.emptyText = v.T("day.empty.past"), v.T("day.empty.past.text")
		s.after = link(from.AddDate(0, 0, 1), mine, 0)
	}
	s.before = link(from.AddDate(0, 0, -1), mine, 0)
	s.self, s.store, s.till = link(from, mine, rows), link(from, false, 0), link(from, true, 0)
	if all > rows {
		s.more = link(from, mine, rows+4*rowsMax)
	}
}

// hourChart is what was sold in each hour, drawn on 240 by 64.
type hourChart struct{ bars []bar }

type bar struct {
	x, y, height string
	class        string
	label        string // "14:00"
	minor        int64
}

// chart draws the hours; the highest bar has the full height.
func chart(hours [24]int64) hourChart {
	const full, least = 60, 3
	var most int64 = 1
	for _, minor := range hours {
		most = max(most, minor)
	}
	bars := make([]bar, len(hours))
	for h, minor := range hours {
		height, class := int64(least), "none"
		if minor > 0 {
			height, class = max(money.Share(full, minor, most, money.HalfUp), least+1), ""
		}
		bars[h] = bar{x: strconv.Itoa(h*10 + 1), y: strconv.FormatInt(64-height, 10),
			height: strconv.FormatInt(height, 10), class: class,
			label: strconv.Itoa(h) + ":00", minor: minor}
	}
	return hourChart{bars}
}
