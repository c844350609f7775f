package fault

import "maps"

// Field points at one part of the request that was refused.
type Field struct {
	// Pointer is a JSON pointer (RFC 6901) into the request body, such as "/amount/value".
	Pointer string `json:"pointer"`
	// Detail says what is wrong there. It is public.
	Detail string `json:"detail"`
}

// Error is one occurrence of a Problem.
//
// errors.Is finds its Problem and its cause; errors.As finds *Error.
type Error struct {
	// Problem is never nil.
	Problem *Problem
	// Detail is the public text of this occurrence; it may be empty.
	Detail string
	// Members are public extension members of the problem document, by name; nil when there
	// are none. A value must have a JSON form.
	Members map[string]any
	// Fields are the refused parts of the request; nil when the refusal is about no field.
	Fields []Field

	cause error
}

// Set adds a public extension member and returns e. A member of that name is replaced.
func (e *Error) Set(key string, v any) *Error {
	if e.Members == nil {
		e.Members = map[string]any{}
	}
	e.Members[key] = v
	return e
}

// At adds a field error and returns e. The pointer is a JSON pointer into the request body.
func (e *Error) At(pointer, text string) *Error {
	e.Fields = append(e.Fields, Field{Pointer: pointer, Detail: text})
	return e
}

// Because sets the private cause and returns e. The cause is logged and never shown (F2).
func (e *Error) Because(cause error) *Error {
	e.cause = cause
	return e
}

// Clone returns a copy of e whose members and fields can be changed apart from e's.
func (e *Error) Clone() *Error {
	c := *e
	c.Members = maps.Clone(e.Members)
	c.Fields = append([]Field(nil), e.Fields...)
	return &c
}

// Error returns slug, detail and private cause in one line. It is for logs, never for callers.
func (e *Error) Error() string {
	text := e.Problem.Slug
	if e.Detail != "" {
		text += ": " + e.Detail
	}
	for _, f := range e.Fields {
		text += " [" + f.Pointer + ": " + f.Detail + "]"
	}
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the problem and, when there is one, the private cause.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Problem}
	}
	return []error{e.Problem, e.cause}
}
