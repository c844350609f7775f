package code

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// TextMax is the longest scanned string, in characters.
const TextMax = 512

// Kind is what sort of code a scanned string is.
type Kind string

// The kinds of codes.
const (
	// KindWallet is a payment code of digits, shown by the payer.
	KindWallet Kind = "wallet"
	// KindEMVConsumer is an EMVCo or JPQR code shown by the payer: Base64 of tag 85.
	KindEMVConsumer Kind = "emv_consumer"
	// KindEMVMerchant is an EMVCo or JPQR code of a merchant.
	KindEMVMerchant Kind = "emv_merchant"
	// KindURL is an https address: an order, entry or private order code.
	KindURL Kind = "url"
)

// payerPrefix begins every payer code: Base64 of tag 85 with five characters.
const payerPrefix = "hQV"

// foreign are the beginnings of the kinds that no payer shows, and what a till is told about them.
var foreign = []struct {
	prefix string
	kind   Kind
	advice string
}{
	{"000201", KindEMVMerchant, "this is a merchant's code; scan the code on the visitor's phone"},
	{"https://", KindURL, "this is a web address; scan the code on the visitor's phone"},
}

// Recognise returns the kind of a scanned string by its form alone. Digits are KindWallet, even
// when no wallet is known to use them. It returns false for text that is no code of any kind.
func Recognise(text string) (Kind, bool) {
	if !wellFormed(text) {
		return "", false
	}
	for _, f := range foreign {
		if begins(text, f.prefix, f.kind == KindURL) {
			return f.kind, true
		}
	}
	switch {
	case begins(text, payerPrefix, false):
		return KindEMVConsumer, true
	case digits(text):
		return KindWallet, true
	}
	return "", false
}

// begins tells whether text begins with prefix. A URL's scheme has no case (RFC 3986, section
// 3.1), and upper case makes smaller QR codes.
func begins(text, prefix string, anyCase bool) bool {
	if len(text) < len(prefix) {
		return false
	}
	if anyCase {
		return strings.EqualFold(text[:len(prefix)], prefix)
	}
	return text[:len(prefix)] == prefix
}

// wellFormed tells whether text can be a code at all. A merchant's code can hold kanji.
func wellFormed(text string) bool {
	if text == "" || len(text) > 4*TextMax || !utf8.ValidString(text) {
		return false
	}
	if utf8.RuneCountInString(text) > TextMax {
		return false
	}
	return !strings.ContainsFunc(text, unicode.IsControl)
}

// digits tells whether text is one or more ASCII digits.
func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}
