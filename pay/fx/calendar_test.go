package fx

import (
	"os"
	"strings"
	"testing"
	"time"
)

// Goal: the calendar is the one by which rates were published. Method: every day of ten years
// against the gaps of the published file, in testdata/closed-days.txt.
func TestCalendarIsThatOfThePublishedFile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/closed-days.txt")
	if err != nil {
		t.Fatal(err)
	}
	closed := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		closed[strings.TrimSpace(line)] = true
	}
	day := time.Date(2016, 1, 4, 0, 0, 0, 0, time.UTC)
	end := time.Date(2026, 4, 13, 0, 0, 0, 0, time.UTC)
	for ; !day.After(end); day = day.AddDate(0, 0, 1) {
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		want := !weekend && !closed[day.Format(time.DateOnly)]
		if got := published(day); got != want {
			t.Errorf("%s: published %v, want %v", day.Format(time.DateOnly), got, want)
		}
	}
}

// Goal: weekends and holidays make no rate old. Method: a table by hand.
func TestRateEndsByPublicationsNotByHours(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		day, what    string
		publications int
		want         string
	}{
		{"2026-04-13", "Monday, one", 1, "2026-04-14T17:00:00Z"},
		{"2026-04-13", "Monday", 2, "2026-04-15T17:00:00Z"},
		{"2026-04-10", "Friday, one", 1, "2026-04-13T17:00:00Z"},
		{"2026-04-10", "Friday", 2, "2026-04-14T17:00:00Z"},
		{"2026-04-02", "Maundy Thursday", 2, "2026-04-08T17:00:00Z"},
		{"2026-04-02", "Maundy Thursday, one", 1, "2026-04-07T17:00:00Z"},
		{"2025-12-24", "Christmas Eve on a Wednesday", 2, "2025-12-30T17:00:00Z"},
		{"2025-12-31", "New Year's Eve", 2, "2026-01-05T17:00:00Z"},
		{"2026-04-30", "before 1 May on a Friday", 2, "2026-05-05T17:00:00Z"},
	} {
		if got := goodUntil(c.day, c.publications, 2*time.Hour).Format(time.RFC3339); got != c.want {
			t.Errorf("%s (%s): got %s, want %s", c.day, c.what, got, c.want)
		}
	}
}
