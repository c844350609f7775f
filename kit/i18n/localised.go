package i18n

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Text is what somebody wrote in some of the languages: the name of a ride, the rules of a ticket.
// It is kept as a JSON object from language tags to texts.
type Text map[Lang]string

// In returns the text in a language, else in English, in Japanese, or in whichever language there
// is, in the order of Langs. It is "" when there is none.
func (t Text) In(l Lang) string {
	_, s := t.Best(l)
	return s
}

// Best returns the text as In does, with the language that it is in, for the page's lang attribute.
func (t Text) Best(l Lang) (Lang, string) {
	for _, lang := range append([]Lang{l, English, Japanese}, langs...) {
		if s := t[lang]; s != "" {
			return lang, s
		}
	}
	return l, ""
}

// Validate returns nil when every text is in a language of Langs, is valid UTF-8 without control
// characters but line ends, and has at most max characters, and there is at least one.
func (t Text) Validate(max int) error {
	some := false
	for lang, s := range t {
		switch {
		case !slices.Contains(langs, lang):
			return fmt.Errorf("%q is none of the languages %v", lang, langs)
		case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
			return r < ' ' && r != '\n' || r == 0x7f
		}):
			return fmt.Errorf("%s: has characters that are no text", lang)
		case utf8.RuneCountInString(s) > max:
			return fmt.Errorf("%s: has more than %d characters", lang, max)
		}
		some = some || strings.TrimSpace(s) != ""
	}
	if !some {
		return fmt.Errorf("a text in at least one of the languages %v is needed", langs)
	}
	return nil
}

// Encode returns t as it is kept in a column: a JSON object, its languages in order.
func (t Text) Encode() string {
	b, err := json.Marshal(t)
	if err != nil {
		return "{}" // maps of strings always marshal
	}
	return string(b)
}

// DecodeText reads what Encode wrote. "" is no text.
func DecodeText(s string) (Text, error) {
	if s == "" {
		return Text{}, nil
	}
	var t Text
	if err := json.Unmarshal([]byte(s), &t); err != nil {
		return nil, fmt.Errorf("read a localised text: %w", err)
	}
	return t, nil
}
