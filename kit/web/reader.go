package web

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"watari/kit/fault"
)

// maxComplaints bounds the fields that one answer points at.
const maxComplaints = 20

// reader walks once through the bytes of a body and holds them to a shape. It knows two sorts of
// fault: a body that is not the JSON that everybody reads alike ends the walk (ErrMalformed); a
// value that does not fit is noted, and the walk goes on (ErrInvalid).
//
// RFC 8259 leaves open what readers do with names that come twice, with numbers beyond 2^53 and
// with text that is no Unicode (sections 4, 6 and 8): two readers of one request could see two
// amounts. Such bodies are refused, as I-JSON (RFC 7493, section 2) asks.
type reader struct {
	b       []byte
	i       int
	path    []step
	fields  []fault.Field
	bad     *fault.Error
	scratch []byte
}

// step is one part of the way to a value: a name, or an index when name is nil.
type step struct {
	name  []byte
	index int
}

// check holds a body to the shape.
//
// Errors: ErrMalformed, ErrInvalid, both with JSON pointers. Values are never repeated.
func (p *shape) check(body []byte) error {
	var ways [8]step
	r := reader{b: body, path: ways[:0]}
	r.space()
	if r.i == len(r.b) {
		return fieldOf(ErrMalformed, "", "the body is empty")
	}
	r.value(p)
	if r.bad == nil {
		r.space()
		if r.i < len(r.b) {
			r.malformed("there is more after the end")
		}
	}
	switch {
	case r.bad != nil:
		return r.bad
	case len(r.fields) > 0:
		return pointed(ErrInvalid, r.fields)
	default:
		return nil
	}
}

// value reads one value.
func (r *reader) value(p *shape) {
	if len(r.path) > MaxDepth {
		r.malformed(fmt.Sprintf("is nested more than %d deep", MaxDepth))
		return
	}
	if r.i == len(r.b) {
		r.malformed("the body ends where a value should be")
		return
	}
	switch c := r.b[r.i]; {
	case c == '{':
		r.object(p)
	case c == '[':
		r.array(p)
	case c == '"':
		s, ok := r.text()
		if ok {
			r.fitText(p, s)
		}
	case c == '-' || c >= '0' && c <= '9':
		r.number(p)
	case c == 't':
		r.word("true", p, boolean)
	case c == 'f':
		r.word("false", p, boolean)
	case c == 'n':
		r.word("null", p, anything)
	default:
		r.malformed("no JSON value begins so")
	}
}

// word reads true, false or null.
func (r *reader) word(w string, p *shape, f form) {
	if !strings.HasPrefix(string(r.b[r.i:min(len(r.b), r.i+len(w))]), w) {
		r.malformed("no JSON value begins so")
		return
	}
	r.i += len(w)
	if w == "null" {
		if !p.null && p.form != anything {
			r.unfit(mustBe[p.form])
		}
		return
	}
	r.fits(p, f)
}

// mustBe says what a value of another form should have been.
var mustBe = map[form]string{
	object:  "must be an object",
	array:   "must be a list",
	text:    "must be a text",
	whole:   "must be a whole number",
	number:  "must be a number",
	boolean: "must be true or false",
}

// fits notes a value of the wrong form; true when it has the right one.
func (r *reader) fits(p *shape, f form) bool {
	if p.form == anything || p.form == f {
		return true
	}
	r.unfit(mustBe[p.form])
	return false
}

// free is what stands at a place that nothing is known of.
var free = &shape{form: anything, null: true, low: -maxWhole, high: maxWhole}

