package console

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"watari/kit/clock"
)

// when is a moment as short as it can be said.
func (v *Visit) when(t time.Time) string {
	local, now := t.In(clock.JST), v.Now.In(clock.JST)
	switch {
	case local.Format(time.DateOnly) == now.Format(time.DateOnly):
		return v.Lang.Time(t)
	case local.Year() == now.Year():
		return v.Lang.Day(t) + " " + v.Lang.Time(t)
	default:
		return v.Lang.DateTime(t)
	}
}

// exact is a moment to the second.
func (v *Visit) exact(t time.Time) string {
	return v.when(t) + t.In(clock.JST).Format(":05")
}

// Number writes a number with thousands separators.
func (v *Visit) Number(n int64) string {
	s := strconv.FormatInt(n, 10)
	first := 1
	if n < 0 {
		first = 2
	}
	for i := len(s) - 3; i >= first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Percent writes a share of a whole with one decimal, "97.4 %"; a whole of 0 has none.
func (v *Visit) Percent(part, whole int64) string {
	if whole <= 0 {
		return "–"
	}
	tenths := (part*2000 + whole) / (2 * whole)
	return strconv.FormatInt(tenths/10, 10) + "." + strconv.FormatInt(tenths%10, 10) + " %"
}

// copyID is an HTML id for a text that is copied.
func copyID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "c-" + hex.EncodeToString(sum[:6])
}
