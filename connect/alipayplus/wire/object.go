package wire

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"watari/kit/money"
)

// Whether a field has to be there.
const (
	must = true
	may  = false
)

// idMax is the longest id of any kind, in characters.
const idMax = 64

// object reads the fields of one JSON object. The first thing that is wrong is kept and names
// its field; what is read after it does not count.
type object struct {
	members []member
	path    string // of this object; "" is the body
	state   *state
}

// state is shared by all objects of one message.
type state struct {
	err    *Error
	answer bool // an answer is read more leniently than a request (W2)
}

// fail keeps the first error.
func (o *object) fail(name, format string, args ...any) {
	if o.state.err == nil {
		o.state.err = &Error{Field: o.at(name), Text: fmt.Sprintf(format, args...)}
	}
}

func (o *object) at(name string) string {
	switch {
	case o.path == "":
		return name
	case name == "":
		return o.path
	}
	return o.path + "." + name
}

// find returns a member that is there, is not null and is of that kind, else nil.
func (o *object) find(name string, want kind, need bool) *value {
	for i := range o.members {
		m := &o.members[i]
		if m.name != name || m.kind == absent {
			continue
		}
		if m.kind == want {
			return &m.value
		}
		words := map[kind]string{scalar: "a string", list: "an array", record: "an object"}
		o.fail(name, "is not %s", words[want])
		return nil
	}
	if need {
		o.fail(name, "is missing")
	}
	return nil
}

// text reads a scalar of at most max characters; 0 is no limit.
func (o *object) text(name string, max int, need bool) string {
	v := o.find(name, scalar, need)
	if v == nil {
		return ""
	}
	if v.text == "" {
		if !o.state.answer || need {
			o.fail(name, "is empty")
		}
		return ""
	}
	if max > 0 && len(v.text) > max && utf8.RuneCountInString(v.text) > max {
		if !o.state.answer || need {
			o.fail(name, "is longer than %d characters", max)
		}
		return ""
	}
	return v.text
}

// id reads an id: at most 64 printable characters, case-sensitive. An id that is too long is
// wrong in an answer too: cutting it would name something else.
func (o *object) id(name string, need bool) string {
	s := o.text(name, 0, need)
	if utf8.RuneCountInString(s) > idMax {
		o.fail(name, "is longer than %d characters", idMax)
		return ""
	}
	for _, r := range s {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			o.fail(name, "has a character that cannot be printed")
			return ""
		}
	}
	if s != strings.TrimSpace(s) {
		o.fail(name, "begins or ends with a blank")
	}
	return s
}

// flag reads a boolean, bare or as a string; absent is "".
func (o *object) flag(name string) string {
	s := o.text(name, 0, may)
	if s != "" && s != "true" && s != "false" {
		o.fail(name, "is neither true nor false")
	}
	return s
}

// time reads a point in time. In an answer it may have any form: the reader decides.
func (o *object) time(name string, need bool) string {
	s := o.text(name, 64, need)
	if _, ok := ParseTime(s); s != "" && !ok && !o.state.answer {
		o.fail(name, "is not a time in ISO 8601 with an offset")
	}
	return s
}

// amount reads a sum of money (W4).
func (o *object) amount(name string, need bool) *Amount {
	v := o.find(name, record, need)
	if v == nil {
		return nil
	}
	in := object{v.members, o.at(name), o.state}
	a := &Amount{Currency: in.text("currency", 3, must), Value: in.text("value", 16, must)}
	if o.state.err != nil {
		return nil
	}
	if _, known := money.Currency(a.Currency).Digits(); !known {
		in.fail("currency", "is not a currency of ISO 4217")
		return nil
	}
	if _, err := a.Money(); err != nil {
		in.fail("value", "is not a positive whole number of minor units up to %d", money.MinorMax)
		return nil
	}
	return a
}

// part is a message or a piece of one.
type part[T any] interface {
	*T
	read(o *object)
}

// one reads an object into a new T, or returns nil when it is not there.
func one[T any, P part[T]](o *object, name string, need bool) *T {
	v := o.find(name, record, need)
	if v == nil {
		return nil
	}
	t := new(T)
	P(t).read(&object{v.members, o.at(name), o.state})
	return t
}

// sure reads an object that has to be there.
func sure[T any, P part[T]](o *object, name string) T {
	if t := one[T, P](o, name, must); t != nil {
		return *t
	}
	var none T
	return none
}

// several reads an array of objects; absent is nil.
func several[T any, P part[T]](o *object, name string) []T {
	v := o.find(name, list, may)
	if v == nil {
		return nil
	}
	all := make([]T, len(v.items))
	for i := range v.items {
		at := fmt.Sprintf("%s[%d]", name, i)
		if v.items[i].kind != record {
			o.fail(at, "is not an object")
			return nil
		}
		P(&all[i]).read(&object{v.items[i].members, o.at(at), o.state})
	}
	return all
}

// texts reads an array of scalars of at most max characters each; absent is nil.
func (o *object) texts(name string, max int) []string {
	v := o.find(name, list, may)
	if v == nil {
		return nil
	}
	all := make([]string, len(v.items))
	for i := range v.items {
		at := fmt.Sprintf("%s[%d]", name, i)
		one := object{[]member{{at, v.items[i]}}, o.path, o.state}
		all[i] = one.text(at, max, must)
	}
	return all
}
