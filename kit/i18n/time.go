package i18n

import (
	"fmt"
	"time"

	"watari/kit/clock"
)

// weekdays are the short names of the days, Sunday first.
var weekdays = map[Lang][7]string{
	SimplifiedChinese:  {"周日", "周一", "周二", "周三", "周四", "周五", "周六"},
	TraditionalChinese: {"週日", "週一", "週二", "週三", "週四", "週五", "週六"},
	Japanese:           {"日", "月", "火", "水", "木", "金", "土"},
	English:            {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
	Korean:             {"일", "월", "화", "수", "목", "금", "토"},
}

// Date returns the day in Japan with its year, such as "22 Nov 2026" or "2026年11月22日".
func (l Lang) Date(t time.Time) string {
	t = t.In(clock.JST)
	switch l {
	case SimplifiedChinese, TraditionalChinese, Japanese:
		return t.Format("2006年1月2日")
	case Korean:
		return t.Format("2006년 1월 2일")
	default:
		return t.Format("2 Jan 2006")
	}
}

// Day returns the day in Japan with its weekday and without the year, such as "Sun 22 Nov" or
// "11月22日(日)".
func (l Lang) Day(t time.Time) string {
	t = t.In(clock.JST)
	name := weekdays[English][t.Weekday()]
	if names, ok := weekdays[l]; ok {
		name = names[t.Weekday()]
	}
	switch l {
	case Japanese:
		return t.Format("1月2日") + "(" + name + ")"
	case SimplifiedChinese, TraditionalChinese:
		return t.Format("1月2日") + " " + name
	case Korean:
		return t.Format("1월 2일") + " (" + name + ")"
	default:
		return name + " " + t.Format("2 Jan")
	}
}

// Time returns the time of the day in Japan to the minute, on a clock of 24 hours: "15:04". All
// five languages write it so on tickets and receipts.
func (l Lang) Time(t time.Time) string { return t.In(clock.JST).Format("15:04") }

// DateTime returns the day and the minute in Japan, such as "22 Nov 2026, 15:04" or
// "2026年11月22日 15:04".
func (l Lang) DateTime(t time.Time) string {
	between := " "
	if l == English {
		between = ", "
	}
	return l.Date(t) + between + l.Time(t)
}

// ISODateTime returns the instant for the datetime attribute of HTML's time element, in Japan's
// time: "2026-11-22T15:04:05+09:00".
func ISODateTime(t time.Time) string { return t.In(clock.JST).Format(time.RFC3339) }

// Duration returns a length of time in minutes and seconds as clocks count down: "3:07". Negative
// lengths show as "0:00".
func Duration(d time.Duration) string {
	s := max(0, int64(d/time.Second))
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
