package clock_test

import (
	"testing"
	"testing/synctest"
	"time"

	"watari/kit/clock"
)

// Goal: microseconds are the stored form. Method: there and back, before and after 1970,
// from a zone other than UTC.
func TestMicrosGoThereAndBackInUTC(t *testing.T) {
	t.Parallel()

	for _, at := range []time.Time{
		time.Date(2026, 11, 22, 8, 59, 59, 123456000, clock.JST),
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Unix(0, 0),
	} {
		back := clock.FromMicros(clock.Micros(at))

		if !back.Equal(at) || back.Location() != time.UTC {
			t.Errorf("%v came back as %v", at, back)
		}
	}
}

// Goal: the zones hold the right business days. Method: one instant, three dates.
func TestZonesAreNineAndEightHoursAhead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 15, 30, 0, 0, time.UTC)

	if got := at.In(clock.JST).Format(time.RFC3339); got != "2026-11-22T00:30:00+09:00" {
		t.Errorf("JST: %s", got)
	}
	if got := at.In(clock.CST).Format(time.RFC3339); got != "2026-11-21T23:30:00+08:00" {
		t.Errorf("CST: %s", got)
	}
}

// Goal: days pass in no time inside a bubble. Method: sleep a day, compare.
func TestNowIsVirtualInsideABubble(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		before := clock.Now()
		time.Sleep(24 * time.Hour)

		if d := clock.Now().Sub(before); d != 24*time.Hour {
			t.Errorf("slept %v, want 24h", d)
		}
	})
}
