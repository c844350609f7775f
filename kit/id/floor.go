package id

import (
	"strings"
	"time"
)

// Floor returns the smallest id of a prefix made in the millisecond of t or later, so that a
// time selects a range of a key. It is not an id itself.
func Floor(prefix string, t time.Time) string {
	var b [cellAt]byte
	copy(b[:], prefix)
	b[prefixLen] = '_'
	put(b[timeAt:], uint64(max(t.UnixMilli(), 0)))
	return string(b[:]) + strings.Repeat("0", Len-cellAt)
}
