package park

import (
	"slices"
	"time"

	"watari/kit/clock"
	"watari/kit/i18n"
)

// Day is one day of a park's calendar.
type Day struct {
	Day  string // "2026-11-23"
	Type string // "A" to "D", or what the park calls them; at most 8 letters; prices hang on it
	// Open and Close are minutes from midnight in Japan, at most 1,740: five in the morning after.
	Open, Close int64
	Closed      bool      // nobody is let in, nothing is sold
	Products    []string  // that are not sold though the park is open
	Note        i18n.Text // shown in the calendar, at most 200 characters
}

// Limits of a calendar.
const (
	daysMax = 400 // days that are written or read at once
	noteMax = 200
)

// dayCut is when a park day begins in Japan.
const dayCut = 5 * time.Hour

// DayOf is the park day that holds a moment, "2026-11-23": it begins at five in Japan.
func DayOf(t time.Time) string { return t.In(clock.JST).Add(-dayCut).Format(time.DateOnly) }

// midnight is when the date of a day begins in Japan; false for a text that is no day.
func midnight(day string) (time.Time, bool) {
	t, err := time.ParseInLocation(time.DateOnly, day, clock.JST)
	return t.UTC(), err == nil && t.Format(time.DateOnly) == day
}

// At is the moment of a minute of a park day; the zero time for a text that is no day.
func At(day string, minute int64) time.Time {
	t, ok := midnight(day)
	if !ok {
		return time.Time{}
	}
	return t.Add(time.Duration(minute) * time.Minute)
}

// addDays returns the day n days later.
func addDays(day string, n int64) string {
	t, _ := midnight(day)
	return t.In(clock.JST).AddDate(0, 0, int(n)).Format(time.DateOnly)
}

// between lists the days of a range, first and last included; at most daysMax.
//
// Errors: ErrDay.
func between(from, to string) ([]string, error) {
	a, okA := midnight(from)
	b, okB := midnight(to)
	switch {
	case !okA || !okB || b.Before(a):
		return nil, ErrDay.Newf("days are written 2026-11-23, the first before the last")
	case b.Sub(a) >= daysMax*24*time.Hour:
		return nil, ErrDay.Newf("at most %d days at once", daysMax)
	}
	var out []string
	for ; !a.After(b); a = a.Add(24 * time.Hour) {
		out = append(out, a.In(clock.JST).Format(time.DateOnly))
	}
	return out, nil
}

// sells says whether a product is sold for the day.
func (d *Day) sells(product string) bool {
	return !d.Closed && !slices.Contains(d.Products, product)
}

// check refuses what a day cannot be.
func (d *Day) check(r *refusal, pointer string) {
	_, ok := midnight(d.Day)
	r.unless(ok, pointer+"/day", "is written 2026-11-23")
	r.unless(len(d.Type) <= 8 && plain(d.Type), pointer+"/type", "has at most 8 letters")
	r.unless(within(d.Open, 0, minuteMax), pointer+"/open_minute", "is 0 to 1740")
	r.unless(within(d.Close, d.Open, minuteMax), pointer+"/close_minute",
		"is 0 to 1740, and not before it opens")
	r.text(d.Note, noteMax, false, pointer+"/note")
}
