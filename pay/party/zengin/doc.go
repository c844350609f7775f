// Package zengin writes texts in the characters that Japanese interbank files know, and says which
// text has none.
//
// The files are of one byte a character (JIS X 0201): capital katakana without small forms, the
// two voicing marks as characters of their own, A to Z, 0 to 9, the space and ( ) - . / \ , and
// the two corner brackets. Narrow turns what people write into that: hiragana and full-width
// katakana, small kana, full-width letters and digits, lower case, the long-vowel mark, which is
// the hyphen, the middle dot, which is the full stop, and ヲ, which many banks do not know and
// which is written オ. Kanji have no such form.
//
// Source: the record formats of the Japanese Bankers Association as banks publish them with their
// transfer services (総合振込); a bank may know fewer of the signs.
package zengin