// object reads an object.
func (r *reader) object(p *shape) {
	known := r.fits(p, object) && p.form == object
	r.i++
	var seen [4]uint64        // members of the shape, by index
	var names map[string]bool // other members
	required := 0
	r.space()
	if r.next('}') {
		r.missing(p, known, seen, required)
		return
	}
	for {
		name, ok := r.name()
		if !ok {
			return
		}
		r.path = append(r.path, step{name: name})
		sub := free
		if known {
			sub = p.rest
		}
		at, member := p.members[string(name)]
		if known && member {
			if seen[at/64]&(1<<(at%64)) != 0 {
				r.malformed("comes more than once")
				return
			}
			seen[at/64] |= 1 << (at % 64)
			sub = p.list[at].shape
			if p.list[at].required {
				required++
			}
		} else {
			if names[string(name)] {
				r.malformed("comes more than once")
				return
			}
			if names == nil {
				names = map[string]bool{}
			}
			names[string(name)] = true
		}
		if sub == nil {
			r.unfit("is not known here")
			sub = free
		}
		r.value(sub)
		if r.bad != nil {
			return
		}
		r.path = r.path[:len(r.path)-1]
		if more, ok := r.more('}'); !ok {
			return
		} else if !more {
			r.missing(p, known, seen, required)
			return
		}
	}
}

// name reads the name of a member and the colon after it. The bytes stay as they are until the
// body is done: a name that had escapes is copied.
func (r *reader) name() ([]byte, bool) {
	if r.i == len(r.b) || r.b[r.i] != '"' {
		r.malformed("a name in quotation marks should be here")
		return nil, false
	}
	raw := r.i
	s, ok := r.text()
	if !ok {
		return nil, false
	}
	if len(s) != r.i-raw-2 {
		s = slices.Clone(s)
	}
	r.space()
	if !r.next(':') {
		r.malformed("a colon should be after the name")
		return nil, false
	}
	r.space()
	return s, true
}

// missing notes the required members that did not come.
func (r *reader) missing(p *shape, known bool, seen [4]uint64, required int) {
	if !known || required == p.required {
		return
	}
	for i, m := range p.list {
		if m.required && seen[i/64]&(1<<(i%64)) == 0 {
			r.path = append(r.path, step{name: []byte(m.name)})
			r.unfit("is missing")
			r.path = r.path[:len(r.path)-1]
		}
	}
}

// array reads an array.
func (r *reader) array(p *shape) {
	sub := free
	if r.fits(p, array) && p.form == array {
		sub = p.items
	}
	r.i++
	n := 0
	r.space()
	if !r.next(']') {
		for {
			r.path = append(r.path, step{index: n})
			r.value(sub)
			if r.bad != nil {
				return
			}
			r.path = r.path[:len(r.path)-1]
			n++
			if more, ok := r.more(']'); !ok {
				return
			} else if !more {
				break
			}
		}
	}
	if p.form != array {
		return
	}
	if n < p.minItems {
		r.unfit("must have at least " + strconv.Itoa(p.minItems) + " items")
	}
	if n > p.maxItems {
		r.unfit("must have at most " + strconv.Itoa(p.maxItems) + " items")
	}
}

// more reads the comma or the end after a member or item.
func (r *reader) more(end byte) (more, ok bool) {
	r.space()
	if r.next(',') {
		r.space()
		return true, true
	}
	if r.next(end) {
		return false, true
	}
	r.malformed("a comma or the end should be after the value")
	return false, false
}

// number reads a number: RFC 8259, section 6.
func (r *reader) number(p *shape) {
	from := r.i
	r.next('-')
	digits := r.i
	if !r.next('0') {
		r.digits()
	}
	whole53 := r.i-digits <= 16
	isWhole := true
	if r.next('.') {
		isWhole = false
		if !r.digits() {
			r.malformed("a digit should be after the point")
			return
		}
	}
	if r.i > digits && r.i < len(r.b) && (r.b[r.i] == 'e' || r.b[r.i] == 'E') {
		isWhole = false
		r.i++
		if !r.next('+') {
			r.next('-')
		}
		if !r.digits() {
			r.malformed("a digit should be in the exponent")
			return
		}
	}
	if r.i == digits || r.i < len(r.b) && r.b[r.i] >= '0' && r.b[r.i] <= '9' {
		r.malformed("is not written as JSON writes numbers")
		return
	}
	r.fitNumber(p, r.b[from:r.i], isWhole, whole53)
}

// digits reads digits; false when there is none.
func (r *reader) digits() bool {
	from := r.i
	for r.i < len(r.b) && r.b[r.i] >= '0' && r.b[r.i] <= '9' {
		r.i++
	}
	return r.i > from
}

