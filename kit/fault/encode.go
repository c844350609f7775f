package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// stored is the form in which a refusal is kept beside its idempotency key.
type stored struct {
	Slug    string                     `json:"slug"`
	Detail  string                     `json:"detail,omitempty"`
	Members map[string]json.RawMessage `json:"members,omitempty"`
	Fields  []Field                    `json:"fields,omitempty"`
}

// Encode returns the public part of e as one line of JSON; the cause is left out. The text holds
// no NUL and is valid UTF-8 whatever e holds, so both database engines take it.
//
// A member that has no JSON form is kept as its printed text: a refusal must never be lost
// because of how it is described.
func Encode(e *Error) string {
	s := stored{Slug: e.Problem.Slug, Detail: valid(e.Detail)}
	for _, f := range e.Fields {
		s.Fields = append(s.Fields, Field{Pointer: valid(f.Pointer), Detail: valid(f.Detail)})
	}
	if len(e.Members) > 0 {
		s.Members = make(map[string]json.RawMessage, len(e.Members))
	}
	for key, v := range e.Members {
		raw, err := plain(v)
		if err != nil {
			raw, err = plain(fmt.Sprint(v))
		}
		if err != nil {
			raw = []byte("null")
		}
		s.Members[key] = raw
	}

	text, err := plain(s)
	if err != nil {
		// Only text and ready JSON is left in s: this cannot happen.
		panic(fmt.Sprintf("fault: encode %s: %v", e.Problem.Slug, err))
	}
	return string(text)
}

// Decode is the reverse of Encode. Members come back as json.RawMessage, so that they are
// written out again to the letter (F3).
//
// Errors: text that is not the JSON of one stored fault, and a slug that nobody declares.
func Decode(text string) (*Error, error) {
	var s stored
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("read stored fault: %w", err)
	}
	if dec.More() {
		return nil, fmt.Errorf("read stored fault: text after the end")
	}
	p := BySlug(s.Slug)
	if p == nil {
		return nil, fmt.Errorf("read stored fault: nobody declares %q", s.Slug)
	}

	e := &Error{Problem: p, Detail: s.Detail, Fields: s.Fields}
	for key, raw := range s.Members {
		e.Set(key, raw)
	}
	return e, nil
}

// valid replaces what is no UTF-8, in the way that a later reading of the JSON would.
func valid(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

// plain is json.Marshal without the escaping of <, > and & that is made for HTML.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}
