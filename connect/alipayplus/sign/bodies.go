package sign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf16"
)

// bom is the byte order mark in UTF-8.
const bom = "\ufeff"

// bodies are the forms in which programs write a body again before they sign it.
func bodies(body []byte) []variant {
	var c collect
	text := string(body)
	c.add("", text)
	c.add("with a line feed at its end", text+"\n")
	c.add("with carriage return and line feed at its end", text+"\r\n")
	c.add("without the blanks and line ends around it", strings.TrimSpace(text))
	c.add("with a byte order mark", bom+text)
	c.add("without its byte order mark", strings.TrimPrefix(text, bom))
	unix := strings.ReplaceAll(text, "\r\n", "\n")
	c.add("with line feeds instead of CR LF", unix)
	c.add("with CR LF instead of line feeds", strings.ReplaceAll(unix, "\n", "\r\n"))
	c.rewritten(strings.TrimPrefix(text, bom))
	c.add("URL-escaped", url.QueryEscape(text))
	c.add("in Base64", base64Of(body))
	c.add("an empty one", "")
	c.add("an empty object", "{}")
	c.add("null", "null")
	return c
}

// rewritten adds what JSON libraries make of the same document.
func (c *collect) rewritten(text string) {
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(text)) != nil {
		return
	}
	plain := compact.String()
	shapes := []variant{{[]byte(plain), "without blanks"}, {spaced(plain),
		"with a blank after each comma and colon"}}
	for _, indent := range []string{"  ", "    ", "\t"} {
		var b bytes.Buffer
		if json.Indent(&b, []byte(plain), "", indent) == nil {
			shapes = append(shapes, variant{b.Bytes(),
				fmt.Sprintf("indented by %q", indent)})
		}
	}
	if sorted, ok := sortedKeys(text); ok {
		shapes = append(shapes, variant{[]byte(sorted), "with its members sorted"},
			variant{spaced(sorted), "with its members sorted and blanks after commas"})
	}
	shapes = append(shapes, variant{[]byte(strings.ReplaceAll(plain, `\/`, `/`)),
		`with / instead of \/`}, variant{[]byte(unescaped(plain)), `without \u escapes`},
		variant{spaced(unescaped(plain)), `without \u escapes, with blanks after commas`})
	for _, s := range shapes {
		c.add("written anew "+s.signed, string(s.text))
	}
	for _, s := range append([]variant{{[]byte(text), "as it stands"}}, shapes...) {
		t := string(s.text)
		c.add(s.signed+`, with \u escapes`, escaped(t))
		c.add(s.signed+`, with \/ for /`, strings.ReplaceAll(t, "/", `\/`))
		c.add(s.signed+`, with \u escapes and \/ for /`,
			strings.ReplaceAll(escaped(t), "/", `\/`))
		c.add(s.signed+`, with <, > and & escaped for HTML`, strings.NewReplacer("<", `\u003c`,
			">", `\u003e`, "&", `\u0026`).Replace(t))
	}
}

// spaced puts a blank after each comma and colon outside strings, as Python does.
func spaced(compact string) []byte {
	var b bytes.Buffer
	inside, escape := false, false
	for i := range len(compact) {
		ch := compact[i]
		b.WriteByte(ch)
		switch {
		case escape:
			escape = false
		case inside && ch == '\\':
			escape = true
		case ch == '"':
			inside = !inside
		case !inside && (ch == ',' || ch == ':'):
			b.WriteByte(' ')
		}
	}
	return b.Bytes()
}

// sortedKeys writes a document with its members in order of their names and without escapes
// that need not be.
func sortedKeys(text string) (string, bool) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return "", false
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return "", false
	}
	return strings.TrimRight(b.String(), "\n"), true
}

// escaped writes every letter outside ASCII as \u and four digits.
func escaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// escapes are \u and four digits, with any other escape before them, so that \\u is no hit.
var escapes = regexp.MustCompile(`\\u[0-9a-fA-F]{4}(\\u[dD][c-fC-F][0-9a-fA-F]{2})?|\\.`)

// unescaped writes letters that were escaped as themselves, where JSON allows it.
func unescaped(text string) string {
	return escapes.ReplaceAllStringFunc(text, func(escape string) string {
		var letter string
		if escape == `\/` {
			return "/"
		}
		if json.Unmarshal([]byte(`"`+escape+`"`), &letter) != nil || letter < " " ||
			strings.ContainsAny(letter, "\"\\\ufffd") {
			return escape
		}
		return letter
	})
}
