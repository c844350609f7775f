package emv

import (
	"fmt"
	"strings"
)

// TextMax is the longest text of a code, in characters: what a phone reads from paper.
const TextMax = 512

// Error says what is wrong with a code, and where. Its text is public: it repeats no value that was
// read.
type Error struct {
	// Tag is the path of the field, such as "62.05"; "" when the whole is meant.
	Tag string
	// At is where the field begins, from 1: the character of a merchant code, the decoded byte
	// of a payer code. 0 when the place is not known.
	At int
	// What says what is wrong there.
	What string
}

// Error returns place and reason in one line.
func (e *Error) Error() string {
	var where []string
	if e.Tag != "" {
		where = append(where, "tag "+e.Tag)
	}
	if e.At > 0 {
		where = append(where, fmt.Sprintf("position %d", e.At))
	}
	if len(where) == 0 {
		return e.What
	}
	return strings.Join(where, ", ") + ": " + e.What
}

// wrong returns an Error at a place.
func wrong(tag string, at int, format string, args ...any) *Error {
	return &Error{Tag: tag, At: at, What: fmt.Sprintf(format, args...)}
}
