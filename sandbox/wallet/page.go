package wallet

import (
	"net/url"
	"strconv"
	"unicode/utf8"
)

// PageOf returns the address that a wallet's browser opens for a scanned text: the text itself
// when it is an http or https address, or the one inside an EMVCo merchant code (sub-field 02 of
// an account template, where the network writes its page).
func PageOf(text string) (address string, ok bool) {
	if isPage(text) {
		return text, true
	}
	for _, account := range fields(text) {
		if account.tag < 26 || account.tag > 51 {
			continue
		}
		for _, f := range fields(account.value) {
			if f.tag == 2 && isPage(f.value) {
				return f.value, true
			}
		}
	}
	return "", false
}

func isPage(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// field is one tag of an EMVCo text.
type field struct {
	tag   int
	value string
}

// fields splits an EMVCo text: two digits of tag, two of length in characters, the value. It
// returns none when the text is not of this form.
func fields(text string) []field {
	if !utf8.ValidString(text) {
		return nil
	}
	var all []field
	for rest := []rune(text); len(rest) > 0; {
		if len(rest) < 4 {
			return nil
		}
		tag, errTag := strconv.Atoi(string(rest[:2]))
		size, errSize := strconv.Atoi(string(rest[2:4]))
		if errTag != nil || errSize != nil || size < 0 || len(rest) < 4+size {
			return nil
		}
		all = append(all, field{tag, string(rest[4 : 4+size])})
		rest = rest[4+size:]
	}
	return all
}
