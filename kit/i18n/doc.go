// Package i18n speaks the five languages of the pages: simplified and traditional Chinese,
// Japanese, English and Korean.
//
// # Nouns
//
// A Lang is one of the five, named by its BCP 47 tag. A Catalogue is what one package of pages
// says, in all five; it is embedded beside the templates as one flat JSON file per language
// (lang/ja.json), from key to text. Texts is the catalogue in one language.
//
//	{"paid": "{amount} paid", "items.one": "{n} item", "items.other": "{n} items"}
//
// A name in braces is replaced by the argument of that name. N chooses between the keys ".one"
// and ".other": of the five languages only English makes the difference (Unicode CLDR, plural
// rules), but every file has both keys, so that all files have the same.
//
// # Invariants
//
//	N1  Load refuses a file with a key twice, a value that is no text, or an unclosed brace.
//	N2  A page never fails for want of a text: a missing one is taken from English, and where
//	    English has none the key itself is shown. i18ntest.Complete keeps this from happening.
//	N3  Texts are not HTML. Templates escape them like any other text.
//
// Which language a visitor reads is found by Match: what the address asks for, then what they
// chose before (a cookie), then what their browser asks for. Chinese from Taiwan, Hong Kong and
// Macao is traditional, other Chinese simplified. Dates are in Japan's time, for that is where
// the shops stand.
package i18n
