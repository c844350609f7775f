package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Message is any message of this package, request or answer.
type Message interface {
	read(o *object)
}

// DecodeRequest reads a request strictly (W2, W5).
//
// Errors: *Error, which names the field.
func DecodeRequest(body []byte, m Message) error { return decode(body, m, false) }

// DecodeAnswer reads an answer. It must be well-formed and its ids and amounts legal; other
// fields that are empty or too long do no harm.
//
// Errors: *Error, which names the field.
func DecodeAnswer(body []byte, m Message) error { return decode(body, m, true) }

func decode(body []byte, m Message, answer bool) error {
	v, err := parse(body)
	if err != nil {
		return err
	}
	s := &state{answer: answer}
	m.read(&object{v.members, "", s})
	if s.err != nil {
		return s.err
	}
	return nil
}

// Encode writes a message as one line of JSON (W1, W6), without a line end.
func Encode(m Message) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(m); err != nil {
		// Messages hold strings only: this cannot happen.
		panic(fmt.Sprintf("wire: encode %T: %v", m, err))
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// Cut shortens a text that people read to what the protocol takes, in characters.
func Cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	if letters := []rune(s); len(letters) > max {
		return string(letters[:max])
	}
	return s
}
