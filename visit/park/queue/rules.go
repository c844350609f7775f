package queue

import (
	"math"
	"time"

	"watari/kit/clock"
)

// Freshness is how old what is shown may be.
type Freshness string

// The freshnesses.
const (
	// Fresh is at most 5 minutes old.
	Fresh Freshness = "fresh"
	// Ageing is up to 15 minutes old: its age is shown beside it.
	Ageing Freshness = "ageing"
	// Stale is older: the wait is unknown, and what was last known is shown with its time.
	Stale Freshness = "stale"
)

// freshness judges an age at a moment; what was never seen is Stale.
func freshness(observed, now time.Time) Freshness {
	age := now.Sub(observed)
	switch {
	case observed.IsZero() || age > staleMinutes*time.Minute:
		return Stale
	case age > freshMinutes*time.Minute:
		return Ageing
	default:
		return Fresh
	}
}

// step is from one shown wait to the next: 5 minutes below 60, 10 above.
func step(shown int64) int64 {
	if shown < 60 {
		return 5
	}
	return 10
}

// bucket is the wait that is shown for one that was found, in minutes: rounded up to 5 below 60
// and to 10 above, so that nobody waits longer than promised for the rounding. Below half a minute
// it is 0, which people read as: walk on.
func bucket(wait float64) int64 {
	switch {
	case wait < 0.5:
		return 0
	case wait <= 60:
		return 5 * int64(math.Ceil(wait/5))
	default:
		return 10 * int64(math.Ceil(wait/10))
	}
}

// apart is how many steps lie between two shown waits.
func apart(a, b int64) int64 {
	if a > b {
		a, b = b, a
	}
	n := int64(0)
	for ; a < b; n++ {
		a += step(a)
	}
	return n
}

// shown is what a board shows now: what it showed before, unless the new wait has been there for
// two minutes in a row or is two steps away. A board that flickers is not believed.
func shown(before *int64, lastWait *float64, wait float64) int64 {
	now := bucket(wait)
	if before == nil || now == *before || apart(*before, now) >= 2 {
		return now
	}
	if lastWait != nil && bucket(*lastWait) == now {
		return now
	}
	return *before
}

// dayCut is when a park's day begins in Japan.
const dayCut = 5 * time.Hour

// DayOf is the park day that holds a moment, "2026-11-23": it begins at 05:00 in Japan.
func DayOf(t time.Time) string { return t.In(clock.JST).Add(-dayCut).Format(time.DateOnly) }

// DayStart is when a park day begins; false for a text that is no day.
func DayStart(day string) (time.Time, bool) {
	d, err := time.ParseInLocation(time.DateOnly, day, clock.JST)
	if err != nil {
		return time.Time{}, false
	}
	return d.Add(dayCut).UTC(), true
}
