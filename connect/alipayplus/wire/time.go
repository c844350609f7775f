package wire

import (
	"strconv"
	"strings"
	"time"

	"watari/kit/clock"
)

// timeForm is how times are written: ISO 8601 with an offset, to the second.
const timeForm = "2006-01-02T15:04:05-07:00"

// FormatTime writes t in Japan's time, such as "2026-11-22T13:59:00+09:00". The zero time is "".
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.JST).Format(timeForm)
}

// readForms are the layouts that are read beside Unix milliseconds. Fractions of a second are
// taken in all of them.
var readForms = []string{
	"2006-01-02T15:04:05Z07:00", // ISO 8601, RFC 3339
	"2006-01-02T15:04:05Z0700",  // ISO 8601 with a basic offset
	"20060102150405Z0700",       // compact, as some wallets write it
	"20060102150405Z07:00",
}

// maxYear is the last year that four digits can write.
const maxYear = 9999

// ParseTime reads the forms in which participants write a time: ISO 8601 with an offset, Unix
// milliseconds (12 or 13 digits, so from 1973 on), and yyyyMMddHHmmss with an offset. A time
// without an offset is no time, nor is one before 1970. It returns false for everything else.
func ParseTime(s string) (time.Time, bool) {
	if len(s) < 12 || len(s) > 40 {
		return time.Time{}, false
	}
	if strings.Trim(s, "0123456789") == "" {
		if len(s) > 13 {
			return time.Time{}, false
		}
		ms, err := strconv.ParseInt(s, 10, 64)
		return time.UnixMilli(ms).UTC(), err == nil
	}
	for _, form := range readForms {
		if t, err := time.Parse(form, s); err == nil {
			t = t.UTC()
			return t, t.Unix() >= 0 && t.Year() <= maxYear
		}
	}
	return time.Time{}, false
}
