package clock

import "time"

// The zones of the two ends of a crossing. Neither has daylight saving time, so fixed
// offsets are exact and no zone database is needed.
var (
	// JST is Japan Standard Time, UTC+09:00: the business day of shops and acquirers.
	JST = time.FixedZone("JST", 9*60*60)
	// CST is China Standard Time, UTC+08:00: the business day of most wallets.
	CST = time.FixedZone("CST", 8*60*60)
)

// Now returns the current time in UTC. It carries a monotonic reading, so that
// differences between two values survive a step of the wall clock.
func Now() time.Time { return time.Now().UTC() }

// Micros returns t as microseconds since 1970-01-01 UTC, cut off below a microsecond.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// FromMicros returns the time in UTC of us microseconds since 1970-01-01 UTC.
func FromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
