package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"watari/kit/check"
	"watari/kit/clock"
)

// maxDepth is how deep objects and arrays may stand inside each other.
const maxDepth = 16

// Decode reads one message and ignores members that it does not know (X1).
func Decode(body []byte, m any) error { return decode(body, m, false) }

// Strict reads one message and refuses members that it does not know.
func Strict(body []byte, m any) error { return decode(body, m, true) }

func decode(body []byte, m any, strict bool) error {
	if err := sound(body); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(m); err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	return nil
}

// sound checks that a body is exactly one JSON object in UTF-8 that names nothing twice.
func sound(body []byte) error {
	if !utf8.Valid(body) {
		return errors.New("the message is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.New("the message is not a JSON object")
	}
	if err := object(d, 1); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the message")
	}
	return nil
}

// object reads the members of an object whose brace was read. Names that differ in case only
// count as the same: encoding/json takes them for the same field.
func object(d *json.Decoder, depth int) error {
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("read the message: %w", err)
		}
		name, _ := t.(string)
		if folded := strings.ToLower(name); seen[folded] {
			return errors.New("the message names a member twice")
		} else {
			seen[folded] = true
		}
		if err := value(d, depth); err != nil {
			return err
		}
	}
	return closing(d)
}

func value(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	if depth >= maxDepth {
		return errors.New("the message is nested too deep")
	}
	switch t {
	case json.Delim('{'):
		return object(d, depth+1)
	case json.Delim('['):
		for d.More() {
			if err := value(d, depth+1); err != nil {
				return err
			}
		}
		return closing(d)
	}
	return nil
}

func closing(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("read the message: %w", err)
	}
	return nil
}

// Encode writes one message. It panics when m has no JSON form, which is a defect.
func Encode(m any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(m)
	check.That(err == nil, "wechatpay: encode %T: %v", m, err)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// FormatTime writes a time as the network does: RFC 3339 in UTC+8, to the second. The zero time
// is the empty string.
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(clock.CST).Format(time.RFC3339)
}

// ParseTime reads a time in RFC 3339.
func ParseTime(s string) (time.Time, error) { return time.Parse(time.RFC3339, s) }
