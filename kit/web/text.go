package web

import (
	"encoding/base64"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a string and returns what it says. It is valid Unicode without U+0000, which
// PostgreSQL cannot keep. The result is good until the next call.
func (r *reader) text() ([]byte, bool) {
	r.i++
	from := r.i
	ascii := true
	for r.i < len(r.b) {
		switch c := r.b[r.i]; {
		case c == '"':
			s := r.b[from:r.i]
			if !ascii && !utf8.Valid(s) {
				r.malformed("is not valid UTF-8")
				return nil, false
			}
			r.i++
			return s, true
		case c == '\\':
			return r.escaped(from)
		case c < ' ':
			r.control(c)
			return nil, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
		r.i++
	}
	r.malformed("the text has no end")
	return nil, false
}

// escaped reads on in a string that has escapes, the first of which is here.
func (r *reader) escaped(from int) ([]byte, bool) {
	s := append(r.scratch[:0], r.b[from:r.i]...)
	for r.i < len(r.b) {
		switch c := r.b[r.i]; {
		case c == '"':
			r.scratch = s
			if !utf8.Valid(s) {
				r.malformed("is not valid UTF-8")
				return nil, false
			}
			r.i++
			return s, true
		case c < ' ':
			r.control(c)
			return nil, false
		case c != '\\':
			s = append(s, c)
			r.i++
			continue
		}
		u, ok := r.escape()
		if !ok {
			return nil, false
		}
		s = utf8.AppendRune(s, u)
	}
	r.malformed("the text has no end")
	return nil, false
}

// control refuses a control character that stands bare in a text.
func (r *reader) control(c byte) {
	if c == 0 {
		r.malformed("holds the character U+0000")
		return
	}
	r.malformed("a control character must be escaped")
}

// escape reads one escape: RFC 8259, section 7.
func (r *reader) escape() (rune, bool) {
	if r.i+1 >= len(r.b) {
		r.malformed("the text has no end")
		return 0, false
	}
	c := r.b[r.i+1]
	r.i += 2
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
		return r.unicode()
	default:
		r.malformed("an escape that JSON does not have")
		return 0, false
	}
}

// unicode reads the four digits of an escape, or of the two that make one character.
func (r *reader) unicode() (rune, bool) {
	u, ok := r.hex4()
	if !ok {
		return 0, false
	}
	if u == 0 {
		r.malformed("holds the character U+0000")
		return 0, false
	}
	if !utf16.IsSurrogate(u) {
		return u, true
	}
	if r.i+1 < len(r.b) && r.b[r.i] == '\\' && r.b[r.i+1] == 'u' {
		r.i += 2
		low, ok := r.hex4()
		if !ok {
			return 0, false
		}
		if pair := utf16.DecodeRune(u, low); pair != utf8.RuneError {
			return pair, true
		}
	}
	r.malformed("half of a surrogate pair")
	return 0, false
}

// hex4 reads four hexadecimal digits.
func (r *reader) hex4() (rune, bool) {
	if r.i+4 > len(r.b) {
		r.malformed("four hexadecimal digits should be here")
		return 0, false
	}
	n, err := strconv.ParseUint(string(r.b[r.i:r.i+4]), 16, 16)
	if err != nil {
		r.malformed("four hexadecimal digits should be here")
		return 0, false
	}
	r.i += 4
	return rune(n), true
}

// formatted is a format that texts of bodies can be held to.
type formatted struct {
	says string
	fits func(string) bool // nil: any text
}

// formats are the formats that operations may use.
var formats = map[string]formatted{
	"":          {},
	"password":  {},
	"date-time": {"a time such as 2026-11-22T15:04:05+09:00 (RFC 3339)", isTime(time.RFC3339)},
	"date":      {"a day such as 2026-11-22", isTime(time.DateOnly)},
	"time":      {"a time of the day such as 15:04:05", isTime(time.TimeOnly)},
	"uri":       {"an address that begins with https:// or http://", isAddress},
	"email":     {"a mail address", isMail},
	"ip":        {"an IP address", isIP},
	"ipv4":      {"an IPv4 address", isIP},
	"ipv6":      {"an IPv6 address", isIP},
	"base64":    {"Base64", isBase64},
}

func isTime(layout string) func(string) bool {
	return func(s string) bool {
		_, err := time.Parse(layout, s)
		return err == nil
	}
}

func isAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func isMail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isIP(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil
}
