package merchant

import (
	"testing"
	"time"

	"watari/kit/clock"
)

// Goal: what no PIN can change is refused before a PIN is asked for, and no refund exceeds what is
// left or what the store may give back in a day.
func TestRefundIsJudgedByTheStoresRules(t *testing.T) {
	t.Parallel()
	limit := int64(5000)
	for _, c := range []struct {
		name string
		g    Giving
		want Verdict
	}{
		{"no rule", Giving{Minor: 900, Rest: 900}, Allowed},
		{"nothing", Giving{Rest: 900}, NoAmount},
		{"more than is left", Giving{Minor: 901, Rest: 900, HasPIN: true}, OverRest},
		{"over the day", Giving{Minor: 900, Rest: 900, StoreMax: &limit, StoreGiven: 4101,
			HasPIN: true}, OverStore},
		{"up to the day", Giving{Minor: 900, Rest: 900, StoreMax: &limit, StoreGiven: 4100},
			Allowed},
		{"below the PIN", Giving{Minor: 500, Rest: 900, HasPIN: true, PINAbove: 500}, Allowed},
		{"above the PIN", Giving{Minor: 501, Rest: 900, HasPIN: true, PINAbove: 500}, NeedPIN},
		{"every refund", Giving{Minor: 1, Rest: 900, HasPIN: true}, NeedPIN},
		{"wrong PIN", Giving{Minor: 1, Rest: 900, HasPIN: true, PINGiven: true}, WrongPIN},
		{"right PIN", Giving{Minor: 1, Rest: 900, HasPIN: true, PINGiven: true, PINGood: true},
			Allowed},
		{"no PIN was set", Giving{Minor: 501, Rest: 900, PINAbove: 500}, NoPINSet},
		{"too many tries", Giving{Minor: 501, Rest: 900, HasPIN: true, PINAbove: 500,
			Paused: true, PINGiven: true, PINGood: true}, PINPaused},
	} {
		if got := c.g.Judge(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

// Goal: S5: a text that a spreadsheet would run is quoted, every other stands as it is.
func TestSpreadsheetsRunNothing(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "|cmd", "%0",
		"＝1＋1", "＋1", "－1", "＠A1"} {
		if got := plain(bad); got != "'"+bad {
			t.Errorf("%q: got %q", bad, got)
		}
	}
	for _, good := range []string{"", "Soba", "蕎麦 一", "1=1", "A-1", "T-0001", `"quoted", text`} {
		if got := plain(good); got != good {
			t.Errorf("%q: got %q", good, got)
		}
	}
}

// Goal: a page of the takings shows whole months, weeks that begin on Mondays, and whole years, and
// the way to the next page leads to the span right after.
func TestSpansOfTheTakingsFollowEachOther(t *testing.T) {
	t.Parallel()
	day := func(y, m, d int) time.Time {
		return time.Date(y, time.Month(m), d, 0, 0, 0, 0, clock.JST)
	}
	for at := day(2026, 1, 1); at.Before(day(2028, 3, 1)); at = at.AddDate(0, 0, 1) {
		m := monday(at)
		if m.Weekday() != time.Monday || m.After(at) || at.Sub(m) >= 7*24*time.Hour {
			t.Fatalf("the week of %s begins on %s", at, m)
		}
	}
	for _, c := range []struct {
		by         scale
		span       span
		next, last time.Time
	}{
		{byDay, span{day(2026, 2, 1), day(2026, 3, 1)}, day(2026, 2, 2), day(2026, 4, 1)},
		{byMonth, span{day(2026, 1, 1), day(2027, 1, 1)}, day(2026, 2, 1), day(2028, 1, 1)},
		{byWeek, span{day(2026, 8, 31), day(2026, 11, 30)}, day(2026, 9, 7), day(2027, 3, 1)},
	} {
		if got := c.by.next(c.span.from); !got.Equal(c.next) {
			t.Errorf("%s: the first bar ends %s, want %s", c.by, got, c.next)
		}
		if got := c.by.after(c.span); !got.Equal(c.last) {
			t.Errorf("%s: the span after ends %s, want %s", c.by, got, c.last)
		}
	}
}
