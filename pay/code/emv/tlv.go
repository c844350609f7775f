package emv

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Field is one data object of a merchant code.
type Field struct {
	Tag   string // two digits
	Value string // 1 to 99 characters
}

// valueMax is the longest value that two digits can count, in characters.
const valueMax = 99

// piece is a field as it was found in a text.
type piece struct {
	path  string // of the tag, with those of the templates around it
	tag   string
	value []rune
	at    int // the character at which it begins, from 1
}

// inside is the position of the first character of the value.
func (p piece) inside() int { return p.at + 4 }

// wrong returns an Error about the piece.
func (p piece) wrong(format string, args ...any) *Error {
	return wrong(p.path, p.at, format, args...)
}

// scan splits text into its fields. at is the position of its first character, and parent the
// path of the template that it is the value of. The lengths that limits knows are checked.
func scan(text []rune, at int, parent string) ([]piece, error) {
	var list []piece
	for len(text) > 0 {
		p := piece{at: at}
		if len(text) < 4 {
			return nil, wrong(parent, at, "%d characters are left over after the last field",
				len(text))
		}
		p.tag = string(text[:2])
		n, ok := twoDigits(string(text[2:4]))
		if _, tagOK := twoDigits(p.tag); !tagOK || !ok {
			return nil, wrong(parent, at, "a field begins with two digits of tag and two of length")
		}
		p.path = join(parent, p.tag)
		if n > len(text)-4 {
			return nil, p.wrong("the length is %d, but %d characters follow", n, len(text)-4)
		}
		p.value = text[4 : 4+n]
		if err := p.fits(); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(list, func(q piece) bool { return q.tag == p.tag }) {
			return nil, p.wrong("the tag comes twice")
		}
		list = append(list, p)
		text, at = text[4+n:], at+4+n
	}
	return list, nil
}

// join returns the path of a tag inside a template.
func join(parent, tag string) string {
	if parent == "" {
		return tag
	}
	return parent + "." + tag
}

// twoDigits returns the number that two ASCII digits are.
func twoDigits(s string) (int, bool) {
	if len(s) != 2 || !digits(s) {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// digits tells whether s has ASCII digits only.
func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// letters tells whether s has ASCII letters only.
func letters(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// limit is what a value may be.
type limit struct {
	min, max int               // characters
	form     func(string) bool // nil allows any text
	want     string            // what form wants, for the refusal
}

// limits are the lengths and forms of the data objects by their path.
var limits = map[string]limit{
	"00": {2, 2, digits, "digits"},
	"01": {2, 2, digits, "digits"},
	"52": {4, 4, digits, "digits"},
	"53": {3, 3, digits, "digits"},
	"54": {1, 13, decimal, "digits and at most one point"},
	"55": {2, 2, digits, "digits"},
	"56": {1, 13, decimal, "digits and at most one point"},
	"57": {1, 5, decimal, "digits and at most one point"},
	"58": {2, 2, letters, "letters"},
	"59": {1, NameMax, nil, ""},
	"60": {1, CityMax, nil, ""},
	"61": {1, PostalMax, nil, ""},
	"62": {0, valueMax, nil, ""},
	"63": {4, 4, nil, ""},

	"62.01": {1, AdditionalMax, nil, ""}, "62.02": {1, AdditionalMax, nil, ""},
	"62.03": {1, AdditionalMax, nil, ""}, "62.04": {1, AdditionalMax, nil, ""},
	"62.05": {1, AdditionalMax, nil, ""}, "62.06": {1, AdditionalMax, nil, ""},
	"62.07": {1, AdditionalMax, nil, ""}, "62.08": {1, AdditionalMax, nil, ""},
	"62.09": {1, 3, asks, "of the letters A, M and E, each once"},

	"64.00": {2, 2, letters, "letters"},
	"64.01": {1, NameMax, nil, ""},
	"64.02": {1, CityMax, nil, ""},

	// XX stands for every template that begins with a globally unique identifier.
	"XX.00": {1, GUIDMax, nil, ""},
}

// fits checks length and form of a piece.
func (p piece) fits() error {
	path := p.path
	if before, tag, nested := strings.Cut(path, "."); nested && tag == "00" && hasGUID(before) {
		path = "XX.00"
	}
	l, known := limits[path]
	if !known {
		l = limit{min: 1, max: valueMax}
	}
	switch n := len(p.value); {
	case n < l.min || n > l.max:
		if l.min == l.max {
			return p.wrong("the value has %d characters, not %d", n, l.min)
		}
		return p.wrong("the value has %d characters, not %d to %d", n, l.min, l.max)
	case l.form != nil && !l.form(string(p.value)):
		return p.wrong("the value is not %s", l.want)
	}
	return nil
}

// hasGUID tells whether the templates of a tag begin with a globally unique identifier.
func hasGUID(tag string) bool {
	return within(tag, firstAccount, lastAccount) || within(tag, firstUnreserved, lastUnreserved)
}

// within tells whether a tag is first to last, inclusive.
func within(tag string, first, last int) bool {
	n, ok := twoDigits(tag)
	return ok && first <= n && n <= last
}

// asks tells whether s names what a wallet is asked for: each of A, M and E at most once.
func asks(s string) bool {
	return strings.Trim(s, "AME") == "" && strings.Count(s, "A") <= 1 &&
		strings.Count(s, "M") <= 1 && strings.Count(s, "E") <= 1
}

// encode writes one field. Its length counts characters.
func encode(parent string, f Field) (string, error) {
	path := join(parent, f.Tag)
	if _, ok := twoDigits(f.Tag); !ok {
		return "", wrong(path, 0, "a tag is two digits")
	}
	n := utf8.RuneCountInString(f.Value)
	if n > valueMax {
		return "", wrong(path, 0, "the value has %d characters, at most %d can be counted", n,
			valueMax)
	}
	return f.Tag + fmt.Sprintf("%02d", n) + f.Value, nil
}

// encodeAll writes the fields in order: those whose tags are in order first, as there, then the
// rest as it stands.
func encodeAll(parent string, fields []Field, order []string) (string, error) {
	sorted := slices.SortedStableFunc(slices.Values(fields), func(a, b Field) int {
		return place(order, a.Tag) - place(order, b.Tag)
	})
	var b strings.Builder
	for _, f := range sorted {
		text, err := encode(parent, f)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// place is the index of a tag in the order, its end when the tag is not there.
func place(order []string, tag string) int {
	if i := slices.Index(order, tag); i >= 0 {
		return i
	}
	return len(order)
}

// orderOf returns the tags of the pieces in their order, nil when that is the order in which they
// would be written anyway: ascending.
func orderOf(list []piece) []string {
	tags := make([]string, len(list))
	for i, p := range list {
		tags[i] = p.tag
	}
	if slices.IsSorted(tags) {
		return nil
	}
	return tags
}

// checkText refuses what no code can be, whatever its fields.
func checkText(text string) error {
	switch {
	case text == "":
		return wrong("", 0, "the text is empty")
	case !utf8.ValidString(text):
		return wrong("", 0, "the text is not UTF-8")
	case utf8.RuneCountInString(text) > TextMax:
		return wrong("", 0, "the text has %d characters, at most %d",
			utf8.RuneCountInString(text), TextMax)
	}
	at := 0
	for _, r := range text {
		at++
		if unicode.IsControl(r) || r == utf8.RuneError ||
			unicode.In(r, unicode.Zl, unicode.Zp, unicode.Bidi_Control) {
			return wrong("", at, "U+%04X is a character that no code contains", r)
		}
	}
	return nil
}
