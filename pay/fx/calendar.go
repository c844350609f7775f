package fx

import (
	"time"

	"watari/kit/check"
)

// publication is when rates of a day appear, after midnight UTC: 16:00 in Central Europe in
// winter. In summer they appear an hour before.
const publication = 15 * time.Hour

// parseDay reads a day as YYYY-MM-DD.
func parseDay(text string) (time.Time, error) { return time.Parse(time.DateOnly, text) }

// published tells whether rates are published on a day: whether TARGET is open.
func published(day time.Time) bool {
	if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	switch month, d := day.Month(), day.Day(); {
	case month == time.January && d == 1, month == time.May && d == 1,
		month == time.December && (d == 25 || d == 26):
		return false
	}
	easter := easterSunday(day.Year())
	return !day.Equal(easter.AddDate(0, 0, -2)) && !day.Equal(easter.AddDate(0, 0, 1))
}

// easterSunday computes the date of Easter in the Gregorian calendar by the rule that Butcher's
// Ecclesiastical Calendar (1876) gives; its letters are kept.
func easterSunday(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

// goodUntil returns when rates of a day become too old: at the publication-th publication after
// that day, plus the grace.
func goodUntil(day string, publications int, grace time.Duration) time.Time {
	at, err := parseDay(day)
	check.That(err == nil && publications > 0, "fx: %d publications after day %q: %v",
		publications, day, err)
	for publications > 0 {
		at = at.AddDate(0, 0, 1)
		if published(at) {
			publications--
		}
	}
	return at.Add(publication + grace)
}
