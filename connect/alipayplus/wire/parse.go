package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep objects and arrays may stand inside each other.
const MaxDepth = 16

// Error says which field of a message is illegal and why. It is public: it names fields and
// never repeats their values.
type Error struct {
	Field string // path such as "order.orderAmount.value"; "" is the body as a whole
	Text  string
}

// Error returns path and text in one line.
func (e *Error) Error() string {
	if e.Field == "" {
		return "the body " + e.Text
	}
	return e.Field + " " + e.Text
}

// kind is what a JSON value is.
type kind byte

const (
	absent kind = iota // no such member, or null
	scalar             // string, number or boolean, in its text form
	list
	record
)

// value is one parsed JSON value.
type value struct {
	kind    kind
	bare    bool   // a scalar that was a number or boolean
	text    string // of a scalar
	items   []value
	members []member
}

// member is one named value of an object.
type member struct {
	name string
	value
}

// parser turns a body into values. It is used once.
type parser struct {
	dec         *json.Decoder
	replacement bool // the body itself holds U+FFFD
}

// parse reads a whole body (W3).
func parse(body []byte) (value, *Error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return value{}, &Error{Text: "is empty"}
	}
	if !utf8.Valid(body) {
		return value{}, &Error{Text: "is not valid UTF-8"}
	}
	if bytes.IndexByte(body, 0) >= 0 {
		return value{}, &Error{Text: "contains NUL"}
	}
	p := parser{json.NewDecoder(bytes.NewReader(body)), bytes.ContainsRune(body, utf8.RuneError)}
	p.dec.UseNumber()
	v, err := p.value(1)
	if err != nil {
		return value{}, err
	}
	if v.kind != record {
		return value{}, &Error{Text: "is not a JSON object"}
	}
	if _, err := p.dec.Token(); !errors.Is(err, io.EOF) {
		return value{}, &Error{Text: "has more text after its end"}
	}
	return v, nil
}

// token returns the next token, with an error that names the place but no content.
func (p *parser) token() (json.Token, *Error) {
	t, err := p.dec.Token()
	if err != nil {
		text := "ends too early"
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			text = fmt.Sprintf("is not JSON near byte %d", p.dec.InputOffset())
		}
		return nil, &Error{Text: text}
	}
	return t, nil
}

func (p *parser) value(depth int) (value, *Error) {
	if depth > MaxDepth {
		return value{}, &Error{Text: fmt.Sprintf("is more than %d levels deep", MaxDepth)}
	}
	t, err := p.token()
	if err != nil {
		return value{}, err
	}
	switch t := t.(type) {
	case string:
		return value{kind: scalar, text: t}, p.letters(t)
	case json.Number:
		return value{kind: scalar, bare: true, text: string(t)}, nil
	case bool:
		return value{kind: scalar, bare: true, text: fmt.Sprint(t)}, nil
	case json.Delim:
		if t == '{' {
			return p.object(depth)
		}
		return p.array(depth)
	}
	return value{kind: absent}, nil
}

func (p *parser) array(depth int) (value, *Error) {
	v := value{kind: list}
	for p.dec.More() {
		item, err := p.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		v.items = append(v.items, item)
	}
	_, err := p.token()
	return v, err
}

// manyMembers is the size of an object from which names are looked up in a map.
const manyMembers = 16

func (p *parser) object(depth int) (value, *Error) {
	v := value{kind: record}
	var seen map[string]bool
	for p.dec.More() {
		t, err := p.token()
		if err != nil {
			return value{}, err
		}
		name, ok := t.(string)
		if !ok {
			return value{}, &Error{Text: "has a member without a name"}
		}
		if err := p.letters(name); err != nil {
			return value{}, err
		}
		twice := seen[name]
		if seen == nil {
			twice = v.has(name)
		}
		if twice {
			return value{}, &Error{Text: "has a member twice"}
		}
		inner, err := p.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		v.members = append(v.members, member{name, inner})
		seen = v.remember(seen, name)
	}
	_, err := p.token()
	return v, err
}

func (v *value) has(name string) bool {
	for i := range v.members {
		if v.members[i].name == name {
			return true
		}
	}
	return false
}

// remember keeps the names of a large object in a map, so that a hostile body costs no more
// than its length.
func (v *value) remember(seen map[string]bool, name string) map[string]bool {
	if seen == nil && len(v.members) == manyMembers {
		seen = make(map[string]bool, 4*manyMembers)
		for i := range v.members {
			seen[v.members[i].name] = true
		}
	}
	if seen != nil {
		seen[name] = true
	}
	return seen
}

// letters refuses what no database and no other party can keep: NUL, and half of a surrogate
// pair, which the decoder turns into U+FFFD.
func (p *parser) letters(s string) *Error {
	if strings.IndexByte(s, 0) >= 0 {
		return &Error{Text: "contains NUL"}
	}
	if !p.replacement && strings.ContainsRune(s, utf8.RuneError) {
		return &Error{Text: "contains half of a surrogate pair"}
	}
	return nil
}