// fitNumber holds a number to a shape.
func (r *reader) fitNumber(p *shape, raw []byte, isWhole, whole53 bool) {
	if p.form != anything && p.form != whole && p.form != number {
		r.unfit(mustBe[p.form])
		return
	}
	if isWhole {
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || !whole53 || n > maxWhole || n < -maxWhole {
			r.unfit(fmt.Sprintf("must be between %d and %d", p.low, p.high))
			return
		}
		if p.form == whole {
			r.fitWhole(p, n)
			return
		}
	} else if p.form == whole {
		r.unfit("must be a whole number, written without point and exponent")
		return
	}
	f, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || math.IsInf(f, 0) {
		r.unfit("is too large")
		return
	}
	switch {
	case p.form != number || f >= p.floor && f <= p.ceiling:
	case math.IsInf(p.ceiling, 1):
		r.unfit(fmt.Sprintf("must be at least %v", p.floor))
	case math.IsInf(p.floor, -1):
		r.unfit(fmt.Sprintf("must be at most %v", p.ceiling))
	default:
		r.unfit(fmt.Sprintf("must be between %v and %v", p.floor, p.ceiling))
	}
}

// fitWhole holds an integer to its bounds.
func (r *reader) fitWhole(p *shape, n int64) {
	switch {
	case n >= p.low && n <= p.high:
	case p.high == maxWhole:
		r.unfit("must be at least " + strconv.FormatInt(p.low, 10))
	case p.low == -maxWhole:
		r.unfit("must be at most " + strconv.FormatInt(p.high, 10))
	default:
		r.unfit(fmt.Sprintf("must be between %d and %d", p.low, p.high))
	}
}

// fitText holds a text to a shape.
func (r *reader) fitText(p *shape, s []byte) {
	if !r.fits(p, text) || p.form != text {
		return
	}
	n := len(s)
	if n > p.maxLen || n < 4*p.minLen {
		n = utf8.RuneCount(s)
	}
	switch {
	case n < p.minLen:
		r.unfit("must have at least " + strconv.Itoa(p.minLen) + " characters")
	case n > p.maxLen:
		r.unfit("must have at most " + strconv.Itoa(p.maxLen) + " characters")
	case p.pattern != nil && !p.pattern.Match(s):
		r.unfit(p.says)
	case len(p.choices) > 0 && !slices.Contains(p.choices, string(s)):
		r.unfit("must be one of " + strings.Join(p.choices, ", "))
	case p.format != "":
		if f := formats[p.format]; f.fits != nil && !f.fits(string(s)) {
			r.unfit("must be " + f.says)
		}
	}
}

// space passes over white space.
func (r *reader) space() {
	for r.i < len(r.b) {
		switch r.b[r.i] {
		case ' ', '\t', '\n', '\r':
			r.i++
		default:
			return
		}
	}
}

// next passes over c if it is here.
func (r *reader) next(c byte) bool {
	if r.i < len(r.b) && r.b[r.i] == c {
		r.i++
		return true
	}
	return false
}

// unfit notes that the value at the path does not fit.
func (r *reader) unfit(why string) {
	if len(r.fields) < maxComplaints {
		r.fields = append(r.fields, fault.Field{Pointer: r.pointer(), Detail: why})
	}
}

// malformed ends the walk.
func (r *reader) malformed(why string) {
	if r.bad == nil {
		r.bad = fieldOf(ErrMalformed, r.pointer(), why+", at byte "+strconv.Itoa(r.i))
	}
}

// pointer writes the path as a JSON pointer (RFC 6901).
func (r *reader) pointer() string {
	var b strings.Builder
	for _, s := range r.path {
		b.WriteByte('/')
		if s.name == nil {
			b.WriteString(strconv.Itoa(s.index))
			continue
		}
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(shortened(string(s.name))))
	}
	return b.String()
}

// shortened cuts a name that the caller chose to 64 bytes of valid text.
func shortened(name string) string {
	return strings.ToValidUTF8(name[:min(len(name), 64)], "")
}
