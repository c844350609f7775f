package visitor

import (
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
	"watari/kit/qr"
	"watari/visit/park"
)

// monthName is a month, "2026-11", as people write it.
func (v *Visit) monthName(month string) string {
	t, err := time.ParseInLocation("2006-01", month, clock.JST)
	if err != nil {
		return month
	}
	return v.T("park.month", "year", strconv.Itoa(t.Year()), "month",
		v.T("park.month."+strconv.Itoa(int(t.Month()))))
}

// weekdays are the heads of a calendar, from Sunday.
func (v *Visit) weekdays() []string { return strings.Fields(v.T("park.weekdays")) }

// hours are those of a day in words: around the clock is said so.
func (v *Visit) hours(from, to time.Time) string {
	if aroundTheClock(from, to) {
		return v.T("place.allday")
	}
	return v.T("place.hours", "from", v.Lang.Time(from), "to", v.Lang.Time(to))
}

func aroundTheClock(from, to time.Time) bool { return to.Sub(from) >= 24*time.Hour }

// grouped is a number of yen without its sign, for places where it is said above.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// dayLabel is what a screen reader says of a day.
func (v *Visit) dayLabel(c dayCell) string {
	text := v.Day(c.Day)
	switch {
	case c.past:
	case c.State == park.Available && c.Price >= 0:
		text += ", " + v.moneyText(yen(c.Price))
	case c.State == park.Few && c.Price >= 0:
		text += ", " + v.moneyText(yen(c.Price)) + ", " + v.T("park.day.few")
	default:
		text += ", " + v.T("park.day."+string(c.State))
	}
	return text
}

// ages says which ages an age class of a park has.
func (v *Visit) ages(p park.Park, u park.Unit) string {
	for _, a := range p.Ages {
		switch {
		case a.Unit != u:
		case a.To == 0:
			return v.T("park.ages.from", "from", a.From)
		case a.From == 0:
			return v.T("park.ages.to", "to", a.To)
		default:
			return v.T("park.ages", "from", a.From, "to", a.To)
		}
	}
	return ""
}

// drawQR is a code as SVG. A text that is too long for one is a defect of the page, and leaves an
// empty place.
func drawQR(text, title string) string {
	s, err := qr.QR(text)
	if err != nil {
		return ""
	}
	return s.SVG(title)
}
